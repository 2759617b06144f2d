import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { Assignment, Report } from './depositor';

interface Worker {
	process: ChildProcess;
	ready: Promise<unknown>;
}

function hire(): Worker {
	const child = fork(join(__dirname, 'depositor.ts'), {
		execArgv: ['--import', 'tsx'],
		cwd: join(__dirname, '..'),
	});
	return { process: child, ready: once(child, 'message') };
}

/** A depositor in a process of its own, and one in reserve for when it is killed. */
export class Workforce {
	private worker = hire();

	private reserve = hire();

	/** @returns undefined when the depositor was killed at its work */
	async submit(assignment: Assignment): Promise<Report | undefined> {
		const { process: child, ready } = this.worker;
		await ready;
		const ended = new AbortController();
		const { signal } = ended;
		child.send(assignment);
		const outcome = await Promise.race([
			once(child, 'message', { signal }).then(([report]) => report as Report),
			once(child, 'exit', { signal }).then(([code, reason]) => {
				if (reason === 'SIGKILL') return undefined;
				throw new Error(`The depositor ended with ${code ?? reason}`);
			}),
		]);
		ended.abort();
		if (!outcome) {
			this.worker = this.reserve;
			this.reserve = hire();
		}
		return outcome;
	}

	async dismiss(): Promise<void> {
		const workers = [this.worker, this.reserve].map(({ process: child }) => child);
		await Promise.all(
			workers.map(async (child) => {
				if (child.exitCode !== null || child.signalCode !== null) return;
				const exited = once(child, 'exit');
				child.kill('SIGKILL');
				await exited;
			}),
		);
	}
}
