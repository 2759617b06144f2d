import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { N8nRest, type Owner } from '../demo/n8n-rest';
import type { N8nRuntime } from '../demo/n8n-runtime';
import { installCommunityPackage, n8nEnvironment } from '../demo/n8n-server';
import { freePort } from '../demo/processes';

import type { Service } from './services';

const START_WITHIN_MS = 180_000;
const STOP_WITHIN_MS = 30_000;

/**
 * How soon n8n notices that a worker is gone, in milliseconds. n8n's own values are 60 s, 10 s and 30 s; shorter
 * ones keep the campaign short and change nothing else.
 */
export const LOST_WORKER = { lockMs: 20_000, renewMs: 4_000, checkMs: 5_000 };

/** Connections of each n8n process to PostgreSQL; n8n's own value, 2, makes ten executions queue for them. */
export const POOL_SIZE = 10;

const OWNER: Owner = {
	email: 'owner@example.org',
	firstName: 'Scale',
	lastName: 'Owner',
	password: 'Preserve-4-ever',
};

/** What an n8n in queue mode is made of. */
export interface QueueModeOptions {
	runtime: N8nRuntime;
	packageTarball: string;
	/** Each process gets a folder of its own in here, as if it were on a machine of its own. */
	folder: string;
	/** The folders that the file nodes may read and write: the storage that all workers mount. */
	fileFolders: string[];
	redis: Service;
	postgres: Service;
	/** Executions that one worker runs at the same time. */
	concurrency: number;
	/** Added to the environment of every process. */
	env?: Record<string, string>;
}

/** One process of n8n. */
export interface N8nProcess {
	name: string;
	/** Where it listens, without a slash at the end. */
	url: string;
	/** Its process id; that of the last one when it is not running. */
	readonly pid: number;
	start(): Promise<void>;
	/** Ends it the way a service manager does. */
	stop(): Promise<void>;
	/** Ends it without any warning, as a power cut would. */
	kill(): Promise<void>;
}

/** An n8n in queue mode without workers: `addWorker` brings them. */
export interface QueueMode {
	main: N8nProcess;
	webhookProcessor: N8nProcess;
	workers: N8nProcess[];
	rest: N8nRest;
	/** Starts another worker. */
	addWorker(): Promise<N8nProcess>;
	stop(): Promise<void>;
}

type Command = 'start' | 'webhook' | 'worker';

/**
 * Starts n8n's main process and one webhook processor in queue mode, binary data in the database. The processes share
 * Redis, PostgreSQL and the encryption key, and nothing else: no folder of n8n's own.
 *
 * @throws Error with the end of a process's log when it does not come up within three minutes
 */
export async function startQueueMode(options: QueueModeOptions): Promise<QueueMode> {
	const webhookPort = await freePort();
	const webhookUrl = `http://127.0.0.1:${webhookPort}`;
	const shared = sharedEnvironment(options);
	const create = async (name: string, command: Command, port: number) =>
		await createProcess(options, { name, command, port, webhookUrl, shared });

	const main = await create('main', 'start', await freePort());
	const webhookProcessor = await create('webhook processor', 'webhook', webhookPort);
	const workers: N8nProcess[] = [];
	const rest = new N8nRest(main.url);
	const stop = async () => {
		await Promise.all([main, webhookProcessor, ...workers].map(async (one) => await one.stop()));
	};
	try {
		// main makes the database's tables; the others wait for none
		await main.start();
		await rest.logInAsOwner(OWNER);
		await webhookProcessor.start();
	} catch (error) {
		await stop();
		throw error;
	}
	return {
		main,
		webhookProcessor,
		workers,
		rest,
		stop,
		async addWorker() {
			const name = `worker ${workers.length + 1}`;
			const worker = await create(name, 'worker', await freePort());
			workers.push(worker);
			await worker.start();
			return worker;
		},
	};
}

function sharedEnvironment({ redis, postgres, env }: QueueModeOptions): Record<string, string> {
	return {
		EXECUTIONS_MODE: 'queue',
		OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
		N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
		N8N_DEFAULT_BINARY_DATA_MODE: 'database',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redis.port),
		QUEUE_BULL_REDIS_PASSWORD: redis.password,
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
		QUEUE_WORKER_LOCK_DURATION: String(LOST_WORKER.lockMs),
		QUEUE_WORKER_LOCK_RENEW_TIME: String(LOST_WORKER.renewMs),
		QUEUE_WORKER_STALLED_INTERVAL: String(LOST_WORKER.checkMs),
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: '127.0.0.1',
		DB_POSTGRESDB_PORT: String(postgres.port),
		DB_POSTGRESDB_USER: 'postgres',
		DB_POSTGRESDB_DATABASE: 'postgres',
		DB_POSTGRESDB_PASSWORD: postgres.password,
		DB_POSTGRESDB_POOL_SIZE: String(POOL_SIZE),
		...env,
	};
}

interface ProcessToCreate {
	name: string;
	command: Command;
	port: number;
	webhookUrl: string;
	shared: Record<string, string>;
}

async function createProcess(
	options: QueueModeOptions,
	{ name, command, port, webhookUrl, shared }: ProcessToCreate,
): Promise<N8nProcess> {
	const { runtime, fileFolders } = options;
	const userFolder = path.join(options.folder, name.replaceAll(' ', '-'));
	await mkdir(userFolder, { recursive: true });
	await installCommunityPackage(options.packageTarball, path.join(userFolder, '.n8n', 'nodes'));
	const env = await n8nEnvironment(
		{
			runtime,
			userFolder,
			fileFolders,
			env: { ...shared, QUEUE_HEALTH_CHECK_PORT: String(port) },
		},
		port,
		webhookUrl,
	);
	const logFile = path.join(userFolder, 'n8n.log');
	const url = `http://127.0.0.1:${port}`;
	const args = command === 'worker' ? [command, `--concurrency=${options.concurrency}`] : [command];
	let child: ChildProcess | undefined;
	let pid = 0;
	process.once('exit', () => child?.kill('SIGKILL'));

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
	return {
		name,
		url,
		get pid() {
			return pid;
		},
		async start() {
			const log = createWriteStream(logFile, { flags: 'a' });
			await once(log, 'open');
			const started = spawn(runtime.nodeBinary, [runtime.n8nBinary, ...args], {
				cwd: userFolder,
				env,
				stdio: ['ignore', log, log],
			});
			log.end();
			child = started;
			pid = started.pid as number;
			await untilReady(name, command, url, started, logFile);
		},
		stop: async () => await end('SIGTERM'),
		kill: async () => await end('SIGKILL'),
	};
}

async function untilReady(
	name: string,
	command: Command,
	url: string,
	child: ChildProcess,
	logFile: string,
): Promise<void> {
	const deadline = Date.now() + START_WITHIN_MS;
	while (!(await isReady(command, url))) {
		const ended = child.exitCode !== null || child.signalCode !== null;
		if (ended || Date.now() > deadline) {
			const log = await readFile(logFile, 'utf8').catch(() => '');
			throw new Error(
				`n8n's ${name} ${ended ? 'ended while it started' : 'did not come up in time'}; the end of its log:\n` +
					log.trimEnd().split('\n').slice(-20).join('\n'),
			);
		}
		await wait(200);
	}
}

/** Main says that it is ready a moment before it serves its interface. */
async function isReady(command: Command, url: string): Promise<boolean> {
	try {
		if (!(await fetch(`${url}/healthz/readiness`)).ok) return false;
		if (command !== 'start') return true;
		const settings = await fetch(`${url}/rest/settings`);
		return (settings.headers.get('content-type') ?? '').includes('json');
	} catch {
		return false;
	}
}
