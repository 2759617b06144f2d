import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	IHttpRequestMethods,
	IHttpRequestOptions,
	IHttpRequestHelper,
	ILoadOptionsFunctions,
	IN8nHttpFullResponse,
	IPollFunctions,
} from 'n8n-workflow';

import { TokenError } from '../../../dps/client/token-error';
import type { Transport, TransportRequest, TransportResponse } from '../../../dps/ports';
import { CancelledError, TransportError } from '../../../dps/ports';

import { TokenGate } from './token-gate';

/** The contexts of n8n that can call the DPS API with a credential. */
export type ApiContext = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

export const API_CREDENTIAL = 'digitalPreservationApi';

/** What this adapter needs of Node's Readable, which n8n's helpers give and take. */
export interface NodeStream extends AsyncIterable<Uint8Array> {
	pipe: unknown;
	pause(): unknown;
	on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
	on(event: 'end', listener: () => void): unknown;
	destroy(): unknown;
}

export function isNodeStream(value: unknown): value is NodeStream {
	return typeof (value as { pipe?: unknown } | null)?.pipe === 'function';
}

/** The service cannot have seen a request that failed with one of these. */
const NOT_SENT =
	/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ERR_INVALID_URL|ERR_BAD_OPTION.*|.*CERT.*|.*SELF_SIGNED.*|ERR_TLS.*|.*SSRF.*)$/;
/** An S3 error or a proxy's page is small; what is longer is cut. */
const MAX_ERROR_BODY = 64 * 1024;

interface RequestFailure {
	message?: string;
	code?: string;
	name?: string;
	cause?: unknown;
	response?: { status?: number; data?: unknown; headers?: Record<string, unknown> };
}

/** The error and what caused it; n8n wraps what its HTTP client threw. */
function* causesOf(error: unknown): Generator<RequestFailure> {
	let current = error;
	for (let depth = 0; depth < 6 && typeof current === 'object' && current !== null; depth++) {
		yield current;
		current = (current as RequestFailure).cause;
	}
}

function lowerCaseHeaders(headers: Record<string, unknown> | undefined): Record<string, string> {
	const result: Record<string, string> = {};
	for (const [name, value] of Object.entries(headers ?? {})) {
		if (value !== undefined && value !== null) result[name.toLowerCase()] = String(value);
	}
	return result;
}

async function textOf(body: unknown): Promise<string> {
	if (typeof body === 'string') return body;
	if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
	if (!isNodeStream(body)) return body === undefined || body === null ? '' : JSON.stringify(body);
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of body) {
		chunks.push(chunk);
		length += chunk.length;
		if (length > MAX_ERROR_BODY) break;
	}
	return Buffer.concat(chunks).toString('utf8');
}

/**
 * The bytes of a source that is no stream of n8n: one that n8n, or this package, holds in memory
 * anyway. n8n's HTTP client takes such bytes as a Buffer only.
 */
async function bytesOf(
	body: AsyncIterable<Uint8Array>,
	{ onBodyBytes, onBodyEnd }: TransportRequest,
): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of body) {
		onBodyBytes?.(chunk);
		chunks.push(chunk);
	}
	onBodyEnd?.();
	return Buffer.concat(chunks);
}

async function optionsFor(request: TransportRequest): Promise<IHttpRequestOptions> {
	const options: IHttpRequestOptions = {
		method: request.method as IHttpRequestMethods,
		url: request.url,
		headers: { ...request.headers },
		encoding: request.responseType,
		returnFullResponse: true,
		// a token or a pre-signed URL's body must not follow a redirect to another host, and n8n's
		// client keeps a whole streamed body in memory for a redirect that may come
		disableFollowRedirect: true,
		ignoreHttpStatusErrors: true,
		timeout: request.timeoutMs,
		abortSignal: request.signal,
	};
	const { body } = request;
	if (typeof body === 'string') {
		options.body = body;
	} else if (isNodeStream(body)) {
		if (request.onBodyBytes) {
			// paused first: the bytes then wait for the HTTP client's own listener
			body.pause();
			body.on('data', request.onBodyBytes);
		}
		if (request.onBodyEnd) body.on('end', request.onBodyEnd);
		options.body = body as unknown as IHttpRequestOptions['body'];
	} else if (body !== undefined) {
		const bytes =
			body instanceof Uint8Array
				? Buffer.from(body.buffer, body.byteOffset, body.length)
				: await bytesOf(body, request);
		// n8n drops an empty body; the header Content-Length: 0 says it all
		if (bytes.length > 0) options.body = bytes;
	}
	return options;
}

function failureOf(error: unknown, signal: AbortSignal | undefined): Error {
	if (error instanceof TransportError || error instanceof TokenError) return error;
	if (signal?.aborted) return new CancelledError();
	let code: string | undefined;
	let message: string | undefined;
	for (const cause of causesOf(error)) {
		if (cause instanceof TokenError) return cause;
		if (cause.name === 'CanceledError' || cause.code === 'ERR_CANCELED')
			return new CancelledError();
		if (typeof cause.code === 'string') code = cause.code;
		message = cause.message ?? message;
	}
	const failure = NOT_SENT.test(code ?? '') ? 'not-sent' : 'no-answer';
	return new TransportError(message ?? 'The connection failed', failure, code);
}

async function answerOf(
	response: IN8nHttpFullResponse,
	request: TransportRequest,
): Promise<TransportResponse> {
	const answer = { status: response.statusCode, headers: lowerCaseHeaders(response.headers) };
	const isSuccess = answer.status >= 200 && answer.status < 300;
	if (request.responseType === 'stream' && isSuccess && isNodeStream(response.body)) {
		return { ...answer, text: '', stream: response.body };
	}
	return { ...answer, text: await textOf(response.body) };
}

/** A transport on n8n's `httpRequest` alone, for requests that carry no token. */
export function anonymousTransport(helpers: IHttpRequestHelper['helpers']): Transport {
	return {
		async request(request) {
			try {
				const response = (await helpers.httpRequest(
					await optionsFor(request),
				)) as IN8nHttpFullResponse;
				return await answerOf(response, request);
			} catch (error) {
				throw failureOf(error, request.signal);
			}
		},
	};
}

/**
 * The transport for nodes: n8n's own helpers, with its proxy settings, SSRF protection and
 * cancellation. The credential adds the token, to requests with `auth: 'api'` only, and only when
 * they go to the API's own origin.
 *
 * @param apiOrigin the origin of the credential's base URL
 * @param credential as n8n decrypted it. It is given back with each request, which else would make
 *   n8n read and decrypt it anew; n8n writes a renewed token into it.
 */
export function n8nTransport(
	context: ApiContext,
	apiOrigin: string,
	credential: ICredentialDataDecryptedObject,
): Transport {
	const anonymous = anonymousTransport(context.helpers);
	const gate = new TokenGate(credential, async () => await context.getCredentials(API_CREDENTIAL));

	const authenticated = async (
		request: TransportRequest,
		data: ICredentialDataDecryptedObject,
	): Promise<TransportResponse> => {
		if (new URL(request.url).origin !== apiOrigin) {
			throw new TransportError(
				'The access token is sent to the DPS API only',
				'not-sent',
				'ERR_INVALID_ORIGIN',
			);
		}
		const options: IHttpRequestOptions = {
			...(await optionsFor(request)),
			// n8n renews the token when it sees a 401, and repeats the request once
			ignoreHttpStatusErrors: { ignore: true, except: [401] },
		};
		try {
			const response = (await context.helpers.httpRequestWithAuthentication.call(
				context,
				API_CREDENTIAL,
				options,
				{ credentialsDecrypted: { id: '', name: '', type: API_CREDENTIAL, data } },
			)) as IN8nHttpFullResponse;
			return await answerOf(response, request);
		} catch (error) {
			for (const { response } of causesOf(error)) {
				if (response?.status !== undefined) {
					const headers = lowerCaseHeaders(response.headers);
					return { status: response.status, headers, text: await textOf(response.data) };
				}
			}
			throw failureOf(error, request.signal);
		}
	};

	return {
		async request(request) {
			if (request.auth === 'none') return await anonymous.request(request);
			return await gate.pass(async (data) => await authenticated(request, data));
		},
	};
}
