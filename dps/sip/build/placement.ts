import type { Finding } from '../../finding';
import { error, quote } from '../../finding';
import { checkFilePath } from '../../identifiers';
import { checkDistinctPaths } from '../../submit/checks';

import type { FileRole, InputFile } from './input';
import { folderDate } from './package-date';
import { isXmlText } from './xml-text';

/** The name of the representation that every package has (NBSIPSTR11), without its date. */
export const PRIMARY = 'primary';

const RULE = 'NB-SIP-STRUCTURE-1.0';
const REPRESENTATION_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
const TOOL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const DATED = /_\d{8}$/;

/** A file with its place in the package. */
export interface PlacedFile {
	/** Relative to the root of the package. */
	path: string;
	role: FileRole;
	/** The folder of its representation, undefined for a file of the package as a whole. */
	representation?: string;
	/** The tool that made it (technical metadata). */
	tool?: string;
	input: InputFile;
}

export interface Placement {
	files: PlacedFile[];
	/** The folders of the representations, the primary one first, then by name. */
	representations: string[];
	findings: Finding[];
}

function compare(one: string, other: string): number {
	return one < other ? -1 : one > other ? 1 : 0;
}

/** The folder of a representation: its meaningful name and the date (NBSIPSTR12). */
function representationFolder({ role, representation }: InputFile, created: string) {
	if (role === 'descriptive' || role === 'documentation' || role === 'schema') return undefined;
	if (role === 'preservation' && representation === undefined) return undefined;
	const name = representation ?? PRIMARY;
	return DATED.test(name) ? name : `${name}_${folderDate(created)}`;
}

/** Folders that hold files only, no folders (NBSIPSTR20): the name of the file is its place there. */
function baseName(path: string): string {
	return path.split('/').pop() ?? path;
}

function placeOf(input: InputFile, created: string): PlacedFile {
	const { role, source, tool } = input;
	const representation = representationFolder(input, created);
	const at = representation === undefined ? '' : `representations/${representation}/`;
	const placed = { role, representation, input };
	switch (role) {
		case 'content':
			return { ...placed, path: `${at}data/${source.path}` };
		case 'technical': {
			const [folder, ...rest] = source.path.split('/');
			const below = tool === undefined || folder === tool ? source.path : `${tool}/${source.path}`;
			return {
				...placed,
				tool: tool ?? (rest.length > 0 ? folder : undefined),
				path: `${at}metadata/technical/${below}`,
			};
		}
		case 'descriptive':
		case 'source':
		case 'preservation':
			return { ...placed, path: `${at}metadata/${role}/${baseName(source.path)}` };
		case 'documentation':
			return { ...placed, path: `documentation/${source.path}` };
		case 'schema':
			return { ...placed, path: `schemas/${baseName(source.path)}` };
	}
}

function checkRepresentation({ source, representation }: InputFile): Finding[] {
	if (representation === undefined) return [];
	const field = `file ${quote(source.path)}: representation`;
	if (!REPRESENTATION_NAME.test(representation)) {
		const message = `${quote(representation)} has characters that the name of a representation cannot have. It takes A–Z a–z 0–9 - and _, and begins with a letter or digit.`;
		return [error(field, message, `${RULE}: NBSIPSTR12`)];
	}
	return [];
}

function checkFile(file: PlacedFile): Finding[] {
	const { path, role, tool, input } = file;
	const field = `file ${quote(input.source.path)}`;
	const findings = checkFilePath(input.source.path, field);
	// what is wrong with the depositor's path is wrong with the path in the package too
	if (findings.length === 0) findings.push(...checkFilePath(path, field));
	if (findings.length === 0 && !isXmlText(path)) {
		findings.push(
			error(field, 'has characters in its name that METS, being XML, cannot hold', 'XML 1.0'),
		);
	}
	findings.push(...checkRepresentation(input));
	if (role === 'technical' && (tool === undefined || !TOOL_NAME.test(tool))) {
		findings.push(
			error(
				`${field}: tool`,
				tool === undefined
					? 'is missing. Technical metadata has a folder named after what made it, such as mediainfo, exiftool or jhove.'
					: `${quote(tool)} cannot be the name of a folder: it takes A–Z a–z 0–9 . - and _`,
				`${RULE}: NBSIPSTR16`,
			),
		);
	}
	return findings;
}

function checkRepresentations(files: readonly PlacedFile[], names: readonly string[]): Finding[] {
	const findings: Finding[] = [];
	const withContent = new Set(
		files.filter(({ role }) => role === 'content').map(({ representation }) => representation),
	);
	const primaries = names.filter((name) => /^primary_\d{8}$/.test(name));
	if (withContent.size === 0) {
		findings.push(
			error(
				'files',
				'there is no content file; a package needs at least one',
				`${RULE}: NBSIPSTR13`,
			),
		);
	} else if (primaries.length !== 1) {
		findings.push(
			error(
				'files',
				primaries.length === 0
					? 'no content file belongs to the primary representation, which is the digital object itself'
					: `there are ${primaries.length} primary representations (${primaries.join(', ')}); a package has one`,
				`${RULE}: NBSIPSTR11`,
			),
		);
	}
	const folded = new Map<string, string>();
	for (const name of names) {
		const other = folded.get(name.toLowerCase());
		if (other !== undefined) {
			findings.push(
				error(
					'representation',
					`${other} and ${name} differ only by upper and lower case`,
					`${RULE}: NBSIPSTR12`,
				),
			);
		}
		folded.set(name.toLowerCase(), name);
		if (withContent.size > 0 && !withContent.has(name)) {
			findings.push(
				error(
					`representation ${quote(name)}`,
					'has metadata, but no content file',
					`${RULE}: NBSIPSTR13`,
				),
			);
		}
	}
	return findings;
}

/**
 * Gives each file its place in the package, and checks that it can have it
 * (NB-SIP-STRUCTURE-1.0). The order of the input does not matter: a folder is not always read in
 * the same order.
 *
 * @param created the package's date, which the representations' folders bear
 * @returns the files in the order of their paths
 */
export function place(inputs: readonly InputFile[], created: string): Placement {
	const files = inputs
		.map((input) => placeOf(input, created))
		.sort((one, other) => compare(one.path, other.path));
	const folders = new Set(files.map(({ representation }) => representation));
	folders.delete(undefined);
	const isPrimary = (name: string) => name.startsWith(`${PRIMARY}_`);
	const representations = ([...folders] as string[]).sort(
		(one, other) => Number(isPrimary(other)) - Number(isPrimary(one)) || compare(one, other),
	);
	const findings = [
		...files.flatMap(checkFile),
		...checkRepresentations(files, representations),
		...checkDistinctPaths(files.map(({ path }) => path)),
	];
	return { files, representations, findings };
}
