import type { TransportResponse } from '../ports';
import { TransportError } from '../ports';
import { redact } from './redaction';
import type { TokenError } from './token-error';

export interface DpsErrorFields {
	/** What was asked, without host or query: `POST /v1/contracts/ef23/submissions`. */
	request: string;
	/** HTTP status; absent when there was no answer. */
	status?: number;
	/** The DPS's own code, else one of this client's (`NO_ANSWER`, `NOT_REACHED`, `HTTP_502`, …). */
	code: string;
	message: string;
	details?: string;
	/** Whether the same request may succeed later. */
	retryable: boolean;
	/** Whether the service may have carried out the request although it did not say so. */
	mayHaveActed: boolean;
	/** Milliseconds that the service asked to wait (`Retry-After`). */
	retryAfterMs?: number;
	/** The parsed body of the answer, for callers that look for an id in it. */
	body?: unknown;
}

/**
 * Any failed call of the DPS API, whoever answered: the service with its error envelope
 * (`{"error":{"code","message","details"}}`, DPS API documentation, 'Errors'), a proxy with a page
 * of HTML, or nobody.
 */
export class DpsError extends Error {
	override readonly name = 'DpsError';
	readonly request: string;
	readonly status?: number;
	readonly code: string;
	readonly details?: string;
	readonly retryable: boolean;
	readonly mayHaveActed: boolean;
	readonly retryAfterMs?: number;
	/** Not enumerable, so that a logger that prints the error does not print the whole answer. */
	declare readonly body?: unknown;

	constructor(fields: DpsErrorFields) {
		super(fields.message);
		this.request = fields.request;
		this.status = fields.status;
		this.code = fields.code;
		this.details = fields.details;
		this.retryable = fields.retryable;
		this.mayHaveActed = fields.mayHaveActed;
		this.retryAfterMs = fields.retryAfterMs;
		Object.defineProperty(this, 'body', { value: fields.body, enumerable: false });
	}
}

const RETRYABLE_STATUSES = new Set([408, 429, 500, 502, 503, 504]);
const STATUS_TEXTS: Record<number, string> = {
	400: 'Bad Request',
	401: 'Unauthorized',
	403: 'Forbidden',
	404: 'Not Found',
	405: 'Method Not Allowed',
	409: 'Conflict',
	411: 'Length Required',
	413: 'Payload Too Large',
	415: 'Unsupported Media Type',
	422: 'Unprocessable Content',
	429: 'Too Many Requests',
	500: 'Internal Server Error',
	502: 'Bad Gateway',
	503: 'Service Unavailable',
	504: 'Gateway Timeout',
};

/** Whether a request that got this HTTP status may succeed when it is sent again later. */
export function isRetryableStatus(status: number): boolean {
	return RETRYABLE_STATUSES.has(status);
}

/** A short name for an HTTP status: `502 Bad Gateway`. */
export function nameOfStatus(status: number): string {
	return STATUS_TEXTS[status] ? `${status} ${STATUS_TEXTS[status]}` : `${status}`;
}

/**
 * Milliseconds to wait, from a `Retry-After` header (RFC 9110 10.2.3: seconds, or a date).
 *
 * @returns undefined when there is none that can be read
 */
export function retryAfterMs(headers: Record<string, string>, now: number): number | undefined {
	const value = headers['retry-after']?.trim();
	if (!value) return undefined;
	if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
	const date = Date.parse(value);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Parses a body as JSON; undefined when it is none. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

function asText(value: unknown): string | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	return redact(typeof value === 'string' ? value : JSON.stringify(value), 2000);
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The error for an answer that is not the expected success.
 *
 * A 429 is a refusal before anything was done; a 5xx can come after the service acted (a proxy
 * that lost patience answers 504 while the service goes on).
 */
export function errorFromAnswer(
	request: string,
	response: Pick<TransportResponse, 'status' | 'headers' | 'text'>,
	now: number,
): DpsError {
	const { status } = response;
	const body = parseJson(response.text);
	const envelope = isObject(body) && isObject(body.error) ? body.error : undefined;
	const code = envelope ? asText(envelope.code) : undefined;
	const message =
		(envelope && asText(envelope.message)) ??
		(isObject(body) && asText(body.message)) ??
		(status >= 500 || status === 429
			? `The service, or a proxy in front of it, answered ${nameOfStatus(status)}`
			: `The service answered ${nameOfStatus(status)}`);
	return new DpsError({
		request,
		status,
		code: code ?? `HTTP_${status}`,
		message: message || `The service answered ${nameOfStatus(status)}`,
		details: envelope ? asText(envelope.details) : undefined,
		retryable: isRetryableStatus(status),
		mayHaveActed: status >= 500 || status === 408,
		retryAfterMs: retryAfterMs(response.headers, now),
		body,
	});
}

/** Error codes of connections that no repeat mends: certificates, forbidden or impossible addresses. */
const PERMANENT_FAILURE = /CERT|SELF_SIGNED|ERR_TLS|ERR_INVALID|SSRF|ERR_BAD_OPTION/;

/** The error for a request that got no whole answer. */
export function errorFromTransport(request: string, error: TransportError): DpsError {
	const sent = error.failure === 'no-answer';
	return new DpsError({
		request,
		code: sent ? 'NO_ANSWER' : 'NOT_REACHED',
		message: redact(error.message),
		details: error.code,
		retryable: !PERMANENT_FAILURE.test(error.code ?? ''),
		mayHaveActed: sent,
	});
}

/** The error for a request that was not sent, because there was no token for it. */
export function errorFromToken(request: string, error: TokenError): DpsError {
	return new DpsError({
		request,
		code: 'NO_TOKEN',
		message: error.message,
		retryable: error.retryable,
		mayHaveActed: false,
		retryAfterMs: error.retryAfterMs,
	});
}

/** The error for a success whose body is not what the API documents. */
export function errorFromUnreadableAnswer(
	request: string,
	response: Pick<TransportResponse, 'status' | 'text'>,
): DpsError {
	return new DpsError({
		request,
		status: response.status,
		code: 'UNREADABLE_ANSWER',
		message: `The answer (${nameOfStatus(response.status)}) is not what the DPS API documents; is the base URL that of the DPS?`,
		details: redact(response.text, 200),
		retryable: false,
		mayHaveActed: true,
	});
}
