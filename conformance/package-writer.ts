import { createReadStream, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { FileSource } from '../dps/ports';
import { buildPackage } from '../dps/sip/build/build';
import type { BuildInput, InputFile } from '../dps/sip/build/input';
import { CANONICAL_SCHEMAS } from '../dps/sip/build/schemas';
import { Slots } from '../dps/submit/concurrency';

const CONCURRENCY = 8;
const IN_ONE_PIECE = 1024 * 1024;

async function* once(text: string): AsyncGenerator<Uint8Array> {
	yield Buffer.from(text);
}

/** A file that is in memory only. */
export function textSource(name: string, text: string): FileSource {
	return { path: name, size: Buffer.byteLength(text), open: async () => once(text) };
}

/** The canonical schemas of a folder, as files for a package. */
export function schemaFiles(folder: string): InputFile[] {
	return CANONICAL_SCHEMAS.map(({ name }) => ({
		role: 'schema',
		source: diskSource(path.join(folder, name), name),
	}));
}

/** All files of a folder, subfolders included, as content. */
export async function contentOf(folder: string): Promise<InputFile[]> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => entry.isFile());
	return files.map((entry) => {
		const file = path.join(entry.parentPath, entry.name);
		const name = path.relative(folder, file).split(path.sep).join('/');
		return { role: 'content', source: diskSource(file, name) };
	});
}

async function write({ path: name, size, open }: FileSource, folder: string): Promise<void> {
	const target = path.join(folder, name);
	if (size > IN_ONE_PIECE) return await writeFile(target, await open());
	const chunks: Uint8Array[] = [];
	for await (const chunk of await open()) chunks.push(chunk);
	// for small files a thread costs more than the work that it does
	writeFileSync(target, Buffer.concat(chunks));
}

async function* wholeFile(file: string): AsyncGenerator<Uint8Array> {
	yield readFileSync(file);
}

/** A file on disk; a small one is read in one piece. */
function diskSource(file: string, name: string): FileSource {
	const { size } = statSync(file);
	return {
		path: name,
		size,
		open: async () => (size > IN_ONE_PIECE ? createReadStream(file) : wholeFile(file)),
	};
}

/**
 * Builds a package and writes it to a folder named after its object.
 *
 * @returns the paths of its METS documents
 */
export async function writePackage(input: BuildInput, parent: string): Promise<string[]> {
	const folder = path.join(parent, input.objectId);
	await rm(folder, { recursive: true, force: true });
	const { files } = await buildPackage(input, { slots: new Slots(CONCURRENCY) });
	const folders = new Set(files.map(({ source }) => path.dirname(path.join(folder, source.path))));
	for (const each of folders) await mkdir(each, { recursive: true });
	const waiting = files.values();
	await Promise.all(
		Array.from({ length: CONCURRENCY }, async () => {
			for (const { source } of waiting) await write(source, folder);
		}),
	);
	return files
		.map(({ source }) => source.path)
		.filter((name) => name === 'METS.xml' || /^representations\/[^/]+\/METS\.xml$/.test(name))
		.map((name) => path.join(folder, name));
}
