import { quote } from '../../finding';
import type { FileGroup, MetsDocument, SectionOutline } from '../mets/document';
import type { MetsElement } from '../mets/element';
import { childrenOf, withDescendants } from '../mets/element';
import type { PackageIndex } from '../package-index';
import { DIVISIONS } from '../vocabulary';

import { ADMINISTRATIVE, idsIn, isRepresentationsGroup } from './file-section';
import type { MetsScope, Requirement } from './ruleset';
import { must, note, should } from './ruleset';

/** A division of the structural map, by its numbers in CSIP. */
interface DivisionRules {
	name: (typeof DIVISIONS)[number];
	/** That it is there; `Metadata` is the only one that MUST. */
	exists: Requirement;
	id: string;
	label: string;
	/** That the groups are referred to, and by what. */
	pointers?: string;
	pointer?: string;
	/** Which groups belong to it. */
	owns?(group: FileGroup): boolean;
}

const DIVISION_RULES: readonly DivisionRules[] = [
	{ name: 'Metadata', exists: must('CSIP88'), id: 'CSIP89', label: 'CSIP90' },
	{
		name: 'Documentation',
		exists: should('CSIP93'),
		id: 'CSIP94',
		label: 'CSIP95',
		pointers: 'CSIP96',
		pointer: 'CSIP116',
		owns: ({ use }) => /^Documentation(?:\/|$)/.test(use),
	},
	{
		name: 'Schemas',
		exists: should('CSIP97'),
		id: 'CSIP98',
		label: 'CSIP99',
		pointers: 'CSIP100',
		pointer: 'CSIP118',
		owns: ({ use }) => /^Schemas(?:\/|$)/.test(use),
	},
	{
		name: 'Representations',
		exists: should('CSIP101'),
		id: 'CSIP102',
		label: 'CSIP103',
		pointers: 'CSIP104',
		pointer: 'CSIP119',
		owns: isRepresentationsGroup,
	},
];

function labelOf(element: MetsElement): string {
	return element.attributes.get('LABEL') ?? '';
}

/** Pointers to files, at any depth below a division. */
function pointersIn(division: MetsElement): MetsElement[] {
	return [...withDescendants(division)].filter(({ name }) => name === 'fptr');
}

/** CSIP80–82: the one map that CSIP describes. Where its label is wrong, the likeliest is taken. */
function mapOf(scope: MetsScope, root: MetsElement): MetsElement | undefined {
	const maps = childrenOf(root, 'structMap');
	const own = maps.filter((map) => labelOf(map) === 'CSIP');
	const wanted = 'exactly one structMap with LABEL "CSIP"';
	if (own.length !== 1) {
		const found = `there ${own.length === 0 ? 'is none' : `are ${own.length}`}`;
		note(scope, must('CSIP80'), root, found, wanted);
		const labels = maps.map((map) => quote(map.attributes.get('LABEL'))).join(', ');
		note(
			scope,
			must('CSIP82'),
			maps[0] ?? root,
			maps.length === 0 ? 'there is no structMap' : `the labels are ${labels}`,
			wanted,
			maps.length === 0 ? undefined : 'LABEL',
		);
	}
	return own[0] ?? maps.find((map) => map.attributes.get('TYPE') === 'PHYSICAL') ?? maps[0];
}

function checkMap(scope: MetsScope, map: MetsElement): MetsElement | undefined {
	if (map.attributes.get('TYPE') !== 'PHYSICAL') {
		const type = map.attributes.get('TYPE');
		note(
			scope,
			must('CSIP81'),
			map,
			type === undefined ? 'is missing' : `is ${quote(type)}`,
			'"PHYSICAL"',
			'TYPE',
		);
	}
	requireId(scope, 'CSIP83', map);
	const divisions = childrenOf(map, 'div');
	if (divisions.length !== 1) {
		note(
			scope,
			must('CSIP84'),
			map,
			`the map has ${divisions.length} divisions`,
			'exactly one division, with all others inside',
		);
	}
	const [main] = divisions;
	if (main) requireId(scope, 'CSIP85', main);
	return main;
}

function requireId(scope: MetsScope, requirement: string, element: MetsElement): void {
	if (element.attributes.get('ID')?.trim()) return;
	const found = element.attributes.has('ID') ? 'is empty' : 'is missing';
	note(scope, must(requirement), element, found, 'an ID', 'ID');
}

/**
 * Whether the groups that a kind of division points at are the right ones, and all of them.
 *
 * @param main with every division inside: a group may be reached from another one, too
 */
function checkPointers(
	scope: MetsScope,
	rules: DivisionRules,
	main: MetsElement,
	groups: FileGroup[],
): void {
	const { pointers, pointer, owns, name } = rules;
	if (pointers === undefined || pointer === undefined || owns === undefined) return;
	const divisions = childrenOf(main, 'div').filter((division) => labelOf(division) === name);
	const [division] = divisions;
	const byId = new Map(groups.map((group) => [group.id, group]));
	const targetOf = (fptr: MetsElement) => {
		const id = fptr.attributes.get('FILEID');
		return id === undefined ? undefined : byId.get(id.trim());
	};
	const wanted = `the ID of a file group with USE ${quote(name)}`;
	for (const fptr of divisions.flatMap(pointersIn)) {
		const id = fptr.attributes.get('FILEID');
		const group = targetOf(fptr);
		if (group && owns(group)) continue;
		const found =
			id === undefined
				? 'is missing'
				: group
					? `is the group ${quote(group.use)}`
					: `is ${quote(id)}, no file group`;
		note(scope, must(pointer), fptr, found, wanted, 'FILEID');
	}
	const reached = new Set(pointersIn(main).map(targetOf));
	for (const group of groups.filter(owns)) {
		if (reached.has(group)) continue;
		const found = `the file group ${quote(group.id ?? group.use)} is not referred to`;
		note(
			scope,
			should(pointers),
			division ?? main,
			found,
			'an fptr to each file group of the division',
		);
		if (division !== undefined && divisions.every((each) => pointersIn(each).length === 0)) {
			note(scope, must(pointer), division, 'there is no fptr', `an fptr with ${wanted}`);
		}
	}
}

/** CSIP88–CSIP104, CSIP116, CSIP118, CSIP119: one of the four kinds of divisions. */
function checkDivision(
	scope: MetsScope,
	rules: DivisionRules,
	main: MetsElement,
	document: MetsDocument,
	needed: boolean,
	described: ReadonlySet<FileGroup>,
): void {
	const all = childrenOf(main, 'div');
	const own = all.filter((division) => labelOf(division) === rules.name);
	if (own.length > 1) {
		note(
			scope,
			rules.exists,
			own[1],
			`there are ${own.length} divisions ${quote(rules.name)}`,
			'at most one',
		);
	}
	if (own.length === 0 && needed) {
		note(
			scope,
			rules.exists,
			main,
			`there is no division ${quote(rules.name)}`,
			`a division with LABEL ${quote(rules.name)}`,
		);
	}
	for (const division of all) {
		const label = labelOf(division);
		if (label !== rules.name && label.trim().toLowerCase() === rules.name.toLowerCase()) {
			note(
				scope,
				must(rules.label),
				division,
				`is ${quote(label)}`,
				`${quote(rules.name)}, written exactly so`,
				'LABEL',
			);
		}
	}
	for (const division of own) requireId(scope, rules.id, division);
	checkPointers(
		scope,
		rules,
		main,
		document.groups.filter((group) => !described.has(group)),
	);
}

/** CSIP91 and CSIP92: the division for metadata refers to every section that is current. */
function checkMetadataReferences(
	scope: MetsScope,
	division: MetsElement,
	document: MetsDocument,
): void {
	const referTo = (
		requirement: string,
		attribute: string,
		sections: SectionOutline[],
		fits: (owner: string) => boolean,
	) => {
		const ids = new Set(idsIn(division, attribute));
		const current = sections.filter(
			({ id, status }) => id !== undefined && status !== 'SUPERSEDED',
		);
		const missing = current.filter(({ id, element }) => {
			const around = element.parent?.attributes.get('ID');
			return !ids.has(id ?? '') && !(around !== undefined && ids.has(around));
		});
		const wanted = 'the IDs of all sections that are current, with spaces between them';
		if (missing.length > 0) {
			const names = missing
				.slice(0, 5)
				.map(({ id }) => quote(id))
				.join(', ');
			const found =
				ids.size === 0 ? 'is missing' : `does not name ${names}${missing.length > 5 ? ', …' : ''}`;
			note(scope, should(requirement), division, found, wanted, attribute);
		}
		for (const id of ids) {
			const owner = document.ids.get(id);
			if (owner === undefined || fits(owner)) continue;
			note(
				scope,
				should(requirement),
				division,
				`names ${quote(id)}, which is a ${owner}`,
				wanted,
				attribute,
			);
		}
	};
	const isAdministrative = ({ kind }: SectionOutline) => kind !== 'dmdSec';
	referTo('CSIP91', 'ADMID', document.sections.filter(isAdministrative), (owner) =>
		ADMINISTRATIVE.has(owner),
	);
	referTo(
		'CSIP92',
		'DMDID',
		document.sections.filter((section) => !isAdministrative(section)),
		(owner) => owner === 'dmdSec',
	);
}

/** CSIP105–112: a division for each representation that has METS of its own. */
function checkRepresentations(
	scope: MetsScope,
	main: MetsElement,
	document: MetsDocument,
	index: PackageIndex,
): Set<FileGroup> {
	const described = new Set<FileGroup>();
	const byId = new Map(document.groups.map((group) => [group.id, group]));
	const divisions = childrenOf(main, 'div');
	for (const name of index.representations) {
		if (!index.files.has(`representations/${name}/METS.xml`)) continue;
		const label = `Representations/${name}`;
		const own = divisions.filter((division) => labelOf(division) === label);
		if (own.length === 0) {
			const found = `there is no division for representations/${name}/METS.xml`;
			note(scope, should('CSIP105'), main, found, `a division with LABEL ${quote(label)}`);
			note(
				scope,
				{ ...must('CSIP107'), severity: 'warning' },
				main,
				found,
				`a division with LABEL ${quote(label)}`,
			);
		}
		for (const division of own) {
			const pointers = childrenOf(division, 'mptr');
			if (pointers.length !== 1) {
				const found =
					pointers.length === 0 ? 'there is no mptr' : `there are ${pointers.length} mptr`;
				note(
					scope,
					must('CSIP109'),
					division,
					found,
					`one mptr to representations/${name}/METS.xml`,
				);
			}
			if (pointers.length === 0) {
				note(
					scope,
					must('CSIP108'),
					division,
					'there is no mptr',
					'an mptr whose xlink:title is the ID of the file group',
				);
			}
		}
	}
	for (const division of divisions) {
		const label = labelOf(division);
		const pointers = childrenOf(division, 'mptr');
		if (label.startsWith('Representations/')) {
			requireId(scope, 'CSIP106', division);
			const name = label.slice('Representations/'.length).split('/')[0];
			if (
				!index.folders.has(`representations/${name}`) ||
				(pointers.length > 0 && !index.files.has(`representations/${name}/METS.xml`))
			) {
				const found = `is ${quote(label)}, and there is no representations/${name}/METS.xml`;
				const wanted = '"Representations/" and the name of a folder that is there';
				note(scope, must('CSIP107'), division, found, wanted, 'LABEL');
				note(scope, should('CSIP105'), division, found, wanted, 'LABEL');
			}
		} else if (pointers.length > 0 && !DIVISIONS.some((known) => known === label)) {
			note(
				scope,
				must('CSIP107'),
				division,
				label === '' ? 'is missing' : `is ${quote(label)}`,
				'"Representations/" and the name of the folder',
				'LABEL',
			);
		}
		for (const pointer of pointers) {
			const group = checkMetsPointer(scope, pointer, byId);
			if (group) described.add(group);
		}
	}
	return described;
}

/** CSIP108, CSIP110–112: a pointer to a representation's METS. */
function checkMetsPointer(
	scope: MetsScope,
	pointer: MetsElement,
	groups: ReadonlyMap<string | undefined, FileGroup>,
): FileGroup | undefined {
	const { attributes } = pointer;
	const expect = (requirement: string, attribute: string, wanted: string) => {
		const value = attributes.get(attribute);
		if (value === wanted) return;
		note(
			scope,
			must(requirement),
			pointer,
			value === undefined ? 'is missing' : `is ${quote(value)}`,
			quote(wanted),
			attribute,
		);
	};
	if (!attributes.get('xlink:href')?.trim()) {
		note(
			scope,
			must('CSIP110'),
			pointer,
			attributes.has('xlink:href') ? 'is empty' : 'is missing',
			"the path of the representation's METS.xml",
			'xlink:href',
		);
	}
	expect('CSIP111', 'xlink:type', 'simple');
	expect('CSIP112', 'LOCTYPE', 'URL');
	const title = attributes.get('xlink:title');
	const group = title === undefined ? undefined : groups.get(title.trim());
	if (group && isRepresentationsGroup(group)) return group;
	const found =
		title === undefined
			? 'is missing'
			: group
				? `is the group ${quote(group.use)}`
				: `is ${quote(title)}, no file group`;
	const wanted =
		'the ID of the file group of the representation, whose USE begins with "Representations"';
	note(scope, must('CSIP108'), pointer, found, wanted, 'xlink:title');
	if (title !== undefined) note(scope, must('CSIP109'), pointer, found, wanted, 'xlink:title');
	return undefined;
}

/** CSIP80–119, the structural map and its divisions. */
export function checkStructuralMap(
	scope: MetsScope,
	document: MetsDocument,
	index: PackageIndex,
): void {
	const { root, groups } = document;
	if (root === undefined) return;
	const map = mapOf(scope, root);
	const main = map && checkMap(scope, map);
	if (main === undefined) return;
	const described = scope.isRoot
		? checkRepresentations(scope, main, document, index)
		: new Set<FileGroup>();
	const divisions = childrenOf(main, 'div');
	// a representation without metadata of its own has nothing that the division could refer to
	const hasMetadata = scope.isRoot || document.sections.length > 0;
	for (const rules of DIVISION_RULES) {
		const grouped = groups.some((group) => rules.owns?.(group) && !described.has(group));
		const apart =
			rules.name === 'Representations' &&
			divisions.some((division) => labelOf(division).startsWith('Representations/'));
		checkDivision(
			scope,
			rules,
			main,
			document,
			rules.name === 'Metadata' ? hasMetadata : grouped && !apart,
			described,
		);
	}
	for (const division of divisions.filter((each) => labelOf(each) === 'Metadata')) {
		checkMetadataReferences(scope, division, document);
	}
}
