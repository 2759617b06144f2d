import { createHash } from 'crypto';

import type { DpsApi } from '../client/api';
import { DpsError } from '../client/error';
import { waitBeforeRetry } from '../client/retry';
import { CancelledError } from '../ports';
import type { Slots } from '../submit/concurrency';
import { forEachConcurrently } from '../submit/concurrency';

import type { DeliveredFile } from './delivery';
import { DIFFERS, beginTransfer, needsNewBeginning } from './transfer';

/** Where a download is put, and how it is read back to be checked. */
export interface Store<T> {
	/**
	 * Takes the whole stream; rejects when it breaks, or when there is no room for it.
	 *
	 * @param first a stream as the host's HTTP client gives it: some stores take no other kind
	 */
	put(
		file: DeliveredFile,
		bytes: AsyncIterable<Uint8Array>,
		first: AsyncIterable<Uint8Array>,
	): Promise<T>;
	/** The bytes that were stored. */
	read(stored: T): Promise<AsyncIterable<Uint8Array>>;
}

async function fetchOnce<T>(api: DpsApi, file: DeliveredFile, store: Store<T>): Promise<T> {
	const transfer = await beginTransfer(api, file);
	try {
		return await store.put(file, transfer.bytes, transfer.first);
	} catch (error) {
		throw transfer.failure ?? error;
	} finally {
		transfer.end();
	}
}

/**
 * Compares what was stored with what was announced.
 *
 * @throws {DpsError} that names both sizes or checksums; a repeat can help
 */
async function checkStored<T>(
	file: DeliveredFile,
	store: Store<T>,
	stored: T,
	signal: AbortSignal | undefined,
): Promise<void> {
	const hash = createHash(file.algorithm);
	let size = 0;
	for await (const chunk of await store.read(stored)) {
		if (signal?.aborted) throw new CancelledError();
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
		code: DIFFERS,
		message: `What was downloaded of ${file.filename} is not what was delivered: ${difference}`,
		retryable: true,
		mayHaveActed: false,
	});
}

/**
 * Downloads one file of a delivery into the store and checks size and checksum on the bytes that
 * were stored. A broken transfer is continued; bytes that differ are fetched again, unless they
 * differ in the same way twice.
 *
 * @throws {LinkExpiredError}
 * @throws {DpsError} with code `DOWNLOAD_DIFFERS` when the bytes are not those delivered
 * @throws what the store throws when it does not take the bytes
 */
export async function downloadFile<T>(
	api: DpsApi,
	file: DeliveredFile,
	store: Store<T>,
): Promise<T> {
	let last: DpsError | undefined;
	for (let attempt = 1; ; attempt++) {
		const result = await fetchOnce(api, file, store)
			.then(async (stored) => {
				await checkStored(file, store, stored, api.signal);
				return { stored };
			})
			.catch((error: unknown) => {
				if (error instanceof DpsError && needsNewBeginning(error)) return error;
				throw error;
			});
		if (!(result instanceof DpsError)) return result.stored;
		// the same wrong bytes twice are those that the store has
		if (result.code === DIFFERS && result.message === last?.message) throw result;
		last = result;
		if (!(await waitBeforeRetry(api.retry, attempt, result, api.clock, api.signal))) throw result;
		api.onRetry?.(result);
	}
}

/**
 * Downloads all files of a delivery, several at a time.
 *
 * @param slots places for files in work at the same time
 * @returns what the store gave for each, in the order of `files`
 * @throws what {@link downloadFile} throws for the first that fails; the others are stopped
 */
export async function downloadFiles<T>(
	api: DpsApi,
	files: readonly DeliveredFile[],
	store: Store<T>,
	slots: Slots,
): Promise<T[]> {
	const stored = new Map<DeliveredFile, T>();
	await forEachConcurrently(files, slots, api.signal, async (file, signal) => {
		stored.set(file, await downloadFile({ ...api, signal }, file, store));
	});
	return files.map((file) => stored.get(file) as T);
}
