import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { outputOf } from '../demo/execution-data';
import type {
	ExecutionSummary,
	N8nRest,
	StoredCredential,
	StoredWorkflow,
	WorkflowNode,
} from '../demo/n8n-rest';
import type { Log } from '../demo/processes';
import { forEachAtATime } from '../scale/at-a-time';
import { countMessages, type MessageCounts } from '../scale/counts';
import { hostileRequests, sendAll } from '../test/n8n/hostile-requests';

import { connections, node, startBenchN8n } from './in-n8n';
import { type Answers, newMessageIds, newSecret, sendMessages } from './messages';

const SENDERS = 8;
const WARM_UP_MESSAGES = 40;
const HOSTILE_SEED = 20261123;
const ENDED_WITHIN_MS = 300_000;
const LOOK_MS = 1_000;
/** Milliseconds in which an execution too many would have been seen. */
const SETTLE_MS = 3_000;
/** Executions that are read at the same time. */
const READ_AT_A_TIME = 4;

const MESSAGE = 'Message';
const RECEIVERS: Receiver[] = ['trigger', 'webhook', 'webhook-1'];

/**
 * What takes the messages: our trigger, or n8n's own Webhook node. Each has one node after it, which does nothing.
 *
 * n8n (2.41) sets up a sandbox for expressions for each call of a webhook, and spares only its own Webhook node that;
 * not version 1 of it, which is therefore the nearest to what any other node can reach.
 */
export type Receiver = 'trigger' | 'webhook' | 'webhook-1';

/** What so many genuine messages led to. */
export interface MessagesTaken extends Answers {
	/** Executions that were started. */
	executions: number;
	/** How often each message started one. */
	counts: MessageCounts;
}

/** What requests that are not genuine led to. */
export interface HostileOutcome {
	requests: number;
	/** Executions that they started. */
	executions: number;
	/** Requests that were answered with a 5xx. */
	serverErrors: number;
	/** Requests to which there was no answer within ten seconds, or a broken connection. */
	unanswered: number;
	/** Requests that were taken for genuine: answered with less than 400. */
	accepted: number;
	/** Whether n8n then still takes a genuine message, and starts its execution. */
	isUp: boolean;
}

/** An n8n with this package installed, to which messages are sent. */
export interface TriggerStage {
	/**
	 * Sends new messages to a new workflow, and waits until all that they start has ended.
	 *
	 * @param times how often each message is sent, at the same moment
	 */
	takeMessages(receiver: Receiver, messages: number, times: number): Promise<MessagesTaken>;
	/** Sends requests that are not genuine to a new workflow of our trigger. */
	takeHostile(requests: number): Promise<HostileOutcome>;
	stop(): Promise<void>;
}

/**
 * Starts n8n, and has both receivers take a few messages, so that neither is measured against code that is not
 * compiled yet.
 *
 * @param cpuProfiles folder for a CPU profile of n8n, if one is wanted
 */
export async function startTriggerStage(
	folder: string,
	log: Log,
	cpuProfiles?: string,
): Promise<TriggerStage> {
	const n8n = await startBenchN8n(folder, [folder], log, cpuProfiles);
	const secret = newSecret();
	const credential = await n8n.rest.createCredential('Messages', 'digitalPreservationWebhookApi', {
		signingSecret: secret,
	});
	const stage: TriggerStage = {
		async takeMessages(receiver, messages, times) {
			return await withReceiver(n8n.rest, receiver, credential, async (workflow, url) => {
				const ids = newMessageIds(messages);
				const answers = await sendMessages(url, secret, ids, { senders: SENDERS, times });
				const executions = await endedExecutions(
					n8n.rest,
					workflow,
					receiver === 'trigger' ? messages : messages * times,
				);
				const started = await messageIdsOf(n8n.rest, executions);
				return {
					...answers,
					executions: executions.length,
					counts: countMessages(ids, started),
				};
			});
		},
		async takeHostile(requests) {
			return await withReceiver(n8n.rest, 'trigger', credential, async (workflow, url) => {
				const outcomes = await sendAll(url, hostileRequests(HOSTILE_SEED, requests), SENDERS);
				const genuine = await sendMessages(url, secret, newMessageIds(1), { senders: 1, times: 1 })
					.then(() => 1)
					.catch(() => 0);
				const executions = await endedExecutions(n8n.rest, workflow, genuine);
				const answered = outcomes.flatMap(({ status }) => status ?? []);
				return {
					requests: outcomes.length,
					executions: executions.length - genuine,
					serverErrors: answered.filter((status) => status >= 500).length,
					unanswered: outcomes.length - answered.length,
					accepted: answered.filter((status) => status < 400).length,
					isUp: genuine === 1 && executions.length >= 1,
				};
			});
		},
		stop: async () => await n8n.stop(),
	};
	try {
		for (const receiver of RECEIVERS) {
			await stage.takeMessages(receiver, WARM_UP_MESSAGES, 1);
		}
		return stage;
	} catch (error) {
		await n8n.stop();
		throw error;
	}
}

async function withReceiver<Result>(
	rest: N8nRest,
	receiver: Receiver,
	credential: StoredCredential,
	work: (workflow: StoredWorkflow, url: string) => Promise<Result>,
): Promise<Result> {
	const after = 'Nothing';
	const workflow = await rest.createWorkflow({
		name: `Messages, ${receiver}`,
		nodes: [
			receiver === 'trigger' ? trigger(credential) : webhook(receiver === 'webhook' ? 2.1 : 1),
			node(after, 'n8n-nodes-base.noOp', 1, {}),
		],
		connections: connections([[MESSAGE, after]]),
		settings: { executionOrder: 'v1' },
	});
	await rest.activate(workflow);
	try {
		const [url] = await rest.webhookUrls(workflow);
		return await work(workflow, url);
	} finally {
		await rest.deactivate(workflow);
	}
}

function trigger(credential: StoredCredential): WorkflowNode {
	return {
		...node(MESSAGE, 'n8n-nodes-digital-preservation.digitalPreservationTrigger', 1, {
			events: ['*'],
			contractIds: '',
			options: { binaryData: true },
		}),
		webhookId: randomUUID(),
		credentials: { [credential.type]: { id: credential.id, name: credential.name } },
	};
}

function webhook(version: number): WorkflowNode {
	const path = randomUUID();
	return {
		...node(MESSAGE, 'n8n-nodes-base.webhook', version, { httpMethod: 'POST', path, options: {} }),
		webhookId: path,
	};
}

/** Waits until so many executions of a workflow have ended, and then whether there are more. */
async function endedExecutions(
	rest: N8nRest,
	workflow: StoredWorkflow,
	expected: number,
): Promise<ExecutionSummary[]> {
	const deadline = Date.now() + ENDED_WITHIN_MS;
	const ended = async () =>
		(await rest.allExecutions(workflow)).filter(({ stoppedAt }) => stoppedAt).length;
	while ((await ended()) < expected && Date.now() < deadline) await wait(LOOK_MS);
	await wait(SETTLE_MS);
	return await rest.allExecutions(workflow);
}

/** The message of each execution. */
async function messageIdsOf(rest: N8nRest, executions: ExecutionSummary[]): Promise<string[]> {
	const ids: string[] = [];
	await forEachAtATime(executions, READ_AT_A_TIME, async ({ id }) => {
		const { data } = await rest.execution(id);
		const [item] = outputOf(data, MESSAGE);
		const headers = item?.json.headers as Record<string, unknown> | undefined;
		ids.push(String(item?.json.webhookId ?? headers?.['webhook-id']));
	});
	return ids;
}
