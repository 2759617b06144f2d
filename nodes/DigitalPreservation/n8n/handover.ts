import type { Remembered } from '../../../dps/webhook/repetition';
import { remember } from '../../../dps/webhook/repetition';

/** The part of an HTTP response that tells how it ended. */
export interface EndingResponse {
	statusCode: number;
	writableFinished: boolean;
	once(event: 'finish' | 'close', listener: () => void): unknown;
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
	/** Resolves to whether the execution was started and the sender told so. */
	underWay: Map<string, Promise<boolean>>;
	handedOver: Remembered;
}

const triggers = new Map<string, TriggerMessages>();

function messagesOf(trigger: string): TriggerMessages {
	const known = triggers.get(trigger) ?? { underWay: new Map(), handedOver: {} };
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
 * Notes that a message is being handed over. It counts as handed over when n8n has answered with
 * success, which it does after it has started the execution; else the sender's next try is taken.
 *
 * @param trigger identifies the trigger: workflow and node
 * @param response the answer to the sender
 */
export function beginHandover(trigger: string, webhookId: string, response: EndingResponse): void {
	const messages = messagesOf(trigger);
	const handover = new Promise<boolean>((resolve) => {
		const end = () =>
			resolve(response.writableFinished && response.statusCode >= 200 && response.statusCode < 300);
		response.once('finish', end);
		response.once('close', end);
	});
	messages.underWay.set(webhookId, handover);
	void handover.then((succeeded) => {
		messages.underWay.delete(webhookId);
		if (succeeded) messages.handedOver = remember(messages.handedOver, webhookId, Date.now());
	});
}
