import {
	AGENT_ROLES,
	AGENT_TYPES,
	CHECKSUM_TYPES,
	CONTENT_INFORMATION_TYPES,
	LOCATOR_TYPES,
	METADATA_TYPES,
	NOTE_TYPES,
	PACKAGE_TYPES,
} from '../vocabulary';

export const METS_NAMESPACE = 'http://www.loc.gov/METS/';
export const XLINK_NAMESPACE = 'http://www.w3.org/1999/xlink';
export const CSIP_NAMESPACE = 'https://DILCIS.eu/XML/METS/CSIPExtensionMETS';
export const SIP_NAMESPACE = 'https://DILCIS.eu/XML/METS/SIPExtensionMETS';

/** The simple types that METS gives its attributes. */
export type SimpleType =
	| 'text'
	| 'id'
	| 'idref'
	| 'idrefs'
	| 'dateTime'
	| 'integer'
	| 'long'
	| 'positiveInteger'
	| ReadonlySet<string>;

/** What may stand in an attribute; a bare simple type is optional. */
export interface AttributeModel {
	type: SimpleType;
	/** `edited`: only in the copy of the schema that commons-ip carries. */
	required?: 'always' | 'edited';
}

/** A child element of a sequence, with how often it may occur. */
export interface Particle {
	name: string;
	min: number;
	max: number;
}

export type ContentModel =
	/** Nothing inside. */
	| { kind: 'empty' }
	/** Text, no elements. */
	| { kind: 'text' }
	/** Anything, not looked into; at least one element where the schema says so. */
	| { kind: 'any' }
	/** Children in this order. */
	| { kind: 'sequence'; particles: Particle[] }
	/** Each child at most once, in any order. */
	| { kind: 'all'; names: string[] }
	/** Children of one of the names only; one child, or many. */
	| { kind: 'oneOf'; names: string[]; many: boolean }
	/** Children of any of the names, mixed. */
	| { kind: 'mixedOf'; names: string[]; min: number };

export interface ElementModel {
	attributes: Record<string, AttributeModel>;
	/** Whether attributes of other namespaces may stand there too. */
	foreign: boolean;
	content: ContentModel;
}

const EMPTY: ContentModel = { kind: 'empty' };
const TEXT: ContentModel = { kind: 'text' };
const MANY = Number.POSITIVE_INFINITY;

function sequence(...particles: Array<[name: string, min: number, max: number]>): ContentModel {
	return { kind: 'sequence', particles: particles.map(([name, min, max]) => ({ name, min, max })) };
}

function attributes(
	optional: Record<string, SimpleType>,
	required: Record<string, SimpleType> = {},
): Record<string, AttributeModel> {
	const model: Record<string, AttributeModel> = {};
	for (const [name, type] of Object.entries(optional)) model[name] = { type };
	for (const [name, type] of Object.entries(required)) model[name] = { type, required: 'always' };
	return model;
}

const ID: Record<string, SimpleType> = { ID: 'id' };
const ORDER_LABELS: Record<string, SimpleType> = {
	ORDER: 'integer',
	ORDERLABEL: 'text',
	LABEL: 'text',
};
const FILE_CORE: Record<string, SimpleType> = {
	MIMETYPE: 'text',
	SIZE: 'long',
	CREATED: 'dateTime',
	CHECKSUM: 'text',
	CHECKSUMTYPE: CHECKSUM_TYPES,
};
const SIMPLE_LINK: Record<string, SimpleType> = {
	'xlink:type': new Set(['simple']),
	'xlink:href': 'text',
	'xlink:role': 'text',
	'xlink:arcrole': 'text',
	'xlink:title': 'text',
	'xlink:show': new Set(['new', 'replace', 'embed', 'other', 'none']),
	'xlink:actuate': new Set(['onLoad', 'onRequest', 'other', 'none']),
};
const LOCATION: Record<string, SimpleType> = { OTHERLOCTYPE: 'text' };
const LOCATION_REQUIRED: Record<string, SimpleType> = { LOCTYPE: LOCATOR_TYPES };
const METADATA: Record<string, SimpleType> = { OTHERMDTYPE: 'text', MDTYPEVERSION: 'text' };
const METADATA_REQUIRED: Record<string, SimpleType> = { MDTYPE: METADATA_TYPES };
const BYTES: SimpleType = new Set(['BYTE']);
const EXTENT_TYPES = [
	'BYTE',
	'SMIL',
	'MIDI',
	'SMPTE-25',
	'SMPTE-24',
	'SMPTE-DF30',
	'SMPTE-NDF30',
	'SMPTE-DF29.97',
	'SMPTE-NDF29.97',
	'TIME',
	'TCF',
];

const metadataSection: ElementModel = {
	attributes: attributes(
		{ GROUPID: 'text', ADMID: 'idrefs', CREATED: 'dateTime', STATUS: 'text' },
		{ ID: 'id' },
	),
	foreign: true,
	content: { kind: 'all', names: ['mdRef', 'mdWrap'] },
};
const behaviorObject: ElementModel = {
	attributes: attributes({ ...ID, LABEL: 'text', ...LOCATION, ...SIMPLE_LINK }, LOCATION_REQUIRED),
	foreign: false,
	content: EMPTY,
};
const wrapped: ContentModel = { kind: 'oneOf', names: ['binData', 'xmlData'], many: false };

/**
 * METS 1.12 and its two DILCIS extensions: for each element its attributes, and what may stand in
 * it. An element means the same wherever it occurs, so its name is enough. Attributes of the
 * namespaces that METS uses carry the usual prefix.
 */
export const METS_MODEL: Readonly<Record<string, ElementModel>> = {
	mets: {
		attributes: attributes(
			{
				...ID,
				OBJID: 'text',
				LABEL: 'text',
				TYPE: 'text',
				'csip:OTHERTYPE': 'text',
				'csip:CONTENTINFORMATIONTYPE': CONTENT_INFORMATION_TYPES,
				'csip:OTHERCONTENTINFORMATIONTYPE': 'text',
			},
			{ PROFILE: 'text' },
		),
		foreign: true,
		content: sequence(
			['metsHdr', 0, 1],
			['dmdSec', 0, MANY],
			['amdSec', 0, MANY],
			['fileSec', 0, 1],
			['structMap', 1, MANY],
			['structLink', 0, 1],
			['behaviorSec', 0, MANY],
		),
	},
	metsHdr: {
		attributes: {
			...attributes({
				...ID,
				ADMID: 'idrefs',
				CREATEDATE: 'dateTime',
				LASTMODDATE: 'dateTime',
				RECORDSTATUS: 'text',
			}),
			'csip:OAISPACKAGETYPE': { type: PACKAGE_TYPES, required: 'edited' },
		},
		foreign: true,
		content: sequence(['agent', 0, MANY], ['altRecordID', 0, MANY], ['metsDocumentID', 0, 1]),
	},
	agent: {
		attributes: attributes(
			{ ...ID, OTHERROLE: 'text', TYPE: AGENT_TYPES, OTHERTYPE: 'text' },
			{ ROLE: AGENT_ROLES },
		),
		foreign: false,
		content: sequence(['name', 1, 1], ['note', 0, MANY]),
	},
	name: { attributes: {}, foreign: false, content: TEXT },
	note: {
		attributes: { 'csip:NOTETYPE': { type: NOTE_TYPES, required: 'edited' } },
		foreign: true,
		content: TEXT,
	},
	altRecordID: {
		attributes: attributes({ ...ID, TYPE: 'text' }),
		foreign: false,
		content: TEXT,
	},
	metsDocumentID: {
		attributes: attributes({ ...ID, TYPE: 'text' }),
		foreign: false,
		content: TEXT,
	},
	dmdSec: metadataSection,
	amdSec: {
		attributes: attributes(ID),
		foreign: true,
		content: sequence(
			['techMD', 0, MANY],
			['rightsMD', 0, MANY],
			['sourceMD', 0, MANY],
			['digiprovMD', 0, MANY],
		),
	},
	techMD: metadataSection,
	rightsMD: metadataSection,
	sourceMD: metadataSection,
	digiprovMD: metadataSection,
	mdRef: {
		attributes: attributes(
			{
				...ID,
				...LOCATION,
				...SIMPLE_LINK,
				...METADATA,
				...FILE_CORE,
				LABEL: 'text',
				XPTR: 'text',
			},
			{ ...LOCATION_REQUIRED, ...METADATA_REQUIRED },
		),
		foreign: false,
		content: EMPTY,
	},
	mdWrap: {
		attributes: attributes({ ...ID, ...METADATA, ...FILE_CORE, LABEL: 'text' }, METADATA_REQUIRED),
		foreign: false,
		content: wrapped,
	},
	binData: { attributes: {}, foreign: false, content: TEXT },
	xmlData: { attributes: {}, foreign: false, content: { kind: 'any' } },
	fileSec: {
		attributes: attributes(ID),
		foreign: true,
		content: sequence(['fileGrp', 1, MANY]),
	},
	fileGrp: {
		attributes: attributes({ ...ID, VERSDATE: 'dateTime', ADMID: 'idrefs', USE: 'text' }),
		foreign: true,
		content: { kind: 'oneOf', names: ['fileGrp', 'file'], many: true },
	},
	file: {
		attributes: attributes(
			{
				SEQ: 'integer',
				...FILE_CORE,
				OWNERID: 'text',
				ADMID: 'idrefs',
				DMDID: 'idrefs',
				GROUPID: 'text',
				USE: 'text',
				BEGIN: 'text',
				END: 'text',
				BETYPE: BYTES,
				'sip:FILEFORMATNAME': 'text',
				'sip:FILEFORMATVERSION': 'text',
				'sip:FORMATREGISTRY': 'text',
				'sip:FORMATREGISTRYKEY': 'text',
			},
			{ ID: 'id' },
		),
		foreign: true,
		content: sequence(
			['FLocat', 0, MANY],
			['FContent', 0, 1],
			['stream', 0, MANY],
			['transformFile', 0, MANY],
			['file', 0, MANY],
		),
	},
	FLocat: {
		attributes: attributes({ ...ID, ...LOCATION, USE: 'text', ...SIMPLE_LINK }, LOCATION_REQUIRED),
		foreign: false,
		content: EMPTY,
	},
	FContent: {
		attributes: attributes({ ...ID, USE: 'text' }),
		foreign: false,
		content: wrapped,
	},
	stream: {
		attributes: attributes({
			...ID,
			streamType: 'text',
			OWNERID: 'text',
			ADMID: 'idrefs',
			DMDID: 'idrefs',
			BEGIN: 'text',
			END: 'text',
			BETYPE: BYTES,
		}),
		foreign: false,
		content: EMPTY,
	},
	transformFile: {
		attributes: attributes(
			{ ...ID, TRANSFORMKEY: 'text', TRANSFORMBEHAVIOR: 'idref' },
			{
				TRANSFORMTYPE: new Set(['decompression', 'decryption']),
				TRANSFORMALGORITHM: 'text',
				TRANSFORMORDER: 'positiveInteger',
			},
		),
		foreign: false,
		content: EMPTY,
	},
	structMap: {
		attributes: attributes({ ...ID, TYPE: 'text', LABEL: 'text' }),
		foreign: true,
		content: sequence(['div', 1, 1]),
	},
	div: {
		attributes: attributes({
			...ID,
			...ORDER_LABELS,
			DMDID: 'idrefs',
			ADMID: 'idrefs',
			TYPE: 'text',
			CONTENTIDS: 'text',
			'xlink:label': 'text',
		}),
		foreign: false,
		content: sequence(['mptr', 0, MANY], ['fptr', 0, MANY], ['div', 0, MANY]),
	},
	mptr: {
		attributes: attributes(
			{ ...ID, ...LOCATION, ...SIMPLE_LINK, CONTENTIDS: 'text' },
			LOCATION_REQUIRED,
		),
		foreign: false,
		content: EMPTY,
	},
	fptr: {
		attributes: attributes({ ...ID, FILEID: 'idref', CONTENTIDS: 'text' }),
		foreign: true,
		content: { kind: 'oneOf', names: ['par', 'seq', 'area'], many: false },
	},
	par: {
		attributes: attributes({ ...ID, ...ORDER_LABELS }),
		foreign: true,
		content: { kind: 'mixedOf', names: ['area', 'seq'], min: 0 },
	},
	seq: {
		attributes: attributes({ ...ID, ...ORDER_LABELS }),
		foreign: true,
		content: { kind: 'mixedOf', names: ['area', 'par'], min: 0 },
	},
	area: {
		attributes: attributes(
			{
				...ID,
				...ORDER_LABELS,
				SHAPE: new Set(['RECT', 'CIRCLE', 'POLY']),
				COORDS: 'text',
				BEGIN: 'text',
				END: 'text',
				BETYPE: new Set([...EXTENT_TYPES, 'IDREF', 'XPTR']),
				EXTENT: 'text',
				EXTTYPE: new Set(EXTENT_TYPES),
				ADMID: 'idrefs',
				CONTENTIDS: 'text',
			},
			{ FILEID: 'idref' },
		),
		foreign: true,
		content: EMPTY,
	},
	structLink: {
		attributes: attributes(ID),
		foreign: true,
		content: { kind: 'mixedOf', names: ['smLink', 'smLinkGrp'], min: 1 },
	},
	smLink: {
		attributes: attributes(
			{
				...ID,
				'xlink:arcrole': 'text',
				'xlink:title': 'text',
				'xlink:show': SIMPLE_LINK['xlink:show'],
				'xlink:actuate': SIMPLE_LINK['xlink:actuate'],
			},
			{ 'xlink:to': 'text', 'xlink:from': 'text' },
		),
		foreign: false,
		content: EMPTY,
	},
	smLinkGrp: {
		attributes: attributes({
			...ID,
			ARCLINKORDER: new Set(['ordered', 'unordered']),
			'xlink:type': new Set(['extended']),
			'xlink:role': 'text',
			'xlink:title': 'text',
		}),
		foreign: false,
		content: sequence(['smLocatorLink', 2, MANY], ['smArcLink', 1, MANY]),
	},
	smLocatorLink: {
		attributes: attributes(
			{
				...ID,
				'xlink:type': new Set(['locator']),
				'xlink:role': 'text',
				'xlink:title': 'text',
				'xlink:label': 'text',
			},
			{ 'xlink:href': 'text' },
		),
		foreign: false,
		content: EMPTY,
	},
	smArcLink: {
		attributes: attributes({
			...ID,
			'xlink:type': new Set(['arc']),
			'xlink:arcrole': 'text',
			'xlink:title': 'text',
			'xlink:show': SIMPLE_LINK['xlink:show'],
			'xlink:actuate': SIMPLE_LINK['xlink:actuate'],
			'xlink:from': 'text',
			'xlink:to': 'text',
			ARCTYPE: 'text',
			ADMID: 'idrefs',
		}),
		foreign: false,
		content: EMPTY,
	},
	behaviorSec: {
		attributes: attributes({ ...ID, CREATED: 'dateTime', LABEL: 'text' }),
		foreign: true,
		content: sequence(['behaviorSec', 0, MANY], ['behavior', 0, MANY]),
	},
	behavior: {
		attributes: attributes({
			...ID,
			STRUCTID: 'idrefs',
			BTYPE: 'text',
			CREATED: 'dateTime',
			LABEL: 'text',
			GROUPID: 'text',
			ADMID: 'idrefs',
		}),
		foreign: false,
		content: sequence(['interfaceDef', 0, 1], ['mechanism', 1, 1]),
	},
	interfaceDef: behaviorObject,
	mechanism: behaviorObject,
};
