import { AdvisedError, assertNoErrors } from '../../advised-error';
import type { Finding } from '../../finding';
import { error, hasErrors, quote, warning } from '../../finding';
import { checkChecksum, checkContractId, checkObjectId } from '../../identifiers';
import { checkMetadata } from '../../metadata/check';
import type { Metadata } from '../../metadata/types';
import type { FileSource } from '../../ports';
import type { Slots } from '../../submit/concurrency';
import { forEachConcurrently } from '../../submit/concurrency';
import type { Fixity } from '../../submit/fixity';
import { fixityOf } from '../../submit/fixity';
import { METADATA_TYPES } from '../vocabulary';

import {
	JSON_DESCRIPTION,
	XML_DESCRIPTION,
	jsonDescription,
	xmlDescription,
	xmlTexts,
} from './dublin-core';
import type { BuildInput, BuiltFile, InputFile, Organisation } from './input';
import { mediaTypeOf } from './media-type';
import { recogniseMetadata } from './metadata-type';
import type { AdministrativeSection, MetsDocument, NamedFile, NamedMetadata } from './mets';
import { metsDocument } from './mets';
import { checkPackageDate } from './package-date';
import type { PlacedFile, Placement } from './placement';
import { place } from './placement';
import type { CanonicalSchema } from './schemas';
import { CANONICAL_SCHEMAS, checkSchemas } from './schemas';
import { isXmlText, utf8 } from './xml-text';

const RULE = 'NB-METS-1.0';

export interface BuildOptions {
	/** Places for files that are read at the same time. */
	slots: Slots;
	signal?: AbortSignal;
	/** What counts as the canonical schemas. */
	schemas?: readonly CanonicalSchema[];
	/** Told of each of the depositor's files when it has been read. */
	onFileRead?: (fixity: Fixity) => void;
}

/** A finished package: every file with its place and fixity. */
export interface BuiltPackage {
	/** The root METS first, then in the order of their paths. */
	files: BuiltFile[];
	/** What is worth a look, and keeps nothing from being sent. */
	warnings: Finding[];
}

const NINE_DIGITS = /^\d{9}$/;

/** Whether the last digit of a Norwegian organisation number is right (modulus 11). */
function isOrganisationNumber(value: string): boolean {
	if (!NINE_DIGITS.test(value)) return false;
	const digits = [...value].map(Number);
	const sum = [3, 2, 7, 6, 5, 4, 3, 2].reduce(
		(total, weight, at) => total + weight * digits[at],
		0,
	);
	return (11 - (sum % 11)) % 11 === digits[8];
}

function checkText(value: string, field: string, rule: string): Finding[] {
	if (value.trim() === '') return [error(field, 'is empty', rule)];
	if (isXmlText(value)) return [];
	return [
		error(field, `${quote(value)} has characters that METS, being XML, cannot hold`, 'XML 1.0'),
	];
}

function checkOrganisation({ name, identificationCode }: Organisation): Finding[] {
	const findings = [
		...checkText(name, 'organisation name', `${RULE}: SIP18`),
		...checkText(identificationCode, 'organisation number', `${RULE}: SIP19`),
	];
	if (findings.length === 0 && !isOrganisationNumber(identificationCode)) {
		findings.push(
			warning(
				'organisation number',
				`${quote(identificationCode)} is no Norwegian organisation number, which has nine digits, the last of them a check digit`,
				`${RULE}: SIP19`,
			),
		);
	}
	return findings;
}

function checkMetadataType({ source, metadataType, otherMetadataType }: InputFile): Finding[] {
	const field = `file ${quote(source.path)}: metadata type`;
	const findings: Finding[] = [];
	if (metadataType !== undefined && !METADATA_TYPES.has(metadataType)) {
		findings.push(
			error(
				field,
				`${quote(metadataType)} is not one of ${[...METADATA_TYPES].join(', ')}`,
				`${RULE}: NBSIP4`,
			),
		);
	}
	if (otherMetadataType !== undefined) {
		findings.push(...checkText(otherMetadataType, field, `${RULE}: NBSIP4`));
	}
	return findings;
}

function checkKnownMd5({ source, expectedMd5 }: InputFile): Finding[] {
	if (expectedMd5 === undefined) return [];
	return checkChecksum(expectedMd5, `file ${quote(source.path)}: known checksum`);
}

function titleOf(metadata: unknown): string {
	return (metadata as Metadata).title.value;
}

/** Everything that can be known to be wrong with the input before a file is read. */
function checkPlaced(
	input: BuildInput,
	{ files, findings }: Placement,
	schemas: readonly CanonicalSchema[],
): Finding[] {
	const { metadata, descriptionFormat } = input;
	const ofMetadata = checkMetadata(metadata);
	const all = [
		...checkContractId(input.contractId),
		...checkObjectId(input.objectId),
		...checkPackageDate(input.created),
		...checkOrganisation(input.organisation),
		...ofMetadata,
		...findings,
		...files.flatMap(({ input: file }) => [...checkMetadataType(file), ...checkKnownMd5(file)]),
	];
	if (!hasErrors(ofMetadata)) {
		all.push(...checkText(titleOf(metadata), 'title', `${RULE}: NBSIP2`));
		if (descriptionFormat === 'xml' && !xmlTexts(metadata as Metadata).every(isXmlText)) {
			all.push(error('metadata', 'has characters that XML cannot hold', 'XML 1.0'));
		}
	}
	if (!files.some(({ role }) => role === 'descriptive')) {
		all.push(
			error(
				'descriptive metadata',
				'is missing: no file has this role, and the metadata of the submission is not to be written',
				'NB-SIP-STRUCTURE-1.0: NBSIPSTR9',
			),
		);
	}
	const present = files.filter(({ role }) => role === 'schema');
	const names = present.map(({ path }) => ({ name: path.slice('schemas/'.length), md5: '' }));
	// whether they are the right ones is known when they have been read
	all.push(...checkSchemas(names, schemas).filter(({ level }) => level === 'error'));
	return all;
}

function generated(path: string, text: () => Iterable<string>, size = 0): FileSource {
	return { path, size, open: async () => utf8(text()) };
}

async function builtByUs(
	path: string,
	text: () => Iterable<string>,
	signal?: AbortSignal,
): Promise<BuiltFile> {
	const fixity = await fixityOf(generated(path, text), signal);
	return { source: generated(path, text, fixity.size), fixity, mediaType: mediaTypeOf(path) };
}

/** The submission's metadata as a file among the descriptive ones; written when it is opened. */
function describe({ metadata, descriptionFormat }: BuildInput): InputFile[] {
	if (descriptionFormat === 'none') return [];
	const isJson = descriptionFormat === 'json';
	const write = () => [isJson ? jsonDescription(metadata) : xmlDescription(metadata as Metadata)];
	const path = isJson ? JSON_DESCRIPTION : XML_DESCRIPTION;
	return [{ role: 'descriptive', source: generated(path, write), metadataType: 'DC' }];
}

/** A file that has been read. */
interface ReadFile extends PlacedFile {
	fixity: Fixity;
	mediaType: string;
	/** Of a metadata file. */
	type?: NamedMetadata['type'];
	otherType?: NamedMetadata['otherType'];
}

async function metadataTypeOf({ role, tool, input }: PlacedFile) {
	if (role === 'content' || role === 'documentation' || role === 'schema') return {};
	const { metadataType, otherMetadataType, source } = input;
	if (metadataType === undefined) {
		return await recogniseMetadata(
			source,
			otherMetadataType ?? (role === 'technical' ? tool : undefined),
		);
	}
	return {
		type: metadataType,
		otherType: metadataType === 'OTHER' ? otherMetadataType : undefined,
	};
}

async function readAll(
	files: readonly PlacedFile[],
	{ slots, signal, onFileRead }: BuildOptions,
): Promise<ReadFile[]> {
	const read = new Map<PlacedFile, ReadFile>();
	await forEachConcurrently(files, slots, signal, async (file, fileSignal) => {
		const fixity = await fixityOf(file.input.source, fileSignal);
		const { expectedMd5 } = file.input;
		if (expectedMd5 !== undefined && expectedMd5 !== fixity.md5) {
			throw new AdvisedError(
				`The file ${file.path} has MD5 ${fixity.md5}, but the checksum given for it is ${expectedMd5}`,
				'No package was built. Compare the file with its source: either the file or the checksum is wrong.',
			);
		}
		const type = await metadataTypeOf(file);
		read.set(file, { ...file, ...type, fixity, mediaType: mediaTypeOf(file.path) });
		onFileRead?.(fixity);
	});
	return files.map((file) => read.get(file) as ReadFile);
}

/** Files as the METS document in `folder` names them. */
function namedIn(folder: string, files: readonly ReadFile[]): NamedMetadata[] {
	return files.map(({ path, fixity, mediaType, type = '', otherType }) => ({
		path: path.slice(folder.length),
		fixity,
		mediaType,
		type,
		otherType,
	}));
}

const SECTIONS: ReadonlyMap<PlacedFile['role'], AdministrativeSection> = new Map([
	['technical', 'techMD'],
	['source', 'sourceMD'],
	['preservation', 'digiprovMD'],
]);

/** The document of one folder: the root, or a representation. */
function documentOf(
	name: string,
	folder: string,
	files: readonly ReadFile[],
	groups: ReadonlyArray<[use: string, role: PlacedFile['role']]>,
): MetsDocument {
	const withRole = (wanted: PlacedFile['role']) =>
		namedIn(
			folder,
			files.filter(({ role }) => role === wanted),
		);
	const administrative: Record<AdministrativeSection, NamedMetadata[]> = {
		techMD: [],
		sourceMD: [],
		digiprovMD: [],
	};
	for (const [role, section] of SECTIONS) administrative[section] = withRole(role);
	return {
		name,
		toRoot: '../'.repeat(folder.split('/').length - 1),
		descriptive: withRole('descriptive'),
		administrative,
		groups: groups.map(([use, role]) => ({ use, files: withRole(role) })),
		representations: [],
	};
}

async function writeMets(
	input: BuildInput,
	names: readonly string[],
	files: readonly ReadFile[],
	signal?: AbortSignal,
): Promise<BuiltFile[]> {
	const title = titleOf(input.metadata);
	const byRepresentation = new Map<string | undefined, ReadFile[]>();
	for (const file of files) {
		const others = byRepresentation.get(file.representation);
		if (others) others.push(file);
		else byRepresentation.set(file.representation, [file]);
	}
	const written: BuiltFile[] = [];
	const representations: Array<{ name: string; mets: NamedFile }> = [];
	for (const name of names) {
		const folder = `representations/${name}/`;
		const document = documentOf(name, folder, byRepresentation.get(name) ?? [], [
			['Data', 'content'],
		]);
		const path = `${folder}METS.xml`;
		const mets = await builtByUs(path, () => metsDocument(input, title, document), signal);
		written.push(mets);
		representations.push({ name, mets: { ...mets, path } });
	}
	const root: MetsDocument = {
		...documentOf(input.objectId, '', byRepresentation.get(undefined) ?? [], [
			['Schemas', 'schema'],
			['Documentation', 'documentation'],
		]),
		representations,
	};
	return [await builtByUs('METS.xml', () => metsDocument(input, title, root), signal), ...written];
}

function placedSource({ path, input: { source }, fixity }: ReadFile): FileSource {
	return { path, size: fixity.size, open: async () => await source.open() };
}

function withDescription(input: BuildInput): BuildInput {
	return { ...input, files: [...input.files, ...describe(input)] };
}

/**
 * Everything about a package that can be known to be wrong before a file is read.
 *
 * @param options `schemas` empty to leave out whether the schemas are there
 */
export function checkBuild(
	input: BuildInput,
	{ schemas = CANONICAL_SCHEMAS }: Pick<BuildOptions, 'schemas'> = {},
): Finding[] {
	const whole = withDescription(input);
	return checkPlaced(whole, place(whole.files, whole.created), schemas);
}

/**
 * Builds a package that meets NB-SIP 1.0 on E-ARK SIP 2.2.0. Content is read once, for its
 * checksums; nothing is copied. The same input gives the same bytes.
 *
 * @throws {InputError} the input breaks rules; names all of them
 * @throws {AdvisedError} a file is not what the checksum on record says
 * @throws {CancelledError} when `options.signal` is aborted
 */
export async function buildPackage(
	input: BuildInput,
	options: BuildOptions,
): Promise<BuiltPackage> {
	const { schemas = CANONICAL_SCHEMAS, signal } = options;
	const whole = withDescription(input);
	const placement = place(whole.files, whole.created);
	const findings = checkPlaced(whole, placement, schemas);
	assertNoErrors('The package cannot be built', findings);

	const files = await readAll(placement.files, options);
	const present = files
		.filter(({ role }) => role === 'schema')
		.map(({ path, fixity }) => ({ name: path.slice('schemas/'.length), md5: fixity.md5 }));
	const warnings = [...findings, ...checkSchemas(present, schemas)];

	const given = new Set(input.files);
	const mets = await writeMets(input, placement.representations, files, signal);
	const content = files.map((file): BuiltFile => ({
		source: placedSource(file),
		fixity: file.fixity,
		mediaType: file.mediaType,
		input: given.has(file.input) ? file.input : undefined,
	}));
	return { files: [...mets, ...content], warnings };
}
