import { checkFilePath } from '../identifiers';
import { TarError, readTar } from '../package/tar';
import { ZipError, readZip } from '../package/zip';
import type { FileSource } from '../ports';
import { CancelledError } from '../ports';

import type { FileFacts, FileQuestions, PackageContents } from './contents';
import { factsOf } from './contents';

/** The file is no archive that a package may travel in, or holds too much. */
export class ArchiveError extends Error {
	override readonly name = 'ArchiveError';
}

/** Whether an error says that an archive is damaged, or tries to exhaust its reader. */
export function isUnreadableArchive(error: unknown): error is Error {
	return error instanceof ArchiveError || error instanceof TarError || error instanceof ZipError;
}

/** The archives that a package may travel in (NBSIPSTR3). */
export type ArchiveForm = 'TAR' | 'ZIP';

/** A file or folder in an archive; its bytes are read before the next entry, or not at all. */
interface ArchiveEntry {
	path: string;
	kind: 'file' | 'folder' | 'other';
	size: number;
	bytes: AsyncIterable<Uint8Array>;
}

/** How the entries of each form are read, from the first byte on. */
const READERS: Readonly<Record<ArchiveForm, (source: FileSource) => AsyncIterable<ArchiveEntry>>> =
	{
		TAR: readTar,
		ZIP: readZip,
	};

const METS = /^(?:[^/]+\/)?(?:representations\/[^/]+\/)?METS\.xml$/;
const DESCRIPTIVE = /(?:^|\/)metadata\/descriptive\//;
/** Bytes of METS documents that are held while an archive is read. */
const MAX_METS = 256 * 1024 * 1024;

async function beginningOf(source: FileSource, length: number): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of await source.open()) {
		parts.push(chunk);
		size += chunk.length;
		if (size >= length) break;
	}
	return Buffer.concat(parts).subarray(0, length);
}

/** Which archive a file is, by its first bytes; undefined when it is none. */
export async function archiveForm(source: FileSource): Promise<ArchiveForm | undefined> {
	const bytes = await beginningOf(source, 512);
	const startsWith = (text: string, at = 0) =>
		Buffer.from(bytes.subarray(at, at + text.length)).equals(Buffer.from(text, 'latin1'));
	// a ZIP begins with an entry, with its end where it is empty, or with a mark that it was split
	const zip = ['\x03\x04', '\x05\x06', '\x07\x08'].some((mark) => startsWith(`PK${mark}`));
	if (zip) return 'ZIP';
	if (startsWith('ustar', 257)) return 'TAR';
	return undefined;
}

/** What one pass over an archive tells. */
interface Scan {
	/** Bytes of each file. */
	files: Map<string, number>;
	folders: string[];
	facts: Map<string, FileFacts>;
	/** METS documents, whole. */
	documents: Map<string, Uint8Array[]>;
	faults: Array<{ path: string; found: string; wanted: string }>;
}

const SAFE = 'a path below the root folder';

async function scan(
	source: FileSource,
	form: ArchiveForm,
	signal: AbortSignal | undefined,
): Promise<Scan> {
	const result: Scan = {
		files: new Map(),
		folders: [],
		facts: new Map(),
		documents: new Map(),
		faults: [],
	};
	let held = 0;
	for await (const { path: raw, kind, size, bytes } of READERS[form](source)) {
		if (signal?.aborted) throw new CancelledError();
		const path = raw.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
		if (path === '' || path === '.') continue;
		const [unsafe] = checkFilePath(path);
		if (unsafe !== undefined) {
			result.faults.push({ path: raw, found: unsafe.message, wanted: SAFE });
			continue;
		}
		if (kind === 'folder') {
			result.folders.push(path);
			continue;
		}
		if (kind !== 'file') {
			const found = 'is a link or a device, which cannot be preserved';
			result.faults.push({ path, found, wanted: 'files and folders only' });
			continue;
		}
		if (result.files.has(path)) {
			result.faults.push({ path, found: 'is in the archive twice', wanted: 'each file once' });
			continue;
		}
		result.files.set(path, size);
		const kept: Uint8Array[] = [];
		const keeping = async function* () {
			for await (const chunk of bytes) {
				held += chunk.length;
				if (held > MAX_METS) throw new ArchiveError('its METS documents are too large');
				kept.push(Uint8Array.from(chunk));
				yield chunk;
			}
		};
		const isMets = METS.test(path);
		const questions = { algorithms: new Set(['MD5']), text: DESCRIPTIVE.test(path) };
		result.facts.set(path, await factsOf(isMets ? keeping() : bytes, questions, signal));
		if (isMets) result.documents.set(path, kept);
	}
	return result;
}

/** The one folder that everything is in; undefined, with a fault, when there is none or several. */
function rootOf({ files, folders, faults }: Scan): string | undefined {
	const tops = new Set([...files.keys(), ...folders].map((path) => path.split('/')[0]));
	const loose = [...files.keys()].filter((path) => !path.includes('/'));
	if (tops.size === 1 && loose.length === 0) return [...tops][0];
	const withMets = [...tops].filter((name) => files.has(`${name}/METS.xml`));
	const found =
		loose.length > 0
			? `${loose[0]} stands outside of any folder`
			: `the archive unpacks to ${tops.size} folders: ${[...tops].slice(0, 5).join(', ')}`;
	faults.push({ path: '', found, wanted: 'exactly one root folder, with everything inside' });
	return files.has('METS.xml') ? undefined : withMets[0];
}

async function* chunksOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
	yield* chunks;
}

/**
 * A package in a TAR or ZIP. The archive is read once, and every file's MD5 taken on the way; it is
 * read a second time only if METS gives checksums of other algorithms. Memory holds the METS
 * documents and what is known of each file.
 *
 * @throws {Error} the archive is damaged, or tries to exhaust its reader: {@link isUnreadableArchive}
 * @throws {CancelledError}
 */
export async function contentsOfArchive(
	source: FileSource,
	form: ArchiveForm,
	signal?: AbortSignal,
): Promise<PackageContents> {
	const scanned = await scan(source, form, signal);
	const rootName = rootOf(scanned);
	const prefix = rootName === undefined ? '' : `${rootName}/`;
	const inside = (path: string) => path.startsWith(prefix);
	const files: FileSource[] = [];
	for (const [path, size] of scanned.files) {
		if (!inside(path)) continue;
		files.push({
			path: path.slice(prefix.length),
			size,
			open: async () => {
				const document = scanned.documents.get(path);
				if (document === undefined) throw new ArchiveError(`${path} is read in its turn only`);
				return chunksOf(document);
			},
		});
	}
	return {
		rootName,
		files,
		emptyFolders: scanned.folders
			.filter((path) => inside(path))
			.map((path) => path.slice(prefix.length)),
		faults: scanned.faults,
		async read(questions, onFacts, readSignal) {
			const open = new Map<string, FileQuestions>();
			for (const [path, asked] of questions) {
				const facts = scanned.facts.get(prefix + path);
				if (facts === undefined) continue;
				const unknown = [...asked.algorithms].filter((name) => !facts.digests.has(name));
				if (unknown.length === 0) onFacts(path, facts);
				else open.set(prefix + path, { algorithms: new Set(unknown), text: false });
			}
			if (open.size === 0) return;
			for await (const { path: raw, bytes } of READERS[form](source)) {
				const path = raw.replace(/^(?:\.\/)+/, '');
				const asked = open.get(path);
				const known = scanned.facts.get(path);
				if (asked === undefined || known === undefined) continue;
				open.delete(path);
				const { digests } = await factsOf(bytes, asked, readSignal);
				onFacts(path.slice(prefix.length), {
					...known,
					digests: new Map([...known.digests, ...digests]),
				});
			}
		},
	};
}
