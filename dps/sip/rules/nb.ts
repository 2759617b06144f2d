import { quote } from '../../finding';
import { CANONICAL_SCHEMAS } from '../build/schemas';
import type { ContentCategory, ContentProfile } from '../content-category';
import { CONTENT_CATEGORIES, PROFILE_NAMES } from '../content-category';
import type { FileFacts } from '../contents';
import type { MetsDocument } from '../mets/document';
import type { MetsElement } from '../mets/element';
import type { PackageIndex } from '../package-index';
import { nearTerm } from '../vocabulary';

import type { FolderScope } from './folders';
import type { MetsScope } from './ruleset';
import { must, note, should } from './ruleset';

/** The numbers of a content profile's requirements (NB-METS-…-1.0). */
const REQUIREMENTS: Readonly<
	Record<ContentProfile, { type: string; otherType: string; information: string; other: string }>
> = {
	images: numbered('NBIMAGESIP'),
	audio: numbered('NBAUDIOSIP'),
	text: numbered('NBTEXTSIP'),
	movingImages: {
		type: 'NBMOVINGIMAGESIP1',
		otherType: 'NBMOVINGIMAGESIP2',
		information: 'NBMOVINGIMAGESIP3',
		other: 'NBMOVINGIMAGESIP4',
	},
	webArchive: numbered('NBWEBARCHIVESIP'),
};

function numbered(prefix: string) {
	return {
		type: `${prefix}1`,
		otherType: `${prefix}1`,
		information: `${prefix}2`,
		other: `${prefix}3`,
	};
}

const PROFILES = Object.keys(PROFILE_NAMES) as ContentProfile[];

function categoriesOf(profile: ContentProfile): ContentCategory[] {
	return CONTENT_CATEGORIES.filter((category) => category.profile === profile);
}

/** The profile that a document claims: by its name, else by its category. */
function claimedProfile({ attributes }: MetsElement): ContentProfile | undefined {
	const name = attributes.get('csip:OTHERCONTENTINFORMATIONTYPE');
	const type = attributes.get('TYPE');
	const byType = CONTENT_CATEGORIES.find((category) => category.type === type)?.profile;
	// NB's own document for web archives names the audio profile, by a copying error
	if (name === PROFILE_NAMES.audio && byType === 'webArchive') return byType;
	return PROFILES.find((profile) => PROFILE_NAMES[profile] === name) ?? byType;
}

function inWords(element: MetsElement, attribute: string): string {
	const value = element.attributes.get(attribute);
	return value === undefined ? 'is missing' : `is ${quote(value)}`;
}

/** The five content profiles: `TYPE`, `OTHERTYPE` and the content information type. */
export function checkContentProfile(scope: MetsScope, root: MetsElement): void {
	const profile = claimedProfile(root);
	if (profile === undefined) {
		note(
			scope,
			must('NB-METS'),
			root,
			inWords(root, 'csip:OTHERCONTENTINFORMATIONTYPE'),
			`the name of one of NB's content profiles: ${Object.values(PROFILE_NAMES).join(', ')}`,
			'csip:OTHERCONTENTINFORMATIONTYPE',
		);
		return;
	}
	const requirements = REQUIREMENTS[profile];
	const categories = categoriesOf(profile);
	const types = new Set(categories.map(({ type }) => type));
	const type = root.attributes.get('TYPE') ?? '';
	if (!types.has(type)) {
		const near = nearTerm(types, type);
		const wanted = near ? `${quote(near)}, written exactly so` : [...types].map(quote).join(' or ');
		note(scope, must(requirements.type), root, inWords(root, 'TYPE'), wanted, 'TYPE');
	}
	const otherTypes = categories.flatMap(({ otherType }) => otherType ?? []);
	if (otherTypes.length > 0 && !otherTypes.includes(root.attributes.get('csip:OTHERTYPE') ?? '')) {
		note(
			scope,
			must(requirements.otherType),
			root,
			inWords(root, 'csip:OTHERTYPE'),
			otherTypes.map(quote).join(' or '),
			'csip:OTHERTYPE',
		);
	}
	if (root.attributes.get('csip:CONTENTINFORMATIONTYPE') !== 'OTHER') {
		note(
			scope,
			must(requirements.information),
			root,
			inWords(root, 'csip:CONTENTINFORMATIONTYPE'),
			'"OTHER"',
			'csip:CONTENTINFORMATIONTYPE',
		);
	}
	if (root.attributes.get('csip:OTHERCONTENTINFORMATIONTYPE') !== PROFILE_NAMES[profile]) {
		note(
			scope,
			must(requirements.other),
			root,
			inWords(root, 'csip:OTHERCONTENTINFORMATIONTYPE'),
			quote(PROFILE_NAMES[profile]),
			'csip:OTHERCONTENTINFORMATIONTYPE',
		);
	}
}

/** NBSIP3, and descriptive metadata in a representation's document (NBSIPSTR7). */
export function checkDescriptiveSections(scope: MetsScope, document: MetsDocument): void {
	const descriptive = document.sections.filter(({ kind }) => kind === 'dmdSec');
	if (scope.isRoot && descriptive.length === 0) {
		note(
			scope,
			must('NBSIP3'),
			document.root,
			'there is no dmdSec',
			'a dmdSec for each file in metadata/descriptive',
		);
	}
	if (!scope.isRoot && descriptive.length > 0) {
		note(
			scope,
			must('NBSIPSTR7'),
			descriptive[0].element,
			'a representation has descriptive metadata',
			'descriptive metadata of the whole package only, in the root METS',
		);
	}
}

/** NBSIP2: the label is the title that the API gets. */
export function checkTitle(scope: MetsScope, root: MetsElement, title: string | undefined): void {
	const label = root.attributes.get('LABEL');
	if (title === undefined || label === undefined || label.trim() === title.trim()) return;
	note(
		scope,
		should('NBSIP2'),
		root,
		`is ${quote(label)}`,
		`${quote(title)}, the title of the submission`,
		'LABEL',
	);
}

/** NBSIPSTR18: the schemas that METS itself needs are there. */
export function checkSchemaNames(scope: FolderScope): void {
	const schemas = [...scope.index.filesIn('schemas')];
	if (schemas.length === 0) return;
	const has = (pattern: RegExp) => schemas.some((path) => pattern.test(path));
	// a package may call them otherwise: mets.xsd, mets1_12_1.xsd
	const needed: Array<[pattern: RegExp, what: string]> = [
		[/\/mets[^/]*\.xsd$/i, 'METS (mets1_12.xsd)'],
		[/\/xlink[^/]*\.xsd$/i, 'XLink (xlink.xsd)'],
		[/\/DILCISExtensionMETS[^/]*\.xsd$/i, "METS's extension for CSIP (DILCISExtensionMETS.xsd)"],
		[
			/\/DILCISExtensionSIPMETS[^/]*\.xsd$/i,
			"METS's extension for SIP (DILCISExtensionSIPMETS.xsd)",
		],
	];
	for (const [pattern, what] of needed) {
		if (has(pattern)) continue;
		scope.findings.add({
			...must('NBSIPSTR18'),
			severity: 'warning',
			file: 'schemas',
			location: '',
			found: `there is no schema of ${what}`,
			wanted: 'every XML schema that the metadata uses, those of METS.xml itself among them',
		});
	}
}

/** Warns when a schema of METS's own is not the file that NB uses. */
export function checkSchemaFixity(scope: FolderScope, path: string, facts: FileFacts): void {
	const name = path.split('/').at(-1) ?? '';
	const canonical = CANONICAL_SCHEMAS.find((schema) => schema.name === name);
	const digest = facts.digests.get('MD5');
	if (canonical === undefined || digest === undefined || canonical.md5.includes(digest)) return;
	scope.findings.add({
		...must('NBSIPSTR18'),
		severity: 'warning',
		file: path,
		location: '',
		found: `has MD5 ${digest}`,
		wanted: `${canonical.md5.join(' or ')}, the file that its publisher has`,
	});
}

/** NBSIPSTR8: descriptive metadata is plain text. */
export function checkText(scope: FolderScope, path: string, facts: FileFacts): void {
	if (facts.isText !== false) return;
	scope.findings.add({
		...must('NBSIPSTR8'),
		file: path,
		location: '',
		found: 'is no text in UTF-8',
		wanted: 'descriptive metadata as plain text in UTF-8, such as XML, JSON or TXT',
	});
}

/** Paths of the files whose text {@link checkText} looks at. */
export function* descriptiveFiles(index: PackageIndex): Generator<string> {
	yield* index.filesIn('metadata/descriptive');
}
