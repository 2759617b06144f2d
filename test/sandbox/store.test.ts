import { createHash } from 'node:crypto';
import { readdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Depositor, idOf, md5, until } from './depositor';
import { exchange, type RawAnswer } from './http-exchange';
import { startSandboxProcess, type SandboxProcess } from './sandbox-process';

let sandbox: SandboxProcess;
let depositor: Depositor;
let submission: string;
let count = 0;

beforeAll(async () => {
	sandbox = await startSandboxProcess();
	depositor = await Depositor.of(sandbox);
	submission = await depositor.create();
});
afterAll(async () => {
	await sandbox.stop();
});

/** An upload URL for a file of its own. */
async function uploadUrl(content = 'content'): Promise<{ url: string; filePath: string }> {
	const filePath = `file-${++count}.txt`;
	return { filePath, url: await depositor.register(submission, filePath, content) };
}

async function stored(filePath: string) {
	const { files } = await depositor.stateOf(submission);
	return files.find((file) => file.filePath === filePath)?.stored;
}

function expectRefusal(answer: RawAnswer, status: number, code: string): void {
	expect(answer.headers['content-type']).toContain('application/xml');
	expect(answer.body.toString()).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>/);
	expect(answer.body.toString()).toContain(`<Code>${code}</Code>`);
	expect(answer.status).toBe(status);
}

describe('what is stored', () => {
	test('an upload gets 200 and the MD5 as its ETag', async () => {
		const { url, filePath } = await uploadUrl();
		const answer = await exchange(url, { method: 'PUT', body: 'content' });
		expect(answer.status).toBe(200);
		expect(answer.headers.etag).toBe(`"${md5('content')}"`);
		expect(await stored(filePath)).toEqual({ md5: md5('content'), size: 7 });
	});

	test('an empty file is stored', async () => {
		const { url, filePath } = await uploadUrl('');
		expect((await exchange(url, { method: 'PUT' })).status).toBe(200);
		expect(await stored(filePath)).toEqual({ md5: md5(''), size: 0 });
	});

	test('a second upload to the same URL takes the place of the first', async () => {
		const { url, filePath } = await uploadUrl();
		await exchange(url, { method: 'PUT', body: 'first' });
		await exchange(url, { method: 'PUT', body: 'second!' });
		expect(await stored(filePath)).toEqual({ md5: md5('second!'), size: 7 });
	});

	test.each([
		'with space.txt',
		'nr#1.txt',
		'100%.txt',
		'%20.txt',
		'a+b.txt',
		'a?b&c=d.txt',
		"it's (a) *test*!.txt",
		'semi;colon:at@.txt',
		'back\\slash.txt',
		'blåbær.txt'.normalize('NFC'),
		'blåbær.txt'.normalize('NFD'),
		'𠜎.txt',
		`${'long/'.repeat(60)}file.txt`,
	])('the path %s reaches the store as it is', async (filePath) => {
		await depositor.send(submission, filePath, filePath);
		expect(await stored(filePath)).toEqual({
			md5: md5(filePath),
			size: Buffer.byteLength(filePath),
		});
	});

	test('an upload that is cut leaves no object, and none of its bytes on disk', async () => {
		const dataFolder = await mkdtemp(join(tmpdir(), 'dps-sandbox-test-'));
		const own = await startSandboxProcess({ dataFolder });
		try {
			const one = await Depositor.of(own);
			const path = await one.create();
			const url = await one.register(path, 'cut.bin', '');
			const body = Buffer.alloc(1_000_000, 1);
			await expect(
				exchange(url, { method: 'PUT', body, cutAfterBytes: 500_000 }),
			).rejects.toThrow();
			await until(async () => ((await readdir(dataFolder)).length === 0 ? true : undefined));
			expect((await one.stateOf(path)).files[0].stored).toBeUndefined();
		} finally {
			await own.stop();
			await rm(dataFolder, { recursive: true });
		}
	});

	test('an upload URL that is still valid does not change what is archived', async () => {
		const path = await depositor.create();
		const url = await depositor.register(path, 'a.txt', 'archived');
		await exchange(url, { method: 'PUT', body: 'archived' });
		await depositor.call('POST', `${path}/finalize`);
		await depositor.reaches(path, 'PRESERVED');
		await exchange(url, { method: 'PUT', body: 'changed' });
		expect((await depositor.stateOf(path)).files[0].stored?.md5).toBe(md5('archived'));
	});
});

describe('what S3 refuses', () => {
	test('a body in chunks: 411 MissingContentLength', async () => {
		const { url, filePath } = await uploadUrl();
		const answer = await exchange(url, { method: 'PUT', body: 'content', chunked: true });
		expectRefusal(answer, 411, 'MissingContentLength');
		expect(await stored(filePath)).toBeUndefined();
	});

	test('an Authorization header beside the signature: 400 InvalidArgument', async () => {
		const { url, filePath } = await uploadUrl();
		const answer = await exchange(url, {
			method: 'PUT',
			body: 'content',
			headers: { authorization: `Bearer ${depositor.token}` },
		});
		expectRefusal(answer, 400, 'InvalidArgument');
		expect(answer.body.toString()).toContain('Only one auth mechanism allowed');
		expect(answer.body.toString()).not.toContain(depositor.token);
		expect(await stored(filePath)).toBeUndefined();
	});

	test('more than 5 GiB: 400 EntityTooLarge', async () => {
		const { url } = await uploadUrl();
		const answer = await exchange(url, {
			method: 'PUT',
			headers: { 'content-length': 5 * 1024 ** 3 + 1 },
			withoutBody: true,
		});
		expectRefusal(answer, 400, 'EntityTooLarge');
	});

	test('a wrong signature: 403 SignatureDoesNotMatch', async () => {
		const { url, filePath } = await uploadUrl();
		const wrong = url.replace(/X-Amz-Signature=(.)/, (_all, first: string) =>
			first === '0' ? 'X-Amz-Signature=1' : 'X-Amz-Signature=0',
		);
		const answer = await exchange(wrong, { method: 'PUT', body: 'content' });
		expectRefusal(answer, 403, 'SignatureDoesNotMatch');
		expect(await stored(filePath)).toBeUndefined();
	});

	test.each([
		['a later expiry', (url: string) => url.replace('X-Amz-Expires=3600', 'X-Amz-Expires=7200')],
		['another path', (url: string) => url.replace('.txt?', '.doc?')],
		['another parameter', (url: string) => `${url}&acl=`],
		['an extra percent-encoding', (url: string) => url.replace('/file-', '/%66ile-')],
	])('a URL altered by %s: 403 SignatureDoesNotMatch', async (_name, alter) => {
		const { url } = await uploadUrl();
		expect(alter(url)).not.toBe(url);
		const answer = await exchange(alter(url), { method: 'PUT', body: 'content' });
		expectRefusal(answer, 403, 'SignatureDoesNotMatch');
	});

	test('an upload URL used for reading: 403 SignatureDoesNotMatch', async () => {
		const { url } = await uploadUrl();
		expectRefusal(await exchange(url, { method: 'GET' }), 403, 'SignatureDoesNotMatch');
	});

	test('an unknown access key: 403 InvalidAccessKeyId', async () => {
		const { url } = await uploadUrl();
		const answer = await exchange(url.replace('Credential=S3RVER', 'Credential=OTHER'), {
			method: 'PUT',
			body: 'content',
		});
		expectRefusal(answer, 403, 'InvalidAccessKeyId');
	});

	test('a URL without a signature: 403 AccessDenied', async () => {
		const { url } = await uploadUrl();
		const answer = await exchange(url.split('?')[0], { method: 'PUT', body: 'content' });
		expectRefusal(answer, 403, 'AccessDenied');
	});

	test('a part of the signature missing: 400 AuthorizationQueryParametersError', async () => {
		const { url } = await uploadUrl();
		const answer = await exchange(url.replace(/&X-Amz-Date=[^&]*/, ''), { method: 'PUT' });
		expectRefusal(answer, 400, 'AuthorizationQueryParametersError');
	});

	test('an expired URL: 403 AccessDenied, Request has expired', async () => {
		const short = await startSandboxProcess({ uploadUrlSeconds: 1 });
		try {
			const one = await Depositor.of(short);
			const path = await one.create();
			const url = await one.register(path, 'late.txt', 'late');
			await sleep(2100);
			const answer = await exchange(url, { method: 'PUT', body: 'late' });
			expectRefusal(answer, 403, 'AccessDenied');
			expect(answer.body.toString()).toContain('<Message>Request has expired</Message>');
			expect((await one.call('GET', path)).body.files).toMatchObject([{ uploadUrl: url }]);
		} finally {
			await short.stop();
		}
	});

	test('a Content-MD5 of other bytes: 400 BadDigest', async () => {
		const { url, filePath } = await uploadUrl();
		const other = createHash('md5').update('other').digest('base64');
		const answer = await exchange(url, {
			method: 'PUT',
			body: 'content',
			headers: { 'content-md5': other },
		});
		expectRefusal(answer, 400, 'BadDigest');
		expect(await stored(filePath)).toBeUndefined();
	});

	test('a Content-MD5 in hexadecimal: 400 InvalidDigest', async () => {
		const { url } = await uploadUrl();
		const answer = await exchange(url, {
			method: 'PUT',
			body: 'content',
			headers: { 'content-md5': md5('content') },
		});
		expectRefusal(answer, 400, 'InvalidDigest');
	});

	test('a right Content-MD5 is taken', async () => {
		const { url } = await uploadUrl();
		const right = createHash('md5').update('content').digest('base64');
		const answer = await exchange(url, {
			method: 'PUT',
			body: 'content',
			headers: { 'content-md5': right },
		});
		expect(answer.status).toBe(200);
	});
});

test('the log of requests shows what came to the store, without the query', async () => {
	await sandbox.control.clearRequests();
	const { url } = await uploadUrl();
	await exchange(url, { method: 'PUT', body: 'content' });
	const logged = await sandbox.control.requests('store');
	expect(logged).toEqual([
		{
			number: expect.any(Number) as unknown,
			side: 'store',
			method: 'PUT',
			path: new URL(url).pathname,
			status: 200,
			hasAuthorization: false,
			contentLength: 7,
			inFlight: 1,
		},
	]);
	expect(logged[0].path).toContain(idOf(submission));
});
