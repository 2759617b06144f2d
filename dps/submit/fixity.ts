import { createHash } from 'crypto';

import type { FileSource } from '../ports';
import { CancelledError } from '../ports';

/** The fixity of a file: what DPS compares (MD5), and a stronger digest for the depositor's records. */
export interface Fixity {
	/** 32 lower-case hex digits. */
	md5: string;
	/** 64 lower-case hex digits. */
	sha256: string;
	/** Bytes. */
	size: number;
}

/** A file's fixity, and the file itself when it is no more than one chunk. */
export interface ReadFile {
	fixity: Fixity;
	/** The very bytes whose fixity was taken; absent when the file is larger. */
	content?: Uint8Array;
}

/** Bytes; a source gives as much at once as it is, so that nothing more is held than is read. */
const ONE_CHUNK = 64 * 1024;

/**
 * Reads a file once for its size, MD5 and SHA-256. What fits into one chunk is kept, so that a
 * small file is opened once, and what is sent is what was read.
 *
 * @throws {CancelledError} when `signal` is aborted
 */
export async function readFile(source: FileSource, signal?: AbortSignal): Promise<ReadFile> {
	const md5 = createHash('md5');
	const sha256 = createHash('sha256');
	let size = 0;
	let kept: Uint8Array[] | undefined = [];
	for await (const chunk of await source.open()) {
		if (signal?.aborted) throw new CancelledError();
		md5.update(chunk);
		sha256.update(chunk);
		size += chunk.length;
		if (size > ONE_CHUNK) kept = undefined;
		kept?.push(chunk);
	}
	return {
		fixity: { md5: md5.digest('hex'), sha256: sha256.digest('hex'), size },
		content: kept?.length === 1 ? kept[0] : kept && Buffer.concat(kept),
	};
}

/**
 * Reads a file once for its size, MD5 and SHA-256.
 *
 * @throws {CancelledError} when `signal` is aborted
 */
export async function fixityOf(source: FileSource, signal?: AbortSignal): Promise<Fixity> {
	return (await readFile(source, signal)).fixity;
}
