import { createHash } from 'node:crypto';

import type { FileSource } from '../../../../dps/ports';
import { buildPackage } from '../../../../dps/sip/build/build';
import type { BuiltPackage } from '../../../../dps/sip/build/build';
import type { BuildInput, InputFile } from '../../../../dps/sip/build/input';
import { CANONICAL_SCHEMAS, type CanonicalSchema } from '../../../../dps/sip/build/schemas';
import type { ContentCategory } from '../../../../dps/sip/content-category';
import { contentCategory } from '../../../../dps/sip/content-category';
import { Slots } from '../../../../dps/submit/concurrency';

export function md5(content: string | Uint8Array): string {
	return createHash('md5').update(content).digest('hex');
}

async function* once(content: string): AsyncGenerator<Uint8Array> {
	yield Buffer.from(content);
}

export function text(path: string, content = path): FileSource {
	return { path, size: Buffer.byteLength(content), open: async () => once(content) };
}

/** Stand-ins for the canonical schemas: their names, other bytes, and the checksums of those. */
export const STAND_INS: CanonicalSchema[] = CANONICAL_SCHEMAS.map((schema) => ({
	...schema,
	md5: [md5(`<schema name="${schema.name}"/>`)],
}));

export const SCHEMA_FILES: InputFile[] = STAND_INS.map(({ name }) => ({
	role: 'schema',
	source: text(name, `<schema name="${name}"/>`),
}));

export function category(kind: string): ContentCategory {
	const found = contentCategory(kind);
	if (!found) throw new Error(`There is no category ${kind}`);
	return found;
}

export function content(path: string, representation?: string): InputFile {
	return { role: 'content', source: text(path), representation };
}

export const METADATA = {
	type: 'Bilde',
	identifier: [{ type: 'inventory number', value: 'NF.1992-0123' }],
	title: { value: 'Rana Blad', lang: 'nob' },
};

/** A package that has everything that it must have, and one page. */
export function packageInput(changes: Partial<BuildInput> = {}): BuildInput {
	return {
		objectId: 'NF_1992-0123',
		contractId: 'ef23',
		category: category('photographsPrint'),
		metadata: METADATA,
		descriptionFormat: 'json',
		created: '2025-02-17',
		organisation: { name: 'Example Museum', identificationCode: '974760673' },
		software: { name: 'software', version: '1.2.3' },
		files: [content('page1.tif'), ...SCHEMA_FILES],
		...changes,
	};
}

export async function build(changes: Partial<BuildInput> = {}): Promise<BuiltPackage> {
	return await buildPackage(packageInput(changes), { slots: new Slots(4), schemas: STAND_INS });
}

/** The messages of the errors that keep a package from being built. */
export async function refusals(changes: Partial<BuildInput>): Promise<string[]> {
	const error: unknown = await build(changes).then(
		() => undefined,
		(reason: unknown) => reason,
	);
	const { findings } = (error ?? { findings: [] }) as {
		findings: Array<{ field: string; message: string }>;
	};
	return findings.map(({ field, message }) => `${field}: ${message}`);
}

export async function bytesOf(source: FileSource): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of await source.open()) chunks.push(chunk);
	return Buffer.concat(chunks);
}

/** The text of a file of the package. */
export async function read({ files }: BuiltPackage, path: string): Promise<string> {
	const file = files.find(({ source }) => source.path === path);
	if (!file) throw new Error(`The package has no ${path}`);
	return (await bytesOf(file.source)).toString('utf8');
}

export function paths({ files }: BuiltPackage): string[] {
	return files.map(({ source }) => source.path);
}
