import { createHash } from 'crypto';

import { AdvisedError } from '../advised-error';
import type { DpsApi } from '../client/api';
import { DpsError, errorFromTransport, isRetryableStatus, nameOfStatus } from '../client/error';
import { waitBeforeRetry } from '../client/retry';
import { TransportError } from '../ports';

import type { DeliveredFile } from './delivery';

/** Where a download is put, and how it is read back to be checked. */
export interface Store<T> {
	/** Takes the whole stream; rejects when the stream breaks. */
	put(file: DeliveredFile, bytes: AsyncIterable<Uint8Array>): Promise<T>;
	/** The bytes that were stored. */
	read(stored: T): Promise<AsyncIterable<Uint8Array>>;
}

/** Milliseconds without a byte after which a transfer counts as broken. */
const STALL_TIMEOUT_MS = 120_000;

function expired(file: DeliveredFile): AdvisedError {
	return new AdvisedError(
		`The download link of ${file.filename} has expired`,
		"Links are good for about a day. Order the object again with 'Dissemination: Create', and download as soon as the new message arrives.",
	);
}

async function fetchOnce<T>(api: DpsApi, file: DeliveredFile, store: Store<T>): Promise<T> {
	const request = `GET ${file.filename}`;
	const response = await api.transport.request({
		method: 'GET',
		url: file.downloadURL,
		auth: 'none',
		responseType: 'stream',
		timeoutMs: STALL_TIMEOUT_MS,
		signal: api.signal,
	});
	if (response.status === 403 && /expired/i.test(response.text)) throw expired(file);
	if (response.status !== 200 || !response.stream) {
		throw new DpsError({
			request,
			status: response.status,
			code: `HTTP_${response.status}`,
			message: `The file store did not give ${file.filename}: ${nameOfStatus(response.status)}`,
			retryable: isRetryableStatus(response.status),
			mayHaveActed: false,
		});
	}
	return await store.put(file, response.stream).catch((error: unknown) => {
		if (api.signal?.aborted) throw error;
		throw new TransportError(
			error instanceof Error ? error.message : 'The transfer broke',
			'no-answer',
			(error as { code?: string } | null)?.code,
		);
	});
}

/**
 * Compares what was stored with what was announced.
 *
 * @throws {DpsError} that names both sizes or checksums; a repeat can help
 */
async function checkStored<T>(file: DeliveredFile, store: Store<T>, stored: T): Promise<void> {
	const hash = createHash(file.algorithm);
	let size = 0;
	for await (const chunk of await store.read(stored)) {
		hash.update(chunk);
		size += chunk.length;
	}
	const checksum = hash.digest('hex');
	if (size === file.filesize && checksum === file.checksum) return;
	const difference =
		size === file.filesize
			? `${file.algorithm.toUpperCase()} ${checksum} instead of ${file.checksum}`
			: `${size} bytes instead of ${file.filesize}`;
	throw new DpsError({
		request: `GET ${file.filename}`,
		code: 'DOWNLOAD_DIFFERS',
		message: `What was downloaded of ${file.filename} is not what was delivered: ${difference}`,
		retryable: true,
		mayHaveActed: false,
	});
}

/**
 * Downloads one file of a delivery into the store and checks size and checksum on the bytes that
 * were stored. Repeats on a broken transfer and on bytes that differ.
 *
 * @throws {AdvisedError} the link has expired
 * @throws {DpsError} with code `DOWNLOAD_DIFFERS` when the bytes are not those delivered
 */
export async function downloadFile<T>(
	api: DpsApi,
	file: DeliveredFile,
	store: Store<T>,
): Promise<T> {
	for (let attempt = 1; ; attempt++) {
		if (file.expiresAt !== undefined && api.clock.now() >= file.expiresAt) throw expired(file);
		const result = await fetchOnce(api, file, store)
			.then(async (stored) => {
				await checkStored(file, store, stored);
				return { stored };
			})
			.catch((error: unknown) => {
				if (error instanceof TransportError) {
					return errorFromTransport(`GET ${file.filename}`, error);
				}
				if (error instanceof DpsError) return error;
				throw error;
			});
		if (!(result instanceof DpsError)) return result.stored;
		if (!(await waitBeforeRetry(api.retry, attempt, result, api.clock, api.signal))) throw result;
		api.onRetry?.(result);
	}
}
