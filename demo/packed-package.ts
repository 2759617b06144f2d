import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { environmentWithoutNpmRun, run } from './processes';

const ROOT = path.join(__dirname, '..');

/**
 * Builds this package into `dist`.
 *
 * @throws Error with the end of the compiler's output when it does not compile
 */
export async function buildPackage(): Promise<void> {
	await run('npm', ['run', 'build'], { cwd: ROOT, env: environmentWithoutNpmRun() });
}

/**
 * Packs what `npm publish` would publish.
 *
 * @param folder is made, and emptied, for the tarball
 * @returns the tarball's absolute path
 */
export async function packPackage(folder: string): Promise<string> {
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	const output = await run('npm', ['pack', '--json', '--pack-destination', folder], {
		cwd: ROOT,
		env: environmentWithoutNpmRun(),
	});
	const [{ filename }] = JSON.parse(output) as Array<{ filename: string }>;
	return path.join(folder, filename);
}
