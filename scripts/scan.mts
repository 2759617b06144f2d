import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
	analyzePackage,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';

import { packPackage } from '../demo/packed-package.js';
import { run } from '../demo/processes.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Besides `dist`, only what npm adds to every package. */
const BESIDE_DIST = /^(package\.json|index\.js|README\.md|CHANGELOG\.md|LICENSE(\.md)?)$/;

/**
 * Puts the package through the scan that n8n runs before it verifies a community package: the tarball as it would be
 * published, then the sources; comments that switch a rule off count for nothing in it. Two rules of n8n's
 * verification guidelines that the scan does not look at are checked as well: no dependencies, and nothing in the
 * tarball but the build.
 */
async function scan(folder: string): Promise<string[]> {
	const tarball = await packPackage(path.join(folder, 'tarball'));
	const unpacked = path.join(folder, 'tarball', 'package');
	await run('tar', ['-xzf', tarball], { cwd: path.dirname(tarball) });

	const sources = path.join(folder, 'sources');
	for (const file of await sourceFiles()) {
		await cp(path.join(root, file), path.join(sources, file));
	}

	const findings: string[] = [];
	const packaged = await filesIn(unpacked);
	process.stdout.write(`scanning the ${packaged.length} files of ${path.basename(tarball)}\n`);
	const outsiders = packaged.filter((file) => !file.startsWith('dist/') && !BESIDE_DIST.test(file));
	if (outsiders.length > 0) {
		findings.push(`the tarball holds files that do not belong there: ${outsiders.join(', ')}`);
	}
	if (!packaged.some((file) => file.endsWith('.node.js'))) {
		findings.push('the tarball holds no node: build first');
	}
	const manifest = JSON.parse(
		await readFile(path.join(unpacked, 'package.json'), 'utf8'),
	) as Record<string, unknown>;
	for (const kind of ['dependencies', 'optionalDependencies', 'bundledDependencies', 'overrides']) {
		if (kind in manifest) findings.push(`package.json has "${kind}", which n8n does not verify`);
	}

	const ofTarball = await analyzePackage(unpacked);
	if (!ofTarball.passed) findings.push(`tarball: ${ofTarball.details ?? ofTarball.message}`);

	process.stdout.write('scanning the sources\n');
	const ofSources = await analyzePackage(sources, [...SOURCE_FILE_PATTERNS, 'dps/**/*.ts']);
	if (!ofSources.passed) findings.push(`sources: ${ofSources.details ?? ofSources.message}`);
	return findings;
}

/** What a commit of everything would hold, since n8n scans the commit that a package was built from. */
async function sourceFiles(): Promise<string[]> {
	const listed = await run(
		'git',
		['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
		{
			cwd: root,
		},
	);
	const deleted = await run('git', ['ls-files', '-z', '--deleted'], { cwd: root });
	const gone = new Set(deleted.split('\0'));
	return listed.split('\0').filter((file) => file !== '' && !gone.has(file));
}

/** The files below a folder, with `/` between the parts of their paths. */
async function filesIn(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	return entries
		.filter((entry) => entry.isFile())
		.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
		.map((file) => file.split(path.sep).join('/'));
}

const folder = await mkdtemp(path.join(tmpdir(), 'n8n-scan-'));
try {
	const findings = await scan(folder);
	for (const finding of findings) process.stdout.write(`${finding}\n`);
	process.stdout.write(
		findings.length === 0
			? "n8n's scan found nothing\n"
			: `n8n's scan failed: ${findings.length} finding${findings.length === 1 ? '' : 's'}\n`,
	);
	process.exitCode = findings.length === 0 ? 0 : 1;
} finally {
	await rm(folder, { recursive: true, force: true });
}
