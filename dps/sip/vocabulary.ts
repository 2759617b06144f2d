/**
 * Terms of the controlled vocabularies that E-ARK CSIP and SIP 2.2.0 refer to (DILCIS Board), and
 * of the lists in the METS schema. Terms are compared exactly: most dashes of the content
 * categories are en dashes, some are hyphens.
 */

/** `mets/@TYPE` (CSIP2). */
export const CONTENT_CATEGORY_TERMS: ReadonlySet<string> = new Set([
	'Textual works – Print',
	'Textual works – Digital',
	'Textual works – Electronic Serials',
	'Digital Musical Composition (score-based representations)',
	'Musical Scores - Print',
	'Musical Scores - Digital',
	'Photographs – Print',
	'Photographs – Digital',
	'Other Graphic Images – Print',
	'Other Graphic Images – Digital',
	'Microforms',
	'Audio – On Tangible Medium (digital or analog)',
	'Audio – Media-independent (digital)',
	'Motion Pictures – Digital and Physical Media',
	'Video – File-based and Physical Media',
	'Software',
	'Software and Video Games',
	'Email',
	'Datasets',
	'Geospatial Data',
	'Geographic Information System (GIS) - Vector Data',
	'GIS Raster and Georeferenced Images',
	'GIS Vector and Raster Combined',
	'Non-GIS Cartographic',
	'2D and 3D Computer Aided Design',
	'Design (schematics, architectural drawings) - Print',
	'Scanned 3D Objects (output from photogrammetry scanning)',
	'Databases',
	'Websites',
	'Web Archives',
	'Collection',
	'Event',
	'Image',
	'Interactive resource',
	'Moving image',
	'Sound',
	'Still image',
	'Text',
	'Physical object',
	'Service',
	'Mixed',
	'Other',
]);

/** `csip:CONTENTINFORMATIONTYPE` (CSIP4, CSIP62): the vocabulary, and what only its schema has. */
export const CONTENT_INFORMATION_TYPES: ReadonlySet<string> = new Set([
	'ERMS',
	'SIARD1',
	'SIARD2',
	'SIARDDK',
	'GeoData',
	'citcarchival_v1_0',
	'citscarchival_v1_0',
	'cscarchival_v1_0',
	'citserms_v2_1',
	'citserms_v3_0',
	'citspremis_v1_0',
	'cspremis_v1_0',
	'citsehpj_v1_0',
	'citsehpj_v2_0',
	'citsehcr_v1_0',
	'citssiard_v1_0',
	'citsgeospatial_v3_0',
	'cits3dpm_v1_0',
	'MIXED',
	'OTHER',
]);

/** `metsHdr/@csip:OAISPACKAGETYPE` (CSIP9). */
export const PACKAGE_TYPES: ReadonlySet<string> = new Set(['SIP', 'AIP', 'DIP', 'AIU', 'AIC']);

/** `note/@csip:NOTETYPE` (CSIP16, SIP14, SIP20, SIP31). */
export const NOTE_TYPES: ReadonlySet<string> = new Set(['SOFTWARE VERSION', 'IDENTIFICATIONCODE']);

/** `@STATUS` of a metadata section (CSIP20, CSIP34, CSIP47). */
export const METADATA_STATUSES: ReadonlySet<string> = new Set(['CURRENT', 'SUPERSEDED']);

/** `metsHdr/@RECORDSTATUS` (SIP3). */
export const RECORD_STATUSES: ReadonlySet<string> = new Set([
	'NEW',
	'SUPPLEMENT',
	'REPLACEMENT',
	'TEST',
	'VERSION',
	'DELETE',
	'OTHER',
]);

/** What a file group or a division of the structural map can be about (CSIP64). */
export const DIVISIONS = ['Documentation', 'Schemas', 'Representations', 'Metadata'] as const;

/** `@MDTYPE` (METS 1.12; NBSIP4, NBSIP14, NBSIP22). */
export const METADATA_TYPES: ReadonlySet<string> = new Set([
	'MARC',
	'MODS',
	'EAD',
	'DC',
	'NISOIMG',
	'LC-AV',
	'VRA',
	'TEIHDR',
	'DDI',
	'FGDC',
	'LOM',
	'PREMIS',
	'PREMIS:OBJECT',
	'PREMIS:AGENT',
	'PREMIS:RIGHTS',
	'PREMIS:EVENT',
	'TEXTMD',
	'METSRIGHTS',
	'ISO 19115:2003 NAP',
	'EAC-CPF',
	'LIDO',
	'OTHER',
]);

/** `@LOCTYPE` (METS 1.12). */
export const LOCATOR_TYPES: ReadonlySet<string> = new Set([
	'ARK',
	'URN',
	'URL',
	'PURL',
	'HANDLE',
	'DOI',
	'OTHER',
]);

/** `@CHECKSUMTYPE` (METS 1.12). */
export const CHECKSUM_TYPES: ReadonlySet<string> = new Set([
	'Adler-32',
	'CRC32',
	'HAVAL',
	'MD5',
	'MNP',
	'SHA-1',
	'SHA-256',
	'SHA-384',
	'SHA-512',
	'TIGER',
	'WHIRLPOOL',
]);

/** `agent/@ROLE` (METS 1.12). */
export const AGENT_ROLES: ReadonlySet<string> = new Set([
	'CREATOR',
	'EDITOR',
	'ARCHIVIST',
	'PRESERVATION',
	'DISSEMINATOR',
	'CUSTODIAN',
	'IPOWNER',
	'OTHER',
]);

/** `agent/@TYPE` (METS 1.12). */
export const AGENT_TYPES: ReadonlySet<string> = new Set(['INDIVIDUAL', 'ORGANIZATION', 'OTHER']);

/** Top-level types of the IANA registry of media types. */
const MEDIA_TYPES: ReadonlySet<string> = new Set([
	'application',
	'audio',
	'example',
	'font',
	'haptics',
	'image',
	'message',
	'model',
	'multipart',
	'text',
	'video',
]);

/** Formats of archives whose usual media type the validator at NB's end does not know. */
const UNKNOWN_AT_NB: ReadonlySet<string> = new Set([
	'application/warc',
	'audio/flac',
	'audio/mp3',
	'audio/wav',
	'audio/wave',
	'image/jpg',
	'video/matroska',
	'audio/matroska',
]);

const MAX_MEDIA_TYPE_LENGTH = 256;

/** Whether a text has the form of a media type, under a registered top-level type (RFC 6838). */
export function isMediaType(value: string): boolean {
	const parts = /^([a-z]+)\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i.exec(value);
	return (
		value.length <= MAX_MEDIA_TYPE_LENGTH &&
		parts !== null &&
		MEDIA_TYPES.has(parts[1].toLowerCase())
	);
}

/** The few private-looking names (`x-`) that the registry has. */
const REGISTERED_X: ReadonlySet<string> = new Set([
	'application/x-pki-message',
	'application/x-www-form-urlencoded',
	'application/x-x509-ca-cert',
	'application/x-x509-ca-ra-cert',
	'application/x-x509-next-ca-cert',
	'image/x-emf',
	'image/x-wmf',
]);

/**
 * Whether commons-ip is known to refuse a media type, since its copy of the IANA registry lacks it:
 * names that begin with `x-`, and some that archives use a lot.
 */
export function isUnknownToCommonsIp(value: string): boolean {
	const lower = value.toLowerCase();
	if (/^[a-z]+\/x-/.test(lower)) return !REGISTERED_X.has(lower);
	return UNKNOWN_AT_NB.has(lower);
}

/** The same text with every dash as a hyphen and in lower case, to find what was meant. */
export function withoutTypography(term: string): string {
	return term.replace(/[\u2010-\u2015\u2212]/g, '-').toLowerCase();
}

/** The term that a text misses by case or dash only. */
export function nearTerm(terms: ReadonlySet<string>, value: string): string | undefined {
	const plain = withoutTypography(value.trim());
	return [...terms].find((term) => withoutTypography(term) === plain);
}
