import type { FileSource } from '../ports';

import { ByteCursor } from './byte-cursor';

/** The file is no TAR that may be read here; the message says what is wrong with it. */
export class TarError extends Error {
	override readonly name = 'TarError';
}

/** A file or folder in a TAR. */
export interface TarEntry {
	/** As it stands in the archive, not checked: it may lead anywhere. */
	path: string;
	/** `other`: a link, a device, or a file with holes left out, which is not the file as it was. */
	kind: 'file' | 'folder' | 'other';
	/** Bytes of a file. */
	size: number;
	/** The bytes, read once, before the next entry. */
	bytes: AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
/** Bytes of what extends one header: paths are short, and a larger one is made to exhaust the reader. */
const MAX_EXTENSION = 1024 * 1024;

/** What stands in front of an entry and holds for it alone. */
interface Extension {
	path?: string;
	size?: number;
	isSparse?: boolean;
}

function decoded(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}

function textIn(bytes: Uint8Array): string {
	const end = bytes.indexOf(0);
	const text = decoded(end < 0 ? bytes : bytes.subarray(0, end));
	if (text === undefined) throw new TarError('the name of an entry is not UTF-8');
	return text;
}

/** A number in octal digits, or, where its first bit is set, in binary (GNU). */
function numberIn(field: Uint8Array): number {
	if (field[0] & 0x80) {
		let value = BigInt(field[0] & 0x7f);
		for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte);
		if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new TarError('a size is beyond reason');
		return Number(value);
	}
	const digits = Buffer.from(field).toString('latin1').replace(/\0.*$/s, '').trim();
	if (!/^[0-7]*$/.test(digits)) throw new TarError('a header holds a number that is none');
	return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** The sum of a header's bytes, its own field taken as spaces (POSIX.1-1988, ustar). */
function assertSum(header: Uint8Array): void {
	let sum = 0;
	for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 0x20 : header[at];
	if (sum !== numberIn(header.subarray(148, 156))) {
		throw new TarError('a header is damaged: its checksum is another');
	}
}

/** `<length> <key>=<value>\n`, one after the other (POSIX.1-2001, pax). */
function readPax(bytes: Uint8Array): Extension {
	const extension: Extension = {};
	for (let at = 0; at < bytes.length;) {
		const space = bytes.indexOf(0x20, at);
		const digits = Buffer.from(bytes.subarray(at, Math.max(at, space))).toString('latin1');
		const length = /^\d{1,10}$/.test(digits) ? Number(digits) : 0;
		const end = at + length;
		if (space < 0 || end <= space + 1 || end > bytes.length || bytes[end - 1] !== 0x0a) {
			throw new TarError('an extended header is damaged');
		}
		const record = bytes.subarray(space + 1, end - 1);
		const equals = record.indexOf(0x3d);
		const key = Buffer.from(record.subarray(0, Math.max(0, equals))).toString('latin1');
		const value = record.subarray(equals + 1);
		if (key === 'path') {
			if (value.includes(0)) throw new TarError('the name of an entry holds a NUL');
			extension.path = textIn(value);
		}
		if (key === 'size') {
			const text = textIn(value);
			if (!/^\d{1,15}$/.test(text)) throw new TarError('a header holds a number that is none');
			extension.size = Number(text);
		}
		if (key.startsWith('GNU.sparse.')) extension.isSparse = true;
		at = end;
	}
	return extension;
}

const KINDS: Readonly<Partial<Record<string, TarEntry['kind']>>> = {
	'0': 'file',
	'\0': 'file',
	'7': 'file',
	'5': 'folder',
};
/** Links, devices and folders have no bytes, whatever size their header gives. */
const WITHOUT_BYTES = new Set(['1', '2', '3', '4', '5', '6']);

function kindOf(
	type: string,
	path: string,
	length: number,
	{ isSparse }: Extension,
): TarEntry['kind'] {
	const kind = isSparse ? 'other' : (KINDS[type] ?? 'other');
	if (kind !== 'file' || !path.endsWith('/')) return kind;
	// before ustar, a slash at the end was all that told a folder
	return length === 0 ? 'folder' : 'other';
}

/** Passes over the blocks that go on with the map of a sparse file (GNU), in front of its bytes. */
async function skipSparseMap(cursor: ByteCursor, header: Uint8Array): Promise<void> {
	for (let goesOn = header[482]; goesOn !== 0;) goesOn = (await cursor.exactly(BLOCK))[504];
}

function pathIn(header: Uint8Array): string {
	const name = textIn(header.subarray(0, 100));
	const magic = Buffer.from(header.subarray(257, 265)).toString('latin1');
	// GNU's own format has times where ustar has the beginning of a long path
	const prefix = magic.startsWith('ustar\0') ? textIn(header.subarray(345, 500)) : '';
	return prefix === '' ? name : `${prefix}/${name}`;
}

async function* bytesTo(cursor: ByteCursor, end: number): AsyncGenerator<Uint8Array> {
	while (cursor.at < end) yield await cursor.some(end - cursor.at);
}

const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK;

/**
 * Reads a TAR (ustar, pax, GNU) entry by entry, as it comes, in bounded memory. Every header's
 * checksum is compared, and an archive without its end is refused, since members may be missing.
 *
 * @throws {TarError}
 */
export async function* readTar(source: FileSource): AsyncGenerator<TarEntry> {
	const cursor = new ByteCursor(
		await source.open(),
		() => new TarError('it is cut short: the mark of its end is missing'),
	);
	try {
		let extension: Extension = {};
		for (;;) {
			const header = await cursor.exactly(BLOCK);
			// two blocks of zeros end an archive; some writers leave the second out
			if (header.every((byte) => byte === 0)) return;
			assertSum(header);
			const type = String.fromCharCode(header[156]);
			const size = extension.size ?? numberIn(header.subarray(124, 136));
			if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
				if (size > MAX_EXTENSION) throw new TarError('an extended header is too large');
				const content = (await cursor.exactly(padded(size))).subarray(0, size);
				if (type === 'x') extension = { ...extension, ...readPax(content) };
				if (type === 'L') extension.path = textIn(content);
				continue;
			}
			if (type === 'S') await skipSparseMap(cursor, header);
			const path = extension.path ?? pathIn(header);
			const length = WITHOUT_BYTES.has(type) ? 0 : size;
			const kind = kindOf(type, path, length, extension);
			extension = {};
			const end = cursor.at + length;
			yield { path, kind, size: length, bytes: bytesTo(cursor, end) };
			await cursor.skipTo(end + padded(length) - length);
		}
	} finally {
		await cursor.close();
	}
}
