import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import {
	createServer,
	type IncomingMessage,
	type RequestListener,
	type Server,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { DpsApi } from '../../../dps/client/api';
import { CancelledError, type Clock, type FileSource, TransportError } from '../../../dps/ports';
import { fixityOf } from '../../../dps/submit/fixity';
import { uploadFile } from '../../../dps/submit/upload';
import { axiosTransport } from '../../../hosts/axios/transport';

import { TestFile, fastClock } from './deposit';

const LARGE = 12 * 1024 * 1024;

let server: Server;
let url: string;
let handle: RequestListener;
let requests: number;

beforeAll(async () => {
	server = createServer((request, response) => {
		requests += 1;
		handle(request, response);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/key?X-Amz-Signature=secret`;
});

beforeEach(() => {
	requests = 0;
});

afterAll(async () => {
	server.closeAllConnections();
	server.close();
	await once(server, 'close');
});

function apiWith(clock: Clock, attempts = 2): DpsApi & { repeated: string[] } {
	const repeated: string[] = [];
	return {
		baseUrl: '',
		transport: axiosTransport('', async () => ''),
		clock,
		retry: { attempts, baseDelayMs: 10, maxDelayMs: 10, maxRetryAfterMs: 0 },
		onRetry: ({ message }) => repeated.push(message),
		repeated,
	};
}

const store = (request: IncomingMessage, response: ServerResponse) => {
	request.resume().on('end', () => response.writeHead(200).end());
};

async function failureOf(work: Promise<unknown>): Promise<Error> {
	const error: unknown = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!(error instanceof Error)) throw new Error('It did not fail');
	return error;
}

describe('an upload that stands still', () => {
	const file = () => new TestFile('data/large.bin', Buffer.alloc(LARGE, 3));

	it('is noticed when the store stops reading, and repeated', async () => {
		const source = file();
		const expected = await fixityOf(source);
		handle = (request, response) => {
			if (requests > 1) store(request, response);
			else request.once('data', () => request.pause());
		};
		const api = apiWith(fastClock(500));
		expect(await uploadFile(api, source, url, expected)).toBe(2);
		expect(api.repeated).toEqual([expect.stringContaining('stood still')]);
		expect(source.opened).toBe(3);
		expect(source.closed).toBe(3);
	});

	it('is noticed when the store has all bytes and never answers', async () => {
		const source = file();
		const expected = await fixityOf(source);
		handle = (request, response) => {
			if (requests > 1) store(request, response);
			else request.resume();
		};
		const api = apiWith(fastClock(500));
		expect(await uploadFile(api, source, url, expected)).toBe(2);
		expect(api.repeated).toEqual([expect.stringContaining('stood still')]);
	});

	it('is an error without the URL when it stays so', async () => {
		const source = file();
		const expected = await fixityOf(source);
		handle = (request) => request.once('data', () => request.pause());
		const error = await failureOf(uploadFile(apiWith(fastClock(1000)), source, url, expected));
		expect(error).toMatchObject({ code: 'NO_ANSWER', retryable: true, mayHaveActed: true });
		expect(error.message).not.toContain('X-Amz');
		expect(source.closed).toBe(source.opened);
	});

	it('is not cut while bytes flow, however long it takes', async () => {
		const windowBytes = 10 * 1024 * 1024;
		const source = new TestFile('data/large.bin', Buffer.alloc(4 * windowBytes, 3));
		const expected = await fixityOf(source);
		// the time after which it would count as stalled passes whenever the store has read so much
		let passTime: (() => void) | undefined;
		let windows = 0;
		let stored = 0;
		handle = (request, response) => {
			request.on('data', (chunk: Buffer) => {
				stored += chunk.length;
				if (stored < (windows + 1) * windowBytes) return;
				windows += 1;
				passTime?.();
			});
			request.on('end', () => response.writeHead(200).end());
		};
		const clock: Clock = {
			...fastClock(),
			sleep: async (_ms, signal) => {
				await new Promise<void>((resolve) => {
					passTime = resolve;
					signal?.addEventListener('abort', () => resolve(), { once: true });
				});
				if (signal?.aborted) throw new CancelledError();
			},
		};
		const api = apiWith(clock);
		expect(await uploadFile(api, source, url, expected)).toBe(1);
		expect(windows).toBe(4);
		expect(api.repeated).toEqual([]);
	});
});

describe("the transport's own time-out", () => {
	it('ends a request whose body is not read', async () => {
		handle = (request) => request.pause();
		const { transport } = apiWith(fastClock());
		const error = await failureOf(
			transport.request({
				method: 'PUT',
				url,
				auth: 'none',
				headers: { 'Content-Length': String(LARGE) },
				body: await new TestFile('a', Buffer.alloc(LARGE)).open(),
				responseType: 'text',
				timeoutMs: 200,
			}),
		);
		expect(error).toBeInstanceOf(TransportError);
		expect(error).toMatchObject({ failure: 'no-answer' });
	});

	it('is a limit of the whole request, so it leaves time for the size', async () => {
		const limits: number[] = [];
		const api = apiWith(fastClock(), 1);
		const { transport } = api;
		api.transport = {
			request: async (request) => {
				limits.push(request.timeoutMs);
				return await transport.request({ ...request, timeoutMs: 100 });
			},
		};
		const small = new TestFile('a', 'a');
		const large = new TestFile('b', Buffer.alloc(LARGE));
		handle = (request) => request.resume();
		for (const source of [small, large]) {
			await failureOf(uploadFile(api, source, url, await fixityOf(source)));
		}
		expect(limits[0]).toBeGreaterThanOrEqual(60_000);
		// milliseconds at 20 kB a second
		expect(limits[1] - limits[0]).toBeCloseTo((LARGE - 1) / 20, 0);
	});
});

describe('a store that answers before it has the file', () => {
	const file = () => new TestFile('a.bin', Buffer.alloc(LARGE, 5));

	it('with an error: is sent to again, from the start', async () => {
		const source = file();
		const expected = await fixityOf(source);
		handle = (request, response) => {
			if (requests > 1) store(request, response);
			else request.once('data', () => response.writeHead(503).end('busy'));
		};
		expect(await uploadFile(apiWith(fastClock()), source, url, expected)).toBe(2);
		expect(source.closed).toBe(source.opened);
	});

	it('with a success: is not believed', async () => {
		const source = file();
		const expected = await fixityOf(source);
		handle = (request, response) => {
			request.once('data', () => {
				request.pause();
				response.writeHead(200, { 'content-type': 'text/html' }).end('Please log in');
			});
		};
		const error = await failureOf(uploadFile(apiWith(fastClock()), source, url, expected));
		expect(error).toMatchObject({ code: 'NO_ANSWER' });
		expect(error.message).toContain('before it had the whole file');
	});
});

describe('a file that is opened for the upload', () => {
	const folder = mkdtempSync(join(tmpdir(), 'dps-upload-'));
	const path = join(folder, 'large.bin');
	writeFileSync(path, Buffer.alloc(LARGE, 1));
	const streams: Array<ReturnType<typeof createReadStream>> = [];
	const source: FileSource = {
		path: 'large.bin',
		size: statSync(path).size,
		async open() {
			const stream = createReadStream(path);
			streams.push(stream);
			return stream;
		},
	};

	beforeEach(() => {
		streams.length = 0;
	});

	afterAll(() => {
		rmSync(folder, { recursive: true });
	});

	async function expectAllClosed(): Promise<void> {
		for (let turns = 0; turns < 100 && !streams.every(({ closed }) => closed); turns++) {
			await pause(10);
		}
		expect(streams.map(({ closed }) => closed)).toEqual(streams.map(() => true));
	}

	it.each<[string, RequestListener]>([
		['the store stores it', store],
		['the store refuses it', (_request, response) => response.writeHead(400).end()],
		['the connection breaks', (request) => request.once('data', () => request.socket.destroy())],
		['the store stops reading', (request) => request.once('data', () => request.pause())],
	])('is closed when %s', async (_case, listener) => {
		handle = listener;
		const expected = await fixityOf(source);
		await uploadFile(apiWith(fastClock(1000)), source, url, expected).catch(() => undefined);
		expect(streams.length).toBeGreaterThan(1);
		await expectAllClosed();
	});

	it('is closed when the store cannot be reached', async () => {
		const expected = await fixityOf(source);
		const error = await failureOf(
			uploadFile(apiWith(fastClock()), source, 'http://127.0.0.1:1/x?X-Amz-A=b', expected),
		);
		expect(error).toMatchObject({ code: 'NOT_REACHED' });
		expect(error.message).not.toContain('X-Amz');
		await expectAllClosed();
	});

	it('is closed when the run is cancelled', async () => {
		const cancel = new AbortController();
		handle = (request) => {
			request.once('data', () => {
				request.pause();
				cancel.abort();
			});
		};
		const expected = await fixityOf(source);
		const api = { ...apiWith(fastClock(1)), signal: cancel.signal };
		const error = await failureOf(uploadFile(api, source, url, expected));
		expect(error).toBeInstanceOf(CancelledError);
		await expectAllClosed();
	});

	it('is closed when the run is cancelled while its checksum is taken', async () => {
		const error = await failureOf(fixityOf(source, AbortSignal.abort()));
		expect(error).toBeInstanceOf(CancelledError);
		await expectAllClosed();
	});
});
