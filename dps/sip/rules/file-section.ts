import { quote } from '../../finding';
import type { FileGroup, MetsDocument } from '../mets/document';
import type { MetsElement } from '../mets/element';
import { childrenOf } from '../mets/element';
import type { PackageIndex } from '../package-index';
import { DIVISIONS } from '../vocabulary';

import { checkGroupCategory } from './header';
import type { MetsScope } from './ruleset';
import { may, must, note, should } from './ruleset';

/** Whether a group describes a representation, or the content itself. */
export function isRepresentationsGroup({ use }: FileGroup): boolean {
	return use === 'Representations' || use.startsWith('Representations/');
}

/** The first part of a group's use, as the vocabulary may write it. */
function divisionOf(use: string): string {
	return use.split('/')[0];
}

/** CSIP62–CSIP66: what a group says of itself. */
export function checkGroup(scope: MetsScope, group: FileGroup): void {
	const { element, use } = group;
	checkGroupCategory(scope, element);
	if (isRepresentationsGroup(group) && !element.attributes.has('csip:CONTENTINFORMATIONTYPE')) {
		note(
			scope,
			should('CSIP62'),
			element,
			'is missing',
			'the content information type of the representation, such as OTHER',
			'csip:CONTENTINFORMATIONTYPE',
		);
	}
	// a representation's own document calls its content by the folder's name
	const known: readonly string[] = scope.isRoot ? DIVISIONS : [...DIVISIONS, 'Data', 'data'];
	if (use.trim() !== '' && !known.includes(divisionOf(use))) {
		const meant = known.find((name) => name.toLowerCase() === divisionOf(use).toLowerCase());
		const wanted = `a path that begins with ${DIVISIONS.join(', ')}`;
		note(
			scope,
			must('CSIP64'),
			element,
			`is ${quote(use)}`,
			meant ? `${quote(meant)}, written exactly so` : wanted,
			'USE',
		);
	}
	if (group.files === 0 && group.groups === 0) {
		note(
			scope,
			must('CSIP66'),
			element,
			'the group has no file',
			'at least one file in each group',
		);
	}
}

/** CSIP76: a file is where one locator says. */
export function checkLocators(scope: MetsScope, file: MetsElement): void {
	const locators = childrenOf(file, 'FLocat');
	if (locators.length === 1) return;
	const found =
		locators.length === 0 ? 'the file has no FLocat' : `the file has ${locators.length} FLocat`;
	note(scope, must('CSIP76'), file, found, 'exactly one FLocat, which says where the file is');
}

const FORMAT_ATTRIBUTES: ReadonlyArray<[requirement: string, names: string[], what: string]> = [
	['SIP32', ['sip:FILEFORMATNAME'], "the name of a file's format"],
	['SIP33', ['sip:FILEFORMATVERSION'], "the version of a file's format"],
	[
		'SIP34',
		['sip:FILEFORMATREGISTRY', 'sip:FORMATREGISTRY'],
		'the registry that knows the format, such as PRONOM',
	],
	[
		'SIP35',
		['sip:FILEFORMATKEY', 'sip:FORMATREGISTRYKEY'],
		"the format's key in the registry, such as fmt/353",
	],
];

/** Attributes of `file` that are taken note of for SIP32–35. */
export const FORMAT_ATTRIBUTE_NAMES: readonly string[] = FORMAT_ATTRIBUTES.flatMap(
	([, names]) => names,
);

/** SIP34 and SIP35, whose attribute has one name in the profile and another in its schema. */
export function checkFormatAttributes(scope: MetsScope, file: MetsElement): void {
	for (const [requirement, names, what] of FORMAT_ATTRIBUTES.slice(2)) {
		for (const name of names) {
			if (file.attributes.get(name)?.trim() === '') {
				note(scope, may(requirement, 'warning'), file, 'is empty', what, name);
			}
		}
	}
}

function checkGroupsOfRoot(scope: MetsScope, document: MetsDocument, index: PackageIndex): void {
	const { groups, root } = document;
	const [fileSec] = childrenOf(root, 'fileSec');
	const at = fileSec ?? root;
	if (!groups.some(({ use }) => use === 'Schemas' || use.startsWith('Schemas/'))) {
		note(
			scope,
			must('CSIP113'),
			at,
			'there is no file group for schemas',
			'a file group with USE "Schemas"',
		);
	}
	if (!groups.some(({ use }) => use === 'Documentation' || use.startsWith('Documentation/'))) {
		const documented = index.holdsFiles('documentation');
		note(
			scope,
			{ ...must('CSIP60'), severity: documented ? 'error' : 'info' },
			at,
			documented
				? 'there is a folder documentation, and no file group for it'
				: 'there is no documentation',
			'a file group with USE "Documentation" for what is in documentation',
		);
	}
	if (!groups.some(isRepresentationsGroup)) {
		const content = index.holdsFiles('representations');
		note(
			scope,
			{ ...must('CSIP114'), severity: content ? 'error' : 'warning' },
			at,
			'there is no file group for representations',
			'a file group with USE "Representations/" and the name of the representation\'s folder',
		);
	}
	for (const group of groups.filter(isRepresentationsGroup)) {
		const name = group.use.split('/')[1];
		if (name === undefined || index.folders.has(`representations/${name}`)) continue;
		note(
			scope,
			must('CSIP64'),
			group.element,
			`is ${quote(group.use)}, and there is no folder representations/${name}`,
			'the path of a folder that is there',
			'USE',
		);
	}
}

/** CSIP58, CSIP60, CSIP61, CSIP113, CSIP114, SIP32–35: the file section as a whole. */
export function checkFileSection(
	scope: MetsScope,
	document: MetsDocument,
	index: PackageIndex,
): void {
	const { root, groups, ids } = document;
	const [fileSec] = childrenOf(root, 'fileSec');
	if (!fileSec) {
		note(
			scope,
			should('CSIP58'),
			root,
			'there is no fileSec',
			'a fileSec with all files of the package',
		);
	}
	for (const { element } of groups) {
		for (const id of idsIn(element, 'ADMID')) {
			const owner = ids.get(id);
			if (owner === undefined || ADMINISTRATIVE.has(owner)) continue;
			note(
				scope,
				may('CSIP61', 'warning'),
				element,
				`refers to ${quote(id)}, which is a ${owner}`,
				'IDs of administrative metadata',
				'ADMID',
			);
		}
	}
	if (scope.isRoot) {
		checkGroupsOfRoot(scope, document, index);
		for (const [requirement, names, what] of FORMAT_ATTRIBUTES) {
			if (names.some((name) => document.formatAttributes.has(name))) continue;
			note(scope, may(requirement), fileSec ?? root, `no file has ${names[0]}`, what);
		}
	}
}

/** Names of the elements that ADMID may refer to. */
export const ADMINISTRATIVE: ReadonlySet<string> = new Set([
	'amdSec',
	'techMD',
	'rightsMD',
	'sourceMD',
	'digiprovMD',
]);

/** The IDs in an attribute that holds a list of them. */
export function idsIn(element: MetsElement, attribute: string): string[] {
	return (element.attributes.get(attribute) ?? '').split(/\s+/).filter((id) => id !== '');
}

/** CSIP74 and CSIP75: what a file refers to is metadata of the right kind. */
export function checkFileReferences(
	scope: MetsScope,
	file: MetsElement,
	ids: ReadonlyMap<string, string>,
): void {
	const wrong = (requirement: string, attribute: string, fits: (owner: string) => boolean) => {
		for (const id of idsIn(file, attribute)) {
			const owner = ids.get(id);
			if (owner === undefined || fits(owner)) continue;
			note(
				scope,
				may(requirement, 'warning'),
				file,
				`refers to ${quote(id)}, which is a ${owner}`,
				'IDs of metadata of that kind',
				attribute,
			);
		}
	};
	wrong('CSIP74', 'ADMID', (owner) => ADMINISTRATIVE.has(owner));
	wrong('CSIP75', 'DMDID', (owner) => owner === 'dmdSec');
}
