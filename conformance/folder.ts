import { createReadStream } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import type { PackageContents } from '../dps/sip/contents';
import { contentsOfFiles } from '../dps/sip/contents';
import type { FileSource } from '../dps/ports';

/** Files up to this size are read in one piece: a stream costs more than it saves. */
const IN_ONE_PIECE = 256 * 1024;

async function* whole(file: string): AsyncGenerator<Uint8Array> {
	yield await readFile(file);
}

/** A file on disk. */
export async function fileSource(file: string, name: string): Promise<FileSource> {
	const { size } = await stat(file);
	return {
		path: name,
		size,
		open: async () =>
			size <= IN_ONE_PIECE ? whole(file) : createReadStream(file, { highWaterMark: 1024 * 1024 }),
	};
}

/**
 * A folder on disk as a package; its name is the root folder's.
 *
 * @param folder the package's root folder
 */
export async function folderContents(folder: string): Promise<PackageContents> {
	const files: FileSource[] = [];
	const emptyFolders: string[] = [];
	const walk = async (relative: string) => {
		const entries = await readdir(path.join(folder, relative), { withFileTypes: true });
		if (entries.length === 0 && relative !== '') emptyFolders.push(relative);
		for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
			const below = relative === '' ? entry.name : `${relative}/${entry.name}`;
			if (entry.isDirectory()) await walk(below);
			else if (entry.isFile()) files.push(await fileSource(path.join(folder, below), below));
		}
	};
	await walk('');
	return contentsOfFiles(files, { rootName: path.basename(path.resolve(folder)), emptyFolders });
}
