import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { BuildInput, InputFile } from '../dps/sip/build/input';
import { MEDIA_TYPES } from '../dps/sip/build/media-type';
import { CANONICAL_SCHEMAS } from '../dps/sip/build/schemas';
import type { ContentCategory } from '../dps/sip/content-category';
import { CONTENT_CATEGORIES } from '../dps/sip/content-category';

import { run } from './command';
import type { Verdict } from './commons-ip';
import { CommonsIp, VOCABULARY } from './commons-ip';
import { EXAMPLE } from './example-package';
import { schemaFiles, textSource, writePackage } from './package-writer';
import { hasXmllint, invalidDocuments } from './xmllint';

export interface BuiltPackagesOptions {
	/** Where programs and packages are kept between runs; not under version control. */
	folder: string;
	/**
	 * A folder with the canonical schemas; undefined to take those of commons-ip's own archive. With
	 * E-ARK's vocabulary of content categories beside them, packages are judged by that.
	 */
	schemas?: string;
	/** Only this version of commons-ip. */
	commonsIp?: string;
	/** Files of the package whose times are taken; 0 to take none. */
	timedFiles?: number;
	/** Takes a line that is meant for people. */
	write: (line: string) => void;
}

/** One row of the table of conformance. */
export interface Row {
	measure: string;
	target: string;
	result: string;
	/** Undefined when it could not be measured here. */
	reached?: boolean;
}

/** Names that other systems stumble over, in each content type's own formats. */
const CONTENT: Readonly<Record<ContentCategory['profile'], string[]>> = {
	images: ['page 1.tif', 'raw+100%.dng', 'bilder/blåbær & øl.jp2'],
	audio: ['side A.wav', 'lyd/æ.flac', 'listen.mp3'],
	text: ['bok.pdf', 'tekst/kapittel #1.xml', 'note;1.txt'],
	movingImages: ['film.mkv', 'reel 1/scan?.mxf', "director's.mov"],
	webArchive: ['crawl.warc.gz', 'crawl-2.warc', 'index.cdx'],
};

const TECHNICAL: InputFile[] = [
	{ role: 'technical', source: textSource('mediainfo/side 1+2.xml', '<mediainfo/>') },
	{ role: 'technical', tool: 'exiftool', source: textSource('bilde.json', '{}') },
];
const SOURCE: InputFile[] = [
	{ role: 'source', source: textSource('original æ.xml', '<original/>') },
];
const PREMIS = '<premis xmlns="http://www.loc.gov/premis/v3" version="3.0"/>';
const PRESERVATION: InputFile[] = [
	{ role: 'preservation', source: textSource('premis.xml', PREMIS) },
	{ role: 'preservation', representation: 'primary', source: textSource('events.xml', PREMIS) },
];
const DOCUMENTATION: InputFile[] = [
	{ role: 'documentation', source: textSource('håndbok/les meg.txt', 'Les dette.') },
];
const DESCRIPTIVE: InputFile[] = [
	{
		role: 'descriptive',
		source: textSource('mods & more.xml', '<mods xmlns="http://www.loc.gov/mods/v3"/>'),
	},
	{ role: 'descriptive', source: textSource('katalog.txt', 'Et bilde') },
];

/** The optional parts of a package: none of them, each alone, all of them. */
const PARTS: ReadonlyArray<{ name: string; files: InputFile[]; xml?: boolean }> = [
	{ name: 'bare', files: [] },
	{ name: 'technical', files: TECHNICAL },
	{ name: 'source', files: SOURCE },
	{ name: 'preservation', files: PRESERVATION },
	{ name: 'documentation', files: DOCUMENTATION },
	{ name: 'descriptive', files: DESCRIPTIVE },
	{ name: 'xml', files: [], xml: true },
	{
		name: 'whole',
		files: [...TECHNICAL, ...SOURCE, ...PRESERVATION, ...DOCUMENTATION, ...DESCRIPTIVE],
	},
];

function contentFor(category: ContentCategory, representations: number): InputFile[] {
	const names = [undefined, 'access', 'processed_20241231'].slice(0, representations);
	return names.flatMap((representation) =>
		CONTENT[category.profile].map((name) => ({
			role: 'content' as const,
			representation,
			source: textSource(name, `${name} ${representation ?? ''}`),
		})),
	);
}

function* inputs(schemas: InputFile[]): Generator<BuildInput> {
	for (const category of CONTENT_CATEGORIES) {
		for (const representations of [1, 3]) {
			for (const { name, files, xml } of PARTS) {
				yield {
					...EXAMPLE,
					category,
					descriptionFormat: xml ? 'xml' : 'json',
					objectId: `${category.kind}-${representations}-${name}`,
					files: [...contentFor(category, representations), ...files, ...schemas],
				};
			}
		}
	}
}

/** The canonical schemas, by default those that commons-ip itself puts into packages. */
async function schemaFolder(
	{ folder, schemas }: BuiltPackagesOptions,
	commonsIp: CommonsIp | string,
): Promise<string | undefined> {
	if (schemas !== undefined) return schemas;
	if (typeof commonsIp === 'string') return undefined;
	const own = path.join(folder, 'schemas');
	await mkdir(own, { recursive: true });
	for (const { name } of CANONICAL_SCHEMAS) {
		const bytes = await commonsIp.resource(`schemas2/${name}`);
		if (!bytes) return undefined;
		await writeFile(path.join(own, name), bytes);
	}
	return own;
}

function describeVerdicts(
	verdicts: Map<string, Verdict>,
	write: (line: string) => void,
): { valid: number; warnings: Map<string, number> } {
	let valid = 0;
	const warnings = new Map<string, number>();
	for (const [name, { result, errors, complaints }] of verdicts) {
		if (result === 'VALID' && errors === 0) valid += 1;
		else write(`${name}: ${result}, ${errors} errors`);
		for (const { requirement, level, messages } of complaints) {
			if (level !== 'MUST') warnings.set(requirement, (warnings.get(requirement) ?? 0) + 1);
			else write(`  ${name}: ${requirement} ${messages.join('; ')}`);
		}
	}
	return { valid, warnings };
}

/** Lets an older commons-ip judge by the vocabulary that E-ARK has now. */
async function withPresentVocabulary(
	commonsIp: CommonsIp,
	{ schemas, write }: BuiltPackagesOptions,
): Promise<string> {
	const name = `commons-ip ${commonsIp.version}`;
	const vocabulary = schemas === undefined ? undefined : path.join(schemas, VOCABULARY);
	if (vocabulary === undefined || !existsSync(vocabulary)) return name;
	if (!(await commonsIp.useVocabulary(vocabulary))) return name;
	write(`${name} judges by ${VOCABULARY} of the given folder, which differs from its own`);
	return `${name} with the given vocabulary`;
}

async function unknownMediaTypes(commonsIp: CommonsIp): Promise<string[] | undefined> {
	const list = await commonsIp.resource('controlledVocabularies/IANA_MEDIA_TYPES.txt');
	if (!list) return undefined;
	const known = new Set(list.toString('utf8').split(/\r?\n/));
	return MEDIA_TYPES.filter((type) => !known.has(type));
}

/** Runs a program of this folder in a process of its own, as the other side's program is. */
async function child(program: string, args: string[]): Promise<number> {
	const file = path.join(__dirname, program);
	const { code, output, seconds } = await run(process.execPath, ['--import', 'tsx', file, ...args]);
	if (code !== 0) throw new Error(`${program} failed: ${output}`);
	return seconds;
}

function timeRow(measure: string, ours: number, theirs: number): Row {
	const seconds = `${ours.toFixed(1)} s ÷ ${theirs.toFixed(1)} s`;
	const ratio = ours / theirs;
	return {
		measure,
		target: '≤ 1.0',
		result: `${ratio.toFixed(2)} (${seconds})`,
		reached: ratio <= 1,
	};
}

/** Times of a large package, start of the programs included, one after the other. */
async function timeRows(
	commonsIp: CommonsIp,
	schemas: string,
	{ folder, timedFiles = 10_000 }: BuiltPackagesOptions,
): Promise<Row[]> {
	const timed = path.join(folder, 'timed');
	const content = path.join(timed, 'content');
	await rm(timed, { recursive: true, force: true });
	await mkdir(content, { recursive: true });
	for (let number = 0; number < timedFiles; number++) {
		await writeFile(path.join(content, `page ${number}.tif`), `page ${number}`.repeat(1000));
	}
	const description = path.join(timed, 'dc.xml');
	await writeFile(description, '<dc/>');
	const built = await child('build-child.ts', [content, schemas, 'ours', timed]);
	const created = await commonsIp.create(content, description, 'theirs', timed);
	const ours = path.join(timed, 'ours');
	const validated = await child('validate-child.ts', [ours]);
	const judged = await commonsIp.validate([ours], path.join(timed, 'reports'));
	return [
		timeRow(`${timedFiles} files: build ÷ commons-ip's own build`, built, created),
		timeRow(`${timedFiles} files: validate ÷ commons-ip's`, validated, judged.seconds),
	];
}

/**
 * Builds packages of every content type, with 1 and 3 representations and with and without each
 * optional part, and has commons-ip and xmllint judge them.
 *
 * @returns the rows of the table; a row without `reached` says what was skipped, and why
 */
export async function judgeBuiltPackages(options: BuiltPackagesOptions): Promise<Row[]> {
	const { folder, write } = options;
	const commonsIp = await CommonsIp.get(folder, options.commonsIp);
	const schemas = await schemaFolder(options, commonsIp);
	const measure = 'packages built here, judged by commons-ip';
	const skipped = (result: string): Row[] => [
		{ measure, target: 'VALID, 0 errors', result: `skipped: ${result}` },
	];
	if (schemas === undefined) return skipped('no schemas (--schemas <folder>)');

	const built = path.join(folder, 'built');
	await rm(built, { recursive: true, force: true });
	const documents: string[] = [];
	const packages: string[] = [];
	for (const input of inputs(schemaFiles(schemas))) {
		documents.push(...(await writePackage(input, built)));
		packages.push(path.join(built, input.objectId));
	}
	const rows: Row[] = [];
	if (typeof commonsIp === 'string') {
		rows.push(...skipped(commonsIp));
	} else {
		const reports = path.join(folder, 'reports');
		await rm(reports, { recursive: true, force: true });
		const judge = await withPresentVocabulary(commonsIp, options);
		const { verdicts } = await commonsIp.validate(packages, reports);
		const { valid, warnings } = describeVerdicts(verdicts, write);
		for (const [requirement, count] of warnings) {
			write(`commons-ip warns of ${requirement} in ${count} packages`);
		}
		rows.push({
			measure: `packages built here, judged by ${judge} (E-ARK 2.2.0)`,
			target: 'VALID, 0 errors',
			result: `${valid} of ${packages.length} VALID`,
			reached: valid === packages.length,
		});
		const unknown = await unknownMediaTypes(commonsIp);
		rows.push({
			measure: "media types that are in commons-ip's list",
			target: 'all',
			result:
				unknown === undefined
					? 'skipped: no JDK'
					: `${unknown.length} unknown ${unknown.join(' ')}`.trim(),
			reached: unknown === undefined ? undefined : unknown.length === 0,
		});
	}
	rows.push(await xmllintRow(schemas, documents, write));
	if (typeof commonsIp !== 'string' && options.timedFiles !== 0) {
		rows.push(...(await timeRows(commonsIp, schemas, options)));
	}
	return rows;
}

async function xmllintRow(
	schemas: string,
	documents: string[],
	write: (line: string) => void,
): Promise<Row> {
	const measure = 'the same, METS against the canonical schemas with xmllint';
	if (!(await hasXmllint())) {
		return { measure, target: 'valid', result: 'skipped: xmllint is not on this machine' };
	}
	const invalid = await invalidDocuments(schemas, documents);
	for (const line of invalid) write(line);
	return {
		measure,
		target: 'valid',
		result:
			invalid.length === 0 ? `${documents.length} documents valid` : `${invalid.length} complaints`,
		reached: invalid.length === 0,
	};
}
