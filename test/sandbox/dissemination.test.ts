import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { Depositor, codeOf, md5, until } from './depositor';
import { exchange } from './http-exchange';
import { startSandboxProcess, type SandboxProcess } from './sandbox-process';
import { WebhookReceiver } from './webhook-receiver';

interface DeliveredFile {
	downloadURL: string;
	filename: string;
	filesize: number;
	expirationDate: string;
	checksum: string;
	checksumAlgorithm: string;
}

interface DeliveredMessage {
	type: string;
	data: Record<string, unknown> & { files: DeliveredFile[] };
}

const LARGE = Buffer.alloc(3_000_001, 'large');
const PACKAGE: Record<string, Buffer> = {
	'METS.xml': Buffer.from('<mets/>'),
	'metadata/descriptive/dc.json': Buffer.from('{}'),
	'representations/primary_20250217/METS.xml': Buffer.from('<mets OBJID="primary"/>'),
	'representations/primary_20250217/data/side 1 å.tif': Buffer.from('page one'),
	[`representations/primary_20250217/data/${'bilde ø'.normalize('NFD')}.tif`]: Buffer.from('two'),
	[`representations/primary_20250217/data/${'x'.repeat(150)}.tif`]: Buffer.from('long'),
	[`representations/primary_20250217/data/${'ø'.repeat(150)}.tif`]: Buffer.from('long, ø'),
	'representations/primary_20250217/data/large.bin': LARGE,
	'representations/primary_20250217/data/empty.txt': Buffer.alloc(0),
	'representations/access_20250218/data/side 1.jpg': Buffer.from('access'),
};

let sandbox: SandboxProcess;
let depositor: Depositor;
let receiver: WebhookReceiver;

beforeAll(async () => {
	receiver = await WebhookReceiver.start();
	sandbox = await startSandboxProcess({ webhookUrl: receiver.url });
	depositor = await Depositor.of(sandbox);
});
afterAll(async () => {
	await sandbox.stop();
	await receiver.stop();
});

async function preserved(
	files: Record<string, Buffer | string>,
	contractId = 'ef23',
): Promise<string> {
	const submission = await depositor.deposit(files, { contractId });
	const { archiveId } = await depositor.reaches(submission, 'PRESERVED');
	return String(archiveId);
}

async function delivered(disseminationId: unknown): Promise<DeliveredMessage> {
	return await until(async () =>
		receiver.messages
			.map(({ rawBody }) => JSON.parse(rawBody) as DeliveredMessage)
			.find(
				({ type, data }) =>
					type === 'dissemination.delivered' && data.disseminationId === disseminationId,
			),
	);
}

async function membersOf(tar: Buffer): Promise<Record<string, Buffer>> {
	const members: Record<string, Buffer> = {};
	const reader = extract();
	reader.on('entry', (header, content, next) => {
		const chunks: Buffer[] = [];
		content.on('data', (chunk) => chunks.push(chunk as Buffer));
		content.on('end', () => {
			members[header.name] = Buffer.concat(chunks);
			next();
		});
	});
	await pipeline(Readable.from([tar]), reader);
	return members;
}

test('delivers a TAR file for each representation and one for the rest, with the bytes that were sent', async () => {
	const archiveId = await preserved(PACKAGE);
	const ordered = await depositor.call('POST', '/disseminations', { archiveId, priority: 10 });
	expect(ordered.status).toBe(201);
	expect(ordered.body).toEqual({
		disseminationId: expect.stringMatching(/^[0-9a-zA-Z]{22}$/) as unknown,
		archiveId,
		clientId: 'sandbox-client',
		contractId: 'ef23',
		objectId: expect.any(String) as unknown,
		sumSizeInBytes: Object.values(PACKAGE).reduce((sum, { length }) => sum + length, 0),
		status: 'RECEIVED',
		priority: 10,
		dateCreated: expect.stringMatching(/T.*\+00:00$/) as unknown,
	});

	const { data } = await delivered(ordered.body.disseminationId);
	expect(data).toMatchObject({
		archiveId,
		clientId: 'sandbox-client',
		contractId: 'ef23',
		objectId: ordered.body.objectId,
	});
	expect(data.files.map(({ filename }) => filename).sort()).toEqual([
		'access_20250218.tar',
		'metadata.tar',
		'primary_20250217.tar',
	]);
	const received: Record<string, Buffer> = {};
	for (const file of data.files) {
		const { status, body } = await exchange(file.downloadURL, { method: 'GET' });
		expect(status).toBe(200);
		expect(body.length).toBe(file.filesize);
		expect(md5(body)).toBe(file.checksum);
		expect(file.checksumAlgorithm).toBe('MD5');
		expect(Date.parse(file.expirationDate)).toBeGreaterThan(Date.now());
		const members = await membersOf(body);
		const representation = file.filename.replace(/\.tar$/, '');
		for (const name of Object.keys(members)) {
			expect(name.startsWith(`representations/${representation}/`)).toBe(
				file.filename !== 'metadata.tar',
			);
		}
		Object.assign(received, members);
	}
	expect(received).toEqual(PACKAGE);

	const { body } = await depositor.call(
		'GET',
		`/disseminations/${String(ordered.body.disseminationId)}`,
	);
	expect(body).toMatchObject({ status: 'DISSEMINATED', sumSizeInBytes: data.sumSizeInBytes });
});

test('files without representations come in content.tar', async () => {
	const archiveId = await preserved({ 'a.txt': 'a', 'b/c.txt': 'c' });
	const { body } = await depositor.call('POST', '/disseminations', { archiveId });
	const { data } = await delivered(body.disseminationId);
	expect(data.files.map(({ filename }) => filename)).toEqual(['content.tar']);
});

test('a download can be read in ranges', async () => {
	const archiveId = await preserved({ 'range.txt': 'range' });
	const ordered = await depositor.call('POST', '/disseminations', { archiveId });
	const { data } = await delivered(ordered.body.disseminationId);
	const [{ downloadURL, filesize }] = data.files;
	const whole = await exchange(downloadURL, { method: 'GET' });
	expect(whole.headers['accept-ranges']).toBe('bytes');
	const read = (range: string) => exchange(downloadURL, { method: 'GET', headers: { range } });

	const first = await read('bytes=0-0');
	expect(first.status).toBe(206);
	expect(first.body).toEqual(whole.body.subarray(0, 1));
	const middle = await read('bytes=100-299');
	expect(middle.headers['content-range']).toBe(`bytes 100-299/${filesize}`);
	expect(middle.body).toEqual(whole.body.subarray(100, 300));
	const rest = await read('bytes=512-');
	expect(rest.body).toEqual(whole.body.subarray(512));
	expect(rest.headers['content-length']).toBe(String(filesize - 512));
	const beyond = await read(`bytes=${filesize}-`);
	expect(beyond.status).toBe(416);
	expect(beyond.body.toString()).toContain('<Code>InvalidRange</Code>');
	const unknown = await read('lines=1-2');
	expect(unknown.status).toBe(200);
	expect(unknown.body).toEqual(whole.body);
});

test('an unknown archiveId gets 404, and no archiveId 400', async () => {
	const archiveId = '019e404e-60ab-7457-b7c9-94c453242c69';
	expect((await depositor.call('POST', '/disseminations', { archiveId })).status).toBe(404);
	expect((await depositor.call('POST', '/disseminations', {})).status).toBe(400);
	expect((await depositor.call('GET', '/disseminations/0000000000000000000000')).status).toBe(404);
});

test('an object of a contract that the client may not read gets 403', async () => {
	const archiveId = await preserved({ 'a.txt': 'a' }, '2d17');
	const answer = await depositor.call('POST', '/disseminations', { archiveId });
	expect(answer.status).toBe(403);
});

test('an object that is not preserved yet gets 422, and a rejected one 404', async () => {
	const waiting = await startSandboxProcess({ stepMs: 1_000_000 });
	try {
		const one = await Depositor.of(waiting);
		const submission = await one.deposit();
		const { archiveId, submissionId } = await one.stateOf(submission);
		const answer = await one.call('POST', '/disseminations', { archiveId });
		expect(answer.status).toBe(422);
		expect(codeOf(answer)).toBe('AIP_NOT_PRESERVED');
		await waiting.control.reject(submissionId, [{ code: 'OTHER', message: 'Other' }]);
		expect((await one.call('POST', '/disseminations', { archiveId })).status).toBe(404);
	} finally {
		await waiting.stop();
	}
});

test('a second order while one is under way gets 409, after it failed another is taken', async () => {
	const waiting = await startSandboxProcess({ stepMs: 1_000_000 });
	try {
		const one = await Depositor.of(waiting);
		const { submissionId, archiveId } = await one.stateOf(await one.deposit());
		await waiting.control.advance(submissionId);
		const first = await one.call('POST', '/disseminations', { archiveId });
		const second = await one.call('POST', '/disseminations', { archiveId });
		expect(second.status).toBe(409);
		const disseminationId = String(first.body.disseminationId);
		await waiting.control.failDissemination(disseminationId);
		const { body } = await one.call('GET', `/disseminations/${disseminationId}`);
		expect(body.status).toBe('FAILED');
		await expect(waiting.control.failDissemination(disseminationId)).rejects.toThrow('409');
		expect((await one.call('POST', '/disseminations', { archiveId })).status).toBe(201);
	} finally {
		await waiting.stop();
	}
});
