import { DpsError } from '../../../dps/client/error';
import { CancelledError } from '../../../dps/ports';
import type { Fault, FaultAction } from '../../../sandbox/messages';

import { Deposit, TestFile, fastClock, md5 } from './deposit';

const CREATE = { side: 'api', method: 'POST', pathPattern: '/submissions$' } as const;
const LIST = { side: 'api', method: 'GET', pathPattern: '/submissions$' } as const;
const READ = { side: 'api', method: 'GET', pathPattern: '/submissions/[^/]+$' } as const;
const REGISTER = { side: 'api', method: 'POST', pathPattern: '/files$' } as const;
const WITHDRAW = { side: 'api', method: 'DELETE', pathPattern: '/files/[^/]+$' } as const;
const FINALIZE = { side: 'api', method: 'POST', pathPattern: '/finalize$' } as const;
const UPLOAD = { side: 'store', method: 'PUT' } as const;
const TOKEN = { side: 'token' } as const;

const LOST: FaultAction = { kind: 'lose-answer' };
const RESET: FaultAction = { kind: 'reset-before' };
const status = (code: number, headers: Record<string, string> = {}): FaultAction => ({
	kind: 'status',
	status: code,
	headers,
	body: '<html>A proxy, not the service</html>',
	contentType: 'text/html',
});

let deposit: Deposit;

beforeAll(async () => {
	deposit = await Deposit.start({ stepMs: 600_000 });
});

afterAll(async () => {
	await deposit.stop();
});

beforeEach(async () => {
	await deposit.forget();
});

const threeFiles = () => [
	new TestFile('METS/a b.txt', 'first'),
	new TestFile('data/empty.bin', ''),
	new TestFile('data/å#%+.bin', Buffer.alloc(300_000, 7)),
];

async function expectNoOpenFiles(files: TestFile[]): Promise<void> {
	// what is closed as the connection closes may be closed a moment later
	for (let turns = 0; turns < 50 && files.some(({ opened, closed }) => opened > closed); turns++) {
		await fastClock(1).sleep(10);
	}
	expect(files.map(({ opened, closed }) => opened - closed)).toEqual(files.map(() => 0));
}

describe('one run ends with one complete submission, whatever fails on the way', () => {
	const faults: Array<[name: string, ...faults: Fault[]]> = [];
	for (const [step, where] of Object.entries({
		create: CREATE,
		register: REGISTER,
		finalize: FINALIZE,
	})) {
		faults.push([`the answer of ${step} is lost`, { ...where, action: LOST }]);
		faults.push([`the answer of ${step} is lost twice`, { ...where, times: 2, action: LOST }]);
		faults.push([
			`the answer of ${step} is cut`,
			{ ...where, action: { kind: 'reset-mid-body', afterBytes: 20 } },
		]);
		faults.push([`the connection of ${step} is reset`, { ...where, times: 2, action: RESET }]);
		for (const code of [429, 500, 502, 503, 504]) {
			faults.push([`${step} is answered ${code}`, { ...where, action: status(code) }]);
		}
		faults.push([
			`${step} is answered 503 with Retry-After`,
			{ ...where, action: status(503, { 'retry-after': '9' }) },
		]);
		faults.push([
			`the answer of ${step} is lost, and so is the look for it`,
			{ ...where, action: LOST },
			{ ...(step === 'create' ? LIST : READ), times: 2, action: RESET },
		]);
	}
	for (const code of [429, 500, 503]) {
		faults.push([`the store answers ${code}`, { ...UPLOAD, times: 3, action: status(code) }]);
	}
	faults.push(
		[
			'the store answers 503 with Retry-After',
			{ ...UPLOAD, action: status(503, { 'retry-after': '5' }) },
		],
		['the connection to the store is reset', { ...UPLOAD, times: 3, action: RESET }],
		[
			'an upload is cut in mid-body',
			{
				...UPLOAD,
				pathPattern: '\\.bin$',
				times: 3,
				action: { kind: 'reset-mid-body', afterBytes: 100_000 },
			},
		],
		["the store's answer is lost", { ...UPLOAD, times: 3, action: LOST }],
		['the token endpoint is down', { ...TOKEN, times: 2, action: status(503) }],
		['the token endpoint asks to wait', { ...TOKEN, action: status(429, { 'retry-after': '3' }) }],
		['the connection to the token endpoint is reset', { ...TOKEN, action: RESET }],
		['a token is refused', { ...REGISTER, action: { kind: 'expire-token' } }],
	);

	it.each(faults)('%s', async (name, ...given) => {
		if (name.includes('token')) await deposit.sandbox.control.revokeTokens();
		await deposit.fault(...given);
		const files = threeFiles();
		const objectId = deposit.newObjectId();
		const result = await deposit.submit({ files, objectId });

		expect(result.submission.status).toBe('UPLOAD_COMPLETED');
		expect(result.resumed).toBe(false);
		expect(result.files.map(({ checksum }) => checksum)).toEqual(files.map((file) => file.md5));
		await deposit.expectComplete(objectId, files);
		const hit = (await deposit.sandbox.control.requests()).filter(({ fault }) => fault);
		expect(hit.length).toBeGreaterThanOrEqual(given.length);
		await expectNoOpenFiles(files);
	});

	it('waits as long as Retry-After says', async () => {
		await deposit.fault({ ...UPLOAD, action: status(503, { 'retry-after': '17' }) });
		const pauses: number[] = [];
		const clock = fastClock();
		await deposit.submit({
			files: [new TestFile('a.txt', 'a')],
			objectId: deposit.newObjectId(),
			api: {
				clock: {
					...clock,
					sleep: async (ms) => {
						pauses.push(ms);
						await clock.sleep(ms / 10);
					},
				},
			},
		});
		expect(pauses).toEqual([17_000]);
	});
});

describe('a token that ends in mid-run', () => {
	const tenFiles = () =>
		Array.from({ length: 10 }, (_, index) => new TestFile(`data/${index}.txt`, `file ${index}`));

	it('is exchanged once, however many calls are refused side by side', async () => {
		const objectId = deposit.newObjectId();
		const files = tenFiles();
		await deposit.submit({ files: [new TestFile('a', 'a')], objectId: deposit.newObjectId() });
		await deposit.forget();
		await deposit.sandbox.control.revokeTokens();
		await deposit.submit({ files, objectId, options: { concurrency: 10 } });
		expect(deposit.exchanges).toBe(1);
		await deposit.expectComplete(objectId, files);
	});

	it('may end while files are uploaded', async () => {
		const objectId = deposit.newObjectId();
		const files = tenFiles();
		let done = 0;
		await deposit.submit({
			files,
			objectId,
			options: {
				concurrency: 2,
				onFileDone: () => {
					done += 1;
					if (done === 4) void deposit.sandbox.control.revokeTokens();
				},
			},
		});
		expect(deposit.exchanges).toBeLessThanOrEqual(1);
		await deposit.expectComplete(objectId, files);
	});
});

describe('an upload URL that ends in mid-run', () => {
	it('is fetched anew: registered again, with exactly one registration left', async () => {
		const expired: FaultAction = {
			kind: 'status',
			status: 403,
			contentType: 'application/xml',
			body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
		};
		await deposit.fault({ ...UPLOAD, times: 2, action: expired });
		const files = threeFiles();
		const objectId = deposit.newObjectId();
		await deposit.submit({ files, objectId });
		const { files: registered } = await deposit.expectComplete(objectId, files);
		expect(registered).toHaveLength(3);
		const requests = await deposit.sandbox.control.requests('api');
		expect(requests.filter(({ method }) => method === 'DELETE')).toHaveLength(2);
	});

	it('is also fetched anew when the withdrawal, or the new registration, loses its answer', async () => {
		await deposit.fault(
			{
				...UPLOAD,
				action: { kind: 'status', status: 403, body: '<Message>Request has expired</Message>' },
			},
			{ ...WITHDRAW, action: LOST },
			{ ...REGISTER, skip: 1, action: LOST },
		);
		const files = [new TestFile('data/one.txt', 'one')];
		const objectId = deposit.newObjectId();
		await deposit.submit({ files, objectId });
		await deposit.expectComplete(objectId, files);
	});

	it('is not sent to when it says itself that its time is over', async () => {
		const short = await Deposit.start({ uploadUrlSeconds: 4, stepMs: 600_000 });
		try {
			const file = new TestFile('a.txt', 'a');
			// the upload is repeated when the first URL is past its time
			let waited = false;
			await short.fault({ ...UPLOAD, action: { kind: 'status', status: 503 } });
			const clock = fastClock();
			await short.submit({
				files: [file],
				objectId: 'object_short',
				api: {
					clock: {
						...clock,
						sleep: async (ms, signal) => {
							await clock.sleep(waited ? ms : 4_200_000, signal);
							waited = true;
						},
					},
				},
			});
			await short.expectComplete('object_short', [file]);
			const uploads = await short.sandbox.control.requests('store');
			expect(uploads.map(({ status: answered }) => answered)).toEqual([503, 200]);
		} finally {
			await short.stop();
		}
	});

	it('is given up with a reason when each new one has ended as well', async () => {
		await deposit.fault({
			...UPLOAD,
			times: 9,
			action: { kind: 'status', status: 403, body: '<Message>Request has expired</Message>' },
		});
		const objectId = deposit.newObjectId();
		const error = await deposit.failure({ files: [new TestFile('a.txt', 'a')], objectId });
		expect(error.message).toMatch(/upload URL has expired/i);
		await deposit.forget();
		const files = [new TestFile('a.txt', 'a')];
		await deposit.submit({ files, objectId });
		await deposit.expectComplete(objectId, files);
	});
});

describe('what no repeat mends', () => {
	it('names the S3 error of the store, without the URL', async () => {
		await deposit.fault({
			...UPLOAD,
			action: {
				kind: 'status',
				status: 403,
				contentType: 'application/xml',
				body: `<?xml version="1.0"?><Error><Code>SignatureDoesNotMatch</Code><Message>The signature of http://127.0.0.1/x?X-Amz-Signature=abc does not match.</Message><Key>expired.txt</Key></Error>`,
			},
		});
		const objectId = deposit.newObjectId();
		const error = await deposit.failure({
			files: [new TestFile('data/expired.txt', 'a')],
			objectId,
		});
		expect(error).toBeInstanceOf(DpsError);
		expect(error).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
		expect(error.message).toContain('data/expired.txt');
		expect(error.message).toContain('does not match');
		expect(JSON.stringify(error) + error.message + error.stack).not.toContain('Signature=abc');
		expect((await deposit.sandbox.control.requests('store')).length).toBe(1);
		expect((await deposit.held(objectId))[0].finalized).toBe(false);
	});

	it('repeats what arrived damaged at the store', async () => {
		for (const code of ['BadDigest', 'IncompleteBody', 'RequestTimeout']) {
			await deposit.fault({
				...UPLOAD,
				action: { kind: 'status', status: 400, body: `<Error><Code>${code}</Code></Error>` },
			});
		}
		const files = [new TestFile('a.txt', 'a')];
		const objectId = deposit.newObjectId();
		await deposit.submit({ files, objectId });
		expect(deposit.repeated).toHaveLength(3);
		await deposit.expectComplete(objectId, files);
	});

	it('finalizes nothing when the store holds other bytes by its ETag', async () => {
		await deposit.fault({
			...UPLOAD,
			times: 100,
			action: { kind: 'status', status: 200, headers: { etag: `"${md5('other')}"` } },
		});
		const objectId = deposit.newObjectId();
		const error = await deposit.failure({ files: [new TestFile('a.txt', 'a')], objectId });
		expect(error).toMatchObject({ code: 'STORED_CHECKSUM_DIFFERS' });
		expect((await deposit.held(objectId))[0].finalized).toBe(false);
	});

	it('stops the other files when one fails for good, leaves no file open, and can be resumed', async () => {
		const files = Array.from(
			{ length: 8 },
			(_, index) => new TestFile(`${index}.bin`, Buffer.alloc(500_000, index)),
		);
		await deposit.fault({
			...UPLOAD,
			pathPattern: '/3\\.bin$',
			times: 100,
			action: status(500),
		});
		const objectId = deposit.newObjectId();
		const error = await deposit.failure({ files, objectId });
		expect(error).toMatchObject({ status: 500 });
		expect(error.message).not.toContain('X-Amz');
		await expectNoOpenFiles(files);
		expect((await deposit.held(objectId))[0].finalized).toBe(false);

		await deposit.sandbox.control.clearFaults();
		const { resumed } = await deposit.submit({ files, objectId });
		expect(resumed).toBe(true);
		await deposit.expectComplete(objectId, files);
	});
});

describe('a file that changes between checksum and upload', () => {
	const big = Buffer.alloc(200_000, 1);
	const changes: Array<[string, Buffer | string]> = [
		['grows', Buffer.concat([big, Buffer.from('more')])],
		['grows by several chunks', Buffer.alloc(900_000, 1)],
		['shrinks', big.subarray(0, 150_000)],
		['becomes empty', ''],
		['gets other bytes', Buffer.alloc(200_000, 2)],
	];

	it.each(changes)('%s: is caught, withdrawn, and not finalized', async (_how, changed) => {
		const file = new TestFile('data/changing.bin', big);
		file.onOpen = (count) => {
			if (count === 2) file.write(changed);
		};
		const others = [new TestFile('a.txt', 'a')];
		const objectId = deposit.newObjectId();
		const error = await deposit.failure({ files: [...others, file], objectId });
		expect(error.name).toBe('FileChangedError');
		expect(error.message).toContain('data/changing.bin changed while it was being sent');

		const [submission] = await deposit.held(objectId);
		expect(submission.finalized).toBe(false);
		expect(submission.files.map(({ filePath }) => filePath)).not.toContain('data/changing.bin');
		expect(file.opened).toBe(2);
		await expectNoOpenFiles([file, ...others]);

		const { resumed } = await deposit.submit({ files: [...others, file], objectId });
		expect(resumed).toBe(true);
		await deposit.expectComplete(objectId, [...others, file]);
	});

	it.each([
		['empty', ''],
		['of one chunk', Buffer.alloc(65_536, 7)],
	])('cannot change when it is %s: what is sent is what was read', async (_size, content) => {
		const file = new TestFile('data/log.txt', content);
		file.onOpen = (count) => {
			if (count === 2) file.write('another line');
		};
		const objectId = deposit.newObjectId();
		await deposit.fault({ ...UPLOAD, action: LOST });
		await deposit.submit({ files: [file], objectId });
		expect(file.opened).toBe(1);
		await deposit.expectComplete(objectId, [file]);
	});

	it('is not mistaken for a fault of the network when the connection breaks as well', async () => {
		await deposit.fault({ ...UPLOAD, action: LOST });
		const file = new TestFile('a.bin', big);
		file.onOpen = (count) => {
			if (count === 2) file.write(Buffer.alloc(200_000, 9));
		};
		const error = await deposit.failure({ files: [file], objectId: deposit.newObjectId() });
		expect(error.name).toBe('FileChangedError');
		expect(file.opened).toBe(2);
	});

	it('cannot be read any more: the error says so, and the run can be repeated', async () => {
		const file = new TestFile('a.bin', big);
		file.onOpen = (count) => {
			if (count === 2) throw new Error('ENOENT: no such file');
		};
		const objectId = deposit.newObjectId();
		expect((await deposit.failure({ files: [file], objectId })).message).toContain('ENOENT');
		await deposit.submit({ files: [file], objectId });
		await deposit.expectComplete(objectId, [file]);
	});
});

describe('cancellation', () => {
	const manyFiles = () =>
		Array.from(
			{ length: 6 },
			(_, index) => new TestFile(`${index}.bin`, Buffer.alloc(400_000, index)),
		);

	it.each<[string, Fault]>([
		[
			'while files are uploaded',
			{ ...UPLOAD, skip: 2, times: 4, action: { kind: 'stall', ms: 20_000 } },
		],
		[
			'while files are registered',
			{ ...REGISTER, skip: 2, times: 4, action: { kind: 'stall', ms: 20_000 } },
		],
		['while it is created', { ...CREATE, action: { kind: 'stall', ms: 20_000 } }],
		['while it is finalized', { ...FINALIZE, action: { kind: 'stall', ms: 20_000 } }],
		[
			'while it waits to try again',
			{ ...UPLOAD, times: 99, action: status(503, { 'retry-after': '50' }) },
		],
	])('%s: stops, and the next run completes the submission', async (_when, fault) => {
		await deposit.fault(fault);
		const files = manyFiles();
		const objectId = deposit.newObjectId();
		const cancel = new AbortController();
		const { control } = deposit.sandbox;
		const running = deposit.failure({
			files,
			objectId,
			api: { signal: cancel.signal, clock: fastClock(1) },
		});
		while (!(await control.requests()).some((request) => request.fault)) {
			await fastClock(1).sleep(5);
		}
		cancel.abort();
		expect(await running).toBeInstanceOf(CancelledError);
		await expectNoOpenFiles(files);
		expect((await deposit.held(objectId)).some(({ finalized }) => finalized)).toBe(false);

		await deposit.forget();
		await deposit.submit({ files, objectId });
		await deposit.expectComplete(objectId, files);
	});

	it('before it begins: nothing is sent', async () => {
		const objectId = deposit.newObjectId();
		const error = await deposit.failure({
			files: manyFiles(),
			objectId,
			api: { signal: AbortSignal.abort() },
		});
		expect(error).toBeInstanceOf(CancelledError);
		expect(await deposit.held(objectId)).toEqual([]);
	});
});
