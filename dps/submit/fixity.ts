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

/**
 * Reads a file once for its size, MD5 and SHA-256.
 *
 * @throws {CancelledError} when `signal` is aborted
 */
export async function fixityOf(source: FileSource, signal?: AbortSignal): Promise<Fixity> {
	const md5 = createHash('md5');
	const sha256 = createHash('sha256');
	let size = 0;
	for await (const chunk of await source.open()) {
		if (signal?.aborted) throw new CancelledError();
		md5.update(chunk);
		sha256.update(chunk);
		size += chunk.length;
	}
	return { md5: md5.digest('hex'), sha256: sha256.digest('hex'), size };
}
