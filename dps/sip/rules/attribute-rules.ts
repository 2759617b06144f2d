import { quote } from '../../finding';
import type { MetsElement } from '../mets/element';
import { isDateTime } from '../mets/simple-type';
import {
	CHECKSUM_TYPES,
	CONTENT_CATEGORY_TERMS,
	CONTENT_INFORMATION_TYPES,
	METADATA_STATUSES,
	METADATA_TYPES,
	PACKAGE_TYPES,
	RECORD_STATUSES,
	isMediaType,
	isUnknownToCommonsIp,
	nearTerm,
} from '../vocabulary';

import type { MetsScope, Requirement } from './ruleset';
import { may, must, note, should } from './ruleset';

/** E-ARK SIP 2.2.0's own URL (SIP2). */
export const SIP_PROFILE = 'https://earksip.dilcis.eu/profile/E-ARK-SIP-v2-2-0.xml';

/** What a value must be: a test, and the same in words. */
interface Test {
	passes(value: string): boolean;
	wanted: string;
	/** The value that was probably meant. */
	near?(value: string): string | undefined;
}

/** One requirement on one attribute of the elements at a path. */
export interface AttributeRule extends Requirement {
	/** Path of the elements. */
	at: string;
	attribute: string;
	test: Test;
	/** Applies when the attribute is there; an absent one is no fault. */
	ifPresent?: boolean;
	/** Whose rule it is; default: E-ARK's, which applies always. */
	nb?: boolean;
	/** Which documents it applies to; default: all. */
	document?: 'root' | 'representation';
}

const filled: Test = { passes: (value) => value.trim() !== '', wanted: 'a value' };
const moment: Test = { passes: isDateTime, wanted: 'a date and time' };
const byteCount: Test = {
	passes: (value) => /^\s*\+?\d+\s*$/.test(value),
	wanted: 'the size of the file in bytes',
};
const mediaType: Test = {
	passes: isMediaType,
	wanted: 'a media type of the IANA registry, such as image/tiff',
};
const knownMediaType: Test = {
	passes: (value) => !isUnknownToCommonsIp(value),
	wanted: "a media type that NB's validator knows; application/octet-stream for this one",
};

function equals(wanted: string): Test {
	return { passes: (value) => value === wanted, wanted: quote(wanted) };
}

function termOf(terms: ReadonlySet<string>, vocabulary: string): Test {
	return {
		passes: (value) => terms.has(value),
		wanted: vocabulary,
		near: (value) => nearTerm(terms, value),
	};
}

const status = termOf(METADATA_STATUSES, 'CURRENT or SUPERSEDED');
const metadataType = termOf(METADATA_TYPES, 'a type of the METS list, such as DC, MODS or OTHER');
const checksumType = termOf(CHECKSUM_TYPES, 'an algorithm of the METS list, such as MD5');
const informationType = termOf(
	CONTENT_INFORMATION_TYPES,
	'a term of the vocabulary of content information types, or OTHER',
);

/** The requirements on a `mdRef`, in the order in which CSIP numbers them. */
function referenceRules(section: string, first: number): AttributeRule[] {
	const at = `${section}/mdRef`;
	const rules: Array<[attribute: string, test: Test]> = [
		['LOCTYPE', equals('URL')],
		['xlink:type', equals('simple')],
		['xlink:href', filled],
		['MDTYPE', metadataType],
		['MIMETYPE', mediaType],
		['SIZE', byteCount],
		['CREATED', moment],
		['CHECKSUM', filled],
		['CHECKSUMTYPE', checksumType],
	];
	return rules.map(([attribute, test], index) => ({
		...must(`CSIP${first + index}`),
		at,
		attribute,
		test,
	}));
}

/** NB's requirements on technical and source metadata, which CSIP says nothing of. */
function nbSectionRules(name: string, first: number): AttributeRule[] {
	const section = `mets/amdSec/${name}`;
	const at = `${section}/mdRef`;
	const id = (offset: number) => must(`NBSIP${first + offset}`);
	const rules: AttributeRule[] = [
		{ ...id(0), at: section, attribute: 'ID', test: filled },
		{ ...id(1), at: section, attribute: 'STATUS', test: equals('CURRENT') },
		{ ...id(3), at, attribute: 'LOCTYPE', test: equals('URL') },
		{ ...id(4), at, attribute: 'xlink:type', test: equals('simple') },
		{ ...id(5), at, attribute: 'xlink:href', test: filled },
		{ ...id(6), at, attribute: 'MDTYPE', test: metadataType },
		{ ...id(2), at, attribute: 'MIMETYPE', test: mediaType },
		{ ...id(2), at, attribute: 'MIMETYPE', test: knownMediaType, ifPresent: true },
		{ ...id(2), at, attribute: 'SIZE', test: byteCount },
		{ ...id(2), at, attribute: 'CREATED', test: moment },
		{ ...must('NBSIP23'), at, attribute: 'CHECKSUM', test: filled },
		{ ...must('NBSIP23'), at, attribute: 'CHECKSUMTYPE', test: equals('MD5') },
	];
	return rules.map((rule) => ({ ...rule, nb: true }));
}

const DMD = 'mets/dmdSec';
const PROVENANCE = 'mets/amdSec/digiprovMD';
const RIGHTS = 'mets/amdSec/rightsMD';
const GROUP = 'mets/fileSec/fileGrp';
const FILE = `${GROUP}/file`;
const LOCATOR = `${FILE}/FLocat`;
const MD5 = equals('MD5');

/**
 * The requirements that are about one attribute (E-ARK CSIP and SIP 2.2.0, NB-METS-1.0). What
 * needs more than that stands in functions of its own, in the files beside this one.
 */
export const ATTRIBUTE_RULES: readonly AttributeRule[] = [
	{ ...must('CSIP1'), at: 'mets', attribute: 'OBJID', test: filled },
	{
		...must('CSIP2'),
		at: 'mets',
		attribute: 'TYPE',
		test: {
			...termOf(CONTENT_CATEGORY_TERMS, 'a term of the vocabulary of content categories, or Other'),
			passes: (value) => CONTENT_CATEGORY_TERMS.has(value) || value === 'OTHER',
		},
	},
	{
		...must('CSIP2'),
		at: 'mets',
		attribute: 'TYPE',
		nb: true,
		ifPresent: true,
		test: { passes: (value) => value !== 'OTHER', wanted: '"Other", as the vocabulary writes it' },
	},
	{
		...should('CSIP4'),
		at: 'mets',
		attribute: 'csip:CONTENTINFORMATIONTYPE',
		test: informationType,
	},
	{ ...must('CSIP6'), at: 'mets', attribute: 'PROFILE', test: filled },
	{ ...must('SIP2'), at: 'mets', attribute: 'PROFILE', test: equals(SIP_PROFILE) },
	{ ...may('SIP1'), at: 'mets', attribute: 'LABEL', document: 'root', test: filled },
	{ ...should('NBSIP2'), at: 'mets', attribute: 'LABEL', document: 'root', nb: true, test: filled },

	{ ...must('CSIP7'), at: 'mets/metsHdr', attribute: 'CREATEDATE', test: moment },
	{ ...should('CSIP8', 'info'), at: 'mets/metsHdr', attribute: 'LASTMODDATE', test: moment },
	{
		...must('CSIP9'),
		at: 'mets/metsHdr',
		attribute: 'csip:OAISPACKAGETYPE',
		test: termOf(PACKAGE_TYPES, 'SIP, AIP, DIP, AIU or AIC'),
	},
	{ ...must('SIP4'), at: 'mets/metsHdr', attribute: 'csip:OAISPACKAGETYPE', test: equals('SIP') },
	{
		...may('SIP3'),
		at: 'mets/metsHdr',
		attribute: 'RECORDSTATUS',
		document: 'root',
		test: { passes: () => true, wanted: 'a status, such as NEW; without one, NEW is assumed' },
	},
	{
		...may('SIP3', 'warning'),
		at: 'mets/metsHdr',
		attribute: 'RECORDSTATUS',
		ifPresent: true,
		test: termOf(RECORD_STATUSES, `one of ${[...RECORD_STATUSES].join(', ')}`),
	},

	{ ...must('CSIP18'), at: DMD, attribute: 'ID', test: filled },
	{ ...must('CSIP19'), at: DMD, attribute: 'CREATED', test: moment },
	{ ...should('CSIP20'), at: DMD, attribute: 'STATUS', test: status },
	...referenceRules(DMD, 22),
	{ ...must('NBSIP6'), at: `${DMD}/mdRef`, attribute: 'CHECKSUMTYPE', test: MD5, nb: true },
	{
		...must('CSIP26'),
		at: `${DMD}/mdRef`,
		attribute: 'MIMETYPE',
		test: knownMediaType,
		ifPresent: true,
		nb: true,
	},

	{ ...must('CSIP33'), at: PROVENANCE, attribute: 'ID', test: filled },
	{ ...should('CSIP34'), at: PROVENANCE, attribute: 'STATUS', test: status },
	...referenceRules(PROVENANCE, 36),
	{ ...must('NBSIP23'), at: `${PROVENANCE}/mdRef`, attribute: 'CHECKSUMTYPE', test: MD5, nb: true },
	{
		...must('CSIP40'),
		at: `${PROVENANCE}/mdRef`,
		attribute: 'MIMETYPE',
		test: knownMediaType,
		ifPresent: true,
		nb: true,
	},

	{ ...must('CSIP46'), at: RIGHTS, attribute: 'ID', test: filled },
	{ ...should('CSIP47'), at: RIGHTS, attribute: 'STATUS', test: status },
	...referenceRules(RIGHTS, 49),
	{ ...must('NBSIP23'), at: `${RIGHTS}/mdRef`, attribute: 'CHECKSUMTYPE', test: MD5, nb: true },
	{
		...must('CSIP53'),
		at: `${RIGHTS}/mdRef`,
		attribute: 'MIMETYPE',
		test: knownMediaType,
		ifPresent: true,
		nb: true,
	},

	...nbSectionRules('sourceMD', 8),
	...nbSectionRules('techMD', 16),

	{ ...must('CSIP59'), at: 'mets/fileSec', attribute: 'ID', test: filled },
	{ ...must('CSIP64'), at: GROUP, attribute: 'USE', test: filled },
	{ ...must('CSIP65'), at: GROUP, attribute: 'ID', test: filled },
	{
		...should('CSIP62'),
		at: GROUP,
		attribute: 'csip:CONTENTINFORMATIONTYPE',
		ifPresent: true,
		test: informationType,
	},
	{ ...must('CSIP67'), at: FILE, attribute: 'ID', test: filled },
	{ ...must('CSIP68'), at: FILE, attribute: 'MIMETYPE', test: mediaType },
	{
		...must('CSIP68'),
		at: FILE,
		attribute: 'MIMETYPE',
		test: knownMediaType,
		ifPresent: true,
		nb: true,
	},
	{ ...must('CSIP69'), at: FILE, attribute: 'SIZE', test: byteCount },
	{ ...must('CSIP70'), at: FILE, attribute: 'CREATED', test: moment },
	{ ...must('CSIP71'), at: FILE, attribute: 'CHECKSUM', test: filled },
	{ ...must('CSIP72'), at: FILE, attribute: 'CHECKSUMTYPE', test: checksumType },
	{ ...must('NBSIP24'), at: FILE, attribute: 'CHECKSUMTYPE', test: MD5, nb: true },
	{
		...may('SIP32', 'warning'),
		at: FILE,
		attribute: 'sip:FILEFORMATNAME',
		ifPresent: true,
		test: filled,
	},
	{
		...may('SIP33', 'warning'),
		at: FILE,
		attribute: 'sip:FILEFORMATVERSION',
		ifPresent: true,
		test: filled,
	},
	{ ...must('CSIP77'), at: LOCATOR, attribute: 'LOCTYPE', test: equals('URL') },
	{ ...must('CSIP78'), at: LOCATOR, attribute: 'xlink:type', test: equals('simple') },
	{ ...must('CSIP79'), at: LOCATOR, attribute: 'xlink:href', test: filled },
];

const BY_PATH = new Map<string, AttributeRule[]>();
for (const rule of ATTRIBUTE_RULES) {
	BY_PATH.set(rule.at, [...(BY_PATH.get(rule.at) ?? []), rule]);
}

function applies({ nb, document }: AttributeRule, scope: MetsScope): boolean {
	if (nb && !scope.nb) return false;
	return document === undefined || (document === 'root') === scope.isRoot;
}

/** Holds one element to every rule that is about one of its attributes. */
export function checkAttributes(scope: MetsScope, element: MetsElement): void {
	for (const rule of BY_PATH.get(element.path) ?? []) {
		const value = element.attributes.get(rule.attribute);
		if (value === undefined ? rule.ifPresent : rule.test.passes(value)) continue;
		if (!applies(rule, scope)) continue;
		const near = value === undefined ? undefined : rule.test.near?.(value);
		const { requirement, level, severity, attribute, test } = rule;
		note(
			scope,
			{ requirement, level, severity },
			element,
			value === undefined ? 'is missing' : value.trim() === '' ? 'is empty' : `is ${quote(value)}`,
			near === undefined || near === value ? test.wanted : `${quote(near)}, written exactly so`,
			attribute,
		);
	}
}
