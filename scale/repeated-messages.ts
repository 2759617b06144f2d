import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { Webhook } from 'standardwebhooks';

import { outputOf } from '../demo/execution-data';
import type { StoredWorkflow } from '../demo/n8n-rest';

import { forEachAtATime } from './at-a-time';
import { countMessages, type MessageCounts } from './counts';
import { comesToHold, type ScaleStage } from './stage';
import { MESSAGE, noteWorkflow } from './workflows';

const HANDLED_WITHIN_MS = 120_000;
const SEND_AGAIN_MS = 2_000;
/** Milliseconds in which an execution too many would have been seen. */
const SETTLE_MS = 3_000;

/** How messages are sent twice. */
interface Way {
	title: string;
	/** Whether the second time is at the same moment, or after the gap. */
	at: 'once' | 'gap';
	/** Whether the second time goes to the same process of n8n, or to another. */
	to: 'same' | 'other';
	/** Whether the messages come all at the same moment, or each when the one before it was answered. */
	messages: 'together' | 'in turn';
}

/** What became of messages that were sent twice. */
export interface RepeatedMessages extends MessageCounts {
	title: string;
	/** Whether the trigger guarantees that each is handled once. */
	isGuaranteed: boolean;
}

const WAYS: Way[] = [
	{ title: 'at once', at: 'once', to: 'same', messages: 'together' },
	{ title: 'GAP s apart', at: 'gap', to: 'same', messages: 'together' },
	{ title: 'at once, to two processes', at: 'once', to: 'other', messages: 'together' },
	{ title: 'GAP s apart, to two processes', at: 'gap', to: 'other', messages: 'together' },
	{
		title: 'GAP s apart, to two processes, each message after the one before it',
		at: 'gap',
		to: 'other',
		messages: 'in turn',
	},
];

/**
 * Sends each message twice, in several ways, and waits until the first of each are handled. The process beside the
 * webhook processor is n8n's main process, which takes production calls too unless it is told not to.
 *
 * @returns a function that waits for the second sending and for what it starts, and counts
 */
export async function sendMessagesTwice(
	stage: ScaleStage,
	messages: number,
	gapSeconds: number,
): Promise<() => Promise<RepeatedMessages[]>> {
	const { webhookProcessor, main } = stage.queueMode;
	const sendings = WAYS.map(async (way) => {
		const title = way.title.replace('GAP', String(gapSeconds));
		const workflow = await stage.publish(noteWorkflow(title, stage.credentials.webhook));
		const first = await stage.urlAt(webhookProcessor, workflow);
		const second = way.to === 'same' ? first : await stage.urlAt(main, workflow);
		const ids = Array.from({ length: messages }, () => `msg_${randomUUID()}`);
		const atATime = way.messages === 'together' ? messages : 1;
		const send = async (url: string) =>
			await forEachAtATime(ids, atATime, async (id) => await sendMessage(stage, url, id));
		const sendAgain = async () => {
			if (way.at === 'gap') await wait(gapSeconds * 1000);
			await send(second);
		};
		const firstSent = send(first);
		const sentAgain = way.at === 'once' ? sendAgain() : firstSent.then(sendAgain);
		// else an error of the second sending would be nobody's until it is counted
		sentAgain.catch(() => undefined);
		await firstSent;
		await handled(stage, workflow, messages);
		return { way, title, workflow, ids, sentAgain };
	});
	const sent = await Promise.all(sendings);
	return async () => {
		const counted: RepeatedMessages[] = [];
		for (const { way, title, workflow, ids, sentAgain } of sent) {
			await sentAgain;
			await wait(SETTLE_MS);
			const started = await messagesOf(stage, workflow);
			// two processes do not see each other's messages of the same moment
			const isGuaranteed = way.to === 'same' || way.messages === 'in turn';
			counted.push({ title, isGuaranteed, ...countMessages(ids, started) });
		}
		return counted;
	};
}

/** Sends a message as the DPS does: again after a while, until it is answered with success. */
async function sendMessage(stage: ScaleStage, url: string, id: string): Promise<void> {
	let status = 0;
	const isTaken = await comesToHold(HANDLED_WITHIN_MS, async () => {
		status = await deliver(stage, url, id);
		if (status < 300) return true;
		await wait(SEND_AGAIN_MS);
		return false;
	});
	if (!isTaken) throw new Error(`the trigger answered ${status} to a right message`);
}

async function deliver(stage: ScaleStage, url: string, id: string): Promise<number> {
	const now = new Date();
	const body = JSON.stringify({
		type: 'submission.preserved',
		timestamp: now.toISOString(),
		data: {
			contractId: stage.contractId,
			submissionId: '8Z7x1T9rN0Xc2B5Yq4L3zP',
			archiveId: '019e404e-60ab-7457-b7c9-94c453242c69',
		},
	});
	const answer = await fetch(url, {
		method: 'POST',
		headers: {
			'content-type': 'application/json',
			'webhook-id': id,
			'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
			'webhook-signature': new Webhook(stage.sandbox.webhookSecret).sign(id, now, body),
		},
		body,
	});
	return answer.status;
}

/** Waits for so many executions to end; a message that is not handled by then is counted as never handled. */
async function handled(
	stage: ScaleStage,
	workflow: StoredWorkflow,
	executions: number,
): Promise<void> {
	await comesToHold(HANDLED_WITHIN_MS, async () => {
		const all = await stage.rest.allExecutions(workflow);
		return all.filter(({ stoppedAt }) => stoppedAt).length >= executions;
	});
}

/** The message of each execution. */
async function messagesOf(stage: ScaleStage, workflow: StoredWorkflow): Promise<string[]> {
	const ids: string[] = [];
	for (const { id } of await stage.rest.allExecutions(workflow)) {
		const { data } = await stage.rest.execution(id);
		ids.push(String(outputOf(data, MESSAGE)[0]?.json.webhookId));
	}
	return ids;
}
