import { Depositor, METADATA, codeOf, idOf, md5 } from './depositor';
import { startSandboxProcess, type SandboxProcess } from './sandbox-process';

const EVENT = {
	agent: { agentName: 'Apache NiFi', agentType: 'software' },
	event: {
		eventDateTime: '2025-02-17T10:00:00+01:00',
		eventType: 'message digest calculation',
		outcome: 'success',
	},
};

let sandbox: SandboxProcess;
let depositor: Depositor;

beforeAll(async () => {
	sandbox = await startSandboxProcess();
	depositor = await Depositor.of(sandbox);
});
afterAll(async () => {
	await sandbox.stop();
});

describe('creating', () => {
	test('answers 201 with the submission, its priority 50 unless given', async () => {
		const { status, body } = await depositor.call('POST', '/contracts/ef23/submissions', {
			objectId: 'digavis_aabcc',
			metadata: METADATA,
		});
		expect(status).toBe(201);
		expect(body).toEqual({
			contractId: 'ef23',
			submissionId: expect.stringMatching(/^[0-9a-zA-Z]{22}$/) as unknown,
			objectId: 'digavis_aabcc',
			clientId: 'sandbox-client',
			status: 'REGISTERED',
			priority: 50,
		});
	});

	test('an objectId is taken once under a contract, and free under another', async () => {
		await depositor.create({ objectId: 'taken' });
		const again = await depositor.call('POST', '/contracts/ef23/submissions', {
			objectId: 'taken',
			metadata: METADATA,
		});
		expect(again.status).toBe(409);
		expect(codeOf(again)).toBe('SUBMISSION_ALREADY_EXISTS');
		const elsewhere = await depositor.call('POST', '/contracts/2d17/submissions', {
			objectId: 'taken',
			metadata: METADATA,
		});
		expect(elsewhere.status).toBe(201);
	});

	test.each([
		['an objectId with a full stop', { objectId: 'NF.1992-0123', metadata: METADATA }],
		['an objectId of two characters', { objectId: 'ab', metadata: METADATA }],
		['an objectId of 201 characters', { objectId: 'a'.repeat(201), metadata: METADATA }],
		['no objectId', { metadata: METADATA }],
		['no metadata', { objectId: 'without-metadata' }],
		['a priority of 0', { objectId: 'priority-0', metadata: METADATA, priority: 0 }],
		['a priority of 101', { objectId: 'priority-101', metadata: METADATA, priority: 101 }],
		['a list', []],
	])('%s gets 400', async (_name, body) => {
		const answer = await depositor.call('POST', '/contracts/ef23/submissions', body);
		expect(answer.status).toBe(400);
		expect(codeOf(answer)).toEqual(expect.any(String));
	});

	test('broken JSON gets 400 in the error envelope', async () => {
		const response = await fetch(`${sandbox.apiUrl}/v1/contracts/ef23/submissions`, {
			method: 'POST',
			headers: {
				authorization: `Bearer ${depositor.token}`,
				'content-type': 'application/json',
			},
			body: '{"objectId":',
		});
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ error: { code: 'BAD_REQUEST' } });
	});
});

describe('roles', () => {
	test.each([
		['POST', '/contracts/1234/submissions', 403, 'writing where only reading is allowed'],
		['GET', '/contracts/1234/submissions', 200, 'reading where only reading is allowed'],
		['GET', '/contracts/2d17/submissions', 403, 'reading where only writing is allowed'],
		['GET', '/contracts/ffff/submissions', 403, 'reading under a contract of someone else'],
		['GET', '/contracts/EF23/submissions', 400, 'a contractId in upper case'],
	])('%s %s answers %i: %s', async (method, path, status) => {
		const body = method === 'POST' ? { objectId: 'roles', metadata: METADATA } : undefined;
		expect((await depositor.call(method, path, body)).status).toBe(status);
	});

	test('a submission is not found under another contract', async () => {
		const submission = await depositor.create();
		const path = `/contracts/1234/submissions/${idOf(submission)}`;
		expect((await depositor.call('GET', path)).status).toBe(404);
	});
});

describe('listing', () => {
	test('gives pages as Spring does, in the order of creation', async () => {
		const own = await startSandboxProcess();
		try {
			const one = await Depositor.of(own);
			for (const objectId of ['first', 'second', 'third']) await one.create({ objectId });
			const { body } = await one.call('GET', '/contracts/ef23/submissions?page=1&size=2');
			expect(body.page).toEqual({ size: 2, number: 1, totalElements: 3, totalPages: 2 });
			expect(body.content).toEqual([
				expect.objectContaining({
					objectId: 'third',
					contractId: 'ef23',
					status: 'REGISTERED',
					priority: 50,
					clientId: 'sandbox-client',
				}),
			]);
			const beyond = await one.call('GET', '/contracts/ef23/submissions?page=9&size=2');
			expect(beyond.body.content).toEqual([]);
			const odd = await one.call('GET', '/contracts/ef23/submissions?page=x&size=0');
			expect(odd.body.page).toMatchObject({ size: 20, number: 0 });
		} finally {
			await own.stop();
		}
	});
});

describe('registering a file', () => {
	test('gives its id, its key and an upload URL, which the submission shows too', async () => {
		const submission = await depositor.create();
		const { status, body } = await depositor.call('POST', `${submission}/files`, {
			filePath: 'METS.xml',
			checksum: md5('mets'),
		});
		expect(status).toBe(201);
		expect(body).toEqual({
			fileId: expect.stringMatching(/^[0-9a-zA-Z]{22}$/) as unknown,
			filePath: 'METS.xml',
			checksum: md5('mets'),
			isPackaged: false,
			s3ObjectKey: expect.stringContaining('METS.xml') as unknown,
			uploadUrl: expect.stringContaining('X-Amz-Signature=') as unknown,
		});
		const { fileId, filePath, checksum, isPackaged, uploadUrl } = body;
		const shown = { fileId, filePath, checksum, isPackaged, uploadUrl };
		expect((await depositor.call('GET', submission)).body.files).toEqual([shown]);
		expect((await depositor.call('GET', `${submission}/files/${String(fileId)}`)).body).toEqual(
			shown,
		);
	});

	test('the same filePath gets 409, until its registration is deleted', async () => {
		const submission = await depositor.create();
		const registration = { filePath: 'a.txt', checksum: md5('a') };
		const first = await depositor.call('POST', `${submission}/files`, registration);
		const second = await depositor.call('POST', `${submission}/files`, registration);
		expect(second.status).toBe(409);
		const file = `${submission}/files/${String(first.body.fileId)}`;
		expect((await depositor.call('DELETE', file)).status).toBe(204);
		expect((await depositor.call('GET', file)).status).toBe(404);
		const third = await depositor.call('POST', `${submission}/files`, registration);
		expect(third.status).toBe(201);
	});

	test('of two registrations at once one gets 409', async () => {
		const submission = await depositor.create();
		const registration = { filePath: 'twice.txt', checksum: md5('a') };
		const answers = await Promise.all([
			depositor.call('POST', `${submission}/files`, registration),
			depositor.call('POST', `${submission}/files`, registration),
		]);
		expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
	});

	test.each([
		['an absolute path', { filePath: '/METS.xml', checksum: md5('') }],
		['a path upwards', { filePath: 'a/../b', checksum: md5('') }],
		['an empty part', { filePath: 'a//b', checksum: md5('') }],
		['a path of 901 characters', { filePath: 'a'.repeat(901), checksum: md5('') }],
		['no path', { checksum: md5('') }],
		['a checksum in upper case', { filePath: 'a', checksum: md5('').toUpperCase() }],
		['a SHA-1', { filePath: 'a', checksum: 'a'.repeat(40) }],
		['isPackaged as a text', { filePath: 'a', checksum: md5(''), isPackaged: 'false' }],
	])('%s gets 400', async (_name, body) => {
		const submission = await depositor.create();
		expect((await depositor.call('POST', `${submission}/files`, body)).status).toBe(400);
	});
});

describe('finalizing', () => {
	test('without a file gets 400', async () => {
		const answer = await depositor.call('POST', `${await depositor.create()}/finalize`);
		expect(answer.status).toBe(400);
		expect(codeOf(answer)).toBe('NO_FILES_REGISTERED');
	});

	test('with bytes missing in the store gets 400, naming the files', async () => {
		const submission = await depositor.create();
		await depositor.send(submission, 'here.txt', 'here');
		await depositor.register(submission, 'missing.txt', 'missing');
		const answer = await depositor.call('POST', `${submission}/finalize`);
		expect(answer.status).toBe(400);
		expect(answer.body.error).toMatchObject({
			code: 'FILES_MISSING',
			details: { filePaths: ['missing.txt'] },
		});
	});

	test('answers with the files and the sum of their sizes', async () => {
		const submission = await depositor.create();
		await depositor.send(submission, 'a.txt', 'four');
		await depositor.send(submission, 'empty.txt', '');
		const { status, body } = await depositor.call('POST', `${submission}/finalize`);
		expect(status).toBe(200);
		expect(body).toMatchObject({ status: 'UPLOAD_COMPLETED', sumSizeInBytes: 4 });
		expect(body.files).toEqual([
			expect.objectContaining({ filePath: 'a.txt', s3ObjectKey: expect.any(String) as unknown }),
			expect.objectContaining({ filePath: 'empty.txt' }),
		]);
	});

	test('a finalized submission takes no file, no second finalize and no deletion', async () => {
		const submission = await depositor.deposit();
		const { body } = await depositor.call('GET', submission);
		const [file] = body.files as { fileId: string }[];
		const calls: [string, string, unknown?][] = [
			['POST', `${submission}/files`, { filePath: 'late.txt', checksum: md5('') }],
			['POST', `${submission}/finalize`],
			['DELETE', submission],
			['DELETE', `${submission}/files/${file.fileId}`],
		];
		for (const call of calls) {
			const answer = await depositor.call(...call);
			expect(codeOf(answer)).toBe('SUBMISSION_ALREADY_FINALIZED');
		}
	});
});

describe('what becomes of it', () => {
	test('the statuses come in their order, ending with PRESERVED, and no archiveId is shown', async () => {
		const slow = await startSandboxProcess({ stepMs: 100 });
		try {
			const one = await Depositor.of(slow);
			const submission = await one.deposit();
			const seen: unknown[] = [];
			while (seen.at(-1) !== 'PRESERVED') {
				const { body } = await one.call('GET', submission);
				if (seen.at(-1) !== body.status) seen.push(body.status);
				expect(body).not.toHaveProperty('archiveId');
			}
			const order = ['UPLOAD_COMPLETED', 'TRANSFERRING', 'VALIDATING', 'ARCHIVING', 'PRESERVED'];
			expect(seen).toEqual(order.filter((status) => seen.includes(status)));
		} finally {
			await slow.stop();
		}
	});

	test('the archiveId is a UUID of version 7', async () => {
		const { archiveId } = await depositor.stateOf(await depositor.deposit());
		expect(archiveId).toMatch(
			/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
		);
	});

	test('other bytes than registered are noticed only after finalize, and then rejected', async () => {
		const submission = await depositor.create();
		const url = await depositor.register(submission, 'a/wrong.txt', 'as registered');
		await fetch(url, { method: 'PUT', body: 'otherwise' });
		expect((await depositor.call('POST', `${submission}/finalize`)).status).toBe(200);
		const { reasons } = await depositor.reaches(submission, 'REJECTED');
		expect(reasons).toEqual([
			{
				code: 'FILE_CHECKSUM_MISMATCH',
				message: expect.any(String) as unknown,
				filePath: 'a/wrong.txt',
			},
		]);
	});

	test('metadata without a title is taken, and then rejected', async () => {
		const metadata = { ...METADATA, title: undefined };
		const submission = await depositor.deposit({ 'a.txt': 'a' }, { metadata });
		const { reasons } = await depositor.reaches(submission, 'REJECTED');
		expect(reasons).toEqual([{ code: 'METADATA_SCHEMA_INVALID', message: 'title is missing' }]);
	});

	test('a rejected submission is gone, and its objectId is free again', async () => {
		const given = { objectId: 'rejected-once', metadata: {} };
		const submission = await depositor.deposit({ 'a.txt': 'a' }, given);
		await depositor.reaches(submission, 'REJECTED');
		expect((await depositor.call('GET', submission)).status).toBe(404);
		const { body } = await depositor.call('GET', '/contracts/ef23/submissions?size=2000');
		expect(JSON.stringify(body.content)).not.toContain(idOf(submission));
		await depositor.create({ objectId: 'rejected-once' });
	});

	test('it can be made to stay, with status REJECTED and its objectId taken', async () => {
		const keeping = await startSandboxProcess({ keepRejected: true });
		try {
			const one = await Depositor.of(keeping);
			const given = { objectId: 'rejected-once', metadata: {} };
			const submission = await one.deposit({ 'a.txt': 'a' }, given);
			await one.reaches(submission, 'REJECTED');
			expect((await one.call('GET', submission)).body.status).toBe('REJECTED');
			await expect(one.create({ objectId: 'rejected-once' })).rejects.toThrow('409');
		} finally {
			await keeping.stop();
		}
	});

	test('the control interface takes one to its end at once, or rejects it', async () => {
		const waiting = await startSandboxProcess({ stepMs: 1_000_000, showArchiveId: true });
		try {
			const one = await Depositor.of(waiting);
			const preserved = await one.deposit();
			await waiting.control.advance(idOf(preserved));
			expect((await one.call('GET', preserved)).body).toMatchObject({
				status: 'PRESERVED',
				archiveId: expect.any(String) as unknown,
			});
			await expect(waiting.control.advance(idOf(preserved))).rejects.toThrow('409');

			const rejected = await one.deposit();
			const reasons = [{ code: 'VIRUS_FOUND', message: 'Infected', filePath: 'content.txt' }];
			await waiting.control.reject(idOf(rejected), reasons);
			expect(await one.stateOf(rejected)).toMatchObject({ status: 'REJECTED', reasons });
		} finally {
			await waiting.stop();
		}
	});
});

describe('deleting', () => {
	test('a submission that is not finalized goes, with its bytes and its objectId', async () => {
		const submission = await depositor.create({ objectId: 'deleted' });
		await depositor.send(submission, 'a.txt', 'a');
		expect((await depositor.call('DELETE', submission)).status).toBe(204);
		expect((await depositor.call('GET', submission)).status).toBe(404);
		expect((await depositor.call('DELETE', submission)).status).toBe(404);
		await depositor.create({ objectId: 'deleted' });
	});
});

describe('preservation events', () => {
	test('an event is recorded and listed as it was sent', async () => {
		const submission = await depositor.create();
		const recorded = await depositor.call('POST', `${submission}/events`, EVENT);
		expect(recorded.status).toBe(201);
		expect((await depositor.call('GET', `${submission}/events`)).body).toEqual({
			events: [EVENT],
		});
		expect((await depositor.stateOf(submission)).events).toEqual([EVENT]);
	});

	test('an unknown event type gets 400, and is not recorded', async () => {
		const submission = await depositor.create();
		const wrong = { ...EVENT, event: { ...EVENT.event, eventType: 'ingestion' } };
		const answer = await depositor.call('POST', `${submission}/events`, wrong);
		expect(answer.status).toBe(400);
		expect((await depositor.stateOf(submission)).events).toEqual([]);
	});
});

test('the API description needs no token', async () => {
	const response = await fetch(`${sandbox.apiUrl}/v1/api-docs`);
	expect(response.status).toBe(200);
	expect(await response.json()).toHaveProperty('openapi');
});

test('a path that is none gets 404 in the error envelope', async () => {
	const answer = await depositor.call('GET', '/nothing');
	expect(answer.status).toBe(404);
	expect(codeOf(answer)).toBe('NOT_FOUND');
});
