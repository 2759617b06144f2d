import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import type { Explanation, Verdict } from '../../conformance/corpus';
import { judgeCorpus, knownExplanations, packagesOf } from '../../conformance/corpus';
import type { Specimen } from '../../conformance/specimen';
import { copyOf, validSpecimen } from '../../conformance/specimen';

let corpus: string;
let valid: Specimen;

beforeAll(async () => {
	valid = await validSpecimen();
});

beforeEach(async () => {
	corpus = await mkdtemp(path.join(os.tmpdir(), 'corpus-'));
});

afterEach(async () => await rm(corpus, { recursive: true, force: true }));

async function write(folder: string, { rootName, files }: Specimen): Promise<void> {
	for (const [name, bytes] of files) {
		const file = path.join(corpus, folder, rootName, name);
		await mkdir(path.dirname(file), { recursive: true });
		await writeFile(file, bytes);
	}
}

function testCase(
	requirement: string,
	rows: Array<[valid: boolean, path: string, implemented?: boolean]>,
) {
	const packages = rows.map(
		([isValid, location, isImplemented = true]) =>
			`<package name="a" isValid="${isValid ? 'TRUE' : 'FALSE'}" isImplemented="${isImplemented ? 'TRUE' : 'FALSE'}"><path>${location}</path></package>`,
	);
	return `<testCase><id specification="CSIP" requirementId="${requirement}"/><rules><rule id="2"><corpusPackages>${packages.join('')}</corpusPackages></rule></rules></testCase>`;
}

async function writeTestCase(...[requirement, rows]: Parameters<typeof testCase>): Promise<string> {
	const file = path.join(corpus, 'CSIP', requirement, 'testCase.xml');
	await mkdir(path.dirname(file), { recursive: true });
	await writeFile(file, testCase(requirement, rows));
	return file;
}

async function verdicts(explanations: Explanation[] = []): Promise<Verdict[]> {
	const all: Verdict[] = [];
	await judgeCorpus(corpus, explanations, (verdict) => all.push(verdict));
	return all;
}

function broken(): Specimen {
	const specimen = copyOf(valid);
	const text = specimen.files.get('METS.xml')?.toString() ?? '';
	specimen.files.set('METS.xml', Buffer.from(text.replace(/ CREATEDATE="[^"]*"/, '')));
	return { ...specimen, rootName: 'broken' };
}

const name = () => `valid/${valid.rootName}`;

describe('a corpus of test packages', () => {
	it('is read from its test cases; what is not implemented is left out', async () => {
		const file = await writeTestCase('CSIP7', [
			[true, name()],
			[false, 'invalid/broken'],
			[false, 'invalid/later', false],
		]);
		expect(await packagesOf(file)).toMatchObject([
			{ requirement: 'CSIP7', rule: '2', path: name(), expected: 'valid' },
			{ requirement: 'CSIP7', rule: '2', path: 'invalid/broken', expected: 'invalid' },
		]);
	});

	it('agrees on what breaks the requirement of its folder, and on what does not', async () => {
		await writeTestCase('CSIP7', [
			[true, name()],
			[false, 'invalid/broken'],
		]);
		await write('CSIP/CSIP7/valid', valid);
		await write('CSIP/CSIP7/invalid', broken());
		expect(await verdicts()).toMatchObject([
			{ found: 'valid', outcome: 'equal' },
			{ found: 'error', outcome: 'equal' },
		]);
	});

	it('differs when a package is called valid that is not, or invalid that is', async () => {
		await writeTestCase('CSIP7', [
			[true, 'invalid/broken'],
			[false, name()],
			[true, 'valid/gone'],
		]);
		await write('CSIP/CSIP7/valid', valid);
		await write('CSIP/CSIP7/invalid', broken());
		expect(await verdicts()).toMatchObject([
			{ found: 'error', outcome: 'different' },
			{ found: 'valid', outcome: 'different' },
			{ outcome: 'missing' },
		]);
	});

	it('differs no longer when the difference is explained, that one and no other', async () => {
		await writeTestCase('CSIP7', [
			[true, 'invalid/broken'],
			[false, name()],
		]);
		await write('CSIP/CSIP7/valid', valid);
		await write('CSIP/CSIP7/invalid', broken());
		const reason = 'the corpus has it wrong';
		const explanation: Explanation = {
			requirement: 'CSIP7',
			rule: '2',
			package: 'invalid/broken',
			expected: 'valid',
			reason,
		};
		expect(await verdicts([explanation])).toMatchObject([
			{ outcome: 'explained', reason },
			{ outcome: 'different' },
		]);
		expect(await verdicts([{ ...explanation, finding: 'some other finding' }])).toMatchObject([
			{ outcome: 'different' },
			{ outcome: 'different' },
		]);
	});

	it('agrees with a remark where only a recommendation is not followed', async () => {
		await writeTestCase('CSIPSTR13', [[true, name()]]);
		const specimen = copyOf(valid);
		await write('CSIP/CSIPSTR13/valid', specimen);
		expect(await verdicts()).toMatchObject([{ found: 'warning', outcome: 'remark' }]);
	});

	it('has line ends that git changed explained, when the bytes are right with the others', async () => {
		await writeTestCase('CSIP69', [[true, name()]]);
		const specimen = copyOf(valid);
		const crlf = 'a\r\nb\r\n';
		const before = specimen.files.get('documentation/readme.txt')?.length ?? 0;
		const text = specimen.files.get('METS.xml')?.toString() ?? '';
		const [line] = new RegExp(`SIZE="${before}"[^>]*>\\s*<FLocat[^>]*readme\\.txt`).exec(text) ?? [
			'',
		];
		const resized = line.replace(`SIZE="${before}"`, `SIZE="${crlf.length}"`);
		specimen.files.set('METS.xml', Buffer.from(text.replace(line, resized)));
		specimen.files.set('documentation/readme.txt', Buffer.from(crlf.replaceAll('\r', '')));
		await write('CSIP/CSIP69/valid', specimen);
		const [verdict] = await verdicts();
		expect(verdict.outcome).toBe('explained');
		expect(verdict.reason).toContain('CR LF');

		specimen.files.set('documentation/readme.txt', Buffer.from('something else'));
		await write('CSIP/CSIP69/valid', specimen);
		expect((await verdicts())[0].outcome).toBe('different');
	});

	it('has requirements that 2.2.0 withdrew explained', async () => {
		await writeTestCase('CSIP86', [[false, name()]]);
		await write('CSIP/CSIP86/valid', valid);
		expect(await verdicts()).toMatchObject([
			{ outcome: 'explained', reason: expect.stringContaining('2.2.0') },
		]);
	});
});

it('every known explanation gives a reason and says whom it is about', async () => {
	for (const { requirement, expected, reason } of await knownExplanations()) {
		expect(requirement).toMatch(/^(?:CSIP|SIP|CSIPSTR)\d+$/);
		expect(['valid', 'invalid']).toContain(expected);
		expect(reason.length).toBeGreaterThan(40);
	}
});
