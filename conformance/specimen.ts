import { createHash } from 'node:crypto';

import type { FileSource } from '../dps/ports';
import { buildPackage } from '../dps/sip/build/build';
import type { InputFile } from '../dps/sip/build/input';
import { CANONICAL_SCHEMAS } from '../dps/sip/build/schemas';
import type { ContentProfile } from '../dps/sip/content-category';
import { CONTENT_CATEGORIES } from '../dps/sip/content-category';
import type { PackageContents } from '../dps/sip/contents';
import { contentsOfFiles } from '../dps/sip/contents';
import { Slots } from '../dps/submit/concurrency';

import { EXAMPLE } from './example-package';
import { textSource } from './package-writer';

/** A package in memory: its files by path, to be changed at will. */
export interface Specimen {
	/** Name of the root folder. */
	rootName: string;
	files: Map<string, Buffer>;
}

const PREMIS = '<premis xmlns="http://www.loc.gov/premis/v3" version="3.0"/>';

/** One file of each kind that a package can have, and two representations. */
function inputFiles(): InputFile[] {
	return [
		{ role: 'content', source: textSource('page 1.tif', 'first page') },
		{ role: 'content', source: textSource('bilder/blåbær+1.tif', 'second page') },
		{ role: 'content', representation: 'access', source: textSource('page 1.jpg', 'smaller') },
		{ role: 'descriptive', source: textSource('mods.xml', '<mods/>'), metadataType: 'MODS' },
		{ role: 'technical', tool: 'mediainfo', source: textSource('page 1.xml', '<mediainfo/>') },
		{ role: 'source', source: textSource('original.xml', '<original/>') },
		{ role: 'preservation', source: textSource('premis.xml', PREMIS) },
		{ role: 'preservation', representation: 'primary', source: textSource('events.xml', PREMIS) },
		{ role: 'documentation', source: textSource('readme.txt', 'how to read this') },
		...CANONICAL_SCHEMAS.map(({ name }) => ({
			role: 'schema' as const,
			source: textSource(name, `<schema>${name}</schema>`),
		})),
	];
}

async function bytesOf({ open }: FileSource): Promise<Buffer> {
	const parts: Uint8Array[] = [];
	for await (const part of await open()) parts.push(part);
	return Buffer.concat(parts);
}

/**
 * A valid package with one of each part. Its schemas are stand-ins, so that none of the publishers'
 * need be at hand.
 */
export async function validSpecimen(profile: ContentProfile = 'images'): Promise<Specimen> {
	const category = CONTENT_CATEGORIES.find((candidate) => candidate.profile === profile);
	if (category === undefined) throw new RangeError(`There is no profile ${profile}`);
	const schemas = CANONICAL_SCHEMAS.map((schema) => ({
		...schema,
		md5: [createHash('md5').update(`<schema>${schema.name}</schema>`).digest('hex')],
	}));
	const rootName = 'NF_1992-0123';
	const { files } = await buildPackage(
		{ ...EXAMPLE, category, objectId: rootName, files: inputFiles() },
		{ slots: new Slots(4), schemas },
	);
	const specimen: Specimen = { rootName, files: new Map() };
	for (const { source } of files) specimen.files.set(source.path, await bytesOf(source));
	return specimen;
}

/** A copy that can be changed; the bytes of files are shared until they are replaced. */
export function copyOf({ rootName, files }: Specimen): Specimen {
	return { rootName, files: new Map(files) };
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
	yield bytes;
}

/** A specimen as the validator takes packages. */
export function contentsOf({ rootName, files }: Specimen): PackageContents {
	const sources = [...files].map(([path, bytes]) => ({
		path,
		size: bytes.length,
		open: async () => once(bytes),
	}));
	return contentsOfFiles(sources, { rootName });
}
