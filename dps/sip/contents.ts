import { createHash } from 'crypto';

import type { FileSource } from '../ports';
import { CancelledError } from '../ports';

/** The checksum algorithms of METS that are computed here, by METS's own names. */
export const ALGORITHMS: ReadonlyMap<string, string> = new Map([
	['MD5', 'md5'],
	['SHA-1', 'sha1'],
	['SHA-256', 'sha256'],
	['SHA-384', 'sha384'],
	['SHA-512', 'sha512'],
]);

/** Checksums of a file in lower-case hex, by METS's name of the algorithm. */
export type Digests = ReadonlyMap<string, string>;

/** What reading a file told. */
export interface FileFacts {
	digests: Map<string, string>;
	/** Bytes that were really there. */
	size: number;
	/** The bytes are UTF-8 text; absent when nobody asked. */
	isText?: boolean;
}

/** Which facts of a file are asked for. */
export interface FileQuestions {
	/** METS's names of algorithms, each a key of {@link ALGORITHMS}. */
	algorithms: ReadonlySet<string>;
	/** Whether the bytes are UTF-8 text. */
	text: boolean;
}

/** A package, whatever it travels in. Paths are relative to its root. */
export interface PackageContents {
	/** Name of the root folder, where there is one. */
	rootName?: string;
	/** METS documents among them are opened; others only through `read`. */
	files: readonly FileSource[];
	/** Folders without a file, where the form of the package can tell. */
	emptyFolders: readonly string[];
	/** What is wrong with the package's outer form, in words. */
	faults: ReadonlyArray<{ path: string; found: string; wanted: string }>;
	/**
	 * Answers questions on files by reading them, each at most once.
	 *
	 * @param onFacts called for each file that could be read
	 * @throws {CancelledError}
	 */
	read(
		questions: ReadonlyMap<string, FileQuestions>,
		onFacts: (path: string, facts: FileFacts) => void,
		signal?: AbortSignal,
	): Promise<void>;
}

/**
 * Reads a stream to its end for the facts that are asked for.
 *
 * @throws {CancelledError}
 */
export async function factsOf(
	bytes: AsyncIterable<Uint8Array>,
	{ algorithms, text }: FileQuestions,
	signal?: AbortSignal,
): Promise<FileFacts> {
	const hashes = [...algorithms].map((name) => ({
		name,
		hash: createHash(ALGORITHMS.get(name) ?? name),
	}));
	const decoder = text ? new TextDecoder('utf-8', { fatal: true }) : undefined;
	let isText = text ? true : undefined;
	const decode = (chunk?: Uint8Array) => {
		if (!isText) return;
		try {
			const characters = decoder?.decode(chunk, { stream: chunk !== undefined }) ?? '';
			if (characters.includes('\0')) isText = false;
		} catch {
			isText = false;
		}
	};
	let size = 0;
	for await (const chunk of bytes) {
		if (signal?.aborted) throw new CancelledError();
		for (const { hash } of hashes) hash.update(chunk);
		decode(chunk);
		size += chunk.length;
	}
	decode();
	const digests = new Map(hashes.map(({ name, hash }) => [name, hash.digest('hex')]));
	return { digests, size, isText };
}

/** Files that are read at the same time: enough to keep a disk busy, few enough for memory. */
const READ_TOGETHER = 8;

/**
 * A package given as its files.
 *
 * @param known checksums that were computed already, by path; such a file is not read again for them
 */
export function contentsOfFiles(
	files: readonly FileSource[],
	options: {
		rootName?: string;
		emptyFolders?: readonly string[];
		known?: ReadonlyMap<string, Digests>;
	} = {},
): PackageContents {
	const byPath = new Map(files.map((file) => [file.path, file]));
	return {
		rootName: options.rootName,
		files,
		emptyFolders: options.emptyFolders ?? [],
		faults: [],
		async read(questions, onFacts, signal) {
			const waiting = questions.entries();
			const work = async () => {
				for (const [path, { algorithms, text }] of waiting) {
					if (signal?.aborted) throw new CancelledError();
					const file = byPath.get(path);
					if (file === undefined) continue;
					const known = options.known?.get(path);
					const unknown = new Set([...algorithms].filter((name) => !known?.has(name)));
					const digests = new Map(known);
					if (unknown.size === 0 && !text) {
						onFacts(path, { digests, size: file.size });
						continue;
					}
					const facts = await factsOf(await file.open(), { algorithms: unknown, text }, signal);
					for (const [name, digest] of facts.digests) digests.set(name, digest);
					onFacts(path, { ...facts, digests });
				}
			};
			await Promise.all(Array.from({ length: READ_TOGETHER }, work));
		},
	};
}
