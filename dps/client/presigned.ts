import type { TransportResponse } from '../ports';

import { DpsError, isRetryableStatus, nameOfStatus, retryAfterMs } from './error';
import { redact } from './redaction';

const CODE = /<Code>([\w.-]{1,100})<\/Code>/;
const MESSAGE = /<Message>([^<]{1,500})<\/Message>/;

/** S3's codes, with status 400, for a body that did not arrive as it was sent. */
const DAMAGED_ON_THE_WAY = new Set(['BadDigest', 'IncompleteBody', 'RequestTimeout']);

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

/** Whether the store refused a pre-signed URL because its time is over. */
export function isExpired(response: TransportResponse): boolean {
	if (response.status !== 403 && response.status !== 400) return false;
	// the whole answer may hold the file's name, which may be about anything
	const said = `${CODE.exec(response.text)?.[1]} ${MESSAGE.exec(response.text)?.[1]}`;
	return /expired/i.test(said);
}

/**
 * What a file store answered instead of doing what was asked, with its own code and message.
 *
 * @param request method and path in the package or file name, never the URL: it is a secret
 * @param refusal what the store did, for the message: `refused a.tif`
 */
export function storeError(
	request: string,
	refusal: string,
	response: TransportResponse,
	now: number,
): DpsError {
	const code = CODE.exec(response.text)?.[1] ?? `HTTP_${response.status}`;
	const message = MESSAGE.exec(response.text)?.[1];
	return new DpsError({
		request,
		status: response.status,
		code,
		message: `The file store ${refusal}: ${redact(message ?? nameOfStatus(response.status))}`,
		retryable: isRetryableStatus(response.status) || DAMAGED_ON_THE_WAY.has(code),
		mayHaveActed: true,
		retryAfterMs: retryAfterMs(response.headers, now),
	});
}
