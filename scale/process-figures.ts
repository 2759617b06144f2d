import { readFileSync, readdirSync } from 'node:fs';

/** Jiffies a second in /proc/<pid>/stat: USER_HZ, which is 100 on every Linux that Node.js runs on. */
const JIFFIES_PER_SECOND = 100;

interface Stat {
	pid: number;
	parent: number;
	/** User and system time, with that of children that have ended, in seconds. */
	cpuSeconds: number;
}

/** What a process and those that it started have used up. */
export interface ProcessFigures {
	/** User and system time since the start, in seconds. */
	cpuSeconds: number;
	/** The highest resident memory of the process itself (VmHWM), in bytes; 0 when it is gone. */
	peakBytes: number;
}

/** Fields 4, 14 to 17 of /proc/<pid>/stat (proc(5)); the second, the name, may hold spaces and parentheses. */
function statOf(pid: number): Stat | undefined {
	let text: string;
	try {
		text = readFileSync(`/proc/${pid}/stat`, 'utf8');
	} catch {
		return undefined;
	}
	const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
	const jiffies = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
	return { pid, parent: Number(fields[1]), cpuSeconds: jiffies / JIFFIES_PER_SECOND };
}

/** What a process has used, and every process below it. */
export function figuresOf(root: number): ProcessFigures {
	const stats = readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map((name) => statOf(Number(name)))
		.filter((stat) => stat !== undefined);
	const tree = new Set([root]);
	// a child may be listed before its parent
	for (let before = 0; before !== tree.size;) {
		before = tree.size;
		for (const { pid, parent } of stats) if (tree.has(parent)) tree.add(pid);
	}
	return {
		cpuSeconds: stats
			.filter(({ pid }) => tree.has(pid))
			.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
		peakBytes: peakBytesOf(root),
	};
}

function peakBytesOf(pid: number): number {
	try {
		const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
		return Number(kibibytes?.[1] ?? 0) * 1024;
	} catch {
		return 0;
	}
}

/** User and system time of everything on this machine since it was started, in seconds: the first line of /proc/stat. */
export function cpuSecondsOfMachine(): number {
	const [, user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8')
		.split('\n', 1)[0]
		.split(/\s+/)
		.map(Number);
	return (user + nice + system + irq + softirq) / JIFFIES_PER_SECOND;
}
