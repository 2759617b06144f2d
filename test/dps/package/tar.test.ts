import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Header, pack } from 'tar-stream';

import { TarError, readTar } from '../../../dps/package/tar';
import type { FileSource } from '../../../dps/ports';

const BLOCK = 512;

function sourceOf(bytes: Uint8Array, chunkSize = 700): FileSource & { closed: boolean } {
	const source = {
		path: 'a.tar',
		size: bytes.length,
		closed: false,
		async open() {
			return (async function* () {
				try {
					for (let at = 0; at < bytes.length; at += chunkSize)
						yield bytes.subarray(at, at + chunkSize);
				} finally {
					source.closed = true;
				}
			})();
		},
	};
	return source;
}

async function packed(
	members: Array<[Partial<Header> & { name: string }, string | Buffer]>,
): Promise<Buffer> {
	const tar = pack();
	const chunks: Buffer[] = [];
	const all = (async () => {
		for await (const chunk of tar) chunks.push(chunk as Buffer);
	})();
	for (const [header, content] of members) tar.entry(header, content);
	tar.finalize();
	await all;
	return Buffer.concat(chunks);
}

async function read(bytes: Uint8Array, chunkSize?: number) {
	const entries: Array<{ path: string; kind: string; size: number; content: string }> = [];
	for await (const { path, kind, size, bytes: content } of readTar(sourceOf(bytes, chunkSize))) {
		const chunks: Uint8Array[] = [];
		for await (const chunk of content) chunks.push(chunk);
		entries.push({ path, kind, size, content: Buffer.concat(chunks).toString() });
	}
	return entries;
}

/** A header as the formats have it, made by hand, so that what no writer makes can be read. */
function header(fields: {
	name: string;
	size?: number | Buffer;
	type?: string;
	magic?: string;
	prefix?: string;
	/** GNU: whether a sparse file's map goes on in the next block. */
	goesOn?: boolean;
}): Buffer {
	const block = Buffer.alloc(BLOCK);
	block.write(fields.name, 0);
	block.write('0000644\0', 100);
	if (Buffer.isBuffer(fields.size)) fields.size.copy(block, 124);
	else block.write(`${(fields.size ?? 0).toString(8).padStart(11, '0')}\0`, 124);
	block.write('00000000000\0', 136);
	block.write(fields.type ?? '0', 156);
	block.write(fields.magic ?? 'ustar\x0000', 257, 'latin1');
	block.write(fields.prefix ?? '', 345);
	if (fields.goesOn) block[482] = 1;
	block.fill(' ', 148, 156);
	const sum = block.reduce((total, byte) => total + byte, 0);
	block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
	return block;
}

function padded(content: string): Buffer {
	const bytes = Buffer.from(content);
	return Buffer.concat([
		bytes,
		Buffer.alloc(Math.ceil(bytes.length / BLOCK) * BLOCK - bytes.length),
	]);
}

const END = Buffer.alloc(2 * BLOCK);

describe('reading a TAR', () => {
	it('gives files and folders in their order, with their bytes', async () => {
		const large = 'x'.repeat(200_000);
		const bytes = await packed([
			[{ name: 'root/', type: 'directory' }, ''],
			[{ name: 'root/METS.xml' }, '<mets/>'],
			[{ name: 'root/empty.txt' }, ''],
			[{ name: 'root/data/blåbær ✓.txt' }, large],
			[{ name: 'root/data/exactly.bin' }, 'b'.repeat(BLOCK)],
		]);
		for (const chunkSize of [1, 511, 512, 4096, bytes.length]) {
			if (chunkSize === 1 && bytes.length > 300_000) continue;
			expect(await read(bytes, chunkSize)).toEqual([
				{ path: 'root/', kind: 'folder', size: 0, content: '' },
				{ path: 'root/METS.xml', kind: 'file', size: 7, content: '<mets/>' },
				{ path: 'root/empty.txt', kind: 'file', size: 0, content: '' },
				{ path: 'root/data/blåbær ✓.txt', kind: 'file', size: 200_000, content: large },
				{ path: 'root/data/exactly.bin', kind: 'file', size: BLOCK, content: 'b'.repeat(BLOCK) },
			]);
		}
	});

	it.each([[], ['--format=pax'], ['--format=ustar'], ['--format=v7']])(
		"gives what the system's tar packed %s",
		async (...format) => {
			const folder = mkdtempSync(join(tmpdir(), 'tar-'));
			try {
				const long = format[0] === '--format=v7' ? 'short' : 'long-'.repeat(18);
				const file = `object/${long}/page 1.txt`;
				mkdirSync(join(folder, 'object', long), { recursive: true });
				writeFileSync(join(folder, file), 'a page');
				const bytes = execFileSync('tar', ['-c', '-f', '-', ...format, 'object'], { cwd: folder });
				expect(await read(bytes)).toEqual([
					{ path: 'object/', kind: 'folder', size: 0, content: '' },
					{ path: `object/${long}/`, kind: 'folder', size: 0, content: '' },
					{ path: file, kind: 'file', size: 6, content: 'a page' },
				]);
			} finally {
				rmSync(folder, { recursive: true });
			}
		},
	);

	it('passes over what is not read', async () => {
		const bytes = await packed([
			[{ name: 'a' }, 'a'.repeat(3000)],
			[{ name: 'b' }, 'b'],
		]);
		const paths: string[] = [];
		for await (const { path } of readTar(sourceOf(bytes))) paths.push(path);
		expect(paths).toEqual(['a', 'b']);
	});

	it('reads long paths in each of the three ways', async () => {
		const long = `${'folder/'.repeat(40)}file.txt`;
		const record = (text: string) => {
			const length = Buffer.byteLength(text) + 2;
			const digits = String(length + String(length + 2).length);
			return `${digits} ${text}\n`;
		};
		const pax = record(`path=${long}`);
		const gnu = Buffer.concat([
			header({ name: '././@LongLink', type: 'L', size: long.length + 1, magic: 'ustar  \0' }),
			padded(`${long}\0`),
			header({ name: long.slice(0, 99), size: 3, magic: 'ustar  \0' }),
			padded('gnu'),
		]);
		const bytes = Buffer.concat([
			header({ name: 'PaxHeader/x', type: 'x', size: Buffer.byteLength(pax) }),
			padded(pax),
			header({ name: 'short', size: 3 }),
			padded('pax'),
			gnu,
			header({ name: 'file.txt', prefix: 'ustar/prefix', size: 1 }),
			padded('u'),
			END,
		]);
		expect((await read(bytes)).map(({ path, content }) => [path, content])).toEqual([
			[long, 'pax'],
			[long, 'gnu'],
			['ustar/prefix/file.txt', 'u'],
		]);
	});

	it('reads sizes in binary and from an extended header', async () => {
		const binary = Buffer.alloc(12);
		binary[0] = 0x80;
		binary[11] = 4;
		const pax = '10 size=5\n';
		const bytes = Buffer.concat([
			header({ name: 'a', size: binary }),
			padded('four'),
			header({ name: 'PaxHeader/b', type: 'x', size: pax.length }),
			padded(pax),
			header({ name: 'b', size: 0 }),
			padded('fives'),
			END,
		]);
		expect((await read(bytes)).map(({ content }) => content)).toEqual(['four', 'fives']);
	});

	it('tells links and sparse files from files', async () => {
		const pax = '22 GNU.sparse.major=1\n';
		const bytes = Buffer.concat([
			await packed([
				[{ name: 'link', type: 'symlink', linkname: '/etc/passwd' }, ''],
				[{ name: 'hard', type: 'link', linkname: 'a' }, ''],
			]).then((all) => all.subarray(0, 2 * BLOCK)),
			header({ name: 'x', type: 'x', size: pax.length }),
			padded(pax),
			header({ name: 'sparse', size: 1 }),
			padded('s'),
			header({ name: 'plain', size: 1 }),
			padded('p'),
			END,
		]);
		expect((await read(bytes)).map(({ path, kind }) => [path, kind])).toEqual([
			['link', 'other'],
			['hard', 'other'],
			['sparse', 'other'],
			['plain', 'file'],
		]);
	});

	it('finds the next file behind the map of a sparse one (GNU)', async () => {
		const sparse = header({ name: 'sparse', type: 'S', size: 1, magic: 'ustar  \0', goesOn: true });
		const map = Buffer.alloc(2 * BLOCK);
		map[504] = 1;
		const bytes = Buffer.concat([sparse, map, padded('s'), header({ name: 'plain' }), END]);
		expect((await read(bytes)).map(({ path, kind, content }) => [path, kind, content])).toEqual([
			['sparse', 'other', 's'],
			['plain', 'file', ''],
		]);
	});

	it('takes a slash at the end for a folder, as old writers mean it, but never with bytes', async () => {
		const bytes = Buffer.concat([
			header({ name: 'old/', type: '\0', magic: '' }),
			header({ name: 'hidden/', size: 1 }),
			padded('h'),
			END,
		]);
		expect((await read(bytes)).map(({ path, kind }) => [path, kind])).toEqual([
			['old/', 'folder'],
			['hidden/', 'other'],
		]);
	});

	it('holds one chunk at a time, however large the file is', async () => {
		const chunk = new Uint8Array(BLOCK * 128);
		const chunks = 1000;
		let given = 0;
		let taken = 0;
		const source: FileSource = {
			path: 'large.tar',
			size: 0,
			open: async () =>
				(async function* () {
					const first = header({ name: 'large', size: chunk.length * chunks });
					given += first.length;
					yield first;
					for (let count = 0; count < chunks; count++) {
						expect(given - BLOCK - taken).toBe(0);
						given += chunk.length;
						yield chunk;
					}
					yield END;
				})(),
		};
		for await (const { bytes } of readTar(source)) {
			for await (const part of bytes) taken += part.length;
		}
		expect(taken).toBe(chunk.length * chunks);
	});

	it('gives hostile paths as they are: whoever uses them has to look', async () => {
		const bytes = Buffer.concat([header({ name: '../../etc/passwd' }), END]);
		expect((await read(bytes))[0].path).toBe('../../etc/passwd');
	});

	const whole = async () => await packed([[{ name: 'a.txt' }, 'content']]);

	it.each<[string, (bytes: Buffer) => Buffer, string]>([
		['without its end', (bytes) => bytes.subarray(0, 2 * BLOCK), 'cut short'],
		['cut in a file', (bytes) => bytes.subarray(0, BLOCK + 3), 'cut short'],
		['cut in a header', (bytes) => bytes.subarray(0, 100), 'cut short'],
		['with nothing in it', () => Buffer.alloc(0), 'cut short'],
		[
			'with another header',
			(bytes) => Buffer.concat([Buffer.from('b'), bytes.subarray(1)]),
			'checksum is another',
		],
		['that is text', () => Buffer.alloc(2048, 'text '), 'number that is none'],
		[
			'with an endless extension',
			() => Buffer.concat([header({ name: 'x', type: 'x', size: 5_000_000 }), END]),
			'too large',
		],
		[
			'with a broken extension',
			() => Buffer.concat([header({ name: 'x', type: 'x', size: 8 }), padded('99 path='), END]),
			'extended header is damaged',
		],
		[
			'with an extension that goes on without a record',
			() =>
				Buffer.concat([header({ name: 'x', type: 'x', size: 14 }), padded('10 size=5\nrest'), END]),
			'extended header is damaged',
		],
		[
			'with a size beyond reason',
			() => Buffer.concat([header({ name: 'x', size: Buffer.alloc(12, 0xff) }), END]),
			'beyond reason',
		],
		[
			'with a name in another encoding',
			() => {
				const block = header({ name: 'x' });
				block[0] = 0xe5;
				block.fill(' ', 148, 156);
				const sum = block.reduce((total, byte) => total + byte, 0);
				block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
				return Buffer.concat([block, END]);
			},
			'not UTF-8',
		],
	])('refuses one %s', async (_how, spoil, message) => {
		const error: unknown = await read(spoil(await whole())).catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(TarError);
		expect((error as Error).message).toContain(message);
	});

	it('lets go of the file when the reader stops early', async () => {
		const source = sourceOf(await whole(), 100);
		for await (const { path } of readTar(source)) {
			expect(path).toBe('a.txt');
			break;
		}
		expect(source.closed).toBe(true);
	});
});
