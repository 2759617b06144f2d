import type { FileSource } from '../../ports';
import type { Fixity } from '../../submit/fixity';
import type { ContentCategory } from '../content-category';

/** What a file is to the package, which decides the folder that it goes to (NB-SIP-STRUCTURE-1.0). */
export const FILE_ROLES = [
	'content',
	'descriptive',
	'technical',
	'source',
	'preservation',
	'documentation',
	'schema',
] as const;

export type FileRole = (typeof FILE_ROLES)[number];

/** A file as the depositor has it, before it has a place in the package. */
export interface InputFile {
	role: FileRole;
	/** Its path is below the folder of its role: `page1.tif`, `volume1/page1.tif`. */
	source: FileSource;
	/**
	 * The representation that it belongs to, by its meaningful name; undefined for the primary one.
	 * For a file of preservation metadata undefined means the package as a whole.
	 */
	representation?: string;
	/** Technical metadata: what made it, such as `mediainfo`; the name of its folder (NBSIPSTR16). */
	tool?: string;
	/** A metadata file: `@MDTYPE`; undefined to recognise it by its content. */
	metadataType?: string;
	/** With `@MDTYPE="OTHER"`: `@OTHERMDTYPE`. */
	otherMetadataType?: string;
	/** MD5 taken earlier, if the depositor has one: nothing is built when it does not match. */
	expectedMd5?: string;
}

/** A name and what it is registered under. */
export interface Organisation {
	name: string;
	/** The organisation number, in a note of the type IDENTIFICATIONCODE (SIP19). */
	identificationCode: string;
}

export interface Software {
	name: string;
	version: string;
}

/** The form in which the metadata of the submission is written into the package. */
export type DescriptionFormat = 'json' | 'xml' | 'none';

/** What a package is made of. */
export interface BuildInput {
	objectId: string;
	/** In `altRecordID`, as the submission agreement (SIP5). */
	contractId: string;
	category: ContentCategory;
	/** The descriptive metadata that goes with the submission (DPS metadata documentation). */
	metadata: unknown;
	descriptionFormat: DescriptionFormat;
	/** Date and time of the package: ISO 8601, `2025-02-17` or `2025-02-17T09:30:00+01:00`. */
	created: string;
	/** Who submits (SIP15). */
	organisation: Organisation;
	/** What builds the package (CSIP10). */
	software: Software;
	files: InputFile[];
}

/** A file of the finished package. */
export interface BuiltFile {
	/** Its path is the one in the package. */
	source: FileSource;
	fixity: Fixity;
	/** `@MIMETYPE` in METS. */
	mediaType: string;
	/** The depositor's file; undefined for what the builder wrote. */
	input?: InputFile;
}
