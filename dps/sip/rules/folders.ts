import { quote } from '../../finding';
import type { PackageIndex } from '../package-index';
import type { Findings } from '../report';

import type { Requirement } from './ruleset';
import { may, must, should } from './ruleset';

/** The package as a tree of folders, and where findings go. */
export interface FolderScope {
	index: PackageIndex;
	/** Name of the root folder, where it is known. */
	rootName?: string;
	nb: boolean;
	findings: Findings;
}

const ROOT_FOLDERS = ['metadata', 'representations', 'schemas', 'documentation'] as const;
/** What a representation may hold by NB-SIP 1.0. */
const NB_REPRESENTATION_FOLDERS: readonly string[] = ['data', 'metadata'];
const NB_ROOT_METADATA: readonly string[] = ['descriptive', 'preservation', 'other'];
const NB_REPRESENTATION_METADATA: readonly string[] = [
	'preservation',
	'technical',
	'source',
	'other',
];
const NB_ROOT_NAME = /^[A-Za-z0-9_-]+$/;

function say(
	scope: FolderScope,
	requirement: Requirement,
	file: string,
	found: string,
	wanted: string,
): void {
	scope.findings.add({ ...requirement, file, location: '', found, wanted });
}

/** The folder that was probably meant: another case, or a slip of one or two letters. */
function nearFolder(names: readonly string[], wanted: string): string | undefined {
	return names.find(
		(name) =>
			name !== wanted &&
			(name.toLowerCase() === wanted ||
				withoutSigns(name).includes(wanted) ||
				isSlip(name, wanted)),
	);
}

function withoutSigns(name: string): string {
	return name.toLowerCase().replace(/[^a-z]/g, '');
}

/** Whether one letter was added, lost or changed. */
function isSlip(name: string, wanted: string): boolean {
	const plain = name.toLowerCase();
	if (Math.abs(plain.length - wanted.length) > 1) return false;
	let start = 0;
	while (start < Math.min(plain.length, wanted.length) && plain[start] === wanted[start])
		start += 1;
	let end = 0;
	const shorter = Math.min(plain.length, wanted.length) - start;
	while (end < shorter && plain.at(-1 - end) === wanted.at(-1 - end)) end += 1;
	return Math.max(plain.length, wanted.length) - start - end <= 1;
}

/** A folder that should be there: by E-ARK, by NB, or both. */
function expectFolder(
	scope: FolderScope,
	path: string,
	requirements: { eark?: Requirement; nb?: Requirement },
): boolean {
	const { index } = scope;
	if (index.folders.has(path)) return true;
	const [name] = path.split('/').slice(-1);
	const parent = path.split('/').slice(0, -1).join('/');
	const near = nearFolder(index.foldersIn(parent), name);
	const found = near
		? `there is a folder ${quote(near)}, and none that is called ${name}`
		: `there is no folder ${name}`;
	const wanted = `a folder ${name}${parent === '' ? ' in the root folder' : ` in ${parent}`}`;
	const { eark, nb } = requirements;
	if (eark) say(scope, eark, path, found, wanted);
	if (nb && scope.nb) say(scope, nb, path, found, wanted);
	return false;
}

/** CSIPSTR9–13 and NBSIPSTR10–17: the representations. */
function checkRepresentations(scope: FolderScope): void {
	const { index } = scope;
	if (
		!expectFolder(scope, 'representations', { eark: should('CSIPSTR9'), nb: must('NBSIPSTR10') })
	) {
		if (scope.nb) noPrimary(scope, []);
		return;
	}
	const names = index.representations;
	const loose = [...index.filesIn('representations')].filter(
		(path) => path.split('/').length === 2,
	);
	if (names.length === 0 || loose.length > 0) {
		const found =
			loose.length > 0
				? `${quote(loose[0])} stands in representations itself`
				: 'the folder is empty';
		say(scope, should('CSIPSTR10'), 'representations', found, 'a folder for each representation');
	}
	if (scope.nb) checkRepresentationNames(scope, names);
	for (const name of names) {
		const folder = `representations/${name}`;
		expectFolder(scope, `${folder}/data`, { eark: should('CSIPSTR11'), nb: must('NBSIPSTR13') });
		if (!index.files.has(`${folder}/METS.xml`)) {
			const wanted = `a METS.xml in ${folder}`;
			say(scope, should('CSIPSTR12'), folder, 'there is no METS.xml', wanted);
			if (scope.nb) say(scope, must('NBSIPSTR14'), folder, 'there is no METS.xml', wanted);
		}
		expectFolder(scope, `${folder}/metadata`, { eark: should('CSIPSTR13') });
		if (scope.nb) checkNbRepresentation(scope, folder);
	}
}

function isDate(digits: string): boolean {
	const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].map(Number);
	const date = new Date(Date.UTC(year, month - 1, day));
	return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year > 0;
}

function noPrimary(scope: FolderScope, names: readonly string[]): void {
	const near = names.find((name) => name.toLowerCase().startsWith('primary'));
	const found = near ? `there is ${quote(near)}` : 'there is no primary representation';
	say(
		scope,
		must('NBSIPSTR11'),
		'representations',
		found,
		'exactly one folder primary_YYYYMMDD, with the day it was made',
	);
}

/** NBSIPSTR11 and NBSIPSTR12: what representations are called. */
function checkRepresentationNames(scope: FolderScope, names: readonly string[]): void {
	const dated = (name: string) => {
		const digits = /_(\d{8})$/.exec(name)?.[1];
		return digits !== undefined && isDate(digits);
	};
	const primary = names.filter((name) => /^primary_\d{8}$/.test(name) && dated(name));
	if (primary.length === 0) noPrimary(scope, names);
	if (primary.length > 1) {
		say(
			scope,
			must('NBSIPSTR11'),
			'representations',
			`there are ${primary.length} primary representations`,
			'exactly one folder primary_YYYYMMDD',
		);
	}
	for (const name of names.filter((each) => !primary.includes(each))) {
		if (/^.+_\d{8}$/.test(name) && dated(name)) continue;
		say(
			scope,
			may('NBSIPSTR12', 'warning'),
			`representations/${name}`,
			`is called ${quote(name)}`,
			'a meaningful name and the day it was made: processed_20251214',
		);
	}
}

function only(scope: FolderScope, folder: string, allowed: readonly string[]): void {
	for (const name of scope.index.foldersIn(folder)) {
		if (allowed.includes(name)) continue;
		const path = folder === '' ? name : `${folder}/${name}`;
		say(
			scope,
			must('NBSIPSTR20'),
			path,
			'is a folder that NB-SIP does not provide for',
			`only ${allowed.join(', ')}`,
		);
	}
}

/** NBSIPSTR7, 13, 16, 18, 20, in one representation. */
function checkNbRepresentation(scope: FolderScope, folder: string): void {
	const { index } = scope;
	if (index.folders.has(`${folder}/data`) && !index.holdsFiles(`${folder}/data`)) {
		say(
			scope,
			must('NBSIPSTR13'),
			`${folder}/data`,
			'the folder is empty',
			'the files of the representation',
		);
	}
	for (const name of index.foldersIn(folder)) {
		if (NB_REPRESENTATION_FOLDERS.includes(name)) continue;
		const path = `${folder}/${name}`;
		if (name === 'schemas') {
			say(
				scope,
				must('NBSIPSTR18'),
				path,
				'there are schemas in a representation',
				'schemas in the folder schemas of the root only',
			);
		} else {
			say(
				scope,
				must('NBSIPSTR20'),
				path,
				'is a folder that NB-SIP does not provide for',
				'only data, metadata',
			);
		}
	}
	const metadata = `${folder}/metadata`;
	for (const name of index.foldersIn(metadata)) {
		if (NB_REPRESENTATION_METADATA.includes(name)) continue;
		const path = `${metadata}/${name}`;
		if (name === 'descriptive') {
			say(
				scope,
				must('NBSIPSTR7'),
				path,
				'there is descriptive metadata in a representation',
				'descriptive metadata in metadata/descriptive of the root only',
			);
		} else {
			say(
				scope,
				must('NBSIPSTR20'),
				path,
				'is a folder that NB-SIP does not provide for',
				`only ${NB_REPRESENTATION_METADATA.join(', ')}`,
			);
		}
	}
	for (const path of index.filesIn(`${metadata}/technical`)) {
		if (path.slice(`${metadata}/technical/`.length).includes('/')) continue;
		say(
			scope,
			must('NBSIPSTR16'),
			path,
			'stands in technical itself',
			'a subfolder named after the kind of metadata: technical/mediainfo',
		);
	}
}

/** NBSIPSTR5–9, 18–20: the root folder. */
function checkNbRoot(scope: FolderScope): void {
	const { index } = scope;
	only(scope, '', ROOT_FOLDERS);
	if (index.folders.has('metadata')) {
		only(scope, 'metadata', NB_ROOT_METADATA);
		if (expectFolder(scope, 'metadata/descriptive', { nb: must('NBSIPSTR7') })) {
			if (!index.holdsFiles('metadata/descriptive')) {
				say(
					scope,
					must('NBSIPSTR9'),
					'metadata/descriptive',
					'the folder is empty',
					'at least one file of descriptive metadata',
				);
			}
		} else {
			say(
				scope,
				must('NBSIPSTR9'),
				'metadata',
				'there is no descriptive metadata',
				'at least one file in metadata/descriptive',
			);
		}
	}
	if (index.folders.has('schemas') && !index.holdsFiles('schemas')) {
		say(
			scope,
			must('NBSIPSTR18'),
			'schemas',
			'the folder is empty',
			'every XML schema that the metadata uses, that of METS among them',
		);
	}
	if (!index.folders.has('documentation')) {
		say(
			scope,
			should('NBSIPSTR19', 'info'),
			'documentation',
			'there is no documentation',
			'documentation, where it is needed to use the content',
		);
	}
	for (const path of index.filesIn('metadata')) {
		if (path.split('/').length !== 2) continue;
		say(
			scope,
			must('NBSIPSTR6'),
			path,
			'stands in metadata itself',
			'metadata in its subfolders descriptive, preservation or other',
		);
	}
}

/** NBSIPSTR2: what the root folder is called. */
export function checkRootName(scope: FolderScope, objectId: string | undefined): void {
	const { rootName, nb } = scope;
	if (nb && objectId !== undefined && objectId !== '' && !NB_ROOT_NAME.test(objectId)) {
		say(
			scope,
			must('NBSIPSTR2'),
			'METS.xml',
			`OBJID is ${quote(objectId)}`,
			'only A–Z a–z 0–9 - and _, since the root folder bears this name',
		);
	}
	if (rootName === undefined || objectId === undefined || rootName === objectId) return;
	const found = `the root folder is called ${quote(rootName)}, and OBJID is ${quote(objectId)}`;
	const wanted = 'the same name';
	say(scope, should('CSIPSTR2'), '', found, wanted);
	if (nb) say(scope, must('NBSIPSTR2'), '', found, wanted);
}

/** Folders in which files are the content itself. */
function holdsContent(index: PackageIndex): boolean {
	for (const path of index.files.keys()) {
		const [, representation, below] = /^representations\/([^/]+)\/(.+)$/.exec(path) ?? [];
		if (
			representation !== undefined &&
			below !== 'METS.xml' &&
			!/^(?:metadata|schemas|documentation)\//.test(below)
		)
			return true;
	}
	return false;
}

/** CSIPSTR4–16 and NBSIPSTR4–20: the folders of the package. */
export function checkFolders(scope: FolderScope): void {
	const { index } = scope;
	for (const path of index.doubled) {
		say(scope, must('CSIPSTR1'), path, 'two files have this path', 'one file for each path');
	}
	if (!index.files.has('METS.xml')) {
		const near = [...index.files.keys()].find((path) => path.toLowerCase() === 'mets.xml');
		const found = near ? `there is ${quote(near)}, and no METS.xml` : 'there is no METS.xml';
		say(scope, must('CSIPSTR4'), 'METS.xml', found, 'a METS.xml in the root folder');
		if (scope.nb) say(scope, must('NBSIPSTR4'), 'METS.xml', found, 'a METS.xml in the root folder');
	}
	if (expectFolder(scope, 'metadata', { eark: should('CSIPSTR5'), nb: must('NBSIPSTR5') })) {
		expectFolder(scope, 'metadata/preservation', { eark: should('CSIPSTR6', 'info') });
		expectFolder(scope, 'metadata/descriptive', { eark: should('CSIPSTR7') });
	}
	checkRepresentations(scope);
	expectFolder(scope, 'schemas', { eark: should('CSIPSTR15'), nb: must('NBSIPSTR18') });
	expectFolder(scope, 'documentation', {
		eark: should('CSIPSTR16', scope.nb ? 'info' : undefined),
	});
	if (scope.nb) checkNbRoot(scope);
	if (!holdsContent(index)) {
		say(
			scope,
			must('CONTENT'),
			'representations',
			'the package has no content file',
			'at least one file in a folder data of a representation',
		);
	}
}
