import { sleep } from 'n8n-workflow';

import type { Remembered } from '../../../dps/webhook/repetition';
import { note, remember } from '../../../dps/webhook/repetition';

/** The part of an HTTP response that tells how it ended. */
export interface EndingResponse {
	statusCode: number;
	/** Whether n8n has given its answer, even if nobody was there any more to take it. */
	writableEnded: boolean;
	once(event: 'finish' | 'close', listener: () => void): unknown;
}

/** Milliseconds between two looks at an answer that n8n still owes to a sender who has gone. */
const LOOK_MS = 1_000;
/** Milliseconds after which n8n is taken to owe no answer any more. */
const LONGEST_EXECUTION_MS = 60 * 60_000;

/** Milliseconds between two marks of changed static data at first; later a twentieth of the time that went by. */
const MARK_MS = 5;

/** What n8n keeps with the trigger: its static data, as one delivery has it. */
export interface TriggerMemory {
	handled?: Remembered;
}

/**
 * What this process knows of one trigger's messages.
 *
 * n8n's static data, which outlives the process, is written after a message's execution was
 * started, and each delivery writes what it found plus itself: deliveries of the same moment do
 * not see each other there. This closes that gap within one process; between several webhook
 * processors nothing in n8n does. Nothing is lost with it: it only ever adds to the static data.
 */
interface TriggerMessages {
	/** The static data of the deliveries under way, which n8n has not written yet. */
	unwritten: Set<TriggerMemory>;
	/** Resolves to whether n8n's answer was success. */
	underWay: Map<string, Promise<boolean>>;
	handedOver: Remembered;
}

const triggers = new Map<string, TriggerMessages>();

function messagesOf(trigger: string): TriggerMessages {
	const known = triggers.get(trigger) ?? {
		underWay: new Map(),
		unwritten: new Set(),
		handedOver: {},
	};
	triggers.set(trigger, known);
	return known;
}

/** The messages of a trigger that this process has handed over. */
export function handedOverBy(trigger: string): Remembered {
	return messagesOf(trigger).handedOver;
}

/** How the hand-over of a message will end that is under way; undefined when there is none. */
export function handoverUnderWay(trigger: string, webhookId: string): Promise<boolean> | undefined {
	return messagesOf(trigger).underWay.get(webhookId);
}

/**
 * Whether n8n answers with success. A sender gives up after seconds (the DPS after ten); an
 * execution whose end is waited for goes on, and n8n answers at its end all the same.
 */
async function isAnsweredWithSuccess(response: EndingResponse): Promise<boolean> {
	await new Promise<void>((resolve) => {
		response.once('finish', resolve);
		response.once('close', resolve);
	});
	for (
		let waited = 0;
		!response.writableEnded && waited < LONGEST_EXECUTION_MS;
		waited += LOOK_MS
	) {
		await sleep(LOOK_MS);
	}
	return response.writableEnded && response.statusCode >= 200 && response.statusCode < 300;
}

/**
 * Marks static data as changed, again and again until n8n has answered. n8n writes it just before
 * it answers, if it is marked; but when it starts the execution it takes the mark away from data
 * that was there before (seen in n8n 2.41), and what a trigger has noted would be lost.
 */
async function keepMarked(memory: TriggerMemory, unwritten: Set<TriggerMemory>): Promise<void> {
	const started = Date.now();
	while (unwritten.has(memory)) {
		await sleep(MARK_MS + (Date.now() - started) / 20);
		if (unwritten.has(memory)) Object.assign(memory, { handled: memory.handled });
	}
}

/**
 * Notes that a message is being handed over. It counts as handed over when n8n has answered with
 * success, which it does after it has started the execution or, if the trigger is told so, after
 * that has ended well; else the sender's next try is taken.
 *
 * @param trigger identifies the trigger: workflow and node
 * @param response the answer to the sender
 * @param memory this delivery's static data: until n8n writes it, it is told what else is handed
 *   over, since it takes the place of what the others have written
 */
export function beginHandover(
	trigger: string,
	webhookId: string,
	response: EndingResponse,
	memory: TriggerMemory,
): void {
	const messages = messagesOf(trigger);
	const handover = isAnsweredWithSuccess(response);
	messages.underWay.set(webhookId, handover);
	messages.unwritten.add(memory);
	void keepMarked(memory, messages.unwritten);
	void handover.then((succeeded) => {
		messages.underWay.delete(webhookId);
		messages.unwritten.delete(memory);
		if (!succeeded) return;
		const now = Date.now();
		messages.handedOver = remember(messages.handedOver, webhookId, now);
		for (const other of messages.unwritten) {
			other.handled ??= {};
			note(other.handled, webhookId, now);
		}
	});
}
