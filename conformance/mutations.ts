import type { PackageReport } from '../dps/sip/report';
import { validatePackage } from '../dps/sip/validate';
import { random } from '../test/dps/random';

import type { Specimen } from './specimen';
import { contentsOf, copyOf, validSpecimen } from './specimen';
import type { TextAttribute, TextElement } from './xml-tags';
import { elementsOf } from './xml-tags';

/** A change to a valid package that breaks a MUST. */
export interface Mutation {
	/** What was changed, in words. */
	what: string;
	/** The requirements that it breaks: at least one of them must be reported as an error. */
	breaks: readonly string[];
}

type Chance = ReturnType<typeof random>;

/** Changes the package; undefined when there is nothing in it that it could change. */
type Operator = (specimen: Specimen, chance: Chance) => Mutation | undefined;

const METS_PATHS = /^(?:representations\/[^/]+\/)?METS\.xml$/;

interface Place {
	file: string;
	text: string;
	element: TextElement;
}

/** Elements of all METS documents that pass a test. */
function places(
	specimen: Specimen,
	fits: (element: TextElement, file: string) => boolean,
): Place[] {
	return [...specimen.files]
		.filter(([file]) => METS_PATHS.test(file))
		.flatMap(([file, bytes]) => {
			const text = bytes.toString('utf8');
			return elementsOf(text)
				.filter((element) => fits(element, file))
				.map((element) => ({ file, text, element }));
		});
}

function rewrite(
	{ files }: Specimen,
	{ file, text }: Place,
	start: number,
	end: number,
	by: string,
): void {
	files.set(file, Buffer.from(text.slice(0, start) + by + text.slice(end)));
}

function valueOf(element: TextElement, name: string): string | undefined {
	return element.attributes.find((attribute) => attribute.name === name)?.value;
}

const isSoftware = (element: TextElement) => valueOf(element, 'OTHERTYPE') === 'SOFTWARE';
const isRoot = (file: string) => file === 'METS.xml';

/** An attribute that must be there, on which elements, and what breaks without it. */
interface RequiredAttribute {
	path: string;
	attribute: string;
	breaks: string[];
	when?: (element: TextElement, file: string) => boolean;
	/** Values that break the same requirements, where there are any. */
	wrong?: string[];
}

function reference(section: string, ids: string[]): RequiredAttribute[] {
	const path = `${section}/mdRef`;
	const [location, type, href, kind, media, size, created, checksum, algorithm] = ids;
	return [
		{ path, attribute: 'LOCTYPE', breaks: [location], wrong: ['OTHER', 'url', ''] },
		{ path, attribute: 'xlink:type', breaks: [type], wrong: ['extended', 'Simple'] },
		{
			path,
			attribute: 'xlink:href',
			breaks: [href],
			wrong: ['', 'metadata/nowhere.xml', '../../../../etc/passwd'],
		},
		{ path, attribute: 'MDTYPE', breaks: [kind], wrong: ['dc', 'Dublin Core', ''] },
		{ path, attribute: 'MIMETYPE', breaks: [media], wrong: ['XML', 'other/thing', ''] },
		{ path, attribute: 'SIZE', breaks: [size], wrong: ['999999', 'many', '-1'] },
		{
			path,
			attribute: 'CREATED',
			breaks: [created],
			wrong: ['yesterday', '2025-13-01T00:00:00', '2025-02-17'],
		},
		{
			path,
			attribute: 'CHECKSUM',
			breaks: [checksum],
			wrong: ['d41d8cd98f00b204e9800998ecf8427e', 'none', ''],
		},
		{ path, attribute: 'CHECKSUMTYPE', breaks: [algorithm], wrong: ['MD4', 'md5', ''] },
	];
}

function numbered(first: number): string[] {
	return Array.from({ length: 9 }, (_, index) => `CSIP${first + index}`);
}

const GROUP = 'mets/fileSec/fileGrp';
const DIVISION = 'mets/structMap/div/div';

function labelled(label: string) {
	return (element: TextElement) => valueOf(element, 'LABEL') === label;
}

/** Written from the tables of CSIP, SIP and NB-METS; the validator's own rules are not used. */
const REQUIRED_ATTRIBUTES: readonly RequiredAttribute[] = [
	{ path: 'mets', attribute: 'OBJID', breaks: ['CSIP1', 'NBSIP1'], wrong: ['', 'another'] },
	{
		path: 'mets',
		attribute: 'TYPE',
		breaks: ['CSIP2', 'NBIMAGESIP1'],
		wrong: ['', 'Photographs - Print', 'OTHER', 'Photos'],
	},
	{
		path: 'mets',
		attribute: 'PROFILE',
		breaks: ['CSIP6', 'SIP2'],
		wrong: ['', 'https://earksip.dilcis.eu/profile/E-ARK-SIP.xml'],
	},
	{
		path: 'mets',
		attribute: 'csip:CONTENTINFORMATIONTYPE',
		breaks: ['NBIMAGESIP2'],
		wrong: ['MIXED', 'other', ''],
	},
	{
		path: 'mets',
		attribute: 'csip:OTHERCONTENTINFORMATIONTYPE',
		breaks: ['CSIP5', 'NBIMAGESIP3'],
		wrong: ['', 'NB-SIP-IMAGES-PROFILE'],
	},
	{
		path: 'mets/metsHdr',
		attribute: 'CREATEDATE',
		breaks: ['CSIP7'],
		wrong: ['', '17.02.2025', '2025-02-30T00:00:00'],
	},
	{
		path: 'mets/metsHdr',
		attribute: 'csip:OAISPACKAGETYPE',
		breaks: ['CSIP9', 'SIP4'],
		wrong: ['', 'AIP', 'sip'],
	},
	{
		path: 'mets/metsHdr/agent',
		attribute: 'ROLE',
		breaks: ['CSIP11'],
		when: isSoftware,
		wrong: ['EDITOR', 'creator'],
	},
	{
		path: 'mets/metsHdr/agent',
		attribute: 'TYPE',
		breaks: ['CSIP12'],
		when: isSoftware,
		wrong: ['ORGANIZATION', 'other'],
	},
	{
		path: 'mets/metsHdr/agent',
		attribute: 'OTHERTYPE',
		breaks: ['CSIP13'],
		when: isSoftware,
		wrong: ['', 'Software'],
	},
	{
		path: 'mets/metsHdr/agent',
		attribute: 'ROLE',
		breaks: ['SIP15', 'SIP16'],
		when: (element, file) => isRoot(file) && !isSoftware(element),
		wrong: ['EDITOR'],
	},
	{
		path: 'mets/metsHdr/agent',
		attribute: 'TYPE',
		breaks: ['SIP15', 'SIP17'],
		when: (element, file) => isRoot(file) && !isSoftware(element),
		wrong: ['OTHER'],
	},
	{
		path: 'mets/metsHdr/agent/note',
		attribute: 'csip:NOTETYPE',
		breaks: ['CSIP16', 'SIP20'],
		when: (_, file) => isRoot(file),
		wrong: ['', 'VERSION'],
	},
	{ path: 'mets/dmdSec', attribute: 'ID', breaks: ['CSIP18'], wrong: [''] },
	{ path: 'mets/dmdSec', attribute: 'CREATED', breaks: ['CSIP19'], wrong: ['', '2025'] },
	...reference('mets/dmdSec', numbered(22)),
	{ path: 'mets/dmdSec/mdRef', attribute: 'CHECKSUMTYPE', breaks: ['NBSIP6'], wrong: ['SHA-256'] },
	{ path: 'mets/amdSec/digiprovMD', attribute: 'ID', breaks: ['CSIP33'], wrong: [''] },
	...reference('mets/amdSec/digiprovMD', numbered(36)),
	{ path: 'mets/amdSec/sourceMD', attribute: 'ID', breaks: ['NBSIP8'], wrong: [''] },
	{
		path: 'mets/amdSec/sourceMD',
		attribute: 'STATUS',
		breaks: ['NBSIP9'],
		wrong: ['SUPERSEDED', 'current', ''],
	},
	...reference('mets/amdSec/sourceMD', [
		'NBSIP11',
		'NBSIP12',
		'NBSIP13',
		'NBSIP14',
		'NBSIP10',
		'NBSIP10',
		'NBSIP10',
		'NBSIP23',
		'NBSIP23',
	]),
	{ path: 'mets/amdSec/techMD', attribute: 'ID', breaks: ['NBSIP16'], wrong: [''] },
	{
		path: 'mets/amdSec/techMD',
		attribute: 'STATUS',
		breaks: ['NBSIP17'],
		wrong: ['SUPERSEDED', ''],
	},
	...reference('mets/amdSec/techMD', [
		'NBSIP19',
		'NBSIP20',
		'NBSIP21',
		'NBSIP22',
		'NBSIP18',
		'NBSIP18',
		'NBSIP18',
		'NBSIP23',
		'NBSIP23',
	]),
	{ path: 'mets/fileSec', attribute: 'ID', breaks: ['CSIP59'], wrong: [''] },
	{ path: GROUP, attribute: 'USE', breaks: ['CSIP64'], wrong: ['', 'Stuff', 'schemas'] },
	{ path: GROUP, attribute: 'ID', breaks: ['CSIP65'], wrong: [''] },
	{ path: `${GROUP}/file`, attribute: 'ID', breaks: ['CSIP67'], wrong: [''] },
	{
		path: `${GROUP}/file`,
		attribute: 'MIMETYPE',
		breaks: ['CSIP68'],
		wrong: ['', 'TIFF', 'audio/wav', 'image/x-adobe-dng'],
	},
	{
		path: `${GROUP}/file`,
		attribute: 'SIZE',
		breaks: ['CSIP69'],
		wrong: ['', '1', 'big', '99999999999999999'],
	},
	{
		path: `${GROUP}/file`,
		attribute: 'CREATED',
		breaks: ['CSIP70'],
		wrong: ['', '2025-02-17 00:00', '2025-02-17T25:00:00'],
	},
	{
		path: `${GROUP}/file`,
		attribute: 'CHECKSUM',
		breaks: ['CSIP71'],
		wrong: ['', 'd41d8cd98f00b204e9800998ecf8427e', 'zz1d8cd98f00b204e9800998ecf8427e'],
	},
	{ path: `${GROUP}/file`, attribute: 'CHECKSUMTYPE', breaks: ['CSIP72'], wrong: ['', 'MD-5'] },
	{
		path: `${GROUP}/file`,
		attribute: 'CHECKSUMTYPE',
		breaks: ['NBSIP24'],
		wrong: ['SHA-1', 'SHA-512'],
	},
	{
		path: `${GROUP}/file/FLocat`,
		attribute: 'LOCTYPE',
		breaks: ['CSIP77'],
		wrong: ['', 'URN', 'OTHER'],
	},
	{
		path: `${GROUP}/file/FLocat`,
		attribute: 'xlink:type',
		breaks: ['CSIP78'],
		wrong: ['', 'locator'],
	},
	{
		path: `${GROUP}/file/FLocat`,
		attribute: 'xlink:href',
		breaks: ['CSIP79'],
		wrong: [
			'',
			'data/nothing.tif',
			'../../../outside.tif',
			'https://example.org/page.tif',
			'data\\page%201.tif',
		],
	},
	{ path: 'mets/structMap', attribute: 'ID', breaks: ['CSIP83'], wrong: [''] },
	{
		path: 'mets/structMap',
		attribute: 'TYPE',
		breaks: ['CSIP81'],
		wrong: ['', 'LOGICAL', 'physical'],
	},
	{
		path: 'mets/structMap',
		attribute: 'LABEL',
		breaks: ['CSIP80', 'CSIP82'],
		wrong: ['', 'csip', 'CSIP structMap'],
	},
	{ path: 'mets/structMap/div', attribute: 'ID', breaks: ['CSIP85'], wrong: [''] },
	{ path: DIVISION, attribute: 'ID', breaks: ['CSIP89'], when: labelled('Metadata'), wrong: [''] },
	{
		path: DIVISION,
		attribute: 'ID',
		breaks: ['CSIP94'],
		when: labelled('Documentation'),
		wrong: [''],
	},
	{ path: DIVISION, attribute: 'ID', breaks: ['CSIP98'], when: labelled('Schemas'), wrong: [''] },
	{
		path: DIVISION,
		attribute: 'ID',
		breaks: ['CSIP106'],
		when: (element) => valueOf(element, 'LABEL')?.startsWith('Representations/') ?? false,
		wrong: [''],
	},
	{
		path: DIVISION,
		attribute: 'LABEL',
		breaks: ['CSIP88', 'CSIP90'],
		when: (element, file) => isRoot(file) && labelled('Metadata')(element),
		wrong: ['metadata', 'Meta', ''],
	},
	{
		path: DIVISION,
		attribute: 'LABEL',
		breaks: ['CSIP95'],
		when: labelled('Documentation'),
		wrong: ['documentation'],
	},
	{
		path: DIVISION,
		attribute: 'LABEL',
		breaks: ['CSIP99'],
		when: labelled('Schemas'),
		wrong: ['SCHEMAS'],
	},
	{
		path: DIVISION,
		attribute: 'LABEL',
		breaks: ['CSIP107'],
		when: (element) => valueOf(element, 'LABEL')?.startsWith('Representations/') ?? false,
		wrong: ['Representations/another', 'primary', ''],
	},
	{
		path: `${DIVISION}/fptr`,
		attribute: 'FILEID',
		breaks: ['CSIP116'],
		when: (element) => element.parent !== undefined && labelled('Documentation')(element.parent),
	},
	{
		path: `${DIVISION}/fptr`,
		attribute: 'FILEID',
		breaks: ['CSIP118'],
		when: (element) => element.parent !== undefined && labelled('Schemas')(element.parent),
	},
	{
		path: `${DIVISION}/mptr`,
		attribute: 'xlink:title',
		breaks: ['CSIP108'],
		wrong: ['', 'nothing'],
	},
	{
		path: `${DIVISION}/mptr`,
		attribute: 'xlink:href',
		breaks: ['CSIP110'],
		wrong: ['', 'representations/METS.xml'],
	},
	{ path: `${DIVISION}/mptr`, attribute: 'xlink:type', breaks: ['CSIP111'], wrong: ['', 'arc'] },
	{ path: `${DIVISION}/mptr`, attribute: 'LOCTYPE', breaks: ['CSIP112'], wrong: ['', 'HANDLE'] },
];

/** A place where a required attribute is, by chance. */
function requiredAttribute(
	specimen: Specimen,
	chance: Chance,
	fits: (required: RequiredAttribute) => boolean,
): { required: RequiredAttribute; place: Place; attribute: TextAttribute } | undefined {
	const required = chance.pick(REQUIRED_ATTRIBUTES.filter(fits));
	const found = places(
		specimen,
		(element, file) =>
			element.path === required.path &&
			element.attributes.some(({ name }) => name === required.attribute) &&
			(required.when?.(element, file) ?? true),
	);
	if (found.length === 0) return undefined;
	const place = chance.pick(found);
	const attribute = place.element.attributes.find(({ name }) => name === required.attribute);
	return attribute && { required, place, attribute };
}

const dropAttribute: Operator = (specimen, chance) => {
	// an algorithm that NB does not take is no missing attribute
	const found = requiredAttribute(
		specimen,
		chance,
		({ path, attribute }) => !(attribute === 'LABEL' && path === DIVISION),
	);
	if (found === undefined) return undefined;
	const { required, place, attribute } = found;
	rewrite(specimen, place, attribute.start, attribute.end, '');
	return {
		what: `${place.file}: ${required.path}/@${required.attribute} dropped`,
		breaks: required.breaks,
	};
};

const renameAttribute: Operator = (specimen, chance) => {
	const found = requiredAttribute(specimen, chance, ({ attribute }) => !attribute.includes(':'));
	if (found === undefined) return undefined;
	const { required, place, attribute } = found;
	rewrite(
		specimen,
		place,
		attribute.start,
		attribute.start + attribute.name.length,
		attribute.name.toLowerCase(),
	);
	return {
		what: `${place.file}: ${required.path}/@${required.attribute} in lower case`,
		breaks: ['METS'],
	};
};

const corruptAttribute: Operator = (specimen, chance) => {
	const found = requiredAttribute(specimen, chance, ({ wrong }) => wrong !== undefined);
	if (found === undefined) return undefined;
	const { required, place, attribute } = found;
	const value = chance.pick(required.wrong ?? []);
	rewrite(specimen, place, attribute.start, attribute.end, `${attribute.name}="${value}"`);
	return {
		what: `${place.file}: ${required.path}/@${required.attribute} = "${value}"`,
		breaks: required.breaks,
	};
};

/** Elements without which a requirement is broken. */
const REQUIRED_ELEMENTS: ReadonlyArray<{
	path: string;
	breaks: string[];
	when?: (element: TextElement, file: string) => boolean;
}> = [
	{ path: 'mets/metsHdr', breaks: ['CSIP117'] },
	{
		path: 'mets/metsHdr/agent',
		breaks: ['CSIP10', 'CSIP11'],
		when: (element, file) => isRoot(file) && isSoftware(element),
	},
	{
		path: 'mets/metsHdr/agent',
		breaks: ['SIP15'],
		when: (element, file) => isRoot(file) && !isSoftware(element),
	},
	{ path: 'mets/metsHdr/agent/name', breaks: ['METS'] },
	{ path: 'mets/metsHdr/agent/name', breaks: ['CSIP14', 'SIP18'], when: (_, file) => isRoot(file) },
	{
		path: 'mets/metsHdr/agent/note',
		breaks: ['CSIP15'],
		when: (element) => valueOf(element, 'csip:NOTETYPE') === 'SOFTWARE VERSION',
	},
	{ path: 'mets/dmdSec', breaks: ['NBSIP4'] },
	{ path: 'mets/dmdSec/mdRef', breaks: ['NBSIP5'] },
	{ path: 'mets/amdSec/techMD', breaks: ['NBSIP15'] },
	{ path: 'mets/amdSec/techMD/mdRef', breaks: ['NBSIP18'] },
	{ path: 'mets/amdSec/sourceMD', breaks: ['NBSIP7'] },
	{ path: 'mets/amdSec/sourceMD/mdRef', breaks: ['NBSIP10'] },
	{ path: 'mets/amdSec/digiprovMD', breaks: ['CSIP31', 'CSIP32'] },
	{ path: GROUP, breaks: ['CSIP113'], when: (element) => valueOf(element, 'USE') === 'Schemas' },
	{
		path: GROUP,
		breaks: ['CSIP60'],
		when: (element) => valueOf(element, 'USE') === 'Documentation',
	},
	{
		path: GROUP,
		breaks: ['CSIP114'],
		when: (element) => valueOf(element, 'USE')?.startsWith('Representations/') ?? false,
	},
	{
		path: `${GROUP}/file`,
		breaks: ['CSIP113'],
		when: (element) => element.parent !== undefined && valueOf(element.parent, 'USE') === 'Schemas',
	},
	{
		path: `${GROUP}/file`,
		breaks: ['CSIP66'],
		when: (element) =>
			valueOf(element.parent ?? element, 'USE')?.startsWith('Representations/') ?? false,
	},
	{ path: `${GROUP}/file`, breaks: ['NBSIPSTR14'], when: (_, file) => !isRoot(file) },
	{ path: `${GROUP}/file/FLocat`, breaks: ['CSIP76'] },
	{ path: 'mets/structMap', breaks: ['CSIP80'] },
	{ path: 'mets/structMap/div', breaks: ['CSIP84'] },
	{
		path: DIVISION,
		breaks: ['CSIP88'],
		when: (element, file) => isRoot(file) && labelled('Metadata')(element),
	},
	{ path: `${DIVISION}/mptr`, breaks: ['CSIP108', 'CSIP109'] },
];

const dropElement: Operator = (specimen, chance) => {
	const { path, breaks, when } = chance.pick(REQUIRED_ELEMENTS);
	const found = places(
		specimen,
		(element, file) => element.path === path && (when?.(element, file) ?? true),
	);
	if (found.length === 0) return undefined;
	const place = chance.pick(found);
	rewrite(specimen, place, place.element.start, place.element.end, '');
	return { what: `${place.file}: ${path} dropped`, breaks };
};

const renameElement: Operator = (specimen, chance) => {
	const place = chance.pick(places(specimen, ({ name }) => name !== 'mets'));
	const { start, end, name } = place.element;
	const inside = place.text.slice(start, end);
	const wrong = name === name.toLowerCase() ? name.toUpperCase() : name.toLowerCase();
	const renamed = inside
		.replace(new RegExp(`^<${name}\\b`), `<${wrong}`)
		.replace(new RegExp(`</${name}>$`), `</${wrong}>`);
	rewrite(specimen, place, start, end, renamed);
	return { what: `${place.file}: ${place.element.path} called ${wrong}`, breaks: ['METS'] };
};

/** Elements of which there may be one only, or that bear an ID. */
const doubleElement: Operator = (specimen, chance) => {
	const single = new Set(['metsHdr', 'fileSec', 'name', 'mdRef']);
	const place = chance.pick(
		places(
			specimen,
			(element) =>
				single.has(element.name) ||
				(element.name !== 'mets' && valueOf(element, 'ID') !== undefined),
		),
	);
	const { start, end } = place.element;
	rewrite(specimen, place, end, end, place.text.slice(start, end));
	return { what: `${place.file}: ${place.element.path} doubled`, breaks: ['METS'] };
};

/** Neighbours of different names, whose order the schema gives, exchanged. */
const reorderElements: Operator = (specimen, chance) => {
	const sections = ['metsHdr', 'dmdSec', 'amdSec', 'fileSec', 'structMap'];
	const ordered = new Set([
		...sections,
		'name',
		'note',
		'agent',
		'altRecordID',
		'techMD',
		'sourceMD',
		'digiprovMD',
	]);
	const found = places(specimen, ({ name }) => ordered.has(name)).flatMap((place) => {
		const next = elementsOf(place.text).find(
			({ start, parent }) =>
				start >= place.element.end && parent?.start === place.element.parent?.start,
		);
		return next && next.name !== place.element.name ? [{ place, next }] : [];
	});
	const { place, next } = chance.pick(found);
	const { start, end } = place.element;
	const [first, between, second] = [
		place.text.slice(start, end),
		place.text.slice(end, next.start),
		place.text.slice(next.start, next.end),
	];
	rewrite(specimen, place, start, next.end, second + between + first);
	return { what: `${place.file}: ${place.element.path} after ${next.name}`, breaks: ['METS'] };
};

const sameId: Operator = (specimen, chance) => {
	const place = chance.pick(places(specimen, (element) => valueOf(element, 'ID') !== undefined));
	const own = place.element.attributes.find(({ name }) => name === 'ID');
	const others = elementsOf(place.text)
		.flatMap((element) => valueOf(element, 'ID') ?? [])
		.filter((id) => id !== own?.value);
	if (own === undefined || others.length === 0) return undefined;
	rewrite(specimen, place, own.start, own.end, `ID="${chance.pick(others)}"`);
	return { what: `${place.file}: ${place.element.path} with the ID of another`, breaks: ['METS'] };
};

const danglingReference: Operator = (specimen, chance) => {
	const names = ['FILEID', 'ADMID', 'DMDID'];
	const place = chance.pick(
		places(specimen, ({ attributes }) => attributes.some(({ name }) => names.includes(name))),
	);
	const own = place.element.attributes.find(({ name }) => names.includes(name));
	if (own === undefined) return undefined;
	rewrite(specimen, place, own.start, own.end, `${own.name}="nowhere"`);
	return { what: `${place.file}: ${place.element.path}/@${own.name} dangling`, breaks: ['METS'] };
};

const NAMESPACES: ReadonlyArray<[from: string, to: string, breaks: string[]]> = [
	[
		'https://DILCIS.eu/XML/METS/CSIPExtensionMETS',
		'https://dilcis.eu/XML/METS/CSIPExtensionMETS',
		['CSIP9'],
	],
	['http://www.loc.gov/METS/', 'http://www.loc.gov/METS', ['METS']],
	['http://www.loc.gov/METS/', 'http://www.loc.gov/METS/v2', ['METS']],
	['http://www.w3.org/1999/xlink', 'http://www.w3.org/TR/xlink', ['CSIP78', 'CSIP79']],
];

const wrongNamespace: Operator = (specimen, chance) => {
	const [from, to, breaks] = chance.pick(NAMESPACES);
	const place = chance.pick(places(specimen, ({ name }) => name === 'mets'));
	const { start, tagEnd } = place.element;
	const tag = place.text.slice(start, tagEnd).replace(`="${from}"`, `="${to}"`);
	rewrite(specimen, place, start, tagEnd, tag);
	return { what: `${place.file}: namespace ${to}`, breaks };
};

const brokenXml: Operator = (specimen, chance) => {
	const place = chance.pick(places(specimen, ({ name }) => name === 'mets'));
	const { text, file } = place;
	const at = chance.int(200, text.length - 10);
	const ways: Array<[what: string, bytes: Buffer]> = [
		['cut short', Buffer.from(text.slice(0, at))],
		[
			'with a DOCTYPE',
			Buffer.from(text.replace('<mets ', '<!DOCTYPE mets [<!ENTITY a "b">]><mets ')),
		],
		[
			'with a byte that is no UTF-8',
			Buffer.concat([
				Buffer.from(text.slice(0, text.indexOf('<metsHdr'))),
				Buffer.from([0xff]),
				Buffer.from(text.slice(text.indexOf('<metsHdr'))),
			]),
		],
		['with an end tag lost', Buffer.from(text.replace('</structMap>', ''))],
		['with an undeclared entity', Buffer.from(text.replace('<metsHdr ', '&unknown;<metsHdr '))],
		['empty', Buffer.alloc(0)],
	];
	const [what, bytes] = chance.pick(ways);
	specimen.files.set(file, bytes);
	return { what: `${file} ${what}`, breaks: ['XML'] };
};

/** Which requirements are broken when METS names a file at this path that is not there. */
function missedAt(path: string): string[] {
	if (/\/METS\.xml$/.test(path)) return ['CSIP79', 'NBSIPSTR14'];
	if (path.includes('metadata/descriptive/')) return ['CSIP24'];
	if (path.includes('metadata/preservation/')) return ['CSIP38'];
	if (path.includes('metadata/technical/')) return ['NBSIP21'];
	if (path.includes('metadata/source/')) return ['NBSIP13'];
	return ['CSIP79'];
}

/** Which requirements are broken when a file at this path has other bytes: of its size, of its checksum. */
function changedAt(path: string): { size: string; checksum: string } {
	if (path.includes('metadata/descriptive/')) return { size: 'CSIP27', checksum: 'CSIP29' };
	if (path.includes('metadata/preservation/')) return { size: 'CSIP41', checksum: 'CSIP43' };
	if (path.includes('metadata/technical/')) return { size: 'NBSIP18', checksum: 'NBSIP23' };
	if (path.includes('metadata/source/')) return { size: 'NBSIP10', checksum: 'NBSIP23' };
	return { size: 'CSIP69', checksum: 'CSIP71' };
}

function anyFile({ files }: Specimen, chance: Chance): string {
	return chance.pick([...files.keys()].filter((path) => path !== 'METS.xml'));
}

const dropFile: Operator = (specimen, chance) => {
	const path = chance.int(1, 12) === 1 ? 'METS.xml' : anyFile(specimen, chance);
	specimen.files.delete(path);
	return {
		what: `${path} lost`,
		breaks: path === 'METS.xml' ? ['CSIPSTR4', 'NBSIPSTR4'] : missedAt(path),
	};
};

const renameFile: Operator = (specimen, chance) => {
	const path = anyFile(specimen, chance);
	const folder = path.slice(0, path.lastIndexOf('/') + 1);
	const name = path.slice(folder.length);
	const renamed = chance.pick([
		name.toUpperCase() === name ? name.toLowerCase() : name.toUpperCase(),
		`${name}.bak`,
		`x${name}`,
	]);
	const bytes = specimen.files.get(path) ?? Buffer.alloc(0);
	specimen.files.delete(path);
	specimen.files.set(folder + renamed, bytes);
	return { what: `${path} called ${renamed}`, breaks: missedAt(path) };
};

const corruptFile: Operator = (specimen, chance) => {
	const path = chance.pick([...specimen.files.keys()].filter((each) => !METS_PATHS.test(each)));
	const bytes = Buffer.from(specimen.files.get(path) ?? []);
	const at = chance.int(0, bytes.length - 1);
	bytes[at] ^= 1;
	specimen.files.set(path, bytes);
	return { what: `${path}: byte ${at} changed`, breaks: [changedAt(path).checksum] };
};

const resizeFile: Operator = (specimen, chance) => {
	const path = anyFile(specimen, chance);
	const bytes = specimen.files.get(path) ?? Buffer.alloc(0);
	const longer = Buffer.concat([bytes, Buffer.from('\n')]);
	specimen.files.set(
		path,
		chance.int(0, 1) === 0 || METS_PATHS.test(path) ? longer : bytes.subarray(1),
	);
	return { what: `${path} of another length`, breaks: [changedAt(path).size] };
};

/** Paths at which a file may turn up that nobody describes, or that may not be there. */
const STRAY: ReadonlyArray<[path: string, breaks: string[]]> = [
	['schemas/premis.xsd', ['CSIP113']],
	['documentation/more.txt', ['CSIP60']],
	['metadata/descriptive/more.xml', ['NBSIP4']],
	['metadata/preservation/more.xml', ['CSIP31', 'CSIP32']],
	['metadata/more.xml', ['NBSIPSTR6']],
	['metadata/technical/tool/more.xml', ['NBSIPSTR20']],
	['readme.txt', ['NBSIPSTR4']],
	['content/page1.tif', ['NBSIPSTR20']],
	['Metadata/descriptive/dc.xml', ['NBSIPSTR20']],
	['representations/primary_20250217/data/more.tif', ['NBSIPSTR14']],
	['representations/primary_20250217/documentation/more.txt', ['NBSIPSTR20']],
	['representations/primary_20250217/schemas/more.xsd', ['NBSIPSTR18']],
	['representations/primary_20250217/metadata/descriptive/dc.xml', ['NBSIPSTR7']],
	['representations/primary_20250217/metadata/technical/more.xml', ['NBSIPSTR16']],
	['representations/primary_20250217/metadata/technical/jhove/more.xml', ['NBSIP15']],
	['representations/primary_20250217/metadata/source/more.xml', ['NBSIP7']],
	['representations/primary_20250217/metadata/rights/more.xml', ['NBSIPSTR20']],
	['representations/primary_20250218/data/page1.tif', ['NBSIPSTR11']],
	['representations/edited_20250218/page1.tif', ['NBSIPSTR13', 'NBSIPSTR14']],
];

const addFile: Operator = (specimen, chance) => {
	const [path, breaks] = chance.pick(STRAY);
	specimen.files.set(path, Buffer.from('a stray file'));
	return { what: `${path} added`, breaks };
};

/** Folders under another name, and what they then lack. */
const FOLDERS: ReadonlyArray<[from: string, to: string, breaks: string[]]> = [
	['metadata/', 'Metadata/', ['NBSIPSTR5']],
	['metadata/', 'meta/', ['NBSIPSTR5']],
	['metadata/descriptive/', 'metadata/description/', ['NBSIPSTR7']],
	['representations/', 'Representations/', ['NBSIPSTR10']],
	['schemas/', 'schema/', ['NBSIPSTR18']],
	['representations/primary_20250217/', 'representations/original_20250217/', ['NBSIPSTR11']],
	['representations/primary_20250217/', 'representations/primary_20250230/', ['NBSIPSTR11']],
	['representations/primary_20250217/', 'representations/primary/', ['NBSIPSTR11']],
	[
		'representations/primary_20250217/data/',
		'representations/primary_20250217/content/',
		['NBSIPSTR13'],
	],
	[
		'representations/access_20250217/data/',
		'representations/access_20250217/Data/',
		['NBSIPSTR13'],
	],
];

const renameFolder: Operator = (specimen, chance) => {
	const [from, to, breaks] = chance.pick(FOLDERS);
	const renamed = [...specimen.files].map(([path, bytes]): [string, Buffer] => [
		path.startsWith(from) ? to + path.slice(from.length) : path,
		bytes,
	]);
	specimen.files = new Map(renamed);
	return { what: `${from} called ${to}`, breaks };
};

const dropFolder: Operator = (specimen, chance) => {
	const folders: Array<[folder: string, breaks: string[]]> = [
		['metadata/', ['NBSIPSTR5']],
		['metadata/descriptive/', ['NBSIPSTR7', 'NBSIPSTR9']],
		['schemas/', ['NBSIPSTR18']],
		['representations/', ['NBSIPSTR10', 'CONTENT']],
		['representations/primary_20250217/', ['NBSIPSTR11']],
		['representations/primary_20250217/data/', ['NBSIPSTR13']],
		['documentation/', ['CSIP79']],
	];
	const [folder, breaks] = chance.pick(folders);
	for (const path of [...specimen.files.keys()]) {
		if (path.startsWith(folder)) specimen.files.delete(path);
	}
	return { what: `${folder} lost`, breaks };
};

const renameRoot: Operator = (specimen, chance) => {
	specimen.rootName = chance.pick(['NF_1992', 'nf_1992-0123', 'NF 1992-0123']);
	return { what: `root folder called ${specimen.rootName}`, breaks: ['NBSIPSTR2'] };
};

const binaryDescription: Operator = (specimen, chance) => {
	const path = chance.pick(
		[...specimen.files.keys()].filter((each) => each.startsWith('metadata/descriptive/')),
	);
	specimen.files.set(path, Buffer.from([0x50, 0x4b, 0x03, 0x04, 0xff, 0xfe, 0x00]));
	return { what: `${path} no text`, breaks: ['NBSIPSTR8'] };
};

/** The operators by name. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
	'attribute dropped': dropAttribute,
	'attribute corrupted': corruptAttribute,
	'attribute renamed': renameAttribute,
	'element dropped': dropElement,
	'element renamed': renameElement,
	'element doubled': doubleElement,
	'elements reordered': reorderElements,
	'ID doubled': sameId,
	'reference dangling': danglingReference,
	'namespace changed': wrongNamespace,
	'XML broken': brokenXml,
	'file dropped': dropFile,
	'file renamed': renameFile,
	'file corrupted': corruptFile,
	'file resized': resizeFile,
	'file added': addFile,
	'folder renamed': renameFolder,
	'folder dropped': dropFolder,
	'root renamed': renameRoot,
	'description no text': binaryDescription,
};

/** A run takes them in turn; those that choose from long tables come more often. */
const TURNS: readonly string[] = [
	...Object.keys(OPERATORS),
	...Array.from({ length: 8 }, () => ['attribute dropped', 'attribute corrupted']).flat(),
	...Array.from({ length: 4 }, () => ['element dropped', 'file added']).flat(),
];

/** A mutation that the validator did not report, and what it said instead. */
export interface Missed extends Mutation {
	number: number;
	reported: string[];
}

export interface Campaign {
	tried: number;
	/** By operator. */
	operators: Map<string, number>;
	missed: Missed[];
}

function isReported(report: PackageReport, { breaks }: Mutation): boolean {
	return report.summary.requirements.some(
		({ requirement, severity }) => severity === 'error' && breaks.includes(requirement),
	);
}

/** Tries until an operator finds something that it can change. */
function mutate(valid: Specimen, number: number, seed: number) {
	for (let attempt = 0; attempt < 1000; attempt++) {
		const chance = random(seed * 1_000_003 + number * 1009 + attempt);
		const name = TURNS[number % TURNS.length];
		const specimen = copyOf(valid);
		const mutation = OPERATORS[name](specimen, chance);
		if (mutation !== undefined) return { name, specimen, mutation };
	}
	throw new Error(`Nothing to change for mutation ${number}`);
}

/**
 * Changes a valid package in one way after the other, each breaking a MUST, and sees whether the
 * validator reports it. The same seed gives the same changes.
 *
 * @throws {Error} when the package is not valid to begin with
 */
export async function playMutations(seed: number, count: number): Promise<Campaign> {
	const valid = await validSpecimen();
	const options = { ruleset: 'nb-sip-1.0' as const };
	const before = await validatePackage(contentsOf(valid), options);
	if (!before.valid) {
		throw new Error(`The package is not valid: ${JSON.stringify(before.findings.slice(0, 3))}`);
	}
	const campaign: Campaign = { tried: 0, operators: new Map(), missed: [] };
	for (let number = 0; number < count; number++) {
		const { name, specimen, mutation } = mutate(valid, number, seed);
		const report = await validatePackage(contentsOf(specimen), options);
		campaign.tried += 1;
		campaign.operators.set(name, (campaign.operators.get(name) ?? 0) + 1);
		if (isReported(report, mutation)) continue;
		const reported = report.summary.requirements
			.filter(({ severity }) => severity === 'error')
			.map(({ requirement }) => requirement);
		campaign.missed.push({ ...mutation, number, reported });
	}
	return campaign;
}
