import { AdvisedError } from '../advised-error';
import { isConfidential } from '../client/addresses';
import { expiryOfUrl } from '../client/presigned';

/** One file of a delivered dissemination, as the `dissemination.delivered` message describes it. */
export interface DeliveredFile {
	/** Pre-signed: whoever has it can read the file until it expires. */
	downloadURL: string;
	/** Such as `primary_20250325.tar`; sanitised here, without folders. */
	filename: string;
	/** Bytes. */
	filesize: number;
	/** Lower-case hex digits. */
	checksum: string;
	/** The checksum's algorithm as Node names it. */
	algorithm: 'md5' | 'sha256' | 'sha512';
	/** Milliseconds since 1970; undefined when neither message nor link says it. */
	expiresAt?: number;
}

/** A delivered dissemination: what was ordered, and where its files are. */
export interface Delivery {
	archiveId?: string;
	disseminationId?: string;
	objectId?: string;
	contractId?: string;
	sumSizeInBytes?: number;
	files: DeliveredFile[];
}

const ALGORITHMS: Record<string, { name: DeliveredFile['algorithm']; digits: number }> = {
	md5: { name: 'md5', digits: 32 },
	sha256: { name: 'sha256', digits: 64 },
	sha512: { name: 'sha512', digits: 128 },
};

function notDelivered(reason: string): AdvisedError {
	return new AdvisedError(
		`This is no delivered dissemination: ${reason}`,
		"Give this node the dissemination.delivered message of the Digital Preservation Trigger, unchanged. Download links come in that message only, not from 'Get' or 'Wait'.",
	);
}

/** The link is past its time. */
export class LinkExpiredError extends AdvisedError {
	override readonly name = 'LinkExpiredError';

	constructor({ filename, expiresAt }: Pick<DeliveredFile, 'filename' | 'expiresAt'>) {
		const since = expiresAt === undefined ? '' : ` (it was good until ${isoTime(expiresAt)})`;
		super(
			`The download link of ${filename} has expired${since}`,
			"Links are good for about a day. Order the object again with 'Dissemination: Create', and download as soon as the new message arrives.",
		);
	}
}

function isoTime(ms: number): string {
	return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** @throws {LinkExpiredError} when the link's time is over */
export function assertNotExpired(file: DeliveredFile, now: number): void {
	if (file.expiresAt !== undefined && now >= file.expiresAt) throw new LinkExpiredError(file);
}

/** Bytes of a name in UTF-8 that every file system takes, with room for a prefix. */
const MAX_NAME_BYTES = 200;
/** Names that Windows keeps for devices, whatever their extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\.|$)/i;

function cutToBytes(name: string): string {
	if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name;
	const extension = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? '';
	let cut = '';
	for (const character of name) {
		if (Buffer.byteLength(cut + character + extension) > MAX_NAME_BYTES) break;
		cut += character;
	}
	return cut + extension;
}

/**
 * A name without folders, control or invisible characters, a leading dot, or a trailing dot or
 * space, which is no device's name: for n8n's store and any disk.
 */
export function safeFileName(name: string): string {
	const base = name.split(/[\\/]/).pop() ?? '';
	const safe = base
		.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}<>:"|?*]/gu, '_')
		.replace(/^[.\s]+/, '');
	const short = cutToBytes(DEVICE.test(safe) ? `_${safe}` : safe);
	return short.replace(/[.\s]+$/, '') || 'unnamed';
}

function wholeNumber(value: unknown): number | undefined {
	// the documentation says integer, its example shows a text
	const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
	return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0
		? number
		: undefined;
}

function text(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function deliveredFile(value: unknown, index: number): DeliveredFile {
	const where = `file ${index + 1}`;
	if (!isObject(value)) throw notDelivered(`${where} is not an object`);
	const { downloadURL, filename, filesize, checksum, checksumAlgorithm, expirationDate } = value;
	const url = text(downloadURL);
	if (!url || !URL.canParse(url)) throw notDelivered(`${where} has no download link`);
	if (!isConfidential(new URL(url))) {
		throw new AdvisedError(
			`The download link of ${where} does not start with https://`,
			'Links over http:// are not followed (this machine aside), since anyone on the way could change the bytes.',
		);
	}
	const { username, password } = new URL(url);
	if (username || password) throw notDelivered(`${where} has a link with a password in it`);
	const size = wholeNumber(filesize);
	if (size === undefined) throw notDelivered(`${where} has no size`);
	const algorithm = ALGORITHMS[(text(checksumAlgorithm) ?? 'MD5').toLowerCase().replace('-', '')];
	const digest = text(checksum)?.toLowerCase();
	if (!algorithm || !digest || !new RegExp(`^[0-9a-f]{${algorithm.digits}}$`).test(digest)) {
		throw notDelivered(`${where} has no checksum that can be checked`);
	}
	const ends = [Date.parse(text(expirationDate) ?? ''), expiryOfUrl(url) ?? Number.NaN];
	const expiry = Math.min(...ends.filter((end) => !Number.isNaN(end)));
	return {
		downloadURL: url,
		filename: safeFileName(text(filename) ?? ''),
		filesize: size,
		checksum: digest,
		algorithm: algorithm.name,
		expiresAt: Number.isFinite(expiry) ? expiry : undefined,
	};
}

/**
 * Reads a delivered dissemination from the trigger's item, the message, or the message's `data`
 * (DPS webhook documentation, `dissemination.delivered`).
 *
 * @throws {AdvisedError} when it is none, or when a link is not https
 */
export function readDelivery(message: unknown): Delivery {
	if (!isObject(message)) throw notDelivered('it is not an object');
	if (typeof message.type === 'string' && message.type !== 'dissemination.delivered') {
		throw notDelivered(`its type is ${JSON.stringify(message.type.slice(0, 100))}`);
	}
	const data = isObject(message.data) ? message.data : message;
	if (!Array.isArray(data.files) || data.files.length === 0) {
		throw notDelivered('it names no files');
	}
	const files = data.files.map(deliveredFile);
	const names = new Set<string>();
	// a disk may take two names for one that differ by case, or in the form of their letters
	const folded = (name: string) => name.normalize('NFC').toLowerCase();
	for (const file of files) {
		let name = file.filename;
		for (let count = 2; names.has(folded(name)); count++) name = `${count}_${file.filename}`;
		file.filename = name;
		names.add(folded(name));
	}
	return {
		archiveId: text(data.archiveId),
		disseminationId: text(data.disseminationId),
		objectId: text(data.objectId),
		contractId: text(data.contractId),
		sumSizeInBytes: wholeNumber(data.sumSizeInBytes),
		files,
	};
}
