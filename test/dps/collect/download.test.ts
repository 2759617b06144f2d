import { createHash } from 'node:crypto';

import type { DpsApi } from '../../../dps/client/api';
import type { DeliveredFile } from '../../../dps/collect/delivery';
import { LinkExpiredError, readDelivery, safeFileName } from '../../../dps/collect/delivery';
import type { Store } from '../../../dps/collect/download';
import { downloadFile, downloadFiles } from '../../../dps/collect/download';
import { DpsError } from '../../../dps/client/error';
import { CancelledError } from '../../../dps/ports';
import { Slots } from '../../../dps/submit/concurrency';
import { axiosTransport } from '../../../hosts/axios/transport';
import type { Answer } from '../scripted-server';
import { ScriptedServer, answer, breakOff } from '../scripted-server';

const CONTENT = Buffer.alloc(3_000_000, 'every byte of it ');
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

const RETRY = { attempts: 4, baseDelayMs: 1, maxDelayMs: 1, maxRetryAfterMs: 1 };

let server: ScriptedServer;
beforeAll(async () => (server = await ScriptedServer.start()));
afterAll(async () => await server.stop());

/** Waits no longer than it must between two attempts; the time for noticing a stall never comes. */
function apiOf(fields: Partial<DpsApi> = {}): DpsApi {
	const api = server.api(fields);
	const { sleep } = api.clock;
	return {
		...api,
		clock: {
			...api.clock,
			sleep: async (ms, signal) => {
				if (ms < 100_000) return await sleep(ms, signal);
				await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
				throw new CancelledError();
			},
		},
	};
}

function fileOf(fields: Partial<DeliveredFile> = {}): DeliveredFile {
	return {
		downloadURL: `${server.origin}/primary.tar?X-Amz-Signature=secret`,
		filename: 'primary.tar',
		filesize: CONTENT.length,
		checksum: md5(CONTENT),
		algorithm: 'md5',
		...fields,
	};
}

/** Keeps what it was given whole, and gives it back. */
class MemoryStore implements Store<Buffer> {
	puts = 0;

	async put(_file: DeliveredFile, bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
		this.puts += 1;
		const chunks: Uint8Array[] = [];
		for await (const chunk of bytes) chunks.push(chunk);
		return Buffer.concat(chunks);
	}

	async read(stored: Buffer): Promise<AsyncIterable<Uint8Array>> {
		return (async function* () {
			yield stored;
		})();
	}
}

/** A store that knows ranges; breaks the connection after `cutAfter` bytes of its answer. */
function ranged(
	content: Buffer,
	{ cutAfter, etag = '"one"' }: { cutAfter?: number; etag?: string } = {},
): Answer {
	return (request, response) => {
		const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
		const isRange = from > 0 && (request.headers['if-range'] ?? etag) === etag;
		const rest = isRange ? content.subarray(from) : content;
		response.writeHead(isRange ? 206 : 200, {
			etag,
			'content-length': rest.length,
			...(isRange
				? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }
				: {}),
		});
		if (cutAfter === undefined || cutAfter >= rest.length) response.end(rest);
		else response.write(rest.subarray(0, cutAfter), () => request.socket.destroy());
	};
}

/** A store that knows none, and always gives the whole file. */
const whole =
	(content: Buffer, cutAfter?: number): Answer =>
	(request, response) => {
		response.writeHead(200, { 'content-length': content.length });
		if (cutAfter === undefined) response.end(content);
		else response.write(content.subarray(0, cutAfter), () => request.socket.destroy());
	};

/** Begins to give a file, and never ends; `gone` resolves when whoever asked has gone. */
function endlessAnswer() {
	let closed: (() => void) | undefined;
	const gone = new Promise<void>((resolve) => (closed = resolve));
	const endless: Answer = (_request, response) => {
		response.on('close', () => closed?.());
		response.writeHead(200, { 'content-length': CONTENT.length });
		response.write(CONTENT.subarray(0, 1_000_000));
	};
	return { endless, gone };
}

async function failureOf(work: Promise<unknown>): Promise<Error & { code?: string }> {
	const error: unknown = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!(error instanceof Error)) throw new Error('It did not fail');
	return error;
}

const ranges = () => server.received.map(({ headers }) => headers.range);

describe('a transfer', () => {
	it('that is cut five times goes on where it was, in one pass into the store', async () => {
		const cut = ranged(CONTENT, { cutAfter: 400_000 });
		server.play(cut, cut, cut, cut, cut, ranged(CONTENT));
		const store = new MemoryStore();
		const stored = await downloadFile(apiOf(), fileOf(), store);
		expect(stored.equals(CONTENT)).toBe(true);
		expect(store.puts).toBe(1);
		expect(server.received).toHaveLength(6);
		const [first, ...others] = ranges();
		expect(first).toBeUndefined();
		for (const range of others) expect(range).toMatch(/^bytes=[1-9]\d*-$/);
		expect(server.received[1].headers['if-range']).toBe('"one"');
	}, 30_000);

	it('is given up after so many breaks without progress, and not begun again', async () => {
		const stuck = ranged(CONTENT, { cutAfter: 10 });
		server.play(...Array.from({ length: 10 }, () => stuck));
		const store = new MemoryStore();
		const error = await failureOf(
			downloadFile(apiOf({ retry: { ...RETRY, attempts: 3 } }), fileOf(), store),
		);
		expect(error).toBeInstanceOf(DpsError);
		expect(error.message).not.toContain('secret');
		expect(server.received).toHaveLength(3);
		expect(store.puts).toBe(1);
	});

	it('may break as often as it gets on', async () => {
		const some = ranged(CONTENT, { cutAfter: 300_000 });
		server.play(...Array.from({ length: 20 }, () => some));
		const api = apiOf({ retry: { ...RETRY, attempts: 2 } });
		const stored = await downloadFile(api, fileOf(), new MemoryStore());
		expect(stored.equals(CONTENT)).toBe(true);
		expect(server.received.length).toBeGreaterThan(2);
	});

	it('waits for a store that is out of order', async () => {
		server.play(answer(503), breakOff, ranged(CONTENT));
		const store = new MemoryStore();
		const stored = await downloadFile(apiOf(), fileOf(), store);
		expect(stored.equals(CONTENT)).toBe(true);
		expect(store.puts).toBe(1);
	});

	it('asks for the bytes as they are, not packed', async () => {
		server.play(ranged(CONTENT, { cutAfter: 500_000 }), ranged(CONTENT));
		await downloadFile(apiOf(), fileOf(), new MemoryStore());
		const encodings = server.received.map(({ headers }) => headers['accept-encoding']);
		expect(encodings).toEqual(['identity', 'identity']);
	});

	it('is not read faster than the store takes it', async () => {
		const chunk = CONTENT.subarray(0, 1000);
		let given = 0;
		let taken = 0;
		const api = apiOf({
			transport: {
				request: async () => ({
					status: 200,
					headers: {},
					text: '',
					stream: (async function* () {
						for (let count = 0; count < CONTENT.length / chunk.length; count++) {
							given += chunk.length;
							yield chunk;
						}
					})(),
				}),
			},
		});
		const store = new MemoryStore();
		let most = 0;
		store.put = async (_file, bytes) => {
			for await (const part of bytes) {
				most = Math.max(most, given - taken);
				taken += part.length;
			}
			return CONTENT;
		};
		await downloadFile(api, fileOf(), store);
		expect(taken).toBe(CONTENT.length);
		expect(most).toBe(chunk.length);
	});

	it('is whole also from a store that knows no ranges', async () => {
		server.play(whole(CONTENT, 1_000_000), whole(CONTENT));
		const stored = await downloadFile(apiOf(), fileOf(), new MemoryStore());
		expect(stored.equals(CONTENT)).toBe(true);
	});

	it.each<[string, Answer]>([
		['has changed meanwhile', ranged(Buffer.alloc(CONTENT.length, 'x'), { etag: '"two"' })],
		['is answered with another part', answer(206, 'x', { 'content-range': 'bytes 5-5/3000000' })],
		['cannot be given in part', answer(416)],
	])('starts again from the beginning when the file %s', async (_how, second) => {
		server.play(ranged(CONTENT, { cutAfter: 500_000 }), second, ranged(CONTENT));
		const store = new MemoryStore();
		const stored = await downloadFile(apiOf(), fileOf(), store);
		expect(stored.equals(CONTENT)).toBe(true);
		expect(store.puts).toBe(2);
	});

	it('that stands still is cut, and continued', async () => {
		let stall: (() => void) | undefined;
		const silent: Answer = (_request, response) => {
			response.writeHead(200, { 'content-length': CONTENT.length, etag: '"one"' });
			response.write(CONTENT.subarray(0, 700_000), () => stall?.());
		};
		server.play(silent, ranged(CONTENT));
		const standing = new Promise<void>((resolve) => (stall = resolve));
		const api = apiOf();
		api.clock = {
			...api.clock,
			// two minutes pass as soon as the store has gone silent
			sleep: async (ms, signal) => {
				if (ms < 100_000) return;
				await standing;
				await new Promise((resolve) => setTimeout(resolve, 100));
				if (signal?.aborted) throw new CancelledError();
			},
		};
		const stored = await downloadFile(api, fileOf(), new MemoryStore());
		expect(stored.equals(CONTENT)).toBe(true);
		expect(ranges()[1]).toMatch(/^bytes=[1-9]\d*-$/);
	});

	it('carries no token, and follows no redirect', async () => {
		server.play(answer(302, '', { location: `${server.origin}/elsewhere` }));
		const api = apiOf({ retry: { ...RETRY, attempts: 1 } });
		const error = await failureOf(downloadFile(api, fileOf(), new MemoryStore()));
		expect(error).toMatchObject({ status: 302 });
		expect(server.received).toHaveLength(1);
		expect(server.received[0].headers.authorization).toBeUndefined();
	});

	it('stops when it is cancelled', async () => {
		const cancel = new AbortController();
		server.play((_request, response) => {
			response.writeHead(200, { 'content-length': CONTENT.length });
			response.write(CONTENT.subarray(0, 100_000), () => cancel.abort());
		});
		const work = downloadFile(apiOf({ signal: cancel.signal }), fileOf(), new MemoryStore());
		expect((await failureOf(work)).name).toBe('CancelledError');
	});

	it.each([
		['in the middle', 1],
		['before it took any', 0],
	])('lets go of its connection when the store gives up %s', async (_when, most) => {
		const { endless, gone } = endlessAnswer();
		server.play(endless);
		const full: Store<never> = {
			async put(_file, bytes) {
				const iterator = bytes[Symbol.asyncIterator]();
				for (let count = 0; count < most; count++) await iterator.next();
				if (most > 0) await iterator.return?.();
				throw new Error('no space left');
			},
			read: async () => await Promise.reject(new Error('nothing is stored')),
		};
		const error = await failureOf(downloadFile(apiOf(), fileOf(), full));
		expect(error.message).toBe('no space left');
		await gone;
	});
});

describe('bytes that are not those delivered', () => {
	it('are fetched again; the same ones twice are an error that names both checksums', async () => {
		const wrong = whole(Buffer.alloc(CONTENT.length, 'y'));
		server.play(wrong, wrong, wrong, wrong);
		const store = new MemoryStore();
		const error = await failureOf(downloadFile(apiOf(), fileOf(), store));
		expect(error.code).toBe('DOWNLOAD_DIFFERS');
		expect(error.message).toContain(md5(Buffer.alloc(CONTENT.length, 'y')));
		expect(error.message).toContain(md5(CONTENT));
		expect(store.puts).toBe(2);
	});

	it('are fetched again until they are right', async () => {
		const wrong = ['x', 'y'].map((text) => whole(Buffer.alloc(CONTENT.length, text)));
		server.play(...wrong, whole(CONTENT));
		const stored = await downloadFile(apiOf(), fileOf(), new MemoryStore());
		expect(stored.equals(CONTENT)).toBe(true);
	});

	const shorter = CONTENT.subarray(0, 2_000_000);

	it('are too few when the store has no more, and no rest is asked for', async () => {
		server.play(whole(shorter), whole(shorter));
		const error = await failureOf(downloadFile(apiOf(), fileOf(), new MemoryStore()));
		expect(error.message).toContain(`${shorter.length} bytes instead of ${CONTENT.length}`);
		expect(ranges()).toEqual([undefined, undefined]);
	});

	it('are too few when the store says so in mid-transfer', async () => {
		const noMore = answer(416, '', { 'content-range': `bytes */${shorter.length}` });
		const cut = whole(shorter, 500_000);
		server.play(cut, noMore, cut, noMore);
		const error = await failureOf(downloadFile(apiOf(), fileOf(), new MemoryStore()));
		expect(error.code).toBe('DOWNLOAD_DIFFERS');
		expect(error.message).toContain(`${shorter.length} bytes instead of ${CONTENT.length}`);
	});

	it('are not read beyond the size', async () => {
		const longer = Buffer.concat([CONTENT, Buffer.from('more')]);
		server.play(whole(longer), whole(longer));
		const error = await failureOf(downloadFile(apiOf(), fileOf(), new MemoryStore()));
		expect(error.message).toContain(`more than ${CONTENT.length} bytes`);
	});

	it('are checked as the store has them, not as they came', async () => {
		const store = new MemoryStore();
		store.read = async () =>
			(async function* () {
				yield CONTENT.subarray(1);
			})();
		server.play(whole(CONTENT), whole(CONTENT));
		const error = await failureOf(downloadFile(apiOf(), fileOf(), store));
		expect(error.message).toContain(`${CONTENT.length - 1} bytes instead of ${CONTENT.length}`);
	});
});

describe('a link', () => {
	it('past its expiry is not followed', async () => {
		server.play();
		const expired = fileOf({ expiresAt: Date.now() - 1 });
		const error = await failureOf(downloadFile(apiOf(), expired, new MemoryStore()));
		expect(error).toBeInstanceOf(LinkExpiredError);
		expect(server.received).toEqual([]);
	});

	it('that the store calls expired, also in mid-transfer, is an error with advice', async () => {
		const refused = answer(
			403,
			'<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
		);
		server.play(ranged(CONTENT, { cutAfter: 100_000 }), refused);
		const error = await failureOf(downloadFile(apiOf(), fileOf(), new MemoryStore()));
		expect(error).toBeInstanceOf(LinkExpiredError);
		expect((error as LinkExpiredError).advice).toContain('Order the object again');
	});

	const message = (url: string, more: object = {}) => ({
		type: 'dissemination.delivered',
		data: {
			files: [
				{ downloadURL: url, filename: 'a.tar', filesize: '1', checksum: md5(CONTENT), ...more },
			],
		},
	});

	it('ends when its signature ends, if that is sooner than the message says', () => {
		const url = 'https://s3.example/a.tar?X-Amz-Date=20250101T000000Z&X-Amz-Expires=60';
		const { files } = readDelivery(message(url, { expirationDate: '2025-06-01T00:00:00Z' }));
		expect(files[0].expiresAt).toBe(Date.UTC(2025, 0, 1, 0, 1));
	});

	it.each([
		'http://s3.example/a.tar',
		'ftp://s3.example/a',
		'file:///etc/passwd',
		'https://user:secret@s3.example/a.tar',
		'no link',
	])('like %s is refused, and not repeated in the error', (url) => {
		let said = '';
		try {
			readDelivery(message(url));
		} catch (error) {
			said = (error as Error).message;
		}
		expect(said).toMatch(/file 1/);
		expect(said).not.toContain(url);
	});
});

describe('several files', () => {
	const files = () =>
		['a', 'b', 'c', 'd'].map((name) =>
			fileOf({ filename: `${name}.tar`, downloadURL: `${server.origin}/${name}` }),
		);

	it('come as many at a time as there are places, and out in the order of the message', async () => {
		let underWay = 0;
		let most = 0;
		const slow: Answer = (_request, response) => {
			underWay += 1;
			most = Math.max(most, underWay);
			setTimeout(() => {
				underWay -= 1;
				response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT);
			}, 50);
		};
		server.play(slow, slow, slow, slow);
		const seen: string[] = [];
		const store = new MemoryStore();
		const put = store.put.bind(store);
		store.put = async (file, bytes) => {
			seen.push(file.filename);
			return await put(file, bytes);
		};
		const stored = await downloadFiles(apiOf(), files(), store, new Slots(2));
		expect(stored.every((bytes) => bytes.equals(CONTENT))).toBe(true);
		expect(most).toBe(2);
		expect(seen.sort()).toEqual(['a.tar', 'b.tar', 'c.tar', 'd.tar']);
	});

	it('are all stopped when one fails, also those under way', async () => {
		const { endless, gone } = endlessAnswer();
		const byName = (request: Parameters<Answer>[0], ...rest: [Parameters<Answer>[1], string]) =>
			(request.url === '/a' ? endless : answer(404))(request, ...rest);
		server.play(byName, byName, byName, byName);
		const error = await failureOf(downloadFiles(apiOf(), files(), new MemoryStore(), new Slots(2)));
		expect(error.message).toContain('b.tar');
		await gone;
		expect(server.received).toHaveLength(2);
	});

	it('stop when one of them fails for good', async () => {
		server.play(answer(404), whole(CONTENT), whole(CONTENT), whole(CONTENT));
		const error = await failureOf(downloadFiles(apiOf(), files(), new MemoryStore(), new Slots(1)));
		expect(error).toMatchObject({ status: 404 });
		expect(error.message).toContain('a.tar');
		expect(server.received).toHaveLength(1);
	});
});

describe('a file name', () => {
	it.each([
		['../../etc/passwd', 'passwd'],
		['C:\\Windows\\system.ini', 'system.ini'],
		['.htaccess', 'htaccess'],
		['a\u0000b\nc.tar', 'a_b_c.tar'],
		['invoice\u202Efdp.exe', 'invoice_fdp.exe'],
		['what?<is>"this"|*.tar', 'what__is__this___.tar'],
		['CON', '_CON'],
		['lpt1.txt', '_lpt1.txt'],
		['aux .tar', '_aux .tar'],
		['CONIN$', '_CONIN$'],
		['trailing. . ', 'trailing'],
		[`${'x'.repeat(199)}. .`, 'x'.repeat(199)],
		['..', 'unnamed'],
		['', 'unnamed'],
		['blåbær ✓.tar', 'blåbær ✓.tar'],
	])('%j becomes %j', (given, wanted) => {
		expect(safeFileName(given)).toBe(wanted);
	});

	it('is cut to what a disk takes, without losing its extension or half a character', () => {
		const safe = safeFileName(`${'å🗄️'.repeat(100)}.tar`);
		expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200);
		expect(safe).toMatch(/\.tar$/);
		expect(safe).not.toMatch(/\p{Cs}/u);
	});
});

it('gives each file a name of its own on any disk', () => {
	const names = ['a.tar', 'folder/A.TAR', 'e\u0301.tar', '\u00e9.tar'];
	const described = names.map((filename) => ({
		downloadURL: 'https://s3.example/a',
		filename,
		filesize: 1,
		checksum: md5(CONTENT),
	}));
	expect(readDelivery({ files: described }).files.map(({ filename }) => filename)).toEqual([
		'a.tar',
		'2_A.TAR',
		'e\u0301.tar',
		'2_\u00e9.tar',
	]);
});

it('needs no token source at all', async () => {
	const anonymous = axiosTransport(
		'',
		async () => await Promise.reject(new Error('asked for a token')),
	);
	server.play(whole(CONTENT));
	const api = apiOf({ transport: anonymous });
	expect((await downloadFile(api, fileOf(), new MemoryStore())).equals(CONTENT)).toBe(true);
});
