import { createHash } from 'crypto';

import { AdvisedError } from '../advised-error';
import type { DpsApi } from '../client/api';
import { DpsError, errorFromTransport } from '../client/error';
import { expiryOfUrl, isExpired, storeError } from '../client/presigned';
import { waitBeforeRetry } from '../client/retry';
import { watchForStall } from '../client/stall';
import type { FileSource, TransportRequest, TransportResponse } from '../ports';
import { CancelledError, TransportError } from '../ports';

import type { Fixity } from './fixity';

/** The most that a pre-signed URL takes: 5 GB (DPS API documentation, S3's limit for one PUT). */
export const MAX_FILE_BYTES = 5 * 1024 ** 3;

/** The file is not what it was when its checksum was taken. */
export class FileChangedError extends AdvisedError {
	override readonly name = 'FileChangedError';

	/** @param now what was read for the upload; without `sha256` when it was not read to its end */
	constructor(path: string, before: Fixity, now: { sha256?: string; size: number }) {
		const read =
			now.sha256 === undefined
				? `at least ${now.size} bytes were`
				: `SHA-256 ${now.sha256} (${now.size} bytes) was`;
		super(
			`The file ${path} changed while it was being sent: its checksum was taken as SHA-256 ${before.sha256} (${before.size} bytes), but ${read} read for the upload`,
			'Nothing was finalized. Make sure that nothing writes to the file, then run the workflow again.',
		);
	}
}

/** The upload URL is past its time: the file has to be registered anew for another. */
export class UploadUrlExpiredError extends Error {
	override readonly name = 'UploadUrlExpiredError';

	constructor() {
		super(
			"The upload URL has expired before the file was stored, although it was fetched anew. Is this machine's clock right?",
		);
	}
}

/** Bytes a second of the slowest connection on which a file may take its time, and the least time. */
const SLOWEST_BYTES_PER_SECOND = 20_000;
const LEAST_TIMEOUT_MS = 60_000;
/**
 * From this size on, an upload that stands still is noticed long before its time is up. To stand
 * still is to send nothing for longer than a slow connection takes for what lies in buffers on its
 * way, and a store for putting the file away.
 */
const WATCHED_FROM_BYTES = 8 * 1024 ** 2;
const LEAST_STALL_MS = 300_000;
const STORING_BYTES_PER_SECOND = 20_000_000;

/** Lets go of a body that may not have been read to its end, so that no file stays open. */
function release(body: AsyncIterable<Uint8Array>): void {
	const { destroy, return: finish } = body as {
		destroy?: () => unknown;
		return?: () => Promise<unknown>;
	};
	if (destroy) destroy.call(body);
	// an iterator that waits for its file ends when that answers; nobody needs to wait with it
	else finish?.call(body).catch(() => undefined);
}

/** What a store answered, or that it did not. */
type Outcome = TransportResponse | TransportError;

function isSuccess({ status }: TransportResponse): boolean {
	return status >= 200 && status < 300;
}

function interruption(stalled: boolean, stallMs: number): TransportError {
	return stalled
		? new TransportError(
				`The upload stood still for ${Math.round(stallMs / 1000)} seconds`,
				'no-answer',
				'ETIMEDOUT',
			)
		: new TransportError('The file was closed before it was read to its end', 'no-answer');
}

function putRequest(uploadUrl: string, { size }: Fixity) {
	return {
		method: 'PUT',
		url: uploadUrl,
		auth: 'none',
		headers: { 'Content-Length': String(size), 'Content-Type': 'application/octet-stream' },
		responseType: 'text',
		timeoutMs: LEAST_TIMEOUT_MS + (size / SLOWEST_BYTES_PER_SECOND) * 1000,
	} satisfies Partial<TransportRequest>;
}

/** Sends bytes whose fixity is known to be the expected one. */
async function sendContent(
	api: DpsApi,
	content: Uint8Array,
	uploadUrl: string,
	expected: Fixity,
): Promise<Outcome> {
	const request = { ...putRequest(uploadUrl, expected), body: content, signal: api.signal };
	return await api.transport.request(request).catch((error: unknown) => {
		if (error instanceof TransportError) return error;
		throw error;
	});
}

/**
 * Sends the file once, and stops as soon as it turns out not to be what was registered, or stands
 * still.
 *
 * @throws {FileChangedError}
 * @throws {CancelledError} when `api.signal` was aborted
 */
async function send(
	api: DpsApi,
	source: FileSource,
	uploadUrl: string,
	expected: Fixity,
): Promise<Outcome> {
	// not MD5: it is the slower one where the processor has instructions for SHA-256
	const hash = createHash('sha256');
	let size = 0;
	let ended = false;
	let stalled = false;
	const stop = new AbortController();
	const cancel = () => stop.abort();
	const stallMs = LEAST_STALL_MS + (expected.size / STORING_BYTES_PER_SECOND) * 1000;
	const body = await source.open();
	if (api.signal?.aborted) cancel();
	api.signal?.addEventListener('abort', cancel);
	const endWatch =
		expected.size >= WATCHED_FROM_BYTES
			? watchForStall(
					api.clock,
					stallMs,
					() => size,
					() => {
						stalled = true;
						stop.abort();
					},
				)
			: undefined;
	const request: TransportRequest = {
		...putRequest(uploadUrl, expected),
		body,
		onBodyBytes: (chunk) => {
			hash.update(chunk);
			size += chunk.length;
			if (size > expected.size) cancel();
		},
		onBodyEnd: () => {
			ended = true;
			// the store would wait for the rest that was announced
			if (size < expected.size) cancel();
		},
		signal: stop.signal,
	};
	try {
		const outcome = await api.transport.request(request).catch((error: unknown) => {
			if (error instanceof TransportError) return error;
			if (error instanceof CancelledError && !api.signal?.aborted)
				return interruption(stalled, stallMs);
			throw error;
		});
		const whole = ended || size === expected.size;
		// a copy, since a transport may read on for a moment
		const sha256 = hash.copy().digest('hex');
		if (size > expected.size || (whole && sha256 !== expected.sha256)) {
			const now = { size, sha256: ended ? sha256 : undefined };
			throw new FileChangedError(source.path, expected, now);
		}
		if (whole || outcome instanceof TransportError || !isSuccess(outcome)) return outcome;
		return new TransportError('The store answered before it had the whole file', 'no-answer');
	} finally {
		endWatch?.();
		api.signal?.removeEventListener('abort', cancel);
		release(body);
	}
}

/** The MD5 in an ETag. For what a store encrypts, the ETag looks like an MD5 but is none. */
function md5InETag(headers: Record<string, string>): string | undefined {
	if (Object.keys(headers).some((name) => name.startsWith('x-amz-server-side-encryption'))) {
		return undefined;
	}
	return /^"?([0-9a-f]{32})"?$/i.exec(headers.etag ?? '')?.[1].toLowerCase();
}

/**
 * Uploads a file to its pre-signed URL, and repeats the upload on the same URL while that is valid
 * (DPS API documentation). Done means: the store said so, the bytes sent are those whose checksum
 * is registered, and the store's own checksum, where it gives one, is the same.
 *
 * @param expected what was registered
 * @param content the file's bytes, where they are at hand: then the source is not opened
 * @returns the number of attempts
 * @throws {FileChangedError} the file is not what it was
 * @throws {UploadUrlExpiredError}
 * @throws {DpsError} the store refused, or could not be reached
 */
export async function uploadFile(
	api: DpsApi,
	source: FileSource,
	uploadUrl: string,
	expected: Fixity,
	content?: Uint8Array,
): Promise<number> {
	for (let attempt = 1; ; attempt++) {
		const expiry = expiryOfUrl(uploadUrl);
		if (expiry !== undefined && api.clock.now() >= expiry) throw new UploadUrlExpiredError();

		const outcome = content
			? await sendContent(api, content, uploadUrl, expected)
			: await send(api, source, uploadUrl, expected);
		let failure: DpsError;
		if (outcome instanceof TransportError) {
			failure = errorFromTransport(`PUT ${source.path}`, outcome);
		} else {
			if (isExpired(outcome)) throw new UploadUrlExpiredError();
			if (isSuccess(outcome)) {
				const stored = md5InETag(outcome.headers);
				if (stored === undefined || stored === expected.md5) return attempt;
				failure = new DpsError({
					request: `PUT ${source.path}`,
					status: outcome.status,
					code: 'STORED_CHECKSUM_DIFFERS',
					message: `The file store holds other bytes of ${source.path} than were sent: MD5 ${stored} instead of ${expected.md5}`,
					retryable: true,
					mayHaveActed: true,
				});
			} else {
				failure = storeError(
					`PUT ${source.path}`,
					`refused ${source.path}`,
					outcome,
					api.clock.now(),
				);
			}
		}
		if (!(await waitBeforeRetry(api.retry, attempt, failure, api.clock, api.signal))) throw failure;
		api.onRetry?.(failure);
	}
}
