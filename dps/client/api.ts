import type { Clock, Transport, TransportRequest, TransportResponse } from '../ports';
import { TransportError } from '../ports';
import {
	DpsError,
	errorFromAnswer,
	errorFromToken,
	errorFromTransport,
	errorFromUnreadableAnswer,
	parseJson,
} from './error';
import type { RetryPolicy } from './retry';
import { waitBeforeRetry } from './retry';
import { TokenError } from './token-error';

/** Everything a call of the DPS API needs. */
export interface DpsApi {
	/** `https://api.nb.no/dps-submission`, without a slash at the end; the paths start at `/v1`. */
	baseUrl: string;
	transport: Transport;
	clock: Clock;
	retry: RetryPolicy;
	/** Cancels the call that is under way and its waits. */
	signal?: AbortSignal;
	/** Told of each failure that is going to be repeated. */
	onRetry?: (failure: DpsError) => void;
}

/** When a call that failed may be sent again. */
export type Repeat =
	/** Reading, deleting, or anything else that can be done twice with the same effect. */
	| 'freely'
	/** Only when the service surely did not act; the caller looks first in every other case. */
	| 'if-refused';

export interface ApiCall {
	method: TransportRequest['method'];
	/** The path's parts after the base URL; each is percent-encoded here. */
	path: string[];
	query?: Record<string, string | number | undefined>;
	/** Sent as JSON. */
	body?: unknown;
	repeat: Repeat;
}

/** Milliseconds that an API call may take; the API moves no file bytes. */
const API_TIMEOUT_MS = 60_000;

function nameOfCall(call: ApiCall): string {
	return `${call.method} /${call.path.map(encodeURIComponent).join('/')}`;
}

function urlOfCall(api: DpsApi, call: ApiCall): string {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(call.query ?? {})) {
		if (value !== undefined) query.set(name, String(value));
	}
	const search = query.size > 0 ? `?${query.toString()}` : '';
	return `${api.baseUrl}/${call.path.map(encodeURIComponent).join('/')}${search}`;
}

async function attempt(api: DpsApi, call: ApiCall): Promise<TransportResponse | DpsError> {
	const request: TransportRequest = {
		method: call.method,
		url: urlOfCall(api, call),
		auth: 'api',
		headers: { Accept: 'application/json' },
		responseType: 'text',
		timeoutMs: API_TIMEOUT_MS,
		signal: api.signal,
	};
	if (call.body !== undefined) {
		request.headers = { ...request.headers, 'Content-Type': 'application/json' };
		request.body = JSON.stringify(call.body);
	}
	const response = await api.transport.request(request).catch((error: unknown) => {
		if (error instanceof TransportError) return errorFromTransport(nameOfCall(call), error);
		if (error instanceof TokenError) return errorFromToken(nameOfCall(call), error);
		throw error;
	});
	if (response instanceof DpsError) return response;
	if (response.status >= 200 && response.status < 300) return response;
	return errorFromAnswer(nameOfCall(call), response, api.clock.now());
}

/**
 * Calls the API and repeats the call as far as `call.repeat` allows.
 *
 * @returns the successful answer
 * @throws {DpsError} when the call failed for good
 */
async function answerTo(api: DpsApi, call: ApiCall): Promise<TransportResponse> {
	for (let count = 1; ; count++) {
		const result = await attempt(api, call);
		if (!(result instanceof DpsError)) return result;
		const mayRepeat = call.repeat === 'freely' || !result.mayHaveActed;
		if (!mayRepeat || !(await waitBeforeRetry(api.retry, count, result, api.clock, api.signal))) {
			throw result;
		}
		api.onRetry?.(result);
	}
}

/**
 * Calls the API for a JSON object.
 *
 * @throws {DpsError} also when the answer is no JSON object
 */
export async function callForObject<T extends object>(api: DpsApi, call: ApiCall): Promise<T> {
	const response = await answerTo(api, call);
	const body = parseJson(response.text);
	if (typeof body !== 'object' || body === null || Array.isArray(body)) {
		throw errorFromUnreadableAnswer(nameOfCall(call), response);
	}
	return body as T;
}

/** Calls the API where any JSON, or none, may be the answer; undefined for none. */
export async function callForAny(api: DpsApi, call: ApiCall): Promise<unknown> {
	return parseJson((await answerTo(api, call)).text);
}

/** What {@link callOnce} ended with. */
export interface OnceResult<T> {
	value: T;
	/** True when the answer was lost, and `value` was found by looking instead. */
	recovered: boolean;
}

/**
 * Makes a call that must not be repeated blindly. After a lost answer it looks whether the call
 * took, and calls again only when it did not. A 409 after a lost answer counts as a sign to look
 * again, because the first call may have taken effect after the look.
 *
 * @param call sends the call with `repeat: 'if-refused'`
 * @param look finds what the call would have made; undefined when it is not there
 */
export async function callOnce<T>(
	api: DpsApi,
	call: () => Promise<T>,
	look: (failure: DpsError) => Promise<T | undefined>,
): Promise<OnceResult<T>> {
	let answerLost = false;
	for (let count = 1; ; count++) {
		const result = await call().catch((error: unknown) => {
			if (error instanceof DpsError) return error;
			throw error;
		});
		if (!(result instanceof DpsError)) return { value: result, recovered: false };
		answerLost ||= result.mayHaveActed;
		if (!answerLost || !(result.mayHaveActed || result.status === 409)) throw result;
		const found = await look(result);
		if (found !== undefined) return { value: found, recovered: true };
		if (result.status === 409) throw result;
		if (!(await waitBeforeRetry(api.retry, count, result, api.clock, api.signal))) throw result;
		api.onRetry?.(result);
	}
}
