import { createHash } from 'crypto';

import { AdvisedError } from '../advised-error';
import type { DpsApi } from '../client/api';
import {
	DpsError,
	errorFromTransport,
	isRetryableStatus,
	nameOfStatus,
	retryAfterMs,
} from '../client/error';
import { redact } from '../client/redaction';
import { waitBeforeRetry } from '../client/retry';
import type { FileSource, TransportResponse } from '../ports';
import { TransportError } from '../ports';

import type { Fixity } from './fixity';

/** The most that a pre-signed URL takes: 5 GB (DPS API documentation, S3's limit for one PUT). */
export const MAX_FILE_BYTES = 5 * 1024 ** 3;

/** The file is not what it was when its checksum was taken. */
export class FileChangedError extends AdvisedError {
	override readonly name = 'FileChangedError';

	constructor(path: string, before: Fixity, now: { md5: string; size: number }) {
		super(
			`The file ${path} changed while it was being sent: its checksum was taken as MD5 ${before.md5} (${before.size} bytes), but MD5 ${now.md5} (${now.size} bytes) was read for the upload`,
			'Nothing was finalized. Make sure that nothing writes to the file, then run the workflow again.',
		);
	}
}

/** The upload URL is past its time: the file has to be registered anew for another. */
export class UploadUrlExpiredError extends Error {
	override readonly name = 'UploadUrlExpiredError';
}

const CODE = /<Code>([\w.-]{1,100})<\/Code>/;
const MESSAGE = /<Message>([^<]{1,500})<\/Message>/;
/** Bytes a second below which a connection counts as stalled, and the least time to wait. */
const SLOWEST_BYTES_PER_SECOND = 100_000;
const LEAST_TIMEOUT_MS = 60_000;

/** When a pre-signed URL ends (Signature V4's `X-Amz-Date` and `X-Amz-Expires`), in ms since 1970. */
export function expiryOfUrl(url: string): number | undefined {
	if (!URL.canParse(url)) return undefined;
	const { searchParams } = new URL(url);
	const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(
		searchParams.get('X-Amz-Date') ?? '',
	);
	const seconds = Number(searchParams.get('X-Amz-Expires') ?? Number.NaN);
	if (!date || !Number.isFinite(seconds)) return undefined;
	const [year, month, day, hour, minute, second] = date.slice(1).map(Number);
	return Date.UTC(year, month - 1, day, hour, minute, second) + seconds * 1000;
}

function storeError(path: string, response: TransportResponse, now: number): DpsError {
	const code = CODE.exec(response.text)?.[1] ?? `HTTP_${response.status}`;
	const message = MESSAGE.exec(response.text)?.[1];
	return new DpsError({
		request: `PUT ${path}`,
		status: response.status,
		code,
		message: `The file store refused ${path}: ${redact(message ?? nameOfStatus(response.status))}`,
		retryable:
			isRetryableStatus(response.status) || code === 'RequestTimeout' || code === 'BadDigest',
		mayHaveActed: true,
		retryAfterMs: retryAfterMs(response.headers, now),
	});
}

function isExpired(response: TransportResponse): boolean {
	return response.status === 403 && /expired/i.test(response.text);
}

interface Sent {
	response: TransportResponse;
	md5: string;
	size: number;
}

async function send(
	api: DpsApi,
	source: FileSource,
	uploadUrl: string,
	expected: Fixity,
): Promise<Sent> {
	const hash = createHash('md5');
	let size = 0;
	const response = await api.transport.request({
		method: 'PUT',
		url: uploadUrl,
		auth: 'none',
		headers: {
			'Content-Length': String(expected.size),
			'Content-Type': 'application/octet-stream',
		},
		body: await source.open(),
		onBodyBytes: (chunk) => {
			hash.update(chunk);
			size += chunk.length;
		},
		responseType: 'text',
		timeoutMs: LEAST_TIMEOUT_MS + (expected.size / SLOWEST_BYTES_PER_SECOND) * 1000,
		signal: api.signal,
	});
	return { response, md5: hash.digest('hex'), size };
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
): Promise<number> {
	for (let attempt = 1; ; attempt++) {
		const expiry = expiryOfUrl(uploadUrl);
		if (expiry !== undefined && api.clock.now() >= expiry) throw new UploadUrlExpiredError();

		const sent = await send(api, source, uploadUrl, expected).catch((error: unknown) => {
			if (error instanceof TransportError) return error;
			throw error;
		});
		let failure: DpsError;
		if (sent instanceof TransportError) {
			failure = errorFromTransport(`PUT ${source.path}`, sent);
		} else {
			const { response } = sent;
			if (isExpired(response)) throw new UploadUrlExpiredError();
			if (response.status >= 200 && response.status < 300) {
				if (sent.md5 !== expected.md5 || sent.size !== expected.size) {
					throw new FileChangedError(source.path, expected, sent);
				}
				const stored = md5InETag(response.headers);
				if (stored === undefined || stored === expected.md5) return attempt;
				failure = new DpsError({
					request: `PUT ${source.path}`,
					status: response.status,
					code: 'STORED_CHECKSUM_DIFFERS',
					message: `The file store holds other bytes of ${source.path} than were sent: MD5 ${stored} instead of ${expected.md5}`,
					retryable: true,
					mayHaveActed: true,
				});
			} else {
				failure = storeError(source.path, response, api.clock.now());
			}
		}
		if (!(await waitBeforeRetry(api.retry, attempt, failure, api.clock, api.signal))) throw failure;
		api.onRetry?.(failure);
	}
}
