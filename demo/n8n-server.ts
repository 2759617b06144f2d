import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';

import { N8nRest, type Owner } from './n8n-rest';
import { pathWith, type N8nRuntime } from './n8n-runtime';
import { environmentWithoutNpmRun, freePort } from './processes';

const START_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 20_000;

/** What `startN8n` needs to know. */
export interface N8nServerOptions {
	runtime: N8nRuntime;
	/** The packed community package, as `npm pack` makes it. */
	packageTarball: string;
	/** n8n keeps its database, its key and the installed package in `.n8n` in here. */
	userFolder: string;
	/** The folders that n8n's file nodes may read and write. */
	fileFolders: string[];
	/** Port on the loopback interface; a free one when absent. */
	port?: number;
	/** Added to n8n's environment. */
	env?: Record<string, string>;
}

/** A running n8n. */
export interface N8nServer {
	/** Address of the editor and of every webhook, without a slash at the end. */
	url: string;
	/** What n8n writes to the terminal. */
	logFile: string;
	owner: Owner;
	/** n8n's own interface, logged in as the owner. */
	rest: N8nRest;
	/** Ends n8n the way a service manager does, and waits until it is gone. */
	stop(): Promise<void>;
	/** Ends n8n without any warning, as a power cut would, and waits until it is gone. */
	kill(): Promise<void>;
	/** Starts n8n again after `stop` or `kill`, with the same database and address. */
	start(): Promise<void>;
}

/** The person who owns the demo's n8n; it listens on the loopback interface only. */
const OWNER: Owner = {
	email: 'owner@example.org',
	firstName: 'Demo',
	lastName: 'Owner',
	password: 'Preserve-4-ever',
};

/**
 * Installs the package in a fresh or existing n8n user folder, as n8n itself installs a community package, and
 * starts n8n there.
 *
 * @throws Error with the end of n8n's log when n8n does not come up within two minutes
 */
export async function startN8n(options: N8nServerOptions): Promise<N8nServer> {
	await installCommunityPackage(
		options.packageTarball,
		path.join(options.userFolder, '.n8n', 'nodes'),
	);
	const port = options.port ?? (await freePort());
	const url = `http://127.0.0.1:${port}`;
	const logFile = path.join(options.userFolder, 'n8n.log');
	const env = await n8nEnvironment(options, port, url);
	const rest = new N8nRest(url);
	let child: ChildProcess | undefined;

	const end = async (signal: NodeJS.Signals) => {
		const running = child;
		child = undefined;
		if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
		const exited = once(running, 'exit');
		running.kill(signal);
		const timer = setTimeout(() => running.kill('SIGKILL'), STOP_WITHIN_MS);
		await exited;
		clearTimeout(timer);
	};

	const start = async () => {
		const log = createWriteStream(logFile, { flags: 'a' });
		const { nodeBinary, n8nBinary } = options.runtime;
		const started = spawn(nodeBinary, [n8nBinary, 'start'], {
			cwd: options.userFolder,
			env,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		started.stdout.pipe(log, { end: false });
		started.stderr.pipe(log, { end: false });
		started.once('close', () => log.end());
		child = started;
		await untilHealthy(url, started, logFile);
		await rest.logInAsOwner(OWNER);
	};

	// A parent that ends without a word must not leave n8n behind.
	process.once('exit', () => child?.kill('SIGKILL'));
	try {
		await start();
	} catch (error) {
		await end('SIGKILL');
		throw error;
	}
	return {
		url,
		logFile,
		owner: OWNER,
		rest,
		start,
		stop: async () => await end('SIGTERM'),
		kill: async () => await end('SIGKILL'),
	};
}

/**
 * The environment of an n8n process: only the loopback interface, no traffic to n8n's own services, files on disk
 * instead of in the database. What `options.env` says goes before it.
 *
 * @param url the address under which its webhooks are reached
 */
export async function n8nEnvironment(
	options: Pick<N8nServerOptions, 'runtime' | 'userFolder' | 'fileFolders' | 'env'>,
	port: number,
	url: string,
): Promise<NodeJS.ProcessEnv> {
	const env = environmentWithoutNpmRun();
	return {
		...env,
		PATH: pathWith(options.runtime.nodeBinary, env),
		NODE_ENV: 'production',
		N8N_USER_FOLDER: options.userFolder,
		N8N_HOST: '127.0.0.1',
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_PORT: String(port),
		N8N_WEBHOOK_URL: `${url}/`,
		N8N_SECURE_COOKIE: 'false',
		N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
		N8N_RESTRICT_FILE_ACCESS_TO: options.fileFolders.join(';'),
		N8N_RUNNERS_BROKER_PORT: String(await freePort()),
		N8N_LOG_LEVEL: 'info',
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
		N8N_DYNAMIC_BANNERS_ENABLED: 'false',
		N8N_HIRING_BANNER_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_VERIFIED_PACKAGES_ENABLED: 'false',
		N8N_DISABLED_MODULES: 'mcp-registry,instance-ai',
		N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
		EXTERNAL_FRONTEND_HOOKS_URLS: '',
		...options.env,
	};
}

async function untilHealthy(url: string, child: ChildProcess, logFile: string): Promise<void> {
	const deadline = Date.now() + START_WITHIN_MS;
	for (;;) {
		if (await isReady(url)) return;
		const ended = child.exitCode !== null || child.signalCode !== null;
		if (ended || Date.now() > deadline) {
			const log = await readFile(logFile, 'utf8').catch(() => '');
			throw new Error(
				`n8n ${ended ? 'ended while it started' : 'did not come up in time'}; the end of ${logFile}:\n` +
					log.trimEnd().split('\n').slice(-20).join('\n'),
			);
		}
		await wait(250);
	}
}

/** `/healthz` answers before n8n can serve anything; `/healthz/readiness` waits for the database and migrations. */
async function isReady(url: string): Promise<boolean> {
	try {
		const health = await fetch(`${url}/healthz/readiness`);
		if (!health.ok) return false;
		const settings = await fetch(`${url}/rest/settings`);
		return settings.ok && (settings.headers.get('content-type') ?? '').includes('json');
	} catch {
		return false;
	}
}

/**
 * Does what n8n does when a person installs a community package (its community packages service): unpacks the
 * tarball into `node_modules/<name>` of its nodes folder, drops the dependencies that are not needed at run time
 * from its package.json, and notes the package in the folder's own package.json. There is nothing more to install,
 * since the package has no dependencies.
 *
 * @throws Error when the package has dependencies after all, or an entry of the tarball leaves the package
 */
export async function installCommunityPackage(tarball: string, nodesFolder: string): Promise<void> {
	const entries = await readTarball(tarball);
	const manifest = entries.get('package.json');
	if (manifest === undefined) throw new Error(`${tarball} has no package.json`);
	const packageJson = JSON.parse(manifest.toString('utf8')) as {
		name: string;
		version: string;
		dependencies?: Record<string, string>;
	} & Record<string, unknown>;
	if (Object.keys(packageJson.dependencies ?? {}).length > 0) {
		throw new Error(`${tarball} has dependencies, which this package must not have`);
	}
	delete packageJson.devDependencies;
	delete packageJson.peerDependencies;
	delete packageJson.optionalDependencies;
	entries.set('package.json', Buffer.from(JSON.stringify(packageJson, null, 2)));

	const packageFolder = path.join(nodesFolder, 'node_modules', packageJson.name);
	await rm(packageFolder, { recursive: true, force: true });
	for (const [name, content] of entries) {
		const file = path.join(packageFolder, name);
		if (!file.startsWith(packageFolder + path.sep)) throw new Error(`${name} leaves the package`);
		await mkdir(path.dirname(file), { recursive: true });
		await writeFile(file, content);
	}
	await writeFile(
		path.join(nodesFolder, 'package.json'),
		JSON.stringify(
			{
				name: 'installed-nodes',
				private: true,
				dependencies: { [packageJson.name]: packageJson.version },
			},
			null,
			2,
		),
	);
}

/** The files of a package tarball, by their path in the package: npm puts all of them under one folder. */
async function readTarball(tarball: string): Promise<Map<string, Buffer>> {
	const entries = new Map<string, Buffer>();
	const unpack = extract();
	unpack.on('entry', (header, stream, next) => {
		const chunks: Buffer[] = [];
		stream.on('data', (chunk) => chunks.push(chunk as Buffer));
		stream.on('end', () => {
			if (header.type === 'file') {
				entries.set(header.name.split('/').slice(1).join('/'), Buffer.concat(chunks));
			}
			next();
		});
	});
	await pipeline(createReadStream(tarball), createGunzip(), unpack);
	return entries;
}
