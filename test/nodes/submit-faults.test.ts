import { once } from 'node:events';
import { readdirSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { Container } from '@n8n/di';
import type { IBinaryData, IDataObject, INodeExecutionData } from 'n8n-workflow';

import { TransportError } from '../../dps/ports';
import { fixityOf } from '../../dps/submit/fixity';
import { uploadFile } from '../../dps/submit/upload';
import { sourceOf } from '../../nodes/DigitalPreservation/n8n/binary';
import { n8nTransport } from '../../nodes/DigitalPreservation/n8n/transport';
import type { Fault } from '../../sandbox/messages';
import { fastClock, md5 } from '../dps/submit/deposit';

import { METADATA, NodeBench } from './node-bench';

const UPLOAD = { side: 'store', method: 'PUT' } as const;
const REGISTER = { side: 'api', method: 'POST', pathPattern: '/files$' } as const;
const LARGE = 12 * 1024 * 1024;

let bench: NodeBench;
let count = 0;
const newObjectId = () => `object_${++count}`;

beforeAll(async () => {
	bench = await NodeBench.start({ stepMs: 600_000, tokenSeconds: 2 });
});

afterAll(async () => {
	await bench.stop();
});

afterEach(async () => {
	await bench.sandbox.control.clearFaults();
	await bench.sandbox.control.clearRequests();
});

const parametersFor = (objectId: string, concurrency = 4) => ({
	contractId: { __rl: true, mode: 'id', value: 'ef23' },
	objectId,
	filePath: '={{ $json.filePath }}',
	binaryPropertyName: 'data',
	isPackaged: false,
	metadataMode: 'json',
	metadataJson: JSON.stringify(METADATA),
	options: { concurrency },
});

async function submit(items: INodeExecutionData[], objectId: string, concurrency?: number) {
	const parameters = parametersFor(objectId, concurrency);
	return await bench.run('submission', 'submit', parameters, { items });
}

async function failure(items: INodeExecutionData[], objectId: string, signal?: AbortSignal) {
	return await bench.failure('submission', 'submit', parametersFor(objectId), { items, signal });
}

async function itemsOf(files: Record<string, Buffer | string>): Promise<INodeExecutionData[]> {
	const items: INodeExecutionData[] = [];
	for (const [path, bytes] of Object.entries(files)) items.push(await bench.fileItem(path, bytes));
	return items;
}

async function storedOf(objectId: string) {
	const { submissions } = await bench.sandbox.control.state();
	const held = submissions.filter((submission) => submission.objectId === objectId);
	expect(held).toHaveLength(1);
	return {
		finalized: held[0].finalized,
		files: Object.fromEntries(held[0].files.map((file) => [file.filePath, file.stored?.md5])),
	};
}

/** Files of n8n's binary store that this process has open. */
function openFiles(): string[] {
	return readdirSync('/proc/self/fd')
		.map((descriptor) => {
			try {
				return readlinkSync(join('/proc/self/fd', descriptor));
			} catch {
				return '';
			}
		})
		.filter((path) => path.startsWith(bench.n8n.storageFolder));
}

async function expectNoOpenFiles(): Promise<void> {
	for (let turns = 0; turns < 100 && openFiles().length > 0; turns++) await pause(10);
	expect(openFiles()).toEqual([]);
}

async function untilFault(): Promise<void> {
	while (!(await bench.sandbox.control.requests()).some(({ fault }) => fault)) await pause(5);
}

async function storedPath({ id }: IBinaryData): Promise<string> {
	const { BinaryDataService } = await import('n8n-core');
	return Container.get(BinaryDataService).getPath(id ?? '');
}

describe("'Submit Package' in n8n", () => {
	it.each<[string, ...Fault[]]>([
		[
			'an upload is cut in mid-body',
			{ ...UPLOAD, action: { kind: 'reset-mid-body', afterBytes: 200_000 } },
		],
		["the store's answer is lost", { ...UPLOAD, action: { kind: 'lose-answer' } }],
		['the store answers 503', { ...UPLOAD, times: 2, action: { kind: 'status', status: 503 } }],
		['the answer of a registration is lost', { ...REGISTER, action: { kind: 'lose-answer' } }],
		['a token is refused', { ...REGISTER, action: { kind: 'expire-token' } }],
	])('completes the submission when %s, and leaves no file open', async (_case, ...faults) => {
		for (const fault of faults) await bench.sandbox.control.fault(fault);
		const files = { 'data/å b#%+.bin': Buffer.alloc(900_000, 1), 'empty.txt': '', 'a.txt': 'a' };
		const objectId = newObjectId();
		const [{ json }] = await submit(await itemsOf(files), objectId);
		expect(json).toMatchObject({ status: 'UPLOAD_COMPLETED', resumed: false });
		const wanted = Object.entries(files).map(([path, bytes]) => [path, md5(bytes)]);
		expect(await storedOf(objectId)).toEqual({
			finalized: true,
			files: Object.fromEntries(wanted),
		});
		expect(JSON.stringify(json)).not.toContain('X-Amz');
		await expectNoOpenFiles();
	});

	it.each<[string, (path: string) => void]>([
		['shrinks', (path) => truncateSync(path, 500_000)],
		['becomes empty', (path) => truncateSync(path, 0)],
		['grows', (path) => writeFileSync(path, Buffer.alloc(950_000, 1))],
		['gets other bytes', (path) => writeFileSync(path, Buffer.alloc(900_000, 2))],
	])('catches a stored file that %s after its checksum was taken', async (_how, change) => {
		const items = await itemsOf({ 'changing.bin': Buffer.alloc(900_000, 1) });
		const objectId = newObjectId();
		await bench.sandbox.control.fault({ ...REGISTER, action: { kind: 'stall', ms: 300 } });
		const failing = failure(items, objectId);
		await untilFault();
		change(await storedPath(items[0].binary?.data as IBinaryData));
		const error = await failing;
		expect(error.message).toContain('changing.bin changed while it was being sent');
		expect(await storedOf(objectId)).toEqual({ finalized: false, files: {} });
		await expectNoOpenFiles();
	});

	it('stops when the execution is cancelled, leaves no file open, and is completed by the next', async () => {
		const files = { 'one.bin': Buffer.alloc(2_000_000, 1), 'two.bin': Buffer.alloc(2_000_000, 2) };
		const items = await itemsOf(files);
		const objectId = newObjectId();
		await bench.sandbox.control.fault({ ...UPLOAD, times: 2, action: { kind: 'stall', ms: 9000 } });
		const cancel = new AbortController();
		const failing = failure(items, objectId, cancel.signal);
		await untilFault();
		cancel.abort();
		await failing;
		await expectNoOpenFiles();
		expect((await storedOf(objectId)).finalized).toBe(false);

		await bench.sandbox.control.clearFaults();
		const [{ json }] = await submit(items, objectId);
		expect(json).toMatchObject({ resumed: true, status: 'UPLOAD_COMPLETED' });
	});

	it('shows the store’s error, and no URL', async () => {
		const message = 'No http://s3.example/k?X-Amz-Signature=abc';
		await bench.sandbox.control.fault({
			...UPLOAD,
			action: {
				kind: 'status',
				status: 403,
				body: `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`,
			},
		});
		const error = await failure(await itemsOf({ 'a.txt': 'a' }), newObjectId());
		const shown = `${error.message} ${error.description} ${JSON.stringify(error)}`;
		expect(shown).toContain('AccessDenied');
		expect(shown).not.toContain('Signature=');
		await expectNoOpenFiles();
	});

	it('exchanges a token that has ended once, not once for each file in work', async () => {
		const files = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`${n}.txt`, `${n}`]));
		const items = await itemsOf(files);
		await submit(await itemsOf({ 'a.txt': 'a' }), newObjectId());
		// a token is good for two seconds, and lasts to the end of its last one
		await pause(3100);
		await bench.sandbox.control.clearRequests();
		const [{ json }] = await submit(items, newObjectId(), 16);
		expect(json.status).toBe('UPLOAD_COMPLETED');
		expect(await bench.sandbox.control.requests('token')).toHaveLength(1);
	});
});

describe("n8n's transport", () => {
	let server: Server;
	let origin: string;
	let handle: RequestListener;

	beforeAll(async () => {
		server = createServer((request, response) => handle(request, response));
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});

	afterAll(async () => {
		server.closeAllConnections();
		server.close();
		await once(server, 'close');
	});

	async function largeFile() {
		const [item] = await itemsOf({ 'large.bin': Buffer.alloc(LARGE, 4) });
		const context = bench.n8n.executeContext(bench.node, bench.credentialType, {
			credential: { ...(bench.credential as IDataObject) } as never,
			parameters: {},
			items: [item],
		});
		const binary = item.binary?.data as IBinaryData;
		const source = sourceOf(context, { binary, size: LARGE }, 'large.bin');
		return { source, transport: n8nTransport(context, origin, bench.credential as never) };
	}

	it('ends a request whose body is not read when its time is up', async () => {
		handle = (request) => request.pause();
		const { source, transport } = await largeFile();
		const body = await source.open();
		const error: unknown = await transport
			.request({
				method: 'PUT',
				url: `${origin}/key?X-Amz-Signature=secret`,
				auth: 'none',
				headers: { 'Content-Length': String(LARGE) },
				body,
				responseType: 'text',
				timeoutMs: 200,
			})
			.catch((reason: unknown) => reason);
		(body as unknown as { destroy(): void }).destroy();
		expect(error).toBeInstanceOf(TransportError);
		expect(error).toMatchObject({ failure: 'no-answer' });
		expect((error as Error).message).not.toContain('secret');
		await expectNoOpenFiles();
	});

	it('lets an upload that stands still be noticed and repeated', async () => {
		let requests = 0;
		handle = (request, response) => {
			requests += 1;
			if (requests === 1) request.once('data', () => request.pause());
			else request.resume().on('end', () => response.writeHead(200).end());
		};
		const { source, transport } = await largeFile();
		const repeated: string[] = [];
		const attempts = await uploadFile(
			{
				baseUrl: origin,
				transport,
				clock: fastClock(500),
				retry: { attempts: 3, baseDelayMs: 10, maxDelayMs: 10, maxRetryAfterMs: 0 },
				onRetry: ({ message }) => repeated.push(message),
			},
			source,
			`${origin}/key?X-Amz-Signature=secret`,
			await fixityOf(source),
		);
		expect(attempts).toBe(2);
		expect(repeated).toEqual([expect.stringContaining('stood still')]);
		await expectNoOpenFiles();
	});
});
