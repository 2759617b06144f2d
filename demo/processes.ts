import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

/** Tells the person at the terminal what is going on, one line at a time. */
export type Log = (line: string) => void;

const LAST_LINES = 15;

/**
 * Runs a program to its end.
 *
 * @param options.logFile when given, the program's output is appended there instead of being shown
 * @returns what the program wrote to its standard output
 * @throws Error with the exit code and the last lines of output when the program fails
 */
export async function run(
	command: string,
	args: string[],
	options: { cwd: string; env?: NodeJS.ProcessEnv; logFile?: string },
): Promise<string> {
	const child = spawn(command, args, {
		cwd: options.cwd,
		env: options.env ?? process.env,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const log = options.logFile ? createWriteStream(options.logFile, { flags: 'a' }) : undefined;
	const standardOutput: Buffer[] = [];
	const everything: Buffer[] = [];
	child.stdout.on('data', (chunk: Buffer) => {
		standardOutput.push(chunk);
		everything.push(chunk);
		log?.write(chunk);
	});
	child.stderr.on('data', (chunk: Buffer) => {
		everything.push(chunk);
		log?.write(chunk);
	});
	const [code] = (await once(child, 'close')) as [number | null];
	log?.end();
	if (code !== 0) {
		const tail = Buffer.concat(everything)
			.toString('utf8')
			.trimEnd()
			.split('\n')
			.slice(-LAST_LINES);
		throw new Error(
			`${path.basename(command)} ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${tail.join('\n')}`,
		);
	}
	return Buffer.concat(standardOutput).toString('utf8');
}

/** A TCP port on the loopback interface that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
	return await listenFor(0);
}

/**
 * Makes sure that nothing listens on a TCP port of the loopback interface.
 *
 * @throws Error that names the port when something does
 */
export async function assertFree(port: number): Promise<void> {
	try {
		await listenFor(port);
	} catch (error) {
		throw new Error(`port ${port} is taken: name another, or end what listens there`, {
			cause: error,
		});
	}
}

async function listenFor(port: number): Promise<number> {
	const server = createServer();
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	if (address === null || typeof address === 'string') {
		throw new Error('the operating system gave no TCP port');
	}
	return address.port;
}

/** This process's environment without what `npm run` adds to it, so that a child npm reads its own settings. */
export function environmentWithoutNpmRun(): NodeJS.ProcessEnv {
	const isFromNpmRun = (name: string) =>
		/^npm_(package|lifecycle|command|node_execpath|execpath)/i.test(name) ||
		/^npm_config_(ignore_scripts|local_prefix|global_prefix|noproxy|node_gyp)$/i.test(name) ||
		name === 'INIT_CWD';
	return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isFromNpmRun(name)));
}
