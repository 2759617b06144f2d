import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** An object that is to be preserved: a folder that is the package's root. */
export interface ObjectToSend {
	objectId: string;
	folder: string;
	/** MD5 of each file, by its path in the package. */
	files: Map<string, string>;
}

/** Where the files are in the package. */
export const FOLDER_IN_PACKAGE = 'representations/primary_20250101/data/';

/** How many files an object has, and of which size in bytes. */
export interface ObjectShape {
	files: number;
	fileBytes: number;
}

/** Writes an object's files, each with random content, into a folder named after it. */
export async function makeObject(
	parent: string,
	objectId: string,
	{ files, fileBytes }: ObjectShape,
): Promise<ObjectToSend> {
	const folder = path.join(parent, objectId);
	await mkdir(path.join(folder, FOLDER_IN_PACKAGE), { recursive: true });
	const object: ObjectToSend = { objectId, folder, files: new Map() };
	for (let number = 1; number <= files; number++) {
		const name = `page-${String(number).padStart(4, '0')}.tif`;
		const bytes = randomBytes(fileBytes);
		await writeFile(path.join(folder, FOLDER_IN_PACKAGE, name), bytes);
		object.files.set(`${FOLDER_IN_PACKAGE}${name}`, createHash('md5').update(bytes).digest('hex'));
	}
	return object;
}
