import type { Fault } from '../../sandbox/messages';
import { Depositor, codeOf, md5 } from './depositor';
import { exchange } from './http-exchange';
import { startSandboxProcess, type SandboxProcess } from './sandbox-process';
import { WebhookReceiver } from './webhook-receiver';

let sandbox: SandboxProcess;
let depositor: Depositor;

beforeAll(async () => {
	sandbox = await startSandboxProcess();
	depositor = await Depositor.of(sandbox);
});
afterEach(async () => {
	await sandbox.control.clearFaults();
});
afterAll(async () => {
	await sandbox.stop();
});

const list = () => depositor.call('GET', '/contracts/ef23/submissions');

test('a status is answered with its headers and body, once unless said otherwise', async () => {
	await sandbox.control.fault({
		side: 'api',
		action: {
			kind: 'status',
			status: 503,
			headers: { 'retry-after': '7' },
			body: '<html>Busy</html>',
			contentType: 'text/html',
		},
	});
	const answer = await exchange(`${sandbox.apiUrl}/v1/api-docs`, { method: 'GET' });
	expect(answer.status).toBe(503);
	expect(answer.headers).toMatchObject({ 'retry-after': '7', 'content-type': 'text/html' });
	expect(answer.body.toString()).toBe('<html>Busy</html>');
	expect((await list()).status).toBe(200);
});

test('skip, times, method and pathPattern say which requests are hit', async () => {
	await sandbox.control.fault({
		side: 'api',
		method: 'GET',
		pathPattern: '/contracts/[^/]+/submissions$',
		skip: 1,
		times: 2,
		action: { kind: 'status', status: 500, body: '{}' },
	});
	await depositor.create();
	const statuses = [];
	for (let call = 0; call < 4; call++) statuses.push((await list()).status);
	expect(statuses).toEqual([200, 500, 500, 200]);
});

test('faults can be cleared', async () => {
	await sandbox.control.fault({ side: 'api', times: 99, action: { kind: 'status', status: 500 } });
	await sandbox.control.clearFaults();
	expect((await list()).status).toBe(200);
});

test('a connection that is dropped before acting leaves nothing', async () => {
	await sandbox.control.fault({ side: 'api', method: 'POST', action: { kind: 'reset-before' } });
	await expect(depositor.create({ objectId: 'dropped' })).rejects.toThrow();
	await depositor.create({ objectId: 'dropped' });
});

test('an answer that is lost leaves what was done', async () => {
	await sandbox.control.fault({ side: 'api', method: 'POST', action: { kind: 'lose-answer' } });
	await expect(depositor.create({ objectId: 'lost-answer' })).rejects.toThrow('fetch failed');
	await expect(depositor.create({ objectId: 'lost-answer' })).rejects.toThrow('409');
	const logged = await sandbox.control.requests('api');
	const lost = logged.find(({ fault }) => fault === 'lose-answer');
	expect(lost).not.toHaveProperty('status');
});

test('the answer to an upload can be lost too, and the bytes are there', async () => {
	const submission = await depositor.create();
	await sandbox.control.fault({ side: 'store', method: 'PUT', action: { kind: 'lose-answer' } });
	const url = await depositor.register(submission, 'a.txt', 'content');
	await expect(exchange(url, { method: 'PUT', body: 'content' })).rejects.toThrow();
	expect((await depositor.stateOf(submission)).files[0].stored?.md5).toBe(md5('content'));
});

test('an upload that is cut in the middle leaves no object, and can be repeated', async () => {
	const submission = await depositor.create();
	const bytes = Buffer.alloc(2_000_000, 7);
	await sandbox.control.fault({
		side: 'store',
		method: 'PUT',
		action: { kind: 'reset-mid-body', afterBytes: 1_000_000 },
	});
	const url = await depositor.register(submission, 'large.bin', bytes);
	await expect(exchange(url, { method: 'PUT', body: bytes })).rejects.toThrow();
	expect((await depositor.stateOf(submission)).files[0].stored).toBeUndefined();
	expect((await exchange(url, { method: 'PUT', body: bytes })).status).toBe(200);
});

test.each([
	['a download', 'store' as const],
	['an answer of the API', 'api' as const],
])('%s that is cut gives exactly so many bytes', async (_name, side) => {
	await sandbox.control.fault({
		side,
		method: 'GET',
		pathPattern: side === 'api' ? '/api-docs$' : undefined,
		action: { kind: 'reset-mid-body', afterBytes: 100 },
	});
	const url = side === 'api' ? `${sandbox.apiUrl}/v1/api-docs` : await downloadUrl();
	const response = await fetch(url);
	expect(response.status).toBe(200);
	let received = 0;
	const read = async () => {
		if (!response.body) return;
		for await (const chunk of response.body) received += (chunk as Uint8Array).length;
	};
	await expect(read()).rejects.toThrow();
	expect(received).toBe(100);
});

/** Has an object preserved and delivered, and gives the URL of its package. */
async function downloadUrl(): Promise<string> {
	const receiver = await WebhookReceiver.start();
	try {
		await sandbox.control.registerWebhook({ url: receiver.url });
		const submission = await depositor.deposit({ 'a.bin': Buffer.alloc(500_000, 3) });
		const { archiveId } = await depositor.reaches(submission, 'PRESERVED');
		await depositor.call('POST', '/disseminations', { archiveId });
		const [, message] = await receiver.received(2);
		const { data } = JSON.parse(message.rawBody) as {
			data: { files: { downloadURL: string }[] };
		};
		return data.files[0].downloadURL;
	} finally {
		await receiver.stop();
	}
}

test('a request that is stalled is answered after all', async () => {
	await sandbox.control.fault({ side: 'api', action: { kind: 'stall', ms: 300 } });
	const stalled = list();
	const overtaking = list();
	const first = await Promise.race([
		stalled.then(() => 'stalled'),
		overtaking.then(() => 'overtaking'),
	]);
	expect(first).toBe('overtaking');
	expect((await stalled).status).toBe(200);
});

test('a stalled request that was given up does not act', async () => {
	await sandbox.control.fault({
		side: 'api',
		method: 'POST',
		action: { kind: 'stall', ms: 300 },
	});
	await expect(
		fetch(`${sandbox.apiUrl}/v1/contracts/ef23/submissions`, {
			method: 'POST',
			headers: {
				authorization: `Bearer ${depositor.token}`,
				'content-type': 'application/json',
			},
			body: JSON.stringify({ objectId: 'given-up', metadata: {} }),
			signal: AbortSignal.timeout(50),
		}),
	).rejects.toThrow();
	await new Promise((resolve) => setTimeout(resolve, 500));
	await depositor.create({ objectId: 'given-up' });
});

test('a token can be made to look expired', async () => {
	await sandbox.control.fault({ side: 'api', action: { kind: 'expire-token' } });
	const answer = await list();
	expect(answer.status).toBe(401);
	expect(codeOf(answer)).toBe('UNAUTHORIZED');
	expect((await list()).status).toBe(200);
});

test('the token endpoint is a side of its own', async () => {
	await sandbox.control.fault({ side: 'token', action: { kind: 'status', status: 502 } });
	expect((await list()).status).toBe(200);
	await expect(sandbox.accessToken()).rejects.toThrow('502');
	await sandbox.accessToken();
	expect((await sandbox.control.requests('token')).at(-2)).toMatchObject({
		status: 502,
		fault: 'status',
	});
});

test.each([
	['an unknown kind', { side: 'api', action: { kind: 'explode' } }],
	['an unknown side', { side: 'web', action: { kind: 'reset-before' } }],
	['a pattern that is none', { side: 'api', pathPattern: '(', action: { kind: 'reset-before' } }],
	['a stall without a time', { side: 'api', action: { kind: 'stall' } }],
])('%s is refused', async (_name, fault) => {
	await expect(sandbox.control.fault(fault as Fault)).rejects.toThrow('400');
});

test('the control interface does not answer web pages', async () => {
	const state = `${sandbox.controlUrl}/state`;
	const foreign = { origin: 'https://example.com', host: 'rebound.example.com' };
	for (const [name, value] of Object.entries(foreign)) {
		const { status } = await exchange(state, { method: 'GET', headers: { [name]: value } });
		expect(status).toBe(403);
	}
});
