import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { CANONICAL_SCHEMAS } from '../../dps/sip/build/schemas';
import { SOFTWARE } from '../../nodes/DigitalPreservation/n8n/software';
import packageJson from '../../package.json';

import { METADATA, NodeBench } from './node-bench';

const md5 = (bytes: Buffer | string) => createHash('md5').update(bytes).digest('hex');
const METS = 'METS.xml';
const PRIMARY = /^representations\/primary_(\d{8})\//;

let bench: NodeBench;
let count = 0;
const newObjectId = () => `built_${++count}`;

beforeAll(async () => {
	bench = await NodeBench.start();
});

afterAll(async () => {
	await bench.stop();
});

afterEach(async () => {
	await bench.sandbox.control.clearFaults();
});

const packaging = {
	contractId: { __rl: true, mode: 'id', value: 'ef23' },
	objectId: '={{ $json.objectId }}',
	binaryPropertyName: 'data',
	contentPath: '={{ $json.path }}',
	fileRole: '={{ $json.role }}',
	representation: '={{ $json.representation ?? "" }}',
	contentCategory: 'photographsPrint',
	organisationName: 'Example Museum',
	organisationNumber: '974 760 673',
	packagingOptions: { missingSchemas: 'error' } as IDataObject,
	metadataMode: 'json',
	metadataJson: JSON.stringify(METADATA),
};

async function item(
	objectId: string,
	path: string,
	bytes = path,
	role = 'content',
	more: IDataObject = {},
): Promise<INodeExecutionData> {
	const { binary } = await bench.fileItem(path, bytes);
	return { json: { objectId, path, role, ...more }, binary };
}

/** Stand-ins for the canonical schemas; not their bytes, so that the package has warnings. */
async function schemas(objectId = ''): Promise<INodeExecutionData[]> {
	return await Promise.all(
		CANONICAL_SCHEMAS.map(async ({ name }) => await item(objectId, name, '<schema/>', 'schema')),
	);
}

async function build(items: INodeExecutionData[], changes: IDataObject = {}) {
	return await bench.run('package', 'build', { ...packaging, ...changes }, { items });
}

const submitBuilt = {
	contractId: { __rl: true, mode: 'id', value: '={{ $json.contractId }}' },
	objectId: '={{ $json.objectId }}',
	filePath: '={{ $json.filePath }}',
	binaryPropertyName: 'data',
	isPackaged: false,
	metadataMode: 'json',
	metadataJson: '={{ $json.metadata }}',
	options: {},
};

async function buildAndSubmit(items: INodeExecutionData[], changes: IDataObject = {}) {
	const parameters = { ...packaging, packaging: 'build', options: {}, ...changes };
	return await bench.run('submission', 'submit', parameters, { items });
}

async function textOf({ binary }: INodeExecutionData): Promise<string> {
	return (await bench.n8n.read(binary!.data)).toString('utf8');
}

async function submissionOf(objectId: string) {
	const { submissions } = await bench.sandbox.control.state();
	return submissions.filter((entry) => entry.objectId === objectId);
}

describe('Package: Build', () => {
	it('gives the files of the package, content passed on and not copied', async () => {
		const objectId = newObjectId();
		const page = await item(objectId, 'page 1.tif', 'a page');
		const output = await build([page, ...(await schemas())]);
		const paths = output.map(({ json }) => String(json.filePath).replace(/\d{8}/, 'DATE'));
		expect(paths).toEqual([
			METS,
			'representations/primary_DATE/METS.xml',
			'metadata/descriptive/nb_dublincore.json',
			'representations/primary_DATE/data/page 1.tif',
			'schemas/DILCISExtensionMETS.xsd',
			'schemas/DILCISExtensionSIPMETS.xsd',
			'schemas/mets1_12.xsd',
			'schemas/xlink.xsd',
		]);
		expect(output[3]).toEqual({
			json: {
				contractId: 'ef23',
				objectId,
				filePath: output[3].json.filePath,
				checksum: md5('a page'),
				size: 6,
				fixity: {
					md5: md5('a page'),
					sha256: createHash('sha256').update('a page').digest('hex'),
					size: 6,
				},
				metadata: METADATA,
			},
			binary: page.binary,
			pairedItem: { item: 0 },
		});
		const mets = await textOf(output[0]);
		expect(mets).toContain(` OBJID="${objectId}" LABEL="Rana Blad"`);
		expect(mets).toContain(`>${packageJson.version}</note>`);
		expect(mets).toContain('>974760673</note>');
		expect(output[0].json.checksum).toBe(md5(mets));
	});

	it('names itself as the software by the name and version of package.json', () => {
		expect(SOFTWARE).toEqual({ name: packageJson.name, version: packageJson.version });
	});

	it('makes a package of each object, and gives schemas without an Object ID to all', async () => {
		const [one, other] = [newObjectId(), newObjectId()];
		const items = [
			await item(one, 'a.tif'),
			await item(other, 'a.tif'),
			...(await schemas()),
			await item(one, 'b.tif'),
		];
		const output = await build(items);
		const count = (objectId: string, part: string) =>
			output.filter(
				({ json }) => json.objectId === objectId && String(json.filePath).includes(part),
			).length;
		expect([count(one, '/data/'), count(other, '/data/')]).toEqual([2, 1]);
		expect([count(one, 'schemas/'), count(other, 'schemas/')]).toEqual([4, 4]);
	});

	it('puts each item where its role says', async () => {
		const objectId = newObjectId();
		const output = await build([
			await item(objectId, 'a.tif'),
			await item(objectId, 'a.jpg', 'x', 'content', { representation: 'access' }),
			await item(objectId, 'mediainfo/a.xml', '<x/>', 'technical'),
			await item(objectId, 'plate.xml', '<x/>', 'source'),
			await item(objectId, 'premis.xml', '<x/>', 'preservation'),
			await item(objectId, 'manual.txt', 'x', 'documentation'),
			await item(objectId, 'mods.xml', '<mods xmlns="http://www.loc.gov/mods/v3"/>', 'descriptive'),
			...(await schemas(objectId)),
		]);
		const paths = output.map(({ json }) => String(json.filePath).replace(/\d{8}/, 'DATE'));
		expect(paths).toEqual(
			expect.arrayContaining([
				'representations/access_DATE/data/a.jpg',
				'representations/primary_DATE/metadata/technical/mediainfo/a.xml',
				'representations/primary_DATE/metadata/source/plate.xml',
				'metadata/preservation/premis.xml',
				'documentation/manual.txt',
				'metadata/descriptive/mods.xml',
			]),
		);
	});

	it.each([
		[{ contentCategory: '' }, 'Kind of Content'],
		[{ organisationNumber: '' }, 'organisation number'],
		[{ fileRole: 'photo' }, 'Role'],
		[{ contentPath: '' }, 'is missing'],
		[{ packagingOptions: { schemaAddress: 'file:///etc/' } }, 'Schema Address'],
		[{ packagingOptions: { missingSchemas: 'error', packageDate: 'soon' } }, 'package date'],
		[{ metadataJson: '{}' }, 'title'],
		[{ options: { expectedFileCount: 7 } }, '7 were expected'],
		[{ options: { checksum: 'abc' } }, 'known checksum'],
	])('stops with what is wrong: %j', async (changes, reason) => {
		const items = [await item(newObjectId(), 'a.tif'), ...(await schemas('x'))];
		items.forEach((each) => (each.json.objectId = items[0].json.objectId));
		await expect(
			bench.failure('package', 'build', { ...packaging, ...changes }, { items }),
		).resolves.toMatchObject({
			message: expect.any(String),
			description: expect.stringContaining(reason),
		});
	});

	it('builds the other objects when one is wrong, if told to continue on fail', async () => {
		const [wrong, right] = [newObjectId(), newObjectId()];
		const items = [
			await item(wrong, 'a\u0007.tif'),
			await item(right, 'a.tif'),
			...(await schemas()),
		];
		const output = await bench.run('package', 'build', packaging, { items, continueOnFail: true });
		expect(output[0].json.error).toContain('control characters');
		expect(output.slice(1).every(({ json }) => json.objectId === right)).toBe(true);
		expect(output.length).toBe(9);
	});

	it('says of schemas that are no known copy, beside the root METS', async () => {
		const output = await build([await item(newObjectId(), 'a.tif'), ...(await schemas())]);
		expect(output[0].json.warnings).toContainEqual(expect.stringContaining('mets1_12.xsd'));
	});

	it('needs no DPS when it is given the date', async () => {
		await bench.sandbox.control.clearRequests();
		const packagingOptions = { missingSchemas: 'error', packageDate: '2025-02-17T09:30:00+01:00' };
		const output = await build([await item(newObjectId(), 'a.tif'), ...(await schemas())], {
			packagingOptions,
		});
		expect(PRIMARY.exec(String(output[1].json.filePath))?.[1]).toBe('20250217');
		expect(await textOf(output[0])).toContain('CREATEDATE="2025-02-17T09:30:00+01:00"');
		await expect(bench.sandbox.control.requests('api')).resolves.toEqual([]);
	});

	it('uses nothing that a server gives in the place of a schema', async () => {
		const server = createServer((_request, response) => response.end('<html>log in</html>'));
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const schemaAddress = `http://127.0.0.1:${(server.address() as AddressInfo).port}/xsd`;
		const items = [await item(newObjectId(), 'a.tif')];
		const error = await bench.failure(
			'package',
			'build',
			{ ...packaging, packagingOptions: { schemaAddress } },
			{ items },
		);
		expect(error.message).toContain(`has MD5 ${md5('<html>log in</html>')}`);
		expect(error.description).toContain("role 'Schema'");
		server.close();
		await once(server, 'close');
	});
});

describe('a built package', () => {
	it('is sent by Submit Package as it is', async () => {
		const objectId = newObjectId();
		const built = await build([
			await item(objectId, 'blåbær +1%.tif', 'a page'),
			...(await schemas()),
		]);
		const [sent] = await bench.run('submission', 'submit', submitBuilt, { items: built });
		expect(sent.json).toMatchObject({ objectId, status: 'UPLOAD_COMPLETED', resumed: false });
		const [{ files }] = await submissionOf(objectId);
		expect(files.map(({ filePath, stored }) => [filePath, stored?.md5]).sort()).toEqual(
			built.map(({ json }) => [json.filePath, json.checksum]).sort(),
		);
	});

	it('is not sent when a file has changed since it was built', async () => {
		const objectId = newObjectId();
		const built = await build([await item(objectId, 'a.tif', 'before'), ...(await schemas())]);
		const page = built.find(({ json }) => String(json.filePath).endsWith('a.tif'));
		page!.binary = (await bench.fileItem('a.tif', 'after!')).binary;
		const error = await bench.failure('submission', 'submit', submitBuilt, { items: built });
		expect(error.message).toContain('changed while it was being sent');
		expect((await submissionOf(objectId))[0].status).toBe('REGISTERED');
	});

	it('is not passed off as the one that is preserved when a file has changed', async () => {
		const objectId = newObjectId();
		const built = await build([await item(objectId, 'a.tif', 'before'), ...(await schemas())]);
		await bench.run('submission', 'submit', submitBuilt, { items: built });
		const page = built.find(({ json }) => String(json.filePath).endsWith('a.tif'));
		page!.binary = (await bench.fileItem('a.tif', 'after!')).binary;
		const error = await bench.failure('submission', 'submit', submitBuilt, { items: built });
		expect(error.message).toContain('already holds other content');
	});

	it('is read anew when what the item says of it is not whole', async () => {
		const objectId = newObjectId();
		const built = await build([await item(objectId, 'a.tif', 'a page'), ...(await schemas())]);
		const page = built.find(({ json }) => String(json.filePath).endsWith('a.tif'))!;
		page.json.fixity = { md5: 'nonsense', sha256: 7, size: 6 };
		const [sent] = await bench.run('submission', 'submit', submitBuilt, { items: built });
		expect(sent.json.status).toBe('UPLOAD_COMPLETED');
	});
});

describe('Submit Package, building in the same step', () => {
	it('makes and sends a package of content files', async () => {
		const objectId = newObjectId();
		const [sent] = await buildAndSubmit([
			await item(objectId, 'a.tif'),
			await item(objectId, 'b.tif'),
			...(await schemas()),
		]);
		expect(sent.json).toMatchObject({ objectId, status: 'UPLOAD_COMPLETED', resumed: false });
		expect(sent.json.warnings).toContainEqual(expect.stringContaining('mets1_12.xsd'));
		expect(sent.pairedItem).toEqual([{ item: 0 }, { item: 1 }]);
		const [{ files }] = await submissionOf(objectId);
		expect(files).toHaveLength(9);
		expect(files.every(({ stored, checksum }) => stored?.md5 === checksum)).toBe(true);
	});

	it('run again, finds its own submission', async () => {
		const objectId = newObjectId();
		const items = [await item(objectId, 'a.tif'), ...(await schemas())];
		const [first] = await buildAndSubmit(items);
		const [second] = await buildAndSubmit(items);
		expect(second.json).toMatchObject({
			submissionId: first.json.submissionId,
			resumed: true,
		});
	});

	it('goes on after midnight with the package of the day before', async () => {
		const objectId = newObjectId();
		const items = [
			await item(objectId, 'a.tif'),
			await item(objectId, 'b.tif'),
			...(await schemas()),
		];
		const yesterday = { missingSchemas: 'error', packageDate: '2025-02-17' };
		const built = await build(items, { packagingOptions: yesterday });
		const [{ json: created }] = await bench.run('submission', 'create', {
			...packaging,
			objectId,
			options: {},
		});
		for (const { json } of built.slice(0, 3)) {
			await bench.run('file', 'register', {
				contractId: packaging.contractId,
				submissionId: created.submissionId,
				filePath: json.filePath,
				checksum: json.checksum,
			});
		}
		const [sent] = await buildAndSubmit(items);
		expect(sent.json).toMatchObject({
			submissionId: created.submissionId,
			resumed: true,
			status: 'UPLOAD_COMPLETED',
		});
		const [{ files }] = await submissionOf(objectId);
		expect(files.map(({ filePath, checksum }) => [filePath, checksum]).sort()).toEqual(
			built.map(({ json }) => [json.filePath, json.checksum]).sort(),
		);
	});

	it('sends nothing of any object while one of them cannot be built', async () => {
		const [wrong, right] = [newObjectId(), newObjectId()];
		const items = [
			await item(right, 'a.tif'),
			await item(wrong, 'a.tif'),
			await item(wrong, 'A.TIF'),
			...(await schemas()),
		];
		const parameters = { ...packaging, packaging: 'build', options: {} };
		const error = await bench.failure('submission', 'submit', parameters, { items });
		expect(error.message).toContain('upper and lower case');
		await expect(submissionOf(right)).resolves.toEqual([]);
	});

	it('counts the items, not what is made of them', async () => {
		const objectId = newObjectId();
		const items = [await item(objectId, 'a.tif'), ...(await schemas())];
		const [sent] = await buildAndSubmit(items, { options: { expectedFileCount: 1 } });
		expect(sent.json.status).toBe('UPLOAD_COMPLETED');
		const error = await bench.failure(
			'submission',
			'submit',
			{ ...packaging, packaging: 'build', options: { expectedFileCount: 2 } },
			{ items },
		);
		expect(error.message).toContain('2 were expected');
	});

	it('sends nothing of a file that is not what its checksum on record says', async () => {
		const objectId = newObjectId();
		const items = [await item(objectId, 'a.tif', 'a'), ...(await schemas())];
		const parameters = { ...packaging, packaging: 'build' };
		const checksum = `={{ $json.role === "content" ? "${md5('b')}" : "" }}`;
		const error = await bench.failure(
			'submission',
			'submit',
			{ ...parameters, options: { checksum } },
			{ items },
		);
		expect(error.message).toContain(`has MD5 ${md5('a')}`);
		await expect(submissionOf(objectId)).resolves.toEqual([]);
	});

	it('takes items for a package already unless told otherwise', async () => {
		const field = bench.node.description.properties.find(({ name }) => name === 'packaging');
		expect(field?.default).toBe('ready');
	});
});
