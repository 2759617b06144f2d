import { Readable } from 'node:stream';

import axios, { AxiosError, type AxiosInstance } from 'axios';

import type { Transport, TransportRequest, TransportResponse } from '../../dps/ports';
import { CancelledError, TransportError } from '../../dps/ports';

import type { TokenSource } from './token';

const NOT_SENT =
	/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_INVALID_URL|.*CERT.*)$/;

async function* tapped(
	body: AsyncIterable<Uint8Array>,
	{ onBodyBytes, onBodyEnd }: TransportRequest,
): AsyncGenerator<Uint8Array> {
	for await (const chunk of body) {
		onBodyBytes?.(chunk);
		yield chunk;
	}
	onBodyEnd?.();
}

function bodyOf(request: TransportRequest): unknown {
	const { body } = request;
	if (body === undefined || typeof body === 'string') return body;
	if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.length);
	return Readable.from(tapped(body, request), { objectMode: false });
}

function failureOf(error: unknown, signal: AbortSignal | undefined): Error {
	if (signal?.aborted || axios.isCancel(error)) return new CancelledError();
	if (!(error instanceof AxiosError)) return error as Error;
	const failure = NOT_SENT.test(error.code ?? '') ? 'not-sent' : 'no-answer';
	return new TransportError(error.message, failure, error.code);
}

/**
 * A transport on axios alone, for programs outside n8n: the sandbox's own checks, tests,
 * benchmarks, any later host.
 *
 * @param apiOrigin the only origin that the token is sent to
 * @param token gives the token; a request answered 401 is repeated once with another one
 */
export function axiosTransport(
	apiOrigin: string,
	token: TokenSource,
	client: AxiosInstance = axios.create(),
): Transport {
	const send = async (
		request: TransportRequest,
		headers: Record<string, string>,
	): Promise<TransportResponse> => {
		const response = await client
			.request<string | Readable>({
				method: request.method,
				url: request.url,
				headers,
				data: bodyOf(request),
				responseType: request.responseType,
				maxRedirects: 0,
				maxBodyLength: Infinity,
				maxContentLength: Infinity,
				timeout: request.timeoutMs,
				signal: request.signal,
				validateStatus: () => true,
			})
			.catch((error: unknown) => {
				throw failureOf(error, request.signal);
			});
		const answer: TransportResponse = {
			status: response.status,
			headers: Object.fromEntries(
				Object.entries(response.headers).map(([name, value]) => [
					name.toLowerCase(),
					String(value),
				]),
			),
			text: typeof response.data === 'string' ? response.data : '',
		};
		if (response.data instanceof Readable) {
			if (answer.status >= 200 && answer.status < 300) {
				answer.stream = response.data as AsyncIterable<Uint8Array>;
			} else {
				answer.text = Buffer.concat(
					await response.data.take(100).toArray({ signal: request.signal }),
				).toString('utf8');
			}
		}
		return answer;
	};

	return {
		async request(request) {
			const headers = { ...request.headers };
			if (request.auth === 'none') return await send(request, headers);
			if (new URL(request.url).origin !== apiOrigin) {
				throw new TransportError(
					'The access token is sent to the DPS API only',
					'not-sent',
					'ERR_INVALID_ORIGIN',
				);
			}
			const authorized = async (accessToken: string) =>
				await send(request, { ...headers, Authorization: `Bearer ${accessToken}` });
			const accessToken = await token();
			const answer = await authorized(accessToken);
			if (answer.status !== 401) return answer;
			return await authorized(await token(accessToken));
		},
	};
}
