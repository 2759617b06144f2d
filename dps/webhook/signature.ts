import { createHmac, timingSafeEqual } from 'crypto';

/** HTTP headers as Node gives them: names in any case, a repeated header as a list or joined. */
export type Headers = Record<string, string | string[] | undefined>;

export interface WebhookToVerify {
	headers: Headers;
	/** The body's bytes as they arrived, never JSON that was written again. */
	rawBody: Uint8Array;
	/** Milliseconds since 1970. */
	now: number;
	/** Seconds that the message may be old, or ahead of this machine's clock. */
	toleranceSeconds: number;
}

/** Why a message was not accepted. */
export type Refusal =
	| 'missing-header'
	| 'malformed-timestamp'
	| 'wrong-signature'
	/** The signature is right, the age is not: a clock is wrong, or the message was held back. */
	| 'wrong-age'
	| 'wrong-token';

export type Verification =
	| { accepted: true; webhookId: string }
	| { accepted: false; refusal: Refusal; ageSeconds?: number };

const SIGNATURE_VERSION = 'v1';
const PREFIX = 'whsec_';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A header's value, whatever the case of its name; undefined when it is missing or empty. */
export function headerOf(headers: Headers, name: string): string | undefined {
	for (const [key, value] of Object.entries(headers)) {
		if (key.toLowerCase() !== name) continue;
		const text = Array.isArray(value) ? value.join(', ') : value;
		if (text) return text;
	}
	return undefined;
}

/**
 * The keys that a shared secret can stand for. Standard Webhooks writes it `whsec_` and base64. The
 * DPS documentation says only 'shared key', so a plain text is possible too: as its bytes, or
 * base64 without the prefix, which the official libraries take.
 */
export function keysOf(secret: string): Buffer[] {
	const text = secret.trim();
	if (text.startsWith(PREFIX)) return [Buffer.from(text.slice(PREFIX.length), 'base64')];
	const keys = [Buffer.from(text, 'utf8')];
	if (BASE64.test(text)) keys.push(Buffer.from(text, 'base64'));
	return keys.filter(({ length }) => length > 0);
}

/** Compares two texts in a time that depends on their lengths only. */
function isEqual(a: string, b: string): boolean {
	const [left, right] = [Buffer.from(a), Buffer.from(b)];
	return left.length === right.length && timingSafeEqual(left, right);
}

function isSigned(
	signatures: string,
	key: Buffer,
	webhookId: string,
	timestamp: string,
	rawBody: Uint8Array,
): boolean {
	const expected = createHmac('sha256', key)
		.update(`${webhookId}.${timestamp}.`)
		.update(rawBody)
		.digest('base64');
	let matches = false;
	for (const signature of signatures.split(' ')) {
		const [version, value = ''] = signature.split(',');
		if (version === SIGNATURE_VERSION && isEqual(value, expected)) matches = true;
	}
	return matches;
}

/**
 * Verifies a message's signature by the Standard Webhooks specification: HMAC-SHA256 over
 * `webhook-id.webhook-timestamp.body`, base64, one of the `v1,…` in `webhook-signature`.
 *
 * @param secrets the shared secrets; during a rotation the new one and the one before
 */
export function verifySignature(message: WebhookToVerify, secrets: string[]): Verification {
	const { headers, rawBody } = message;
	const webhookId = headerOf(headers, 'webhook-id');
	const timestamp = headerOf(headers, 'webhook-timestamp');
	const signatures = headerOf(headers, 'webhook-signature');
	if (!webhookId || !timestamp || !signatures)
		return { accepted: false, refusal: 'missing-header' };
	if (!/^\d{1,12}$/.test(timestamp)) return { accepted: false, refusal: 'malformed-timestamp' };

	// the signature covers the number, which other libraries write without leading zeros
	const seconds = String(Number(timestamp));
	const isGenuine = secrets
		.flatMap(keysOf)
		.map((key) => isSigned(signatures, key, webhookId, seconds, rawBody))
		.includes(true);
	if (!isGenuine) return { accepted: false, refusal: 'wrong-signature' };
	return withinTolerance(message, webhookId, Number(timestamp));
}

function withinTolerance(
	{ now, toleranceSeconds }: WebhookToVerify,
	webhookId: string,
	sentSeconds: number,
): Verification {
	const ageSeconds = Math.floor(now / 1000) - sentSeconds;
	return Math.abs(ageSeconds) <= toleranceSeconds
		? { accepted: true, webhookId }
		: { accepted: false, refusal: 'wrong-age', ageSeconds };
}

/**
 * Verifies a message of an older DPS deployment (2025): a static token in `Authorization: Bearer`,
 * no signature, the timestamp in milliseconds. Weaker: whoever sees one message can send others.
 *
 * @param token the token that NB and the depositor share
 */
export function verifyBearerToken(message: WebhookToVerify, token: string): Verification {
	const webhookId = headerOf(message.headers, 'webhook-id');
	const timestamp = headerOf(message.headers, 'webhook-timestamp');
	const authorization = headerOf(message.headers, 'authorization') ?? '';
	if (!webhookId) return { accepted: false, refusal: 'missing-header' };
	if (!token || !isEqual(authorization, `Bearer ${token}`)) {
		return { accepted: false, refusal: 'wrong-token' };
	}
	if (!timestamp || !/^\d{1,16}$/.test(timestamp)) {
		return { accepted: false, refusal: 'malformed-timestamp' };
	}
	return withinTolerance(message, webhookId, Math.floor(Number(timestamp) / 1000));
}
