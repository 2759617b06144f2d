import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { pack } from 'tar-stream';

import { METADATA, NodeBench } from './node-bench';

let bench: NodeBench;
let count = 0;

beforeAll(async () => {
	bench = await NodeBench.start({ stepMs: 600_000 });
});
afterAll(async () => await bench.stop());

/** A METS.xml that is well-formed, and breaks nearly every rule. */
const STUMP = '<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink"/>';

async function itemsOf(files: Record<string, string | Buffer>): Promise<INodeExecutionData[]> {
	return await Promise.all(
		Object.entries(files).map(async ([filePath, content]) => ({
			json: { filePath },
			binary: {
				data: await bench.n8n.store(Buffer.from(content), filePath.split('/').pop() ?? ''),
			},
		})),
	);
}

const parameters = (options: IDataObject, isPackaged = false) => ({
	contractId: { __rl: true, mode: 'id', value: 'ef23' },
	objectId: `preflight_${++count}`,
	filePath: '={{ $json.filePath }}',
	binaryPropertyName: 'data',
	isPackaged,
	metadataMode: 'json',
	metadataJson: JSON.stringify(METADATA),
	options,
});

async function tarOf(files: Record<string, string>): Promise<Buffer> {
	const tar = pack();
	for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
	tar.finalize();
	const chunks: Buffer[] = [];
	for await (const chunk of tar) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

const submit = async (items: INodeExecutionData[], options: IDataObject, isPackaged?: boolean) =>
	(await bench.run('submission', 'submit', parameters(options, isPackaged), { items }))[0].json;
const failure = async (items: INodeExecutionData[], options: IDataObject, isPackaged?: boolean) =>
	await bench.failure('submission', 'submit', parameters(options, isPackaged), { items });

describe('preflight', () => {
	it('is strict: a package that breaks a MUST is not sent, and every finding is listed', async () => {
		await bench.sandbox.control.clearRequests();
		const items = await itemsOf({ 'METS.xml': STUMP, 'representations/a.txt': 'a' });
		const error = await failure(items, {});
		expect(error.message).toContain('The package is not valid');
		expect(error.description).toContain('NB-SIP 1.0, CSIP');
		expect(error.description).toContain('METS.xml');
		await expect(bench.sandbox.control.requests('api')).resolves.toEqual([]);
	});

	it('looks into a TAR that is made for the transfer', async () => {
		const files = { 'object_1/METS.xml': STUMP, 'object_1/representations/a.txt': 'a' };
		const items = await itemsOf({ 'object_1.tar': await tarOf(files) });
		const error = await failure(items, {}, true);
		expect(error.message).toContain('The package is not valid');
		const noArchive = await failure(await itemsOf({ 'object_1.tar': 'no archive' }), {}, true);
		expect(noArchive.message + noArchive.description).toContain('neither a TAR nor a ZIP');
	});

	it('warns only, when told so', async () => {
		const items = await itemsOf({ 'METS.xml': STUMP, 'representations/a.txt': 'a' });
		const { status, warnings } = await submit(items, { preflight: 'warn' });
		expect(status).toBe('UPLOAD_COMPLETED');
		expect((warnings as string[]).length).toBeGreaterThan(3);
	});

	it('does not look, when it is off', async () => {
		const items = await itemsOf({ 'METS.xml': STUMP, 'representations/a.txt': 'a' });
		const { status, warnings } = await submit(items, { preflight: 'off' });
		expect([status, warnings]).toEqual(['UPLOAD_COMPLETED', []]);
	});

	it('sends what does not say that it is a package, with a warning', async () => {
		const { status, warnings } = await submit(await itemsOf({ 'a.txt': 'a' }), {});
		expect(status).toBe('UPLOAD_COMPLETED');
		expect(warnings).toEqual([expect.stringContaining('has no METS.xml at its root')]);
	});

	it('refuses a mode that it does not know', async () => {
		const error = await failure(await itemsOf({ 'a.txt': 'a' }), { preflight: 'maybe' });
		expect(error.message).toContain('Preflight');
	});
});
