import path from 'node:path';

import { validatePackage } from '../dps/sip/validate';

import { folderContents } from './folder';

/**
 * Validates one package in a process of its own, so that its time can be compared with that of
 * another program: `validate-child.ts <package folder>`. Exits with 1 when it is not valid.
 */
async function main([folder]: string[]): Promise<void> {
	const contents = await folderContents(folder);
	const objectId = path.basename(folder);
	const { valid } = await validatePackage(contents, { ruleset: 'nb-sip-1.0', objectId });
	process.exitCode = valid ? 0 : 1;
}

void main(process.argv.slice(2));
