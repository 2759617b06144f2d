import { Inflate } from 'fflate';

import type { FileSource } from '../ports';

import { ByteCursor } from './byte-cursor';
import { Crc32 } from './crc32';

/** The file is no ZIP that may be read here; the message says what is wrong with it. */
export class ZipError extends Error {
	override readonly name = 'ZipError';
}

/** A file or folder in a ZIP. */
export interface ZipEntry {
	/** As it stands in the archive, not checked: it may lead anywhere. Folders end with `/`. */
	path: string;
	kind: 'file' | 'folder' | 'other';
	/** Bytes when unpacked; the stream fails when there are more or fewer. */
	size: number;
	/** The unpacked bytes, checked against the entry's CRC-32. Read once, before the next entry. */
	bytes: AsyncIterable<Uint8Array>;
}

/** An entry as the archive's directory has it. */
interface Listed {
	path: string;
	kind: ZipEntry['kind'];
	method: number;
	crc: number;
	/** Bytes in the archive. */
	packed: number;
	/** Bytes when unpacked. */
	size: number;
	/** Where its local header begins. */
	offset: number;
}

const LOCAL = 0x04034b50;
const DIRECTORY = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const LOCAL_SIZE = 30;
const END_SIZE = 22;
const END64_SIZE = 56;
const LOCATOR64_SIZE = 20;
const MAX_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const UTF8 = 1 << 11;
const UNICODE_PATH = 0x7075;
const ZIP64 = 1;

/** Bytes of the end of an archive that are kept while it is read for its directory. */
const TAIL = 16 * 1024 * 1024;
/** Bytes of a directory; one of a million files comes near it. */
const MAX_DIRECTORY = 256 * 1024 * 1024;
const MAX_ENTRIES = 1_000_000;
/** Deflate can't pack more tightly: a directory that claims it is made to exhaust the reader. */
const MAX_RATIO = 1032;
/** What an archive may unpack to beyond its own size, times; honest ones stay far below it. */
const MAX_TOTAL_RATIO = 200;
const SMALL_TOTAL = 1024 * 1024 * 1024;
/** Packed bytes that are unpacked at a time: at most 16 MB come out. */
const INFLATE_AT_ONCE = 16 * 1024;

/** Code page 437 from 0x80 on, which ZIP uses for names that are not said to be UTF-8. */
const CP437 =
	'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ';

/** Numbers of a ZIP, which are little-endian, from a place in bytes. */
class Fields {
	private readonly view: DataView;

	constructor(
		private readonly bytes: Uint8Array,
		private at = 0,
	) {
		this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	private need(count: number): number {
		const { at } = this;
		if (at + count > this.bytes.length) throw new ZipError('its directory is cut short');
		this.at += count;
		return at;
	}

	u16(): number {
		return this.view.getUint16(this.need(2), true);
	}

	u32(): number {
		return this.view.getUint32(this.need(4), true);
	}

	u64(): number {
		const value = this.view.getBigUint64(this.need(8), true);
		if (value > BigInt(Number.MAX_SAFE_INTEGER))
			throw new ZipError('a size in it is beyond reason');
		return Number(value);
	}

	passOver(count: number): void {
		this.need(count);
	}

	take(count: number): Uint8Array {
		const at = this.need(count);
		return this.bytes.subarray(at, at + count);
	}

	get left(): number {
		return this.bytes.length - this.at;
	}
}

/** The last bytes of a stream, and how long it was. */
async function tailOf(
	bytes: AsyncIterable<Uint8Array>,
): Promise<{ tail: Uint8Array; length: number }> {
	const kept: Uint8Array[] = [];
	let keptLength = 0;
	let length = 0;
	for await (const chunk of bytes) {
		kept.push(chunk);
		keptLength += chunk.length;
		length += chunk.length;
		while (keptLength - kept[0].length >= TAIL) keptLength -= kept.shift()?.length ?? 0;
	}
	return { tail: Buffer.concat(kept), length };
}

/** Where the directory is, by the record at the archive's end. */
interface Place {
	offset: number;
	length: number;
	count: number;
}

function findEnd(tail: Uint8Array): number {
	const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
	const lowest = Math.max(0, tail.length - END_SIZE - MAX_COMMENT);
	for (let at = tail.length - END_SIZE; at >= lowest; at--) {
		if (view.getUint32(at, true) !== END) continue;
		if (at + END_SIZE + view.getUint16(at + 20, true) === tail.length) return at;
	}
	throw new ZipError('it has no directory at its end: it is no ZIP, or was cut short');
}

function placeOfDirectory(tail: Uint8Array, start: number): Place {
	const end = findEnd(tail);
	const fields = new Fields(tail, end + 4);
	const [disk, directoryDisk] = [fields.u16(), fields.u16()];
	fields.passOver(2);
	const place: Place = { count: fields.u16(), length: fields.u32(), offset: fields.u32() };
	const zip64 =
		place.count === 0xffff || place.length === 0xffffffff || place.offset === 0xffffffff;
	if (!zip64) {
		if (disk !== 0 || directoryDisk !== 0) throw new ZipError('it is one part of several');
		return place;
	}
	const locator = end - LOCATOR64_SIZE;
	if (locator < 0 || new Fields(tail, locator).u32() !== LOCATOR64) return place;
	const at = new Fields(tail, locator + 8).u64() - start;
	if (at < 0 || at + END64_SIZE > tail.length) throw new ZipError('its directory is out of place');
	const large = new Fields(tail, at);
	if (large.u32() !== END64) throw new ZipError('its directory is out of place');
	large.passOver(28);
	return { count: large.u64(), length: large.u64(), offset: large.u64() };
}

function utf8(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}

function textOf(bytes: Uint8Array, flags: number): string {
	const text = utf8(bytes);
	if (text !== undefined) return text;
	if (flags & UTF8) {
		throw new ZipError('the name of an entry is not the UTF-8 that it claims to be');
	}
	return Array.from(bytes, (byte) =>
		byte < 0x80 ? String.fromCharCode(byte) : CP437[byte - 0x80],
	).join('');
}

/** What the extra fields of an entry add to it. */
function readExtra(extra: Uint8Array, entry: Listed): void {
	const fields = new Fields(extra);
	while (fields.left >= 4) {
		const id = fields.u16();
		const length = fields.u16();
		if (length > fields.left) return;
		const field = new Fields(fields.take(length));
		if (id === ZIP64) {
			if (entry.size === 0xffffffff) entry.size = field.u64();
			if (entry.packed === 0xffffffff) entry.packed = field.u64();
			if (entry.offset === 0xffffffff) entry.offset = field.u64();
		}
		if (id === UNICODE_PATH && length > 5) {
			field.passOver(5);
			entry.path = textOf(field.take(length - 5), UTF8);
		}
	}
}

/** Unix file types in the upper half of an entry's attributes. */
function kindOf(path: string, madeBy: number, attributes: number): Listed['kind'] {
	if (path.endsWith('/')) return 'folder';
	const type = madeBy >> 8 === 3 ? (attributes >>> 28) & 0xf : 0;
	if (type === 4) return 'folder';
	return type === 0 || type === 8 ? 'file' : 'other';
}

function readListed(fields: Fields): Listed {
	if (fields.u32() !== DIRECTORY) throw new ZipError('its directory is damaged');
	const madeBy = fields.u16();
	fields.passOver(2);
	const flags = fields.u16();
	const method = fields.u16();
	fields.passOver(4);
	const [crc, packed, size] = [fields.u32(), fields.u32(), fields.u32()];
	const [nameLength, extraLength, commentLength] = [fields.u16(), fields.u16(), fields.u16()];
	fields.passOver(4);
	const attributes = fields.u32();
	const offset = fields.u32();
	const path = textOf(fields.take(nameLength), flags);
	const entry: Listed = { path, kind: 'file', method, crc, packed, size, offset };
	readExtra(fields.take(extraLength), entry);
	fields.passOver(commentLength);
	entry.kind = kindOf(entry.path, madeBy, attributes);
	const named = JSON.stringify(entry.path);
	if (flags & ENCRYPTED) throw new ZipError(`${named} is encrypted`);
	if (method !== STORED && method !== DEFLATED) {
		throw new ZipError(
			`${named} is packed by method ${method}; only stored and deflated can be read`,
		);
	}
	if (method === STORED && entry.packed !== entry.size) {
		throw new ZipError(`${named} is stored, and has two different sizes`);
	}
	if (entry.size > entry.packed * MAX_RATIO + MAX_RATIO) {
		throw new ZipError(`${named} claims to unpack to ${entry.size} bytes from ${entry.packed}`);
	}
	return entry;
}

/** A part of a stream, from one place to another. */
async function slice(
	bytes: AsyncIterable<Uint8Array>,
	from: number,
	length: number,
): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	let at = 0;
	for await (const chunk of bytes) {
		const begin = Math.max(0, from - at);
		const end = Math.min(chunk.length, from + length - at);
		if (begin < end) parts.push(chunk.subarray(begin, end));
		at += chunk.length;
		if (at >= from + length) break;
	}
	return Buffer.concat(parts);
}

/** The archive's directory, in the order in which the entries lie in the archive. */
async function directoryOf(source: FileSource): Promise<Listed[]> {
	const { tail, length } = await tailOf(await source.open());
	const start = length - tail.length;
	const place = placeOfDirectory(tail, start);
	if (place.count > MAX_ENTRIES || place.length > MAX_DIRECTORY) {
		throw new ZipError(`it lists ${place.count} entries; at most ${MAX_ENTRIES} are read`);
	}
	if (place.offset + place.length > length) throw new ZipError('its directory is out of place');
	const bytes =
		place.offset >= start
			? tail.subarray(place.offset - start, place.offset - start + place.length)
			: await slice(await source.open(), place.offset, place.length);
	const fields = new Fields(bytes);
	const entries = Array.from({ length: place.count }, () => readListed(fields));
	const total = entries.reduce((sum, { size }) => sum + size, 0);
	if (total > Math.max(SMALL_TOTAL, length * MAX_TOTAL_RATIO)) {
		throw new ZipError(`it would unpack to ${total} bytes from ${length}`);
	}
	entries.sort((a, b) => a.offset - b.offset);
	return entries;
}

async function* packedBytes(
	cursor: ByteCursor,
	end: number,
	most: number,
): AsyncGenerator<Uint8Array> {
	while (cursor.at < end) yield await cursor.some(Math.min(most, end - cursor.at));
}

/** Whether a piece could be unpacked. */
function pushed(inflate: Inflate, chunk: Uint8Array, last: boolean): boolean {
	try {
		inflate.push(chunk, last);
		return true;
	} catch {
		return false;
	}
}

async function* inflated(
	cursor: ByteCursor,
	end: number,
	named: string,
): AsyncGenerator<Uint8Array> {
	const ready: Uint8Array[] = [];
	let finished = false;
	const inflate = new Inflate((chunk, final) => {
		if (chunk.length > 0) ready.push(chunk);
		finished ||= final;
	});
	for await (const chunk of packedBytes(cursor, end, INFLATE_AT_ONCE)) {
		if (!pushed(inflate, chunk, cursor.at === end)) {
			throw new ZipError(`${named} is damaged: it can't be unpacked`);
		}
		yield* ready.splice(0);
	}
	if (!finished) throw new ZipError(`${named} is damaged: it can't be unpacked`);
}

async function* unpacked(
	cursor: ByteCursor,
	entry: Listed,
	end: number,
): AsyncGenerator<Uint8Array> {
	const named = JSON.stringify(entry.path);
	const crc = new Crc32();
	let size = 0;
	const stream =
		entry.method === STORED ? packedBytes(cursor, end, Infinity) : inflated(cursor, end, named);
	for await (const chunk of stream) {
		size += chunk.length;
		if (size > entry.size)
			throw new ZipError(`${named} unpacks to more than its ${entry.size} bytes`);
		crc.update(chunk);
		yield chunk;
	}
	if (size !== entry.size)
		throw new ZipError(`${named} unpacks to ${size} bytes, not ${entry.size}`);
	if (crc.value !== entry.crc) throw new ZipError(`${named} is damaged: its CRC-32 is another`);
}

/**
 * Reads a ZIP entry by entry, in the order in which they lie in it, in bounded memory: first its
 * end for the directory, then all of it. Zip64 is understood. Entries that overlap, that claim what
 * deflate can't do, or that unpack to more than they say, are refused.
 *
 * @throws {ZipError}
 */
export async function* readZip(source: FileSource): AsyncGenerator<ZipEntry> {
	const entries = await directoryOf(source);
	const cursor = new ByteCursor(
		await source.open(),
		() => new ZipError('it ends in the middle of an entry'),
	);
	try {
		for (const entry of entries) {
			const named = JSON.stringify(entry.path);
			if (entry.offset < cursor.at) throw new ZipError(`${named} overlaps another entry`);
			await cursor.skipTo(entry.offset);
			const header = new Fields(await cursor.exactly(LOCAL_SIZE));
			if (header.u32() !== LOCAL) throw new ZipError(`${named} is not where the directory says`);
			header.passOver(22);
			await cursor.exactly(header.u16() + header.u16());
			const end = cursor.at + entry.packed;
			yield {
				path: entry.path,
				kind: entry.kind,
				size: entry.size,
				bytes: unpacked(cursor, entry, end),
			};
			await cursor.skipTo(end);
		}
	} finally {
		await cursor.close();
	}
}
