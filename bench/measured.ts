import { readFileSync, writeFileSync } from 'node:fs';

import type { BenchFile } from './jobs';

/** Where this package is, and the DPS that it is to talk to. */
interface Surroundings {
	/** Folder with this package as built. */
	dist: string;
	baseUrl: string;
	tokenUrl: string;
	clientId: string;
	clientSecret: string;
}

/** What a child process is to download, sent to it once it runs. */
export interface DownloadAssignment extends Surroundings {
	/** A `dissemination.delivered` message. */
	deliveredMessage: unknown;
}

/** What a child process is to submit, sent to it once it runs. */
export interface Assignment extends Surroundings {
	files: BenchFile[];
	contractId: string;
	objectId: string;
	/** Files in work at the same time; the node's own default when absent. */
	concurrency?: number;
}

/** What one piece of work cost its process. */
export interface Measured {
	seconds: number;
	/** User and system time of the process. */
	cpuSeconds?: number;
	/** Highest resident memory during the work, less that before it. */
	peakBytesAboveIdle?: number;
}

const SAMPLE_MS = 20;

/** Descriptive metadata that meets every MUST of the DPS metadata documentation. */
export const METADATA = {
	type: 'Bilde',
	identifier: [{ type: 'local', value: 'benchmark' }],
	title: { value: 'Benchmark', lang: 'eng' },
};

/**
 * Measures a piece of work in this process. On Linux the kernel itself keeps the peak of the
 * resident memory (VmHWM), so that none is missed; elsewhere it is sampled every 20 ms.
 */
export async function measure(work: () => Promise<void>): Promise<Measured> {
	const idle = process.memoryUsage.rss();
	const peak = watchPeak();
	const cpu = process.cpuUsage();
	const started = performance.now();
	await work();
	const seconds = (performance.now() - started) / 1000;
	const { user, system } = process.cpuUsage(cpu);
	return {
		seconds,
		cpuSeconds: (user + system) / 1e6,
		peakBytesAboveIdle: Math.max(0, peak() - idle),
	};
}

/** @returns what gives the highest resident memory since this call, in bytes, and ends the watch */
function watchPeak(): () => number {
	try {
		writeFileSync('/proc/self/clear_refs', '5');
		return () => {
			const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
			return Number(kibibytes) * 1024;
		};
	} catch {
		let highest = 0;
		const sample = () => (highest = Math.max(highest, process.memoryUsage.rss()));
		const timer = setInterval(sample, SAMPLE_MS);
		return () => {
			clearInterval(timer);
			return sample();
		};
	}
}

/** In a child process: waits for its assignment, does it, tells what it cost, and ends. */
export function answerAssignment<Given>(work: (assignment: Given) => Promise<Measured>): void {
	process.once('message', (assignment: Given) => {
		work(assignment).then(
			(measured) => process.send?.(measured, () => process.disconnect()),
			(error: unknown) => {
				process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
				process.exit(1);
			},
		);
	});
}
