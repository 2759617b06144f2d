import { spawn } from 'node:child_process';

/** What a command printed, and how it ended. */
export interface Ended {
	/** Exit code; undefined when the command is not on this machine. */
	code: number | undefined;
	output: string;
	/** Wall-clock time. */
	seconds: number;
}

/** Runs a command to its end, with what it prints as one text. */
export async function run(command: string, args: string[], cwd?: string): Promise<Ended> {
	const started = performance.now();
	return await new Promise((resolve) => {
		const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
		const printed: Buffer[] = [];
		const end = (code: number | undefined) =>
			resolve({
				code,
				output: Buffer.concat(printed).toString('utf8'),
				seconds: (performance.now() - started) / 1000,
			});
		child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
		child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
		child.on('error', () => end(undefined));
		child.on('close', (code) => end(code ?? 1));
	});
}
