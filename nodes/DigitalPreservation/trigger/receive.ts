import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import { sleep } from 'n8n-workflow';

import type { WebhookMessage } from '../../../dps/webhook/message';
import { parseMessage, passes } from '../../../dps/webhook/message';
import { isRemembered, remember } from '../../../dps/webhook/repetition';
import type { Headers, Verification, WebhookToVerify } from '../../../dps/webhook/signature';
import { verifyBearerToken, verifySignature } from '../../../dps/webhook/signature';
import type { TriggerMemory } from '../n8n/handover';
import { beginHandover, handedOverBy, handoverUnderWay } from '../n8n/handover';
import { recentCredential } from '../n8n/recent-credential';

import type { TriggerSettings } from './readiness';
import { settingsOf, WEBHOOK_CREDENTIAL } from './readiness';

/** Bytes; a message names at most some thousand files. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** Milliseconds to wait for another delivery of the same message; the sender gives up after 10 s. */
const PATIENCE_MS = 7_000;

/** A message as it leaves the trigger: the envelope, and the id that is the same on every retry. */
export type ReceivedMessage = WebhookMessage & { webhookId: string };

/** An answer that ends the request; the body stays empty, so that nothing is told to a stranger. */
interface Answer {
	status: number;
}

function verify(message: WebhookToVerify, settings: TriggerSettings): Verification {
	const signed = verifySignature(message, settings.secrets);
	if (signed.accepted || !settings.bearerToken || signed.refusal === 'wrong-age') return signed;
	return verifyBearerToken(message, settings.bearerToken);
}

/** What n8n adds to a request, so that its body can be read when it was not yet. */
interface RawBodyRequest {
	rawBody?: unknown;
	readRawBody?: () => Promise<void>;
}

/** The body's bytes, or the answer to a request whose body cannot be taken. */
async function bodyOf(context: IWebhookFunctions): Promise<Uint8Array | Answer> {
	const { 'content-encoding': encoding, 'content-length': length } = context.getHeaderData();
	if (String(encoding ?? 'identity').toLowerCase() !== 'identity') return { status: 415 };
	if (Number(length ?? 0) > MAX_BODY_BYTES) return { status: 413 };
	const request = context.getRequestObject() as RawBodyRequest;
	if (request.rawBody === undefined && request.readRawBody) {
		const failure = await request.readRawBody().then(
			() => undefined,
			(error: unknown) => error,
		);
		const { status } = (failure ?? {}) as { status?: unknown };
		if (failure) return { status: status === 413 ? 413 : 400 };
	}
	const { rawBody } = request;
	const bytes = rawBody instanceof Uint8Array ? rawBody : Buffer.alloc(0);
	return bytes.length > MAX_BODY_BYTES ? { status: 413 } : bytes;
}

function reportRefusal(context: IWebhookFunctions, verification: Verification): void {
	if (verification.accepted) return;
	const { refusal, ageSeconds } = verification;
	if (refusal === 'wrong-age') {
		context.logger.warn(
			`Digital Preservation Trigger: a message with a right signature was refused, because its time is ${ageSeconds} seconds from this machine's. Check the clock, or raise the option Tolerance.`,
		);
	} else {
		context.logger.debug(`Digital Preservation Trigger: a request was refused: ${refusal}`);
	}
}

async function judge(context: IWebhookFunctions): Promise<ReceivedMessage | Answer> {
	// a fault on this side must answer 503: older deployments take a 4xx for final
	const settings = await recentCredential(context, WEBHOOK_CREDENTIAL)
		.then((credential) => settingsOf(context, credential))
		.catch((error: unknown) => {
			const reason = error instanceof Error ? error.message : 'unknown reason';
			context.logger.error(`Digital Preservation Trigger: the settings cannot be read: ${reason}`);
			return undefined;
		});
	if (!settings || (settings.secrets.length === 0 && !settings.bearerToken)) {
		return { status: 503 };
	}

	const headers = context.getHeaderData() as Headers;
	const rawBody = await bodyOf(context);
	if (!(rawBody instanceof Uint8Array)) return rawBody;

	const now = Date.now();
	const { toleranceSeconds } = settings;
	const verification = verify({ headers, rawBody, now, toleranceSeconds }, settings);
	if (!verification.accepted) {
		reportRefusal(context, verification);
		return { status: 401 };
	}
	const message = parseMessage(rawBody);
	if (!message) return { status: 400 };
	if (!passes(message, settings.filter)) return { status: 204 };

	const { webhookId } = verification;
	if (settings.deduplicate) {
		const answer = await answerToRepetition(context, settings, webhookId, now);
		if (answer) return answer;
	}
	return { ...message, webhookId };
}

async function answerToRepetition(
	context: IWebhookFunctions,
	{ answersAtEnd }: TriggerSettings,
	webhookId: string,
	now: number,
): Promise<Answer | undefined> {
	const trigger = `${context.getWorkflow().id} ${context.getNode().id}`;
	const data = context.getWorkflowStaticData('node') as IDataObject & TriggerMemory;
	const { handled: stored = {} } = data;
	const handedOver = handedOverBy(trigger);
	if ([stored, handedOver].some((some) => isRemembered(some, webhookId, now))) {
		return { status: 204 };
	}

	const other = handoverUnderWay(trigger, webhookId);
	if (other) {
		const succeeded = await Promise.race([other, sleep(PATIENCE_MS).then(() => false)]);
		// the other delivery may have failed, and this one may be the last: let it come again
		return { status: succeeded ? 204 : 503 };
	}
	beginHandover(trigger, webhookId, context.getResponseObject(), data);
	// n8n writes it after it has started the execution: not remembered if n8n dies before. At the end
	// of an execution n8n writes it even when that has failed, and the message has to come again; then
	// the next message brings it along
	const handled = { ...stored, ...handedOver };
	data.handled = answersAtEnd ? handled : remember(handled, webhookId, now);
	return undefined;
}

/**
 * Takes a request to the trigger's address: verifies its signature over the raw body before
 * anything else, filters it, and drops it when it was handled already. What does not start the
 * workflow is answered here.
 *
 * @returns the message, for the workflow; n8n then answers 200 once the execution has started or,
 * if the trigger is told so, has ended well
 */
export async function receive(context: IWebhookFunctions): Promise<ReceivedMessage | undefined> {
	const result = await judge(context);
	if ('webhookId' in result) return result;
	const response = context.getResponseObject();
	response.status((result as Answer).status).end();
	return undefined;
}
