import type { DpsApi } from '../client/api';
import { DpsError, errorFromTransport } from '../client/error';
import { isExpired, storeError } from '../client/presigned';
import { waitBeforeRetry } from '../client/retry';
import { watchForStall } from '../client/stall';
import type { TransportResponse } from '../ports';
import { CancelledError, TransportError } from '../ports';

import type { DeliveredFile } from './delivery';
import { LinkExpiredError, assertNotExpired } from './delivery';

/** Milliseconds without a byte after which a connection counts as broken. */
const STALL_MS = 120_000;
/** Bytes after which a connection that breaks again starts the count of attempts anew. */
const PROGRESS_BYTES = 64 * 1024;

/** The code of a {@link DpsError}: the bytes are not those that were delivered. */
export const DIFFERS = 'DOWNLOAD_DIFFERS';
/** The code of a {@link DpsError}: what the store has now is no continuation of what came. */
const NOT_CONTINUED = 'DOWNLOAD_NOT_CONTINUED';

/** One answer of the store, while its bytes come. */
interface Connection {
	response: TransportResponse;
	stop: AbortController;
}

/** A file on its way from the store. */
export class Transfer {
	/** Why the bytes broke off; undefined while they did not. */
	failure: unknown;
	/** The file's bytes, over as many connections as it takes. Read once. */
	readonly bytes: AsyncIterable<Uint8Array>;

	/**
	 * @param first the first answer's stream as the host's HTTP client gave it
	 * @param end lets go of the first connection, in case its bytes were never asked for
	 */
	constructor(
		readonly first: AsyncIterable<Uint8Array>,
		bytes: AsyncIterable<Uint8Array>,
		readonly end: () => void,
	) {
		this.bytes = this.watched(bytes);
	}

	private async *watched(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
		const iterator = bytes[Symbol.asyncIterator]();
		try {
			for (;;) {
				const { value, done } = await iterator.next().catch((error: unknown) => {
					this.failure = error;
					return Promise.reject(error);
				});
				if (done) return;
				yield value;
			}
		} finally {
			await iterator.return?.();
		}
	}
}

/** An ETag that promises the same bytes, not only the same meaning (RFC 9110 8.8.3). */
function strongETag({ headers }: TransportResponse): string | undefined {
	return headers.etag?.startsWith('"') ? headers.etag : undefined;
}

/** What a break cannot be continued from: the download starts again from the beginning. */
function startAgain(file: DeliveredFile, message: string): DpsError {
	return new DpsError({
		request: `GET ${file.filename}`,
		code: NOT_CONTINUED,
		message: `The transfer of ${file.filename} broke and could not be continued: ${message}`,
		retryable: true,
		mayHaveActed: false,
	});
}

/** @param size how many bytes there are instead */
function sizeError(file: DeliveredFile, size: string): DpsError {
	return new DpsError({
		request: `GET ${file.filename}`,
		code: DIFFERS,
		message: `What came of ${file.filename} is not what was delivered: ${size} bytes instead of ${file.filesize}`,
		retryable: true,
		mayHaveActed: false,
	});
}

function continues(file: DeliveredFile, response: TransportResponse, from: number): boolean {
	const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers['content-range'] ?? '');
	const [, start, total] = range ?? [];
	return Number(start) === from && (total === '*' || Number(total) === file.filesize);
}

/** What keeps an answer from being the file's bytes from `from` on. */
function faultOf(
	api: DpsApi,
	file: DeliveredFile,
	from: number,
	response: TransportResponse,
): Error | undefined {
	if (isExpired(response)) return new LinkExpiredError(file);
	if (from > 0 && response.status === 416) {
		const total = /^bytes \*\/(\d+)$/.exec(response.headers['content-range'] ?? '')?.[1];
		return total === undefined || Number(total) === file.filesize
			? startAgain(file, 'the file store refused to give the rest')
			: sizeError(file, total);
	}
	if (!response.stream || (response.status !== 200 && response.status !== 206)) {
		const refusal = `did not give ${file.filename}`;
		return storeError(`GET ${file.filename}`, refusal, response, api.clock.now());
	}
	if (response.status === 206 && !continues(file, response, from)) {
		return startAgain(file, 'the file store answered with another part of it');
	}
	return undefined;
}

/** Asks for a file, from a byte on. */
async function connect(
	api: DpsApi,
	file: DeliveredFile,
	from: number,
	etag: string | undefined,
): Promise<Connection> {
	assertNotExpired(file, api.clock.now());
	const stop = new AbortController();
	// packed on the way, the bytes could neither be counted nor continued
	const headers: Record<string, string> = { 'Accept-Encoding': 'identity' };
	if (from > 0) headers.Range = `bytes=${from}-`;
	if (from > 0 && etag !== undefined) headers['If-Range'] = etag;
	const response = await api.transport.request({
		method: 'GET',
		url: file.downloadURL,
		auth: 'none',
		headers,
		responseType: 'stream',
		timeoutMs: STALL_MS,
		signal: api.signal ? AbortSignal.any([api.signal, stop.signal]) : stop.signal,
	});
	const fault = faultOf(api, file, from, response);
	if (fault) {
		stop.abort();
		throw fault;
	}
	return { response, stop };
}

/**
 * A failure as the user is told of it.
 *
 * @throws what is no matter of the connection or the store, as it is
 */
function reportedAs(file: DeliveredFile, failure: unknown): DpsError {
	if (failure instanceof TransportError) {
		return errorFromTransport(`GET ${file.filename}`, failure);
	}
	if (failure instanceof DpsError) return failure;
	throw failure;
}

/** Whether bytes came that cannot be the file's: only a download from the first byte on can help. */
export function needsNewBeginning({ code }: DpsError): boolean {
	return code === NOT_CONTINUED || code === DIFFERS;
}

/** Asks for a file, as often as it takes. */
async function connectFirst(api: DpsApi, file: DeliveredFile): Promise<Connection> {
	for (let attempt = 1; ; attempt++) {
		const result = await connect(api, file, 0, undefined).catch((error: unknown) =>
			reportedAs(file, error),
		);
		if (!(result instanceof DpsError)) return result;
		if (!(await waitBeforeRetry(api.retry, attempt, result, api.clock, api.signal))) throw result;
		api.onRetry?.(result);
	}
}

/** The bytes of one connection, less the first `skip`; fails when none come for a while. */
async function* bytesOf(
	api: DpsApi,
	{ response, stop }: Connection,
	skip: number,
): AsyncGenerator<Uint8Array> {
	let size = 0;
	let stalled = false;
	let failure: unknown;
	const endWatch = watchForStall(
		api.clock,
		STALL_MS,
		() => size,
		() => {
			stalled = true;
			stop.abort();
		},
	);
	try {
		for await (const chunk of response.stream ?? []) {
			const begin = Math.max(0, skip - size);
			size += chunk.length;
			if (begin < chunk.length) yield begin === 0 ? chunk : chunk.subarray(begin);
		}
	} catch (error) {
		failure = error;
	} finally {
		endWatch();
		stop.abort();
	}
	if (failure === undefined) return;
	if (api.signal?.aborted) throw new CancelledError();
	throw new TransportError(
		stalled
			? `No byte came for ${STALL_MS / 1000} seconds`
			: 'The connection broke in mid-transfer',
		'no-answer',
		(failure as { code?: string } | null)?.code,
	);
}

async function* continued(
	api: DpsApi,
	file: DeliveredFile,
	first: Connection,
): AsyncGenerator<Uint8Array> {
	const etag = strongETag(first.response);
	let connection: Connection | undefined = first;
	let received = 0;
	let attempt = 1;
	for (;;) {
		const before = received;
		let failure: unknown;
		try {
			connection ??= await connect(api, file, received, etag);
			const isWhole = connection.response.status === 200;
			if (isWhole && etag !== undefined && strongETag(connection.response) !== etag) {
				connection.stop.abort();
				throw startAgain(file, 'it has changed in the file store');
			}
			// a store that knows no ranges gives all of it again
			for await (const chunk of bytesOf(api, connection, isWhole ? received : 0)) {
				received += chunk.length;
				if (received > file.filesize) throw sizeError(file, `more than ${file.filesize}`);
				yield chunk;
			}
			if (received === file.filesize) return;
			// all that the store has
			const length = Number(connection.response.headers['content-length']);
			if (isWhole && length === received) throw sizeError(file, String(received));
			failure = new TransportError('The connection ended in mid-transfer', 'no-answer');
		} catch (error) {
			failure = error;
		}
		connection = undefined;
		const reported = reportedAs(file, failure);
		if (needsNewBeginning(reported)) throw reported;
		if (received - before >= PROGRESS_BYTES) attempt = 1;
		if (!(await waitBeforeRetry(api.retry, attempt, reported, api.clock, api.signal))) {
			throw reported;
		}
		attempt += 1;
		api.onRetry?.(reported);
	}
}

/**
 * Begins to fetch a file. A connection that breaks, or stands still, is followed by another that
 * asks for the rest (`Range`), so that whoever reads the bytes sees one stream. What the bytes
 * fail with is {@link Transfer.failure}: with {@link needsNewBeginning}, beginning anew can help.
 *
 * @throws {LinkExpiredError}
 * @throws {DpsError} the store refused, or could not be reached
 */
export async function beginTransfer(api: DpsApi, file: DeliveredFile): Promise<Transfer> {
	const connection = await connectFirst(api, file);
	return new Transfer(
		connection.response.stream as AsyncIterable<Uint8Array>,
		continued(api, file, connection),
		() => connection.stop.abort(),
	);
}
