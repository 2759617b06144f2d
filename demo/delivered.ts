import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';

/** A file by its content. */
export interface FileFixity {
	/** Relative to the package root, with `/` between its parts. */
	filePath: string;
	/** In bytes. */
	size: number;
	/** MD5, 32 lower-case hex digits. */
	md5: string;
}

/** Size and MD5 of every file below a folder, in the order of their paths. */
export async function fixityOfFolder(folder: string): Promise<FileFixity[]> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const files: FileFixity[] = [];
	for (const entry of entries.filter((candidate) => candidate.isFile())) {
		const file = path.join(entry.parentPath, entry.name);
		const hash = createHash('md5');
		await pipeline(createReadStream(file), hash);
		files.push({
			filePath: path.relative(folder, file).split(path.sep).join('/'),
			size: (await stat(file)).size,
			md5: hash.digest('hex'),
		});
	}
	return files.sort((one, other) => (one.filePath < other.filePath ? -1 : 1));
}

/** Size and MD5 of every file in a TAR, read without unpacking it to disk. */
export async function fixityOfTar(tar: string): Promise<FileFixity[]> {
	const files: FileFixity[] = [];
	const unpack = extract();
	unpack.on('entry', (header, stream, next) => {
		const hash = createHash('md5');
		let size = 0;
		stream.on('data', (chunk) => {
			hash.update(chunk as Buffer);
			size += (chunk as Buffer).length;
		});
		stream.on('end', () => {
			if (header.type === 'file') {
				files.push({ filePath: header.name.replace(/^\.\//, ''), size, md5: hash.digest('hex') });
			}
			next();
		});
	});
	await pipeline(createReadStream(tar), unpack);
	return files;
}
