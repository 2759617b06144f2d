import { createReadStream, existsSync } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import type { FileSource } from '../dps/ports';
import { isUnreadableArchive } from '../dps/sip/archive';
import type { PackageContents } from '../dps/sip/contents';
import { contentsOfFiles } from '../dps/sip/contents';
import type { PackageReport, Severity } from '../dps/sip/report';
import { reportOnUnreadable, validatePackage } from '../dps/sip/validate';
import { readXml } from '../dps/sip/xml';

import { archiveOnDisk } from './archive';
import { folderContents } from './folder';

/** A package of the corpus, and what the corpus says of it. */
export interface CorpusPackage {
	/** `CSIP17`. */
	requirement: string;
	/** Number of the rule in the requirement's test case. */
	rule: string;
	/** Path of the package, relative to the test case. */
	path: string;
	expected: 'valid' | 'invalid';
	/** Folder of the test case. */
	folder: string;
}

/** What the validator says of a package of the corpus. */
export interface Verdict extends CorpusPackage {
	/** The most severe finding of the requirement; `valid` when there is none. */
	found: 'valid' | Severity;
	/** The findings of the requirement, one a line. */
	findings: string[];
	/** Equal to the corpus, or not; or why it cannot be. */
	outcome: 'equal' | 'remark' | 'explained' | 'different' | 'missing';
	reason?: string;
}

/** A contradiction that is known, and why it is none of the validator's. */
export interface Explanation {
	requirement: string;
	/** Default: any rule. */
	rule?: string;
	/** Path of the package; default: any. */
	package?: string;
	expected: 'valid' | 'invalid';
	/** A text that one of the findings must contain. */
	finding?: string;
	reason: string;
}

/** Test cases below a folder, at any depth: the corpus has one folder a requirement. */
async function testCases(folder: string): Promise<string[]> {
	const found: string[] = [];
	const walk = async (at: string, depth: number) => {
		const file = path.join(at, 'testCase.xml');
		if (existsSync(file)) {
			found.push(file);
			return;
		}
		if (depth === 0) return;
		const entries = await readdir(at, { withFileTypes: true });
		for (const entry of entries) {
			if (entry.isDirectory()) await walk(path.join(at, entry.name), depth - 1);
		}
	};
	await walk(folder, 4);
	return found.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Reads a test case: the packages that its rules name, those that are not made yet left out. */
export async function packagesOf(testCase: string): Promise<CorpusPackage[]> {
	const packages: CorpusPackage[] = [];
	const folder = path.dirname(testCase);
	let requirement = path.basename(folder);
	let rule = '';
	let current: { valid: boolean; implemented: boolean; path: string } | undefined;
	let inPath = false;
	const truth = (value: string | undefined) => value?.toUpperCase() === 'TRUE';
	await readXml(createReadStream(testCase), {
		onOpen({ local, attributes }) {
			const value = (name: string) => attributes[name]?.value;
			if (local === 'id') requirement = value('requirementId') ?? requirement;
			if (local === 'rule') rule = value('id') ?? '';
			if (local === 'package') {
				current = {
					valid: truth(value('isValid')),
					implemented: truth(value('isImplemented')),
					path: '',
				};
			}
			inPath = local === 'path' && current !== undefined;
		},
		onText(text) {
			if (inPath && current) current.path += text;
		},
		onClose({ local }) {
			if (local === 'path') inPath = false;
			if (local !== 'package' || current === undefined) return;
			const { valid, implemented } = current;
			const name = current.path.trim();
			if (implemented && name !== '') {
				packages.push({
					requirement,
					rule,
					path: name,
					expected: valid ? 'valid' : 'invalid',
					folder,
				});
			}
			current = undefined;
		},
	});
	return packages;
}

const RULESET = 'e-ark-sip-2.2.0';
const PARTS = ['METS.xml', 'metadata', 'representations', 'schemas', 'documentation'];

/** The package at a path of the corpus: a folder, a folder around it, or an archive. */
async function openPackage(location: string): Promise<PackageContents> {
	if ((await stat(location)).isFile()) return await archiveOnDisk(location);
	const entries = await readdir(location, { withFileTypes: true });
	const [only] = entries;
	const around = entries.length === 1 && only.isDirectory() && !PARTS.includes(only.name);
	return await folderContents(around ? path.join(location, only.name) : location);
}

async function reportOn(location: string): Promise<PackageReport> {
	try {
		return await validatePackage(await openPackage(location), { ruleset: RULESET });
	} catch (error) {
		if (!isUnreadableArchive(error)) throw error;
		return reportOnUnreadable(RULESET, error.message);
	}
}

const SEVERITIES: Severity[] = ['error', 'warning', 'info'];

function foundIn(report: PackageReport, requirement: string): Pick<Verdict, 'found' | 'findings'> {
	const own = report.findings.filter((finding) => finding.requirement === requirement);
	const severity = SEVERITIES.find((each) => own.some((finding) => finding.severity === each));
	return {
		found: severity ?? 'valid',
		findings: own.map(
			({ file, location, found, wanted }) => `${file} ${location}: ${found}; wanted: ${wanted}`,
		),
	};
}

/**
 * A package that the corpus calls invalid must have a finding of the requirement; one that it calls
 * valid must have no error of it. A warning or a hint leaves a package valid (CSIP, section on
 * requirement levels): such a verdict is equal, and told apart as a remark.
 */
function outcomeOf(expected: 'valid' | 'invalid', found: Verdict['found']): Verdict['outcome'] {
	if (expected === 'invalid') return found === 'valid' ? 'different' : 'equal';
	if (found === 'error') return 'different';
	return found === 'valid' ? 'equal' : 'remark';
}

function explanationFor(
	explanations: readonly Explanation[],
	{ requirement, rule, path: name, expected }: CorpusPackage,
	findings: readonly string[],
): Explanation | undefined {
	return explanations.find(
		(each) =>
			each.requirement === requirement &&
			each.expected === expected &&
			(each.rule === undefined || each.rule === rule) &&
			(each.package === undefined || each.package === name) &&
			(each.finding === undefined || findings.some((text) => text.includes(each.finding ?? ''))),
	);
}

async function* withLineEnds(source: FileSource): AsyncGenerator<Uint8Array> {
	const parts: Uint8Array[] = [];
	for await (const part of await source.open()) parts.push(part);
	yield Buffer.from(Buffer.concat(parts).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}

/**
 * The package as it was made: with `CR LF` at the end of each line in the files whose size METS
 * gives so. The corpus's repository stores text files with `LF`, which changes their bytes.
 */
async function asMade(contents: PackageContents, report: PackageReport): Promise<PackageContents> {
	const resized = new Set(
		report.findings
			.filter(({ location, target }) => location.endsWith('/@SIZE') && target !== undefined)
			.map(({ target }) => target),
	);
	const files: FileSource[] = [];
	for (const source of contents.files) {
		if (!resized.has(source.path)) {
			files.push(source);
			continue;
		}
		let size = 0;
		for await (const chunk of withLineEnds(source)) size += chunk.length;
		files.push({ path: source.path, size, open: async () => withLineEnds(source) });
	}
	return contentsOfFiles(files, {
		rootName: contents.rootName,
		emptyFolders: contents.emptyFolders,
	});
}

/** Requirements that E-ARK CSIP 2.2.0 no longer has. */
export const WITHDRAWN: ReadonlySet<string> = new Set(['CSIP86', 'CSIP87', 'CSIP115']);

/** A reason that holds for many packages, and is proved for this one. */
async function reasonOf(
	each: CorpusPackage,
	location: string,
	report: PackageReport,
): Promise<string | undefined> {
	if (WITHDRAWN.has(each.requirement)) return 'E-ARK CSIP 2.2.0 no longer has this requirement';
	if (each.expected === 'invalid') return undefined;
	const made = await asMade(await openPackage(location), report);
	const again = await validatePackage(made, { ruleset: RULESET });
	if (outcomeOf(each.expected, foundIn(again, each.requirement).found) === 'different')
		return undefined;
	return 'the checksums were taken with CR LF at the end of lines, and the corpus stores LF; with CR LF it is valid';
}

/** The explanations of known contradictions, as they stand beside this file. */
export async function knownExplanations(): Promise<Explanation[]> {
	const file = path.join(__dirname, 'explained.json');
	return JSON.parse(await readFile(file, 'utf8')) as Explanation[];
}

/**
 * Validates every package of a corpus folder against E-ARK SIP 2.2.0.
 *
 * @param onVerdict called for each package, in the order of the corpus
 */
export async function judgeCorpus(
	folder: string,
	explanations: readonly Explanation[],
	onVerdict: (verdict: Verdict) => void,
): Promise<void> {
	const reports = new Map<string, PackageReport>();
	for (const testCase of await testCases(folder)) {
		for (const each of await packagesOf(testCase)) {
			const location = path.join(each.folder, each.path);
			if (!existsSync(location)) {
				onVerdict({
					...each,
					found: 'valid',
					findings: [],
					outcome: 'missing',
					reason: 'the corpus names it, and it is not there',
				});
				continue;
			}
			const report = reports.get(location) ?? (await reportOn(location));
			reports.set(location, report);
			const { found, findings } = foundIn(report, each.requirement);
			const outcome = outcomeOf(each.expected, found);
			if (outcome !== 'different') {
				onVerdict({ ...each, found, findings, outcome });
				continue;
			}
			const reason =
				explanationFor(explanations, each, findings)?.reason ??
				(await reasonOf(each, location, report));
			onVerdict({ ...each, found, findings, outcome: reason ? 'explained' : 'different', reason });
		}
	}
}
