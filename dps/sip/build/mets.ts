import { createHash } from 'crypto';

import type { Fixity } from '../../submit/fixity';

import type { BuildInput } from './input';
import type { MetadataType } from './metadata-type';
import { metsDateTime } from './package-date';
import { attribute, xmlText } from './xml-text';

/** The profile that every METS of a package names (SIP2). */
const PROFILE = 'https://earksip.dilcis.eu/profile/E-ARK-SIP-v2-2-0.xml';

const NAMESPACES = [
	['xmlns', 'http://www.loc.gov/METS/'],
	['xmlns:csip', 'https://DILCIS.eu/XML/METS/CSIPExtensionMETS'],
	['xmlns:sip', 'https://DILCIS.eu/XML/METS/SIPExtensionMETS'],
	['xmlns:xlink', 'http://www.w3.org/1999/xlink'],
	['xmlns:xsi', 'http://www.w3.org/2001/XMLSchema-instance'],
];

const SCHEMAS = [
	['http://www.loc.gov/METS/', 'mets1_12.xsd'],
	['http://www.w3.org/1999/xlink', 'xlink.xsd'],
	['https://DILCIS.eu/XML/METS/CSIPExtensionMETS', 'DILCISExtensionMETS.xsd'],
	['https://DILCIS.eu/XML/METS/SIPExtensionMETS', 'DILCISExtensionSIPMETS.xsd'],
];

/** A file that a METS document names. */
export interface NamedFile {
	/** Relative to the folder of the document. */
	path: string;
	fixity: Fixity;
	mediaType: string;
}

export interface NamedMetadata extends NamedFile, MetadataType {}

/** The sections of a METS document that name metadata, in the order that its schema wants. */
export type AdministrativeSection = 'techMD' | 'sourceMD' | 'digiprovMD';

/** A group of files in `fileSec`, and its division in the structural map. */
export interface FileGroup {
	/** `@USE` and `@LABEL`: `Schemas`, `Documentation`, `Data`. */
	use: string;
	files: readonly NamedFile[];
}

/** A METS document of a package. */
export interface MetsDocument {
	/** `@OBJID`: the name of the folder that it is in. */
	name: string;
	/** From its folder to the root of the package: empty, or `../../`. */
	toRoot: string;
	descriptive: readonly NamedMetadata[];
	administrative: Readonly<Record<AdministrativeSection, readonly NamedMetadata[]>>;
	groups: readonly FileGroup[];
	/** In the root document: the METS of each representation, by the folder's name. */
	representations: ReadonlyArray<{ name: string; mets: NamedFile }>;
}

/**
 * A path as a relative URL. Its parts are percent-encoded, also the space and the plus sign:
 * commons-ip decodes links as it would a form, where `+` is a space.
 */
export function hrefOf(path: string): string {
	return path.split('/').map(encodeURIComponent).join('/');
}

/** Gives elements their ids: the same for the same object and the same thing, whenever it is built. */
type IdOf = (kind: string, thing?: string) => string;

function idsOf(objectId: string, document: string): IdOf {
	return (kind, thing = '') => {
		const key = [objectId, document, kind, thing].join('\n');
		const digest = createHash('sha256').update(key).digest('hex');
		const parts = [
			digest.slice(0, 8),
			digest.slice(8, 12),
			// RFC 9562: version 8 is a UUID by a rule of one's own
			`8${digest.slice(13, 16)}`,
			`8${digest.slice(17, 20)}`,
			digest.slice(20, 32),
		];
		return `uuid-${parts.join('-')}`;
	};
}

function location(path: string): string {
	return ` LOCTYPE="URL" xlink:type="simple"${attribute('xlink:href', hrefOf(path))}`;
}

function description({ fixity, mediaType }: NamedFile, created: string): string {
	return `${attribute('MIMETYPE', mediaType)} SIZE="${fixity.size}" CREATED="${created}" CHECKSUM="${fixity.md5}" CHECKSUMTYPE="MD5"`;
}

function rootElement(input: BuildInput, title: string, { name, toRoot }: MetsDocument): string {
	const { category } = input;
	const attributes: Array<[string, string | undefined]> = [
		...(NAMESPACES as Array<[string, string]>),
		['OBJID', name],
		['LABEL', title],
		['TYPE', category.type],
		['csip:OTHERTYPE', category.otherType],
		['csip:CONTENTINFORMATIONTYPE', category.contentInformationType],
		['csip:OTHERCONTENTINFORMATIONTYPE', category.otherContentInformationType],
		['PROFILE', PROFILE],
		[
			'xsi:schemaLocation',
			SCHEMAS.map(([uri, file]) => `${uri} ${toRoot}schemas/${file}`).join(' '),
		],
	];
	return `<mets${attributes.map(([key, value]) => attribute(key, value)).join('')}>\n`;
}

function header({ contractId, organisation, software }: BuildInput, created: string): string {
	return `  <metsHdr CREATEDATE="${created}" RECORDSTATUS="NEW" csip:OAISPACKAGETYPE="SIP">
    <agent ROLE="CREATOR" TYPE="OTHER" OTHERTYPE="SOFTWARE">
      <name>${xmlText(software.name)}</name>
      <note csip:NOTETYPE="SOFTWARE VERSION">${xmlText(software.version)}</note>
    </agent>
    <agent ROLE="CREATOR" TYPE="ORGANIZATION">
      <name>${xmlText(organisation.name)}</name>
      <note csip:NOTETYPE="IDENTIFICATIONCODE">${xmlText(organisation.identificationCode)}</note>
    </agent>
    <altRecordID TYPE="SUBMISSIONAGREEMENT">${xmlText(contractId)}</altRecordID>
  </metsHdr>
`;
}

function metadataReference(file: NamedMetadata, created: string): string {
	const { path, type, otherType } = file;
	return `<mdRef${location(path)}${attribute('MDTYPE', type)}${attribute('OTHERMDTYPE', otherType)}${description(file, created)}/>`;
}

function* metadataSections(
	{ descriptive, administrative }: MetsDocument,
	created: string,
	id: IdOf,
): Generator<string> {
	for (const file of descriptive) {
		yield `  <dmdSec ID="${id('dmdSec', file.path)}" CREATED="${created}" STATUS="CURRENT">\n    ${metadataReference(file, created)}\n  </dmdSec>\n`;
	}
	// the order that the schema prescribes
	const sections: AdministrativeSection[] = ['techMD', 'sourceMD', 'digiprovMD'];
	if (sections.every((section) => administrative[section].length === 0)) return;
	yield `  <amdSec ID="${id('amdSec')}">\n`;
	for (const section of sections) {
		for (const file of administrative[section]) {
			yield `    <${section} ID="${id(section, file.path)}" CREATED="${created}" STATUS="CURRENT">\n      ${metadataReference(file, created)}\n    </${section}>\n`;
		}
	}
	yield '  </amdSec>\n';
}

function* fileGroup(
	input: BuildInput,
	{ use, files }: FileGroup,
	created: string,
	id: IdOf,
): Generator<string> {
	const { contentInformationType, otherContentInformationType } = input.category;
	const information = use.startsWith('Representations/')
		? attribute('csip:CONTENTINFORMATIONTYPE', contentInformationType) +
			attribute('csip:OTHERCONTENTINFORMATIONTYPE', otherContentInformationType)
		: '';
	yield `    <fileGrp ID="${id('fileGrp', use)}"${attribute('USE', use)}${information}>\n`;
	for (const file of files) {
		yield `      <file ID="${id('file', file.path)}"${description(file, created)}>\n        <FLocat${location(file.path)}/>\n      </file>\n`;
	}
	yield '    </fileGrp>\n';
}

function groupsOf({ groups, representations }: MetsDocument): FileGroup[] {
	return [
		...groups.filter(({ files }) => files.length > 0),
		...representations.map(({ name, mets }) => ({
			use: `Representations/${name}`,
			files: [mets],
		})),
	];
}

function* structuralMap(document: MetsDocument, id: IdOf): Generator<string> {
	const { name, descriptive, administrative, representations } = document;
	const sections = Object.entries(administrative);
	const dmdIds = descriptive.map(({ path }) => id('dmdSec', path));
	const amdIds = sections.flatMap(([section, files]) => files.map(({ path }) => id(section, path)));
	const list = (ids: string[]) => (ids.length > 0 ? ids.join(' ') : undefined);
	yield `  <structMap ID="${id('structMap')}" TYPE="PHYSICAL" LABEL="CSIP">\n`;
	yield `    <div ID="${id('div')}"${attribute('LABEL', name)}>\n`;
	// commons-ip takes a division without its folder for an error (CSIP107)
	if (dmdIds.length > 0 || amdIds.length > 0) {
		yield `      <div ID="${id('div', 'Metadata')}" LABEL="Metadata"${attribute('DMDID', list(dmdIds))}${attribute('ADMID', list(amdIds))}/>\n`;
	}
	for (const { use, files } of document.groups) {
		if (files.length === 0) continue;
		yield `      <div ID="${id('div', use)}"${attribute('LABEL', use)}>\n        <fptr FILEID="${id('fileGrp', use)}"/>\n      </div>\n`;
	}
	for (const { name: folder, mets } of representations) {
		const use = `Representations/${folder}`;
		yield `      <div ID="${id('div', use)}"${attribute('LABEL', use)}>\n        <mptr${location(mets.path)} xlink:title="${id('fileGrp', use)}"/>\n      </div>\n`;
	}
	yield '    </div>\n  </structMap>\n';
}

/**
 * Writes a METS document by E-ARK SIP 2.2.0 and NB-METS-1.0, piece by piece, so that one of 50,000
 * files is never whole in memory. The same input gives the same text.
 */
export function* metsDocument(
	input: BuildInput,
	title: string,
	document: MetsDocument,
): Generator<string> {
	const created = metsDateTime(input.created);
	const id = idsOf(input.objectId, document.name);
	yield '<?xml version="1.0" encoding="UTF-8"?>\n';
	yield rootElement(input, title, document);
	yield header(input, created);
	yield* metadataSections(document, created, id);
	yield `  <fileSec ID="${id('fileSec')}">\n`;
	for (const group of groupsOf(document)) yield* fileGroup(input, group, created, id);
	yield '  </fileSec>\n';
	yield* structuralMap(document, id);
	yield '</mets>\n';
}
