import { AdvisedError } from '../../../dps/advised-error';
import { DpsError } from '../../../dps/client/error';
import type { Fault } from '../../../sandbox/messages';
import { Depositor } from '../../sandbox/depositor';

import { Deposit, TestFile, md5 } from './deposit';

const UPLOAD = { side: 'store', method: 'PUT' } as const;
const FINALIZE = { side: 'api', method: 'POST', pathPattern: '/finalize$' } as const;
const LIST = { side: 'api', method: 'GET', pathPattern: '/submissions$' } as const;
const DOWN: Fault['action'] = { kind: 'status', status: 500 };

let deposit: Deposit;
let earlier: Depositor;

beforeAll(async () => {
	deposit = await Deposit.start({ stepMs: 600_000, keepRejected: true });
	earlier = await Depositor.of(deposit.sandbox);
});

afterAll(async () => {
	await deposit.stop();
});

beforeEach(async () => {
	await deposit.forget();
});

const twoFiles = () => [
	new TestFile('data/one.txt', 'one'),
	new TestFile('data/two.bin', Buffer.alloc(100_000, 2)),
];

/** What an earlier run left: a submission with these registrations. */
async function leftBehind(
	objectId: string,
	registrations: Array<{ filePath: string; checksum: string; isPackaged?: boolean }>,
): Promise<{ path: string; uploadUrls: string[] }> {
	const path = await earlier.create({ objectId });
	const uploadUrls: string[] = [];
	for (const registration of registrations) {
		const { status, body } = await earlier.call('POST', `${path}/files`, registration);
		if (status !== 201) throw new Error(`Registering answered ${status}`);
		uploadUrls.push(String(body.uploadUrl));
	}
	return { path, uploadUrls };
}

async function deletions(): Promise<number> {
	const requests = await deposit.sandbox.control.requests('api');
	return requests.filter(({ method }) => method === 'DELETE').length;
}

describe('an unfinished submission of the same objectId', () => {
	it('is carried on when it is empty', async () => {
		const objectId = deposit.newObjectId();
		await leftBehind(objectId, []);
		const files = twoFiles();
		const { resumed, submission } = await deposit.submit({ files, objectId });
		expect(resumed).toBe(true);
		expect(submission.status).toBe('UPLOAD_COMPLETED');
		await deposit.expectComplete(objectId, files);
	});

	it('gets the files that are registered, but not uploaded, on their own registration', async () => {
		const objectId = deposit.newObjectId();
		const files = twoFiles();
		await leftBehind(
			objectId,
			files.map((file) => ({ filePath: file.path, checksum: file.md5 })),
		);
		const before = (await deposit.held(objectId))[0].files;
		await deposit.submit({ files, objectId });
		const { files: after } = await deposit.expectComplete(objectId, files);
		expect(after.map(({ fileId }) => fileId)).toEqual(before.map(({ fileId }) => fileId));
		expect(await deletions()).toBe(0);
	});

	it('gets again what may have been uploaded, since nothing proves it', async () => {
		const objectId = deposit.newObjectId();
		const file = new TestFile('a.txt', 'right');
		const { uploadUrls } = await leftBehind(objectId, [
			{ filePath: file.path, checksum: file.md5 },
		]);
		// same registration, other bytes: what a run leaves whose file changed
		await fetch(uploadUrls[0], { method: 'PUT', body: 'wrong' });
		await deposit.submit({ files: [file], objectId });
		await deposit.expectComplete(objectId, [file]);
	});

	it.each([
		['another checksum', { checksum: md5('earlier version') }],
		['another packaging', { isPackaged: true }],
	])('with a file that is registered with %s: it is registered anew', async (_what, other) => {
		const objectId = deposit.newObjectId();
		const files = twoFiles();
		const [{ path, md5: checksum }] = files;
		await leftBehind(objectId, [{ filePath: path, checksum, ...other }]);
		const { resumed } = await deposit.submit({ files, objectId });
		expect(resumed).toBe(true);
		const { files: registered } = await deposit.expectComplete(objectId, files);
		expect(registered.find(({ filePath }) => filePath === path)).toMatchObject({
			checksum,
			isPackaged: false,
		});
		expect(await deletions()).toBe(1);
	});

	it('with files that are not in the input: is an error that names them, and stays as it is', async () => {
		const objectId = deposit.newObjectId();
		const files = twoFiles();
		await leftBehind(objectId, [
			{ filePath: 'forgotten/one.txt', checksum: md5('1') },
			{ filePath: 'forgotten/two.txt', checksum: md5('2') },
		]);
		const error = await deposit.failure({ files, objectId });
		expect(error).toBeInstanceOf(AdvisedError);
		expect((error as AdvisedError).findings.map(({ field }) => field)).toEqual([
			'file forgotten/one.txt',
			'file forgotten/two.txt',
		]);
		const [{ files: held, finalized }] = await deposit.held(objectId);
		expect(held).toHaveLength(2);
		expect(finalized).toBe(false);
	});

	it('with files that are not in the input: drops them when told to, and says so', async () => {
		const objectId = deposit.newObjectId();
		const files = twoFiles();
		await leftBehind(objectId, [{ filePath: 'forgotten.txt', checksum: md5('1') }]);
		const { warnings } = await deposit.submit({
			files,
			objectId,
			options: { dropUnknownFiles: true },
		});
		expect(warnings).toEqual([expect.stringContaining('forgotten.txt')]);
		await deposit.expectComplete(objectId, files);
	});

	it('tells paths apart that differ by Unicode form', async () => {
		const objectId = deposit.newObjectId();
		const composed = 'data/\u00e5.txt';
		const decomposed = 'data/a\u030a.txt';
		await leftBehind(objectId, [{ filePath: decomposed, checksum: md5('a') }]);
		const file = new TestFile(composed, 'a');
		const error = await deposit.failure({ files: [file], objectId });
		expect((error as AdvisedError).findings).toHaveLength(1);
		await deposit.submit({ files: [file], objectId, options: { dropUnknownFiles: true } });
		await deposit.expectComplete(objectId, [file]);
	});

	it('is found on a later page of the list', async () => {
		const objectId = 'object_on_a_later_page';
		const others = Array.from({ length: 130 }, async (_, index) => {
			await earlier.create({ objectId: `other_${index}` });
		});
		await Promise.all(others);
		await leftBehind(objectId, []);
		const files = twoFiles();
		await deposit.submit({ files, objectId });
		await deposit.expectComplete(objectId, files);
	});

	it('with URLs that have ended: every file is registered anew', async () => {
		const short = await Deposit.start({ uploadUrlSeconds: 1, stepMs: 600_000 });
		try {
			const files = twoFiles();
			await short.fault({ ...UPLOAD, times: 100, action: DOWN });
			await short.failure({ files, objectId: 'object_short' });
			const [{ files: before }] = await short.held('object_short');
			await short.forget();
			await new Promise((resolve) => setTimeout(resolve, 2100));
			await short.submit({ files, objectId: 'object_short' });
			const { files: after } = await short.expectComplete('object_short', files);
			const ids = new Set(before.map(({ fileId }) => fileId));
			expect(after.filter(({ fileId }) => ids.has(fileId))).toEqual([]);
		} finally {
			await short.stop();
		}
	});
});

describe('a run that failed, run again', () => {
	it.each<[string, Fault]>([
		['at the upload', { ...UPLOAD, skip: 1, times: 100, action: DOWN }],
		['at the finalization', { ...FINALIZE, times: 100, action: DOWN }],
		[
			'at the finalization, whose answer was lost each time',
			{ ...FINALIZE, times: 100, action: { kind: 'lose-answer' } },
		],
		[
			'at a registration',
			{ side: 'api', method: 'POST', pathPattern: '/files$', skip: 1, times: 100, action: DOWN },
		],
	])('%s: completes the same submission', async (_where, fault) => {
		const objectId = deposit.newObjectId();
		const files = twoFiles();
		const read: Fault = {
			side: 'api',
			method: 'GET',
			pathPattern: '/submissions/[^/]+$',
			times: 100,
			action: DOWN,
		};
		await deposit.fault(fault, read);
		expect(await deposit.failure({ files, objectId })).toBeInstanceOf(DpsError);
		const [{ submissionId }] = await deposit.held(objectId);

		await deposit.forget();
		const result = await deposit.submit({ files, objectId });
		expect(result.resumed).toBe(true);
		expect(result.submission.submissionId).toBe(submissionId);
		await deposit.expectComplete(objectId, files);
	});
});

describe('a finalized submission of the same objectId', () => {
	it('is the result when its paths and MD5s are those of the input; nothing is sent', async () => {
		const objectId = deposit.newObjectId();
		const files = twoFiles();
		const first = await deposit.submit({ files, objectId });
		await deposit.forget();
		const second = await deposit.submit({ files, objectId });
		expect(second).toMatchObject({
			resumed: true,
			files: first.files,
			sumSizeInBytes: first.sumSizeInBytes,
			submission: { submissionId: first.submission.submissionId },
		});
		const requests = await deposit.sandbox.control.requests();
		expect(requests.filter(({ side }) => side === 'store')).toEqual([]);
		await deposit.expectComplete(objectId, files);
	});

	it('is the result also when it is preserved by now', async () => {
		const objectId = deposit.newObjectId();
		const files = twoFiles();
		const { submission } = await deposit.submit({ files, objectId });
		await deposit.sandbox.control.advance(submission.submissionId);
		const again = await deposit.submit({ files, objectId });
		expect(again.submission.status).toBe('PRESERVED');
	});

	it.each<[string, () => TestFile[], string[]]>([
		[
			'another content of a file',
			() => [new TestFile('data/one.txt', 'corrected'), twoFiles()[1]],
			['file data/one.txt'],
		],
		['a file more', () => [...twoFiles(), new TestFile('new.txt', 'n')], ['file new.txt']],
		['a file less', () => [twoFiles()[0]], ['file data/two.bin']],
		[
			'another name of a file',
			() => [twoFiles()[0], new TestFile('data/TWO.bin', Buffer.alloc(100_000, 2))],
			['file data/TWO.bin', 'file data/two.bin'],
		],
	])('is an error that names the files when the input has %s', async (_what, changed, fields) => {
		const objectId = deposit.newObjectId();
		const files = twoFiles();
		await deposit.submit({ files, objectId });
		const error = await deposit.failure({ files: changed(), objectId });
		expect(error.message).toContain(
			'already holds other content; a new version needs a new objectId',
		);
		expect((error as AdvisedError).findings.map(({ field }) => field)).toEqual(fields);
		await deposit.expectComplete(objectId, files);
	});
});

describe('a rejected submission of the same objectId', () => {
	const reasons = [
		{ code: 'FILE_CHECKSUM_MISMATCH', message: 'The MD5 differs', filePath: 'data/one.txt' },
	];

	it('is an error, never a result', async () => {
		const objectId = deposit.newObjectId();
		const files = twoFiles();
		const { submission } = await deposit.submit({ files, objectId });
		await deposit.sandbox.control.reject(submission.submissionId, reasons);
		const error = await deposit.failure({ files, objectId });
		expect(error).toBeInstanceOf(AdvisedError);
		expect(error.message).toContain('was rejected');
		expect(error.message).toContain('REJECTED');
	});

	it('is an error also when it is rejected before the lost answer of its finalization is made up for', async () => {
		const objectId = deposit.newObjectId();
		const files = twoFiles();
		await deposit.fault({ ...FINALIZE, action: { kind: 'lose-answer' } });
		const rejectOnce = async () => {
			const [{ submissionId }] = await deposit.held(objectId);
			await deposit.sandbox.control.reject(submissionId, reasons);
		};
		const api = deposit.api();
		const { transport } = api;
		const error = await deposit.failure({
			files,
			objectId,
			api: {
				transport: {
					request: async (request) => {
						const isFinalize = request.url.endsWith('/finalize');
						return await transport.request(request).catch(async (reason: unknown) => {
							if (isFinalize) await rejectOnce();
							throw reason;
						});
					},
				},
			},
		});
		expect(error.message).toContain('rejected');
	});

	it('that the list still shows and that is gone when read: is an error', async () => {
		const objectId = deposit.newObjectId();
		const files = twoFiles();
		await deposit.submit({ files, objectId });
		await deposit.fault({
			side: 'api',
			method: 'GET',
			pathPattern: '/submissions/[^/]+$',
			times: 100,
			action: { kind: 'status', status: 404 },
		});
		const error = await deposit.failure({ files, objectId });
		expect(error).toBeInstanceOf(AdvisedError);
		expect(error.message).toContain('is gone now');
	});

	it('whose objectId is taken, but that the list does not show: is an error', async () => {
		const objectId = deposit.newObjectId();
		const files = twoFiles();
		await deposit.submit({ files, objectId });
		await deposit.fault({
			...LIST,
			times: 100,
			action: {
				kind: 'status',
				status: 200,
				contentType: 'application/json',
				body: '{"content":[],"page":{"size":100,"number":0,"totalElements":0,"totalPages":0}}',
			},
		});
		const error = await deposit.failure({ files, objectId });
		expect(error).toBeInstanceOf(AdvisedError);
		expect(error.message).toContain('is taken');
	});
});
