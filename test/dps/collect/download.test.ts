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
import { ScriptedServer, answer } from '../scripted-server';

const CONTENT = Buffer.alloc(3_000_000, 'every byte of it ');
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

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

	it('is given up after so many breaks without progress, and not sooner when it gets on', async () => {
		const stuck = ranged(CONTENT, { cutAfter: 10 });
		server.play(stuck, stuck, stuck, stuck, stuck, stuck, stuck, stuck, stuck, stuck);
		const api = apiOf({
			retry: { attempts: 2, baseDelayMs: 1, maxDelayMs: 1, maxRetryAfterMs: 1 },
		});
		const error = await failureOf(downloadFile(api, fileOf(), new MemoryStore()));
		expect(error).toBeInstanceOf(DpsError);
		expect(error.message).not.toContain('secret');
		expect(server.received.length).toBeLessThan(10);
	});

	it('is whole also from a store that knows no ranges', async () => {
		server.play(whole(CONTENT, 1_000_000), whole(CONTENT));
		const stored = await downloadFile(apiOf(), fileOf(), new MemoryStore());
		expect(stored.equals(CONTENT)).toBe(true);
	});

	it.each<[string, Answer]>([
		['has changed meanwhile', ranged(Buffer.alloc(CONTENT.length, 'x'), { etag: '"two"' })],
		['is answered with another part', answer(206, 'x', { 'content-range': 'bytes 5-5/3000000' })],
		['is shorter now', answer(416)],
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
		const api = apiOf({ retry: { ...apiOf().retry, attempts: 1 } });
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

	it('lets go of its connection when the store takes no more', async () => {
		let closed: (() => void) | undefined;
		const gone = new Promise<void>((resolve) => (closed = resolve));
		server.play((_request, response) => {
			response.on('close', () => closed?.());
			response.writeHead(200, { 'content-length': CONTENT.length });
			response.write(CONTENT.subarray(0, 1_000_000));
		});
		const full: Store<never> = {
			async put(_file, bytes) {
				for await (const chunk of bytes) if (chunk.length > 0) break;
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
	const attempts = 2;
	const api = () => apiOf({ retry: { ...apiOf().retry, attempts } });

	it('are fetched again, then an error names both checksums', async () => {
		const wrong = Buffer.alloc(CONTENT.length, 'y');
		server.play(whole(wrong), whole(wrong));
		const error = await failureOf(downloadFile(api(), fileOf(), new MemoryStore()));
		expect(error.code).toBe('DOWNLOAD_DIFFERS');
		expect(error.message).toContain(md5(wrong));
		expect(error.message).toContain(md5(CONTENT));
	});

	it('are not read beyond the size', async () => {
		const longer = Buffer.concat([CONTENT, Buffer.from('more')]);
		server.play(whole(longer), whole(longer));
		const error = await failureOf(downloadFile(api(), fileOf(), new MemoryStore()));
		expect(error.message).toContain(`more than ${CONTENT.length} bytes`);
	});

	it('are checked as the store has them, not as they came', async () => {
		const store = new MemoryStore();
		store.read = async () =>
			(async function* () {
				yield CONTENT.subarray(1);
			})();
		server.play(whole(CONTENT), whole(CONTENT));
		const error = await failureOf(downloadFile(api(), fileOf(), store));
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

	it.each(['http://s3.example/a.tar', 'ftp://s3.example/a', 'file:///etc/passwd', 'no link'])(
		'like %s is refused',
		(url) => {
			expect(() => readDelivery(message(url))).toThrow();
		},
	);
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
		['trailing. . ', 'trailing'],
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

it('needs no token source at all', async () => {
	const anonymous = axiosTransport(
		'',
		async () => await Promise.reject(new Error('asked for a token')),
	);
	server.play(whole(CONTENT));
	const api = apiOf({ transport: anonymous });
	expect((await downloadFile(api, fileOf(), new MemoryStore())).equals(CONTENT)).toBe(true);
});
