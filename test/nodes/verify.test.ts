import { createHash } from 'node:crypto';

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { METADATA, NodeBench } from './node-bench';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const contractId = { __rl: true, mode: 'id', value: 'ef23' };
const byList = {
	contractId,
	submissionId: '={{ $json.submissionId }}',
	objectId: '={{ $json.objectId }}',
	compareWith: 'list',
	files: '={{ $json.files }}',
	options: {},
};

let bench: NodeBench;
let count = 0;

beforeAll(async () => {
	bench = await NodeBench.start({ stepMs: 600_000 });
});

afterAll(async () => await bench.stop());

async function submit(files: Record<string, string>, isPreserved = true): Promise<IDataObject> {
	const items = await Promise.all(
		Object.entries(files).map(async ([path, text]) => await bench.fileItem(path, text)),
	);
	const [{ json }] = await bench.run(
		'submission',
		'submit',
		{
			contractId,
			objectId: `verify_${++count}`,
			filePath: '={{ $json.filePath }}',
			binaryPropertyName: 'data',
			metadataMode: 'json',
			metadataJson: JSON.stringify(METADATA),
			options: {},
		},
		{ items },
	);
	if (isPreserved) await bench.sandbox.control.advance(String(json.submissionId));
	return json;
}

async function verify(
	items: INodeExecutionData[],
	parameters: Record<string, unknown> = {},
): Promise<{ preserved: IDataObject[]; not: IDataObject[] }> {
	const context = bench.n8n.executeContext(bench.node, bench.credentialType, {
		credential: bench.credential as never,
		items,
		parameters: { resource: 'submission', operation: 'verify', ...byList, ...parameters } as never,
	});
	const [preserved, not] = await bench.node.execute.call(context);
	const jsonOf = (list: INodeExecutionData[]) => list.map(({ json }) => json);
	return { preserved: jsonOf(preserved), not: jsonOf(not) };
}

const reasonOf = (json: IDataObject) => String((json.verification as IDataObject).reason);

describe('submission: verify', () => {
	it("lets the output of Submit Package pass once DPS says 'PRESERVED', and not before", async () => {
		const json = await submit({ 'a.txt': 'a', 'b å.txt': 'b' });
		const { preserved, not } = await verify([{ json }]);
		expect(not).toEqual([]);
		expect(preserved[0]).toMatchObject({
			...json,
			verification: { preserved: true, status: 'PRESERVED', differences: [] },
		});

		const unfinished = await bench.run('submission', 'create', {
			contractId,
			objectId: 'verify_unfinished',
			metadataMode: 'json',
			metadataJson: JSON.stringify(METADATA),
			options: {},
		});
		const files = [{ filePath: 'a', checksum: md5('a') }];
		const early = await verify([{ json: { ...unfinished[0].json, files } }]);
		expect(early.preserved).toEqual([]);
		expect(reasonOf(early.not[0])).toContain('REGISTERED');
	});

	it.each([
		['another checksum', { 'a.txt': 'A', 'b.txt': 'b' }, 'a.txt: MD5'],
		['a file that is not there', { 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' }, 'c.txt: is not in'],
		['a file too few', { 'a.txt': 'a' }, 'b.txt: is held, but was not expected'],
	])('does not let %s pass', async (_name, files, expected) => {
		const { submissionId, objectId } = await submit({ 'a.txt': 'a', 'b.txt': 'b' });
		const list = Object.entries(files).map(([filePath, text]) => ({
			filePath,
			checksum: md5(text),
		}));
		const { preserved, not } = await verify([{ json: { submissionId, objectId, files: list } }]);
		expect(preserved).toEqual([]);
		expect(reasonOf(not[0])).toContain(expected);
	});

	it('lets a submission with more files pass only when that is allowed', async () => {
		const { submissionId } = await submit({ 'a.txt': 'a', 'METS.txt': 'x' });
		const json = {
			submissionId,
			files: [{ filePath: 'a.txt', checksum: md5('a') }],
		} as IDataObject;
		expect((await verify([{ json }])).not).toHaveLength(1);
		const allowed = await verify([{ json }], { options: { allowMoreFiles: true } });
		expect(allowed.preserved).toHaveLength(1);
	});

	it.each([
		['no files', { files: [] }, 'no files were given'],
		['files that are no list', { files: 'x' }, 'Files'],
		['a file without a checksum', { files: [{ filePath: 'a.txt' }] }, 'Files, entry 1'],
		['a checksum that is none', { files: [{ filePath: 'a.txt', checksum: 'abc' }] }, 'no MD5'],
		['another object', { objectId: 'verify_other' }, 'it holds the object'],
		['an unknown submission', { submissionId: '8Z7x1T9rN0Xc2B5Yq4L3zP' }, 'no such submission'],
		['a malformed id', { submissionId: 'x' }, 'Submission ID'],
		['no id at all', { submissionId: '', objectId: '' }, 'one of them is needed'],
	])('does not let %s pass, and says why', async (_name, changes, expected) => {
		const json = await submit({ 'a.txt': 'a' });
		const { preserved, not } = await verify([{ json: { ...json, ...changes } as IDataObject }]);
		expect(preserved).toEqual([]);
		expect(reasonOf(not[0])).toContain(expected);
	});

	it('does not let an object pass of whose files one cannot be read', async () => {
		const { submissionId, objectId } = await submit({ 'a.txt': 'a', 'b.txt': 'b' });
		const items = [
			await bench.fileItem('a.txt', 'a'),
			{ json: { filePath: 'b.txt' } } as INodeExecutionData,
		];
		for (const item of items) Object.assign(item.json, { submissionId, objectId });
		const { preserved, not } = await verify(items, { compareWith: 'binary' });
		expect(preserved).toEqual([]);
		expect(not).toHaveLength(2);
		expect(reasonOf(not[0])).toContain('item 1');
	});

	it('compares the files of the items themselves, and gives each on', async () => {
		const { submissionId, objectId } = await submit({ 'a.txt': 'a', 'b.txt': 'b' });
		const items = [await bench.fileItem('a.txt', 'a'), await bench.fileItem('b.txt', 'b')];
		for (const item of items) Object.assign(item.json, { submissionId, objectId });
		const good = await verify(items, { compareWith: 'binary' });
		expect(good.preserved.map(({ filePath }) => filePath)).toEqual(['a.txt', 'b.txt']);
		const corrected = [items[0], await bench.fileItem('b.txt', 'B')];
		Object.assign(corrected[1].json, { submissionId, objectId });
		const bad = await verify(corrected, { compareWith: 'binary' });
		expect(bad.preserved).toEqual([]);
		expect(bad.not).toHaveLength(2);
	});

	it('finds objects by their own id, reading pages for many, not one call each', async () => {
		const all = await Promise.all(
			Array.from(
				{ length: 30 },
				async (_, index) => await submit({ 'a.txt': `${index}` }, index < 3),
			),
		);
		await bench.sandbox.control.clearRequests();
		const items = all.map(({ objectId, files }) => ({ json: { objectId, files } as IDataObject }));
		const { preserved, not } = await verify(items);
		expect(preserved.length + not.length).toBe(30);
		expect(preserved.length).toBeGreaterThanOrEqual(3);
		const calls = await bench.sandbox.control.requests('api');
		expect(calls.length).toBeLessThanOrEqual(2 + preserved.length);
	});

	it('takes an unreadable service for an unclear answer', async () => {
		const json = await submit({ 'a.txt': 'a' });
		const { preserved, not } = await verify([{ json }], {
			contractId: { __rl: true, mode: 'id', value: '2d17' },
		});
		expect(preserved).toEqual([]);
		expect(reasonOf(not[0])).toContain('could not be read');
	});
});
