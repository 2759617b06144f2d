import { createHash } from 'node:crypto';

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { METADATA, NodeBench, Receiver } from './node-bench';

const md5 = (bytes: Buffer | string) => createHash('md5').update(bytes).digest('hex');
const contractId = { __rl: true, mode: 'id', value: 'ef23' };
const metadata = { metadataMode: 'json', metadataJson: JSON.stringify(METADATA) };
const submitParameters = {
	contractId,
	filePath: '={{ $json.filePath }}',
	binaryPropertyName: 'data',
	isPackaged: false,
	...metadata,
	options: {},
};

let bench: NodeBench;
let receiver: Receiver;
let count = 0;
const newObjectId = () => `object_${++count}`;

beforeAll(async () => {
	bench = await NodeBench.start();
	receiver = await Receiver.start();
	await bench.sandbox.control.registerWebhook({
		clientId: bench.sandbox.clients[0].clientId,
		url: receiver.url,
		secret: bench.sandbox.webhookSecret,
	});
});

afterAll(async () => {
	await receiver.stop();
	await bench.stop();
});

afterEach(async () => {
	await bench.sandbox.control.clearFaults();
});

async function json(...run: Parameters<NodeBench['run']>): Promise<IDataObject> {
	const output = await bench.run(...run);
	expect(output).toHaveLength(1);
	return output[0].json;
}

async function create(objectId = newObjectId()): Promise<IDataObject> {
	return await json('submission', 'create', { contractId, objectId, ...metadata, options: {} });
}

async function submit(files: Record<string, Buffer | string>, objectId = newObjectId()) {
	const items: INodeExecutionData[] = [];
	for (const [path, bytes] of Object.entries(files)) items.push(await bench.fileItem(path, bytes));
	return await json('submission', 'submit', { ...submitParameters, objectId }, { items });
}

describe('contract', () => {
	it('lists the contracts in the token, with their access', async () => {
		const output = await bench.run('contract', 'getAll');
		expect(output.map((item) => item.json)).toEqual([
			{ contractId: '1234', read: true, write: false, access: 'read' },
			{ contractId: '2d17', read: false, write: true, access: 'write' },
			{ contractId: 'ef23', read: true, write: true, access: 'read, write' },
		]);
	});

	it('offers for reading those that can be read, for writing those that can be written', async () => {
		const context = bench.n8n.loadOptionsContext(bench.node, bench.credentialType, {
			credential: { ...bench.credential } as never,
			parameters: {},
		});
		const { searchReadableContracts, searchWritableContracts } = bench.node.methods.listSearch;
		await expect(searchReadableContracts.call(context)).resolves.toEqual({
			results: [
				{ name: '1234 · read', value: '1234' },
				{ name: 'ef23 · read, write', value: 'ef23' },
			],
		});
		await expect(searchWritableContracts.call(context, 'EF')).resolves.toEqual({
			results: [{ name: 'ef23 · read, write', value: 'ef23' }],
		});
	});
});

describe('submission and file, step by step', () => {
	it('creates, registers, uploads, lists and finalizes', async () => {
		const { submissionId, status } = await create();
		expect(status).toBe('REGISTERED');

		const item = await bench.fileItem('data/å b#c%+.txt', 'content');
		const uploaded = await json(
			'file',
			'upload',
			{ ...submitParameters, submissionId },
			{ items: [item] },
		);
		expect(uploaded).toMatchObject({
			filePath: 'data/å b#c%+.txt',
			checksum: md5('content'),
			size: 7,
		});
		expect(uploaded).not.toHaveProperty('uploadUrl');

		const files = await bench.run('file', 'getAll', { contractId, submissionId, returnAll: true });
		expect(files.map((file) => file.json.filePath)).toEqual(['data/å b#c%+.txt']);
		expect(JSON.stringify(files)).not.toContain('X-Amz');

		const finalized = await json('submission', 'finalize', { contractId, submissionId });
		expect(finalized.status).toBe('UPLOAD_COMPLETED');
		expect(JSON.stringify(finalized)).not.toContain('X-Amz');

		const preserved = await json('submission', 'wait', {
			contractId,
			submissionId,
			options: { firstDelay: 0.05, maxDelay: 0.1 },
		});
		expect(preserved.status).toBe('PRESERVED');
	});

	it('gives the upload URL of a registered file, and drops the registration', async () => {
		const { submissionId } = await create();
		const file = { contractId, submissionId, filePath: 'a.txt', checksum: md5('a') };
		const registered = await json('file', 'register', { ...file, isPackaged: false });
		expect(registered.uploadUrl).toContain('X-Amz-Signature');
		await expect(
			json('file', 'delete', { contractId, submissionId, fileId: registered.fileId as string }),
		).resolves.toMatchObject({ deleted: true });
		await expect(
			bench.run('file', 'getAll', { contractId, submissionId, returnAll: true }),
		).resolves.toEqual([]);
	});

	it('reads, lists and deletes submissions', async () => {
		const { submissionId, objectId } = await create();
		await expect(
			json('submission', 'get', { contractId, submissionId: submissionId as string }),
		).resolves.toMatchObject({ submissionId, objectId });
		const listed = await bench.run('submission', 'getAll', {
			contractId,
			returnAll: true,
			options: { status: 'registered' },
		});
		expect(listed.map((item) => item.json.objectId)).toContain(objectId);
		const one = await bench.run('submission', 'getAll', { contractId, limit: 1, options: {} });
		expect(one).toHaveLength(1);
		await expect(
			json('submission', 'delete', { contractId, submissionId: submissionId as string }),
		).resolves.toEqual({ contractId: 'ef23', submissionId, deleted: true });
		const gone = await bench.failure('submission', 'get', { contractId, submissionId });
		expect(gone.context.dpsCode).toBeDefined();
		expect(gone.httpCode).toBe('404');
	});
});

describe('submission: submit', () => {
	it('makes one complete submission of many items, whatever their names and sizes', async () => {
		const files: Record<string, Buffer | string> = {
			'representations/primary_20250217/data/side 1 #2 100%+å.tif': Buffer.alloc(300_000, 7),
			'representations/primary_20250217/data/empty.txt': '',
			'representations/primary_20250217/data/composed-\u00e5.txt': 'composed',
			'representations/primary_20250217/data/decomposed-a\u030a-2.txt': 'decomposed',
		};
		const result = await submit(files);
		expect(result).toMatchObject({
			status: 'UPLOAD_COMPLETED',
			resumed: false,
			warnings: [expect.stringContaining('has no METS.xml')],
		});
		expect(result.files).toEqual(
			Object.entries(files).map(([filePath, bytes]) => ({
				filePath,
				fileId: expect.stringMatching(/^[0-9A-Za-z]{22}$/) as string,
				checksum: md5(bytes),
				sha256: createHash('sha256').update(bytes).digest('hex'),
				size: Buffer.byteLength(bytes),
			})),
		);
		expect(result.sumSizeInBytes).toBe(300_000 + 8 + 10);
		await receiver.message(
			({ type, data }) =>
				type === 'submission.preserved' &&
				(data as IDataObject).submissionId === result.submissionId,
		);
	});

	it('makes one submission of each object, and names the items that each came from', async () => {
		const [first, second] = [newObjectId(), newObjectId()];
		const items = [
			await bench.fileItem('a.txt', '1'),
			await bench.fileItem('a.txt', '2'),
			await bench.fileItem('b.txt', '3'),
		];
		items[0].json.objectId = first;
		items[1].json.objectId = second;
		items[2].json.objectId = first;
		const output = await bench.run(
			'submission',
			'submit',
			{ ...submitParameters, objectId: '={{ $json.objectId }}' },
			{ items },
		);
		expect(output.map((item) => [item.json.objectId, item.pairedItem])).toEqual([
			[first, [{ item: 0 }, { item: 2 }]],
			[second, [{ item: 1 }]],
		]);
	});

	it('run again, gives back the same submission', async () => {
		const objectId = newObjectId();
		const first = await submit({ 'a.txt': 'a', 'b.txt': 'b' }, objectId);
		const second = await submit({ 'a.txt': 'a', 'b.txt': 'b' }, objectId);
		expect(second).toMatchObject({ submissionId: first.submissionId, resumed: true });
		expect(second.files).toEqual(first.files);
	});

	it('refuses to pass a corrected file off as preserved', async () => {
		const objectId = newObjectId();
		await submit({ 'a.txt': 'a', 'b.txt': 'b' }, objectId);
		const items = [await bench.fileItem('a.txt', 'A'), await bench.fileItem('c.txt', 'c')];
		const error = await bench.failure(
			'submission',
			'submit',
			{ ...submitParameters, objectId },
			{ items },
		);
		expect(error.message).toContain(
			'already holds other content; a new version needs a new objectId',
		);
		expect(error.description).toContain('a.txt');
		expect(error.description).toContain('b.txt');
		expect(error.description).toContain('c.txt');
	});

	it('carries an unfinished submission on', async () => {
		const objectId = newObjectId();
		const { submissionId } = await create(objectId);
		for (const [path, bytes] of Object.entries({ 'a.txt': 'a', 'b.txt': 'old b' })) {
			await bench.run('file', 'register', {
				contractId,
				submissionId,
				filePath: path,
				checksum: md5(bytes),
			});
		}
		const result = await submit({ 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' }, objectId);
		expect(result).toMatchObject({ submissionId, resumed: true, status: 'UPLOAD_COMPLETED' });
		const { submissions } = await bench.sandbox.control.state();
		const files = submissions.find((entry) => entry.submissionId === submissionId)?.files;
		expect(files?.map((file) => [file.filePath, file.stored?.md5]).sort()).toEqual([
			['a.txt', md5('a')],
			['b.txt', md5('b')],
			['c.txt', md5('c')],
		]);
	});

	it('names files that it was not given, and drops them only when told to', async () => {
		const objectId = newObjectId();
		const { submissionId } = await create(objectId);
		await bench.run('file', 'register', {
			contractId,
			submissionId,
			filePath: 'forgotten.txt',
			checksum: md5('x'),
		});
		const items = [await bench.fileItem('a.txt', 'a')];
		const error = await bench.failure(
			'submission',
			'submit',
			{ ...submitParameters, objectId },
			{ items },
		);
		expect(error.description).toContain('forgotten.txt');
		const result = await json(
			'submission',
			'submit',
			{ ...submitParameters, objectId, options: { dropUnknownFiles: true } },
			{ items },
		);
		expect(result.warnings).toContain('forgotten.txt was registered earlier, and was dropped');
	});

	it('sends nothing of an object when one of its items cannot be read', async () => {
		const objectId = newObjectId();
		const other = newObjectId();
		const items = [
			await bench.fileItem('a.txt', 'a'),
			{ json: { filePath: 'b.txt' } },
			await bench.fileItem('c.txt', 'c'),
		];
		[objectId, objectId, other].forEach((id, index) =>
			Object.assign(items[index].json, { objectId: id }),
		);
		const parameters = { ...submitParameters, objectId: '={{ $json.objectId }}' };
		const output = await bench.run('submission', 'submit', parameters, {
			items,
			continueOnFail: true,
		});
		expect(output.map((item) => item.json.objectId ?? item.json.error)).toEqual([
			other,
			expect.stringContaining("binary file 'data'"),
		]);
		expect(output[1].pairedItem).toEqual([{ item: 0 }, { item: 1 }]);
		const { submissions } = await bench.sandbox.control.state();
		expect(submissions.some((entry) => entry.objectId === objectId)).toBe(false);
	});

	it('sends nothing of a package whose METS names a file that is not among the items', async () => {
		const mets =
			'<mets xmlns="http://www.loc.gov/METS/" xmlns:x="http://www.w3.org/1999/xlink"><fileSec><file><FLocat x:href="documentation/lost.pdf"/></file></fileSec></mets>';
		const items = [await bench.fileItem('METS.xml', mets)];
		await bench.sandbox.control.clearRequests();
		const error = await bench.failure(
			'submission',
			'submit',
			{ ...submitParameters, objectId: newObjectId() },
			{ items },
		);
		expect(error.message).toContain('not complete');
		expect(error.message).toContain('documentation/lost.pdf');
		await expect(bench.sandbox.control.requests('api')).resolves.toEqual([]);
	});

	it('refuses an object with another number of files than expected', async () => {
		const items = [await bench.fileItem('a.txt', 'a')];
		const error = await bench.failure(
			'submission',
			'submit',
			{ ...submitParameters, objectId: newObjectId(), options: { expectedFileCount: 2 } },
			{ items },
		);
		expect(error.message).toContain('2 were expected');
	});

	it('refuses two object ids that differ only by case', async () => {
		const items = [await bench.fileItem('a.txt', 'a'), await bench.fileItem('b.txt', 'b')];
		const ids = [newObjectId(), ''];
		ids[1] = ids[0].toUpperCase();
		ids.forEach((id, index) => Object.assign(items[index].json, { objectId: id }));
		const error = await bench.failure(
			'submission',
			'submit',
			{ ...submitParameters, objectId: '={{ $json.objectId }}' },
			{ items },
		);
		expect(error.message).toContain('differ only by upper and lower case');
	});

	it("sends the other objects when one fails, under 'Continue on Fail'", async () => {
		const ids = Array.from({ length: 6 }, newObjectId);
		await submit({ 'a.txt': 'already something else' }, ids[3]);
		const items = await Promise.all(ids.map(async (id) => await bench.fileItem('a.txt', id)));
		ids.forEach((id, index) => Object.assign(items[index].json, { objectId: id }));
		const output = await bench.run(
			'submission',
			'submit',
			{ ...submitParameters, objectId: '={{ $json.objectId }}' },
			{ items, continueOnFail: true },
		);
		expect(output.map((item) => item.json.status)).toEqual(
			ids.map((_id, index) => (index === 3 ? undefined : 'UPLOAD_COMPLETED')),
		);
		expect(output[3].json.error).toContain('already holds other content');
		expect(output[3].pairedItem).toEqual([{ item: 3 }]);
	});

	it('refuses a file whose checksum is not the one on record', async () => {
		const objectId = newObjectId();
		const items = [await bench.fileItem('a.txt', 'a')];
		const options = { checksum: md5('something else') };
		const error = await bench.failure(
			'submission',
			'submit',
			{ ...submitParameters, objectId, options },
			{ items },
		);
		expect(error.message).toContain(md5('a'));
		expect(error.message).toContain(md5('something else'));
	});
});

describe('event', () => {
	const event = {
		agentName: 'JHOVE',
		agentType: 'software',
		agentVersion: '1.34',
		agentNotes: '',
		eventType: 'validation',
		eventDateTime: '2026-11-20T10:00:00+01:00',
		eventDetail: 'TIFF-hul',
		outcome: 'success',
		outcomeDetail: '',
		eventScope: 'package',
	};

	it('is added once, and listed', async () => {
		const { submissionId } = await create();
		await json('event', 'add', { contractId, submissionId, ...event });
		const listed = await bench.run('event', 'getAll', {
			contractId,
			submissionId,
			returnAll: true,
		});
		expect(listed).toHaveLength(1);
		expect(listed[0].json).toMatchObject({
			agent: { agentName: 'JHOVE', agentVersion: '1.34' },
			event: { eventType: 'validation', outcome: 'success' },
		});
	});

	it('is refused when its type is unknown, before anything is sent', async () => {
		const { submissionId } = await create();
		await bench.sandbox.control.clearRequests();
		const error = await bench.failure('event', 'add', {
			contractId,
			submissionId,
			...event,
			eventType: 'blessing',
		});
		expect(error.message).toContain('blessing');
		await expect(bench.sandbox.control.requests()).resolves.toEqual([]);
	});

	it('is not sent twice when the answer is lost', async () => {
		const { submissionId } = await create();
		await bench.sandbox.control.fault({
			side: 'api',
			method: 'POST',
			pathPattern: '/events$',
			action: { kind: 'lose-answer' },
		});
		const error = await bench.failure('event', 'add', { contractId, submissionId, ...event });
		expect(error.message).toContain('may be recorded');
		const { submissions } = await bench.sandbox.control.state();
		expect(submissions.find((entry) => entry.submissionId === submissionId)?.events).toHaveLength(
			1,
		);
	});
});

describe('dissemination', () => {
	const files = {
		'metadata/descriptive/dc.json': '{}',
		'representations/primary_20250217/data/a å.bin': Buffer.alloc(100_000, 3),
	};

	async function preserved(): Promise<IDataObject> {
		const { submissionId } = await submit(files);
		const message = await receiver.message(
			({ type, data }) =>
				type === 'submission.preserved' && (data as IDataObject).submissionId === submissionId,
		);
		return message.data as IDataObject;
	}

	it('is ordered, waited for and downloaded, each file checked', async () => {
		const { archiveId } = await preserved();
		const order = await json('dissemination', 'create', { archiveId, options: {} });
		expect(order).toMatchObject({ archiveId, alreadyUnderWay: false });
		const { disseminationId } = order;

		const delivered = await json('dissemination', 'wait', {
			disseminationId,
			options: { firstDelay: 0.05, maxDelay: 0.1 },
		});
		expect(delivered.status).toBe('DISSEMINATED');
		await expect(json('dissemination', 'get', { disseminationId })).resolves.toMatchObject({
			status: 'DISSEMINATED',
		});

		const message = await receiver.message(
			({ type, data }) =>
				type === 'dissemination.delivered' &&
				(data as IDataObject).disseminationId === disseminationId,
		);
		const output = await bench.run(
			'dissemination',
			'download',
			{ deliveredMessage: '={{ $json }}', binaryPropertyName: 'file' },
			{ items: [{ json: message }] },
		);
		expect(output.map((item) => item.json.filename).sort()).toEqual([
			'metadata.tar',
			'primary_20250217.tar',
		]);
		for (const item of output) {
			const bytes = await bench.n8n.read(item.binary?.file as never);
			expect(item.json).toMatchObject({
				archiveId,
				disseminationId,
				filesize: bytes.length,
				checksum: md5(bytes),
				verified: true,
			});
			expect(item.pairedItem).toEqual({ item: 0 });
		}
		expect(JSON.stringify(output)).not.toContain('X-Amz');
	});

	it('under way already is no error, and is given back where its id is known', async () => {
		const { archiveId } = await preserved();
		const { disseminationId } = await json('dissemination', 'create', { archiveId, options: {} });
		await bench.sandbox.control.fault({
			side: 'api',
			method: 'POST',
			pathPattern: '/disseminations$',
			times: 2,
			action: {
				kind: 'status',
				status: 409,
				body: '{"error":{"code":"DISSEMINATION_ALREADY_IN_PROGRESS","message":"under way"}}',
				contentType: 'application/json',
			},
		});
		const options = { disseminationId: disseminationId as string };
		await expect(json('dissemination', 'create', { archiveId, options })).resolves.toMatchObject({
			archiveId,
			disseminationId,
			alreadyUnderWay: true,
		});
		await expect(json('dissemination', 'create', { archiveId, options: {} })).resolves.toEqual({
			archiveId,
			alreadyUnderWay: true,
		});
	});

	it('of an unknown archive id is an error that says so', async () => {
		const error = await bench.failure('dissemination', 'create', {
			archiveId: '019e404e-60ab-7457-b7c9-94c453242c69',
			options: {},
		});
		expect(error.httpCode).toBe('404');
		expect(error.description).toContain('POST /v1/disseminations');
	});

	it('with an expired link is an error with advice, and asks nothing of the store', async () => {
		await bench.sandbox.control.clearRequests();
		const error = await bench.failure(
			'dissemination',
			'download',
			{ deliveredMessage: '={{ $json }}', binaryPropertyName: 'data' },
			{
				items: [
					{
						json: {
							type: 'dissemination.delivered',
							data: {
								files: [
									{
										downloadURL: `${bench.sandbox.storeUrl}/x`,
										filename: 'x.tar',
										filesize: 1,
										checksum: md5('x'),
										checksumAlgorithm: 'MD5',
										expirationDate: '2025-01-01T00:00:00.123456789+01:00',
									},
								],
							},
						},
					},
				],
			},
		);
		expect(error.message).toContain('has expired');
		expect(error.description).toContain('Order the object again');
		await expect(bench.sandbox.control.requests('store')).resolves.toEqual([]);
	});

	it('whose bytes differ is an error that names both checksums', async () => {
		const { archiveId } = await preserved();
		const { disseminationId } = await json('dissemination', 'create', { archiveId, options: {} });
		const message = await receiver.message(
			({ type, data }) =>
				type === 'dissemination.delivered' &&
				(data as IDataObject).disseminationId === disseminationId,
		);
		const wrong = JSON.parse(JSON.stringify(message)) as { data: { files: IDataObject[] } };
		const right = String(wrong.data.files[0].checksum);
		wrong.data.files[0].checksum = md5('other bytes');
		const error = await bench.failure(
			'dissemination',
			'download',
			{ deliveredMessage: '={{ $json }}', binaryPropertyName: 'data' },
			{ items: [{ json: wrong as never }] },
		);
		expect(error.message).toContain(right);
		expect(error.message).toContain(md5('other bytes'));
	}, 120_000);
});

describe('bad input', () => {
	const good = { contractId, objectId: 'object_bad_input', ...metadata, options: {} };

	it.each([
		[
			'a malformed contract id',
			{ contractId: { __rl: true, mode: 'id', value: 'xyz' } },
			'Contract',
		],
		['an objectId outside its pattern', { objectId: 'NF.1992-0123' }, 'NF_1992-0123'],
		['an empty objectId', { objectId: '' }, 'Object ID'],
		[
			'metadata without a title',
			{ metadataJson: '{"type":"Bilde","identifier":[{"type":"a","value":"b"}]}' },
			'title',
		],
		['metadata that is no JSON', { metadataJson: '{"type":' }, 'not valid JSON'],
		['a priority of 0', { options: { priority: 0 } }, 'Priority'],
	])('%s is an error, and nothing is sent', async (_name, wrong, expected) => {
		await bench.sandbox.control.clearRequests();
		const error = await bench.failure('submission', 'create', { ...good, ...wrong });
		expect(`${error.message}\n${error.description}`).toContain(expected);
		expect(error.context.itemIndex).toBe(0);
		await expect(bench.sandbox.control.requests()).resolves.toEqual([]);
	});

	it.each([
		['an empty file path', ''],
		['a path with ..', 'data/../../etc/passwd'],
		['an absolute path', '/data/a.txt'],
		['a path with a backslash', 'data\\a.txt'],
	])('%s is an error, and nothing is sent', async (_name, filePath) => {
		const items = [await bench.fileItem('a.txt', 'a')];
		await bench.sandbox.control.clearRequests();
		for (const operation of ['submit', 'upload']) {
			const error = await bench.failure(
				operation === 'submit' ? 'submission' : 'file',
				operation,
				{ ...submitParameters, ...good, filePath, submissionId: '8Z7x1T9rN0Xc2B5Yq4L3zP' },
				{ items },
			);
			expect(`${error.message}\n${error.description}`).toMatch(/path/i);
		}
		await expect(bench.sandbox.control.requests()).resolves.toEqual([]);
	});

	it('two paths that differ only by case or Unicode form are an error', async () => {
		const items = [
			await bench.fileItem('data/A.txt', '1'),
			await bench.fileItem('data/a.txt', '2'),
			await bench.fileItem('\u00e5.txt', '3'),
			await bench.fileItem('a\u030a.txt', '4'),
		];
		const error = await bench.failure(
			'submission',
			'submit',
			{ ...submitParameters, ...good },
			{ items },
		);
		expect(error.message).toContain('2 things are wrong');
		expect(error.description).toContain('data/a.txt');
	});

	it('a missing binary field is an error that names it', async () => {
		const error = await bench.failure(
			'submission',
			'submit',
			{ ...submitParameters, ...good, binaryPropertyName: 'photo' },
			{ items: [await bench.fileItem('a.txt', 'a')] },
		);
		expect(error.message).toContain('photo');
	});

	it("goes on under 'Continue on Fail', with the error where the item was", async () => {
		const output = await bench.run(
			'submission',
			'create',
			{ ...good, objectId: '={{ $json.id }}' },
			{
				items: [{ json: { id: 'NF.1' } }, { json: { id: newObjectId() } }],
				continueOnFail: true,
			},
		);
		expect(output[0].json.error).toContain('Object ID');
		expect(output[0].pairedItem).toEqual([{ item: 0 }]);
		expect(output[1].json.status).toBe('REGISTERED');
		expect(output[1].pairedItem).toEqual({ item: 1 });
	});
});

describe('errors of the service', () => {
	it('say which role is missing', async () => {
		const error = await bench.failure('submission', 'create', {
			contractId: { __rl: true, mode: 'id', value: '1234' },
			objectId: newObjectId(),
			...metadata,
			options: {},
		});
		expect(error.httpCode).toBe('403');
		expect(error.description).toContain('1234_W');
	});

	it('never show the token, a secret or a signed address', async () => {
		const { submissionId } = await create();
		await bench.sandbox.control.fault({
			side: 'store',
			method: 'PUT',
			action: { kind: 'status', status: 403, body: '<Error><Code>AccessDenied</Code></Error>' },
		});
		const items = [await bench.fileItem('a.txt', 'a')];
		const error = await bench.failure(
			'file',
			'upload',
			{ ...submitParameters, submissionId },
			{ items },
		);
		const shown = JSON.stringify({ ...error, message: error.message, stack: error.stack });
		expect(error.message).toContain('a.txt');
		expect(shown).not.toContain('X-Amz-Signature');
		expect(shown).not.toContain('eyJ');
		expect(shown).not.toContain(String(bench.credential.clientSecret));
	});
});

describe('the token', () => {
	it('is exchanged once when it ends while many calls run side by side', async () => {
		const objectId = newObjectId();
		const files = Object.fromEntries(
			Array.from({ length: 40 }, (_, index) => [`data/${index}.txt`, `content ${index}`]),
		);
		await bench.sandbox.control.revokeTokens();
		await bench.sandbox.control.clearRequests();
		await submit(files, objectId);
		const exchanges = await bench.sandbox.control.requests('token');
		expect(exchanges).toHaveLength(1);
	});

	it('is never sent to the file store', async () => {
		await bench.sandbox.control.clearRequests();
		await submit({ 'a.txt': 'a' });
		const stored = await bench.sandbox.control.requests('store');
		expect(stored.length).toBeGreaterThan(0);
		expect(stored.every(({ hasAuthorization }) => !hasAuthorization)).toBe(true);
	});
});

describe('cancelling', () => {
	it('stops a wait at once', async () => {
		const { submissionId } = await create();
		const stop = new AbortController();
		const waiting = bench.failure(
			'submission',
			'wait',
			{ contractId, submissionId, options: { firstDelay: 3600, timeout: 600 } },
			{ signal: stop.signal, continueOnFail: true },
		);
		setTimeout(() => stop.abort(), 200);
		expect((await waiting).message).toContain('cancelled');
	});
});
