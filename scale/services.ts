import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { freePort } from '../demo/processes';

const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 30_000;
/** Debian keeps PostgreSQL's server programs outside of the PATH, one folder a major version. */
const DEBIAN_POSTGRES = '/usr/lib/postgresql';
/** PostgreSQL refuses to run as root; the first of these users that the machine has runs it then. */
const UNPRIVILEGED_USERS = ['postgres', 'nobody'];

/** The programs that n8n's queue mode needs beside n8n. */
export interface ServicePrograms {
	redisServer: string;
	initdb: string;
	postgres: string;
}

/** A running Redis or PostgreSQL. */
export interface Service {
	port: number;
	password: string;
	/** The process id of its main process. */
	pid: number;
	/** Ends it, and waits until it is gone. */
	stop(): Promise<void>;
}

/**
 * Looks for Redis and PostgreSQL on the PATH, and for PostgreSQL where Debian keeps it.
 *
 * @returns the programs, or what is missing and how to install it
 */
export function findServicePrograms(): ServicePrograms | { missing: string } {
	const redisServer = findProgram('redis-server', pathFolders());
	const postgresFolders = [...pathFolders(), ...debianPostgresFolders()];
	const initdb = findProgram('initdb', postgresFolders);
	const postgres = findProgram('postgres', postgresFolders);
	if (redisServer && initdb && postgres) return { redisServer, initdb, postgres };
	const packages = [
		...(redisServer ? [] : ['redis-server']),
		...(initdb && postgres ? [] : ['postgresql']),
	];
	return {
		missing:
			`${packages.join(' and ')} cannot be found. On Debian and Ubuntu: ` +
			`apt-get install --no-install-recommends ${packages.join(' ')} ` +
			'(they need not run as services: this command starts its own, in a temporary folder).',
	};
}

function pathFolders(): string[] {
	return (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
}

function debianPostgresFolders(): string[] {
	try {
		return readdirSync(DEBIAN_POSTGRES)
			.sort((one, other) => Number(other) - Number(one))
			.map((version) => path.join(DEBIAN_POSTGRES, version, 'bin'));
	} catch {
		return [];
	}
}

function findProgram(name: string, folders: string[]): string | undefined {
	return folders
		.map((folder) => path.join(folder, name))
		.find((file) => {
			try {
				accessSync(file, constants.X_OK);
				return true;
			} catch {
				return false;
			}
		});
}

/**
 * Starts a Redis that listens on the loopback interface only, and keeps nothing on disk.
 *
 * @param folder is made; its log goes there
 */
export async function startRedis(programs: ServicePrograms, folder: string): Promise<Service> {
	await mkdir(folder, { recursive: true });
	const port = await freePort();
	const password = randomBytes(24).toString('hex');
	// its settings come by standard input, so that the password is in no list of processes
	const settings = [
		`port ${port}`,
		'bind 127.0.0.1',
		`requirepass ${password}`,
		'save ""',
		'appendonly no',
		`dir ${JSON.stringify(folder)}`,
	];
	return await startService('Redis', programs.redisServer, ['-'], {
		folder,
		port,
		password,
		input: `${settings.join('\n')}\n`,
		stopSignal: 'SIGTERM',
	});
}

/**
 * Starts a PostgreSQL with a new cluster, on the loopback interface only. The user is `postgres`, and so is the
 * database. It writes to disk as surely as one in service does.
 *
 * @param folder is made, and given to the user that PostgreSQL runs as
 */
export async function startPostgres(programs: ServicePrograms, folder: string): Promise<Service> {
	await mkdir(folder, { recursive: true });
	const user = unprivilegedUser();
	const port = await freePort();
	const password = randomBytes(24).toString('hex');
	const passwordFile = path.join(folder, 'password');
	await writeFile(passwordFile, password, { mode: 0o600 });
	if (user) {
		await chown(folder, user.uid, user.gid);
		await chown(passwordFile, user.uid, user.gid);
	}
	const data = path.join(folder, 'data');
	const initdb = spawn(
		programs.initdb,
		[
			...['--pgdata', data, '--username', 'postgres', '--pwfile', passwordFile],
			...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C'],
		],
		{ ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
	);
	let complaints = '';
	initdb.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString('utf8')));
	const [code] = (await once(initdb, 'close')) as [number | null];
	if (code !== 0) throw new Error(`initdb failed:\n${complaints}`);
	return await startService(
		'PostgreSQL',
		programs.postgres,
		[
			...['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1'],
			...['-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
		],
		// SIGINT is its fast shutdown, which does not wait for clients
		{ ...user, folder, port, password, stopSignal: 'SIGINT' },
	);
}

interface ServiceOptions {
	folder: string;
	port: number;
	password: string;
	input?: string;
	stopSignal: NodeJS.Signals;
	uid?: number;
	gid?: number;
}

async function startService(
	name: string,
	program: string,
	args: string[],
	options: ServiceOptions,
): Promise<Service> {
	const { folder, port, password, uid, gid } = options;
	const logFile = path.join(folder, 'service.log');
	const log = createWriteStream(logFile);
	await once(log, 'open');
	const child = spawn(program, args, { cwd: folder, uid, gid, stdio: ['pipe', log, log] });
	child.stdin.end(options.input ?? '');
	const kill = () => child.kill('SIGKILL');
	process.once('exit', kill);
	const deadline = Date.now() + START_WITHIN_MS;
	while (!(await answers(port))) {
		if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
			kill();
			throw new Error(`${name} did not come up:\n${readFileSync(logFile, 'utf8').slice(-4000)}`);
		}
		await wait(100);
	}
	return {
		port,
		password,
		pid: child.pid as number,
		stop: async () => {
			process.off('exit', kill);
			if (child.exitCode !== null || child.signalCode !== null) return;
			const exited = once(child, 'exit');
			child.kill(options.stopSignal);
			const timer = setTimeout(kill, STOP_WITHIN_MS);
			await exited;
			clearTimeout(timer);
		},
	};
}

async function answers(port: number): Promise<boolean> {
	const socket = createConnection({ port, host: '127.0.0.1' });
	try {
		await once(socket, 'connect');
		return true;
	} catch {
		return false;
	} finally {
		socket.destroy();
	}
}

function unprivilegedUser(): { uid: number; gid: number } | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const users = readFileSync('/etc/passwd', 'utf8')
		.split('\n')
		.map((line) => line.split(':'));
	for (const name of UNPRIVILEGED_USERS) {
		const entry = users.find(([user]) => user === name);
		if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) };
	}
	throw new Error(
		`PostgreSQL does not run as root, and there is none of the users ${UNPRIVILEGED_USERS.join(', ')}`,
	);
}
