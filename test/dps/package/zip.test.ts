import { zipSync } from 'fflate';

import { ZipError, readZip } from '../../../dps/package/zip';
import type { FileSource } from '../../../dps/ports';
import { random } from '../random';

function sourceOf(bytes: Uint8Array, chunkSize = 700): FileSource & { opened: number } {
	const source = {
		path: 'a.zip',
		size: bytes.length,
		opened: 0,
		async open() {
			source.opened += 1;
			return (async function* () {
				for (let at = 0; at < bytes.length; at += chunkSize)
					yield bytes.subarray(at, at + chunkSize);
			})();
		},
	};
	return source;
}

async function read(bytes: Uint8Array, chunkSize?: number) {
	const entries: Array<{ path: string; kind: string; size: number; content: Buffer }> = [];
	for await (const { path, kind, size, bytes: content } of readZip(sourceOf(bytes, chunkSize))) {
		const chunks: Uint8Array[] = [];
		for await (const chunk of content) chunks.push(Uint8Array.from(chunk));
		entries.push({ path, kind, size, content: Buffer.concat(chunks) });
	}
	return entries;
}

const text = (content: string) => new TextEncoder().encode(content);
const zipped = (files: Record<string, Uint8Array>, level: 0 | 6 = 6) => zipSync(files, { level });

/** Where a mark of four bytes stands in a ZIP, the last time. */
function lastMark(zip: Uint8Array, mark: string): number {
	return Buffer.from(zip).lastIndexOf(Buffer.from(mark, 'latin1'));
}

function changed(zip: Uint8Array, at: number, bytes: number[]): Uint8Array {
	const copy = Uint8Array.from(zip);
	copy.set(bytes, at);
	return copy;
}

describe('a ZIP', () => {
	it.each([0, 6] as const)(
		'is read entry by entry, whatever its chunks (level %i)',
		async (level) => {
			const large = random(1).bytes(200_000);
			const zip = zipped(
				{ 'a/one.txt': text('one'), 'a/blåbær.bin': large, 'a/empty': text('') },
				level,
			);
			for (const chunkSize of [1, 13, 4096, 1_000_000]) {
				expect(await read(zip, chunkSize)).toEqual([
					{ path: 'a/one.txt', kind: 'file', size: 3, content: Buffer.from('one') },
					{ path: 'a/blåbær.bin', kind: 'file', size: 200_000, content: large },
					{ path: 'a/empty', kind: 'file', size: 0, content: Buffer.alloc(0) },
				]);
			}
		},
	);

	it('gives folders as folders, and passes over bytes that nobody reads', async () => {
		const zip = zipped({
			'a/': text(''),
			'a/b.txt': random(2).bytes(50_000),
			'a/c.txt': text('c'),
		});
		const seen: string[] = [];
		for await (const { path, kind } of readZip(sourceOf(zip))) seen.push(`${kind} ${path}`);
		expect(seen).toEqual(['folder a/', 'file a/b.txt', 'file a/c.txt']);
	});

	it('is read with zip64 sizes and offsets', async () => {
		// one stored entry whose directory gives every number in the zip64 field
		const name = text('big.txt');
		const content = text('not that big');
		const crc = Buffer.from(zipped({ 'big.txt': content }, 0)).readUInt32LE(14);
		const local = Buffer.alloc(30);
		local.writeUInt32LE(0x04034b50, 0);
		local.writeUInt16LE(name.length, 26);
		const extra = Buffer.alloc(28);
		extra.writeUInt16LE(1, 0);
		extra.writeUInt16LE(24, 2);
		extra.writeBigUInt64LE(BigInt(content.length), 4);
		extra.writeBigUInt64LE(BigInt(content.length), 12);
		extra.writeBigUInt64LE(0n, 20);
		const directory = Buffer.alloc(46);
		directory.writeUInt32LE(0x02014b50, 0);
		directory.writeUInt32LE(crc, 16);
		directory.writeUInt32LE(0xffffffff, 20);
		directory.writeUInt32LE(0xffffffff, 24);
		directory.writeUInt16LE(name.length, 28);
		directory.writeUInt16LE(extra.length, 30);
		directory.writeUInt32LE(0xffffffff, 42);
		const body = Buffer.concat([local, name, content]);
		const listing = Buffer.concat([directory, name, extra]);
		const end64 = Buffer.alloc(56);
		end64.writeUInt32LE(0x06064b50, 0);
		end64.writeBigUInt64LE(1n, 32);
		end64.writeBigUInt64LE(BigInt(listing.length), 40);
		end64.writeBigUInt64LE(BigInt(body.length), 48);
		const locator = Buffer.alloc(20);
		locator.writeUInt32LE(0x07064b50, 0);
		locator.writeBigUInt64LE(BigInt(body.length + listing.length), 8);
		const end = Buffer.alloc(22);
		end.writeUInt32LE(0x06054b50, 0);
		end.writeUInt16LE(0xffff, 10);
		end.writeUInt32LE(0xffffffff, 12);
		end.writeUInt32LE(0xffffffff, 16);
		const zip = Buffer.concat([body, listing, end64, locator, end]);
		expect(await read(zip)).toEqual([
			{ path: 'big.txt', kind: 'file', size: 12, content: Buffer.from('not that big') },
		]);
	});

	it('that is damaged is refused, wherever the damage is', async () => {
		const zip = zipped({ 'a.txt': text('some text '.repeat(100)), 'b.txt': text('b') });
		const crcInDirectory = lastMark(zip, 'PK\x01\x02') + 16;
		await expect(read(changed(zip, crcInDirectory, [1, 2, 3, 4]))).rejects.toThrow('CRC-32');
		await expect(read(zip.subarray(0, zip.length - 30))).rejects.toThrow(ZipError);
		await expect(read(text('no archive at all'))).rejects.toThrow('no ZIP');
		await expect(read(changed(zip, lastMark(zip, 'PK\x01\x02'), [0]))).rejects.toThrow('damaged');
		await expect(read(changed(zip, 0, [0]))).rejects.toThrow('not where the directory says');
		// the packed bytes of the first entry
		await expect(read(changed(zip, 40, [0xff, 0xff, 0xff]))).rejects.toThrow(ZipError);
	});

	it('that claims more than deflate can give, or unpacks to more than it says, is refused', async () => {
		const zip = zipped({ 'a.txt': text('a'.repeat(1000)) });
		const sizeAt = lastMark(zip, 'PK\x01\x02') + 24;
		await expect(read(changed(zip, sizeAt, [0, 0, 0, 0x7f]))).rejects.toThrow('claims to unpack');
		await expect(read(changed(zip, sizeAt, [10, 0, 0, 0]))).rejects.toThrow(
			'more than its 10 bytes',
		);
		await expect(read(changed(zip, sizeAt, [0xe9, 3, 0, 0]))).rejects.toThrow(
			'unpacks to 1000 bytes',
		);
	});

	it('whose entries overlap is refused', async () => {
		const zip = zipped({ 'a.txt': text('aaaa'), 'b.txt': text('bbbb') }, 0);
		const offsetAt = lastMark(zip, 'PK\x01\x02') + 42;
		await expect(read(changed(zip, offsetAt, [0, 0, 0, 0]))).rejects.toThrow('overlaps');
	});

	it.each([
		['encrypted', 8, [1, 0], 'is encrypted'],
		['packed by another method', 10, [14, 0], 'method 14'],
	])('with an entry that is %s is refused', async (_, offset, bytes, message) => {
		const zip = zipped({ 'a.txt': text('aaaa') });
		await expect(read(changed(zip, lastMark(zip, 'PK\x01\x02') + offset, bytes))).rejects.toThrow(
			message,
		);
	});

	it('with names in code page 437 is read', async () => {
		const zip = Buffer.from(zipped({ 'blXb.txt': text('a') }, 0));
		for (let at = zip.indexOf('blX'); at >= 0; at = zip.indexOf('blX')) zip[at + 2] = 0x86;
		const flagsAt = lastMark(zip, 'PK\x01\x02') + 8;
		zip.writeUInt16LE(0, flagsAt);
		expect((await read(zip))[0].path).toBe('blåb.txt');
		zip.writeUInt16LE(1 << 11, flagsAt);
		await expect(read(zip)).rejects.toThrow('not the UTF-8');
	});

	it('of any random bytes ends in an error or in entries, never otherwise', async () => {
		const chance = random(4);
		const zip = zipped({ 'a.txt': text('a'.repeat(500)), 'b/c.txt': text('c'.repeat(50)) });
		for (let number = 0; number < 500; number++) {
			const copy = Uint8Array.from(zip);
			for (let change = 0; change < 3; change++)
				copy[chance.int(0, copy.length - 1)] = chance.int(0, 255);
			const outcome = await read(copy).catch((error: unknown) => error);
			expect(Array.isArray(outcome) || outcome instanceof ZipError).toBe(true);
		}
	});
});
