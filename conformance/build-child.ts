import { contentCategory } from '../dps/sip/content-category';

import { EXAMPLE } from './example-package';
import { contentOf, schemaFiles, writePackage } from './package-writer';

/**
 * Builds one package of a folder's files in a process of its own, so that its time can be compared
 * with that of another program: `build-child.ts <content> <schemas> <objectId> <parent folder>`.
 */
async function main([content, schemas, objectId, parent]: string[]): Promise<void> {
	const category = contentCategory('photographsPrint');
	if (!category) throw new Error('There is no such category');
	const files = [...(await contentOf(content)), ...schemaFiles(schemas)];
	await writePackage({ ...EXAMPLE, category, objectId, files }, parent);
}

void main(process.argv.slice(2));
