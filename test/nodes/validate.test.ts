import { createHash } from 'node:crypto';

import { zipSync } from 'fflate';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { Specimen } from '../../conformance/specimen';
import { copyOf, validSpecimen } from '../../conformance/specimen';
import type { PackageReport } from '../../dps/sip/report';
import { outputs } from '../../nodes/DigitalPreservation/resources';

import { NodeBench } from './node-bench';

let bench: NodeBench;
let valid: Specimen;

beforeAll(async () => {
	[bench, valid] = await Promise.all([NodeBench.start(), validSpecimen()]);
});

afterAll(async () => await bench.stop());

const byFile = {
	packageForm: 'files',
	objectId: '={{ $json.objectId }}',
	binaryPropertyName: 'data',
	filePath: '={{ $json.filePath }}',
	ruleset: 'nb-sip-1.0',
	options: {},
};

async function itemsOf({ rootName, files }: Specimen): Promise<INodeExecutionData[]> {
	return await Promise.all(
		[...files].map(async ([path, bytes]) => {
			const item = await bench.fileItem(path, bytes);
			const checksum = createHash('md5').update(bytes).digest('hex');
			return { ...item, json: { ...item.json, objectId: rootName, checksum } };
		}),
	);
}

async function validate(
	items: INodeExecutionData[],
	parameters: Record<string, unknown> = {},
	run: { continueOnFail?: boolean } = {},
): Promise<{ valid: INodeExecutionData[]; invalid: INodeExecutionData[] }> {
	const context = bench.n8n.executeContext(bench.node, bench.credentialType, {
		credential: bench.credential as never,
		items,
		...run,
		parameters: { resource: 'package', operation: 'validate', ...byFile, ...parameters } as never,
	});
	const [first, second] = await bench.node.execute.call(context);
	return { valid: first, invalid: second };
}

const reportIn = ({ json }: INodeExecutionData) =>
	json as unknown as PackageReport & { objectId: string; message: string };

function damaged(objectId = valid.rootName): Specimen {
	const specimen = copyOf(valid);
	specimen.files.delete('schemas/xlink.xsd');
	return { ...specimen, rootName: objectId };
}

describe('package: validate', () => {
	it('gives one report a package, valid and invalid ones by outputs of their own', async () => {
		const good = await itemsOf(valid);
		const bad = await itemsOf(damaged('NF_1992-0124'));
		const { valid: first, invalid: second } = await validate([...good, ...bad]);
		expect(first).toHaveLength(1);
		expect(second).toHaveLength(1);
		expect(reportIn(first[0])).toMatchObject({ objectId: valid.rootName, valid: true });
		expect(first[0].pairedItem).toEqual(good.map((_, item) => ({ item })));
		const report = reportIn(second[0]);
		expect(report).toMatchObject({ objectId: 'NF_1992-0124', valid: false });
		expect(report.findings.map(({ requirement }) => requirement)).toEqual(
			expect.arrayContaining(['CSIP79', 'NBSIPSTR2']),
		);
		expect(second[0].pairedItem).toEqual(bad.map((_, index) => ({ item: good.length + index })));
	});

	it('says in one sentence what is wrong', async () => {
		const { valid: first } = await validate(await itemsOf(valid));
		expect(reportIn(first[0]).message).toMatch(
			/^Valid by NB-SIP 1\.0 .*: 0 errors, \d+ warnings?\.$/,
		);
		const { invalid } = await validate(await itemsOf(damaged()));
		expect(reportIn(invalid[0]).message).toMatch(
			/^Invalid by NB-SIP 1\.0 .*: 1 error, .* The first \(CSIP79\): METS\.xml: .*"schemas\/xlink\.xsd".*; wanted: .*\.$/,
		);
	});

	it.each([
		['errors', ['error']],
		['warnings', ['error', 'warning']],
		['all', ['error', 'info', 'warning']],
	])("lists '%s', and counts everything", async (listed, severities) => {
		const { invalid } = await validate(await itemsOf(damaged()), { options: { listed } });
		const { findings, summary } = reportIn(invalid[0]);
		expect([...new Set(findings.map(({ severity }) => severity))].sort()).toEqual(severities);
		expect(summary.infos).toBeGreaterThan(0);
	});

	it('takes a package as a ZIP, and tells a file that is none', async () => {
		const entries = [...valid.files].map(([path, bytes]) => [
			`${valid.rootName}/${path}`,
			Uint8Array.from(bytes),
		]);
		const zip = Buffer.from(zipSync(Object.fromEntries(entries) as Record<string, Uint8Array>));
		const item = await bench.fileItem('package.zip', zip);
		const form = { packageForm: 'archive', objectId: '' };
		const { valid: first } = await validate([item], form);
		expect(reportIn(first[0])).toMatchObject({ valid: true, packageId: valid.rootName });

		const broken = await bench.fileItem('broken.zip', zip.subarray(0, 2000));
		const text = await bench.fileItem('readme.txt', 'no archive');
		const { invalid } = await validate([broken, text], form);
		expect(invalid.map((each) => reportIn(each).findings[0].requirement)).toEqual([
			'NBSIPSTR3',
			'NBSIPSTR3',
		]);
	});

	it('compares OBJID with the Object ID, and LABEL with the title, that it will be sent under', async () => {
		const { invalid } = await validate(await itemsOf(valid), {
			objectId: 'NF_2000-0001',
			options: { title: 'Another title' },
		});
		const requirements = reportIn(invalid[0]).findings.map(({ requirement }) => requirement);
		expect(requirements).toEqual(expect.arrayContaining(['NBSIPSTR2', 'NBSIP1', 'NBSIP2']));
	});

	it('takes checksums that are known, and refuses what is none', async () => {
		const items = await itemsOf(valid);
		const known = { options: { checksum: '={{ $json.checksum }}' } };
		expect((await validate(items, known)).valid).toHaveLength(1);
		items[3].json.checksum = '0'.repeat(32);
		expect((await validate(items, known)).invalid).toHaveLength(1);
		items[3].json.checksum = 'SHA-1';
		await expect(validate(items, known)).rejects.toThrow('Known Checksum (MD5)');
	});

	it("an item that cannot be read stops the node, or leaves by 'Invalid' on Continue on Fail", async () => {
		const items = await itemsOf(valid);
		items[0].json.filePath = '../METS.xml';
		await expect(validate(items)).rejects.toThrow('File Path');
		const { valid: first, invalid } = await validate(items, {}, { continueOnFail: true });
		expect(first).toEqual([]);
		expect((invalid[0].json as IDataObject).error).toContain('File Path');
	});

	it('is valid by E-ARK alone where only NB asks for more', async () => {
		const specimen = copyOf(valid);
		specimen.files.set('more/notes.txt', Buffer.from('a folder of our own'));
		expect((await validate(await itemsOf(specimen))).invalid).toHaveLength(1);
		const { valid: first } = await validate(await itemsOf(specimen), {
			ruleset: 'e-ark-sip-2.2.0',
		});
		expect(reportIn(first[0]).ruleset).toBe('E-ARK SIP 2.2.0');
	});

	it('has two outputs in the editor, as Verify has; other operations have one', () => {
		const outputsFor = (
			resource: string,
			operation: string,
		): Array<string | { displayName: string }> => {
			const expression = outputs.replace(/^=\{\{|\}\}$/g, '');
			const evaluate = new Function('$parameter', `return ${expression};`) as (
				parameter: IDataObject,
			) => Array<string | { displayName: string }>;
			return evaluate({ resource, operation });
		};
		const names = (resource: string, operation: string) =>
			outputsFor(resource, operation).map((output) =>
				typeof output === 'string' ? output : output.displayName,
			);
		expect(names('package', 'validate')).toEqual(['Valid', 'Invalid']);
		expect(names('submission', 'verify')).toEqual(['Preserved', 'Not Preserved']);
		expect(names('package', 'build')).toEqual(['main']);
		expect(names('submission', 'submit')).toEqual(['main']);
		// n8n ends an expression at the first double brace
		expect(outputs.slice(3, -2)).not.toContain('}}');
	});
});
