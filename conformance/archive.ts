import path from 'node:path';

import { ArchiveError, archiveForm, contentsOfArchive } from '../dps/sip/archive';
import type { PackageContents } from '../dps/sip/contents';

import { fileSource } from './folder';

/**
 * An archive on disk as a package.
 *
 * @throws {ArchiveError} it is neither TAR nor ZIP, or is damaged
 */
export async function archiveOnDisk(file: string): Promise<PackageContents> {
	const source = await fileSource(file, path.basename(file));
	const form = await archiveForm(source);
	if (form === undefined) throw new ArchiveError(`${file} is neither TAR nor ZIP`);
	return await contentsOfArchive(source, form);
}
