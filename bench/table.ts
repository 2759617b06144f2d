import { cpus, totalmem } from 'node:os';

import type { Measured } from './measured';

/** What was measured of one job, both ways; each list is in the order of measuring. */
export interface Row {
	/** What `--only` calls it. */
	name: string;
	title: string;
	/** What it is measured against. */
	against: string;
	ours: Measured[];
	floor: Measured[];
	/** Time ÷ floor that is aimed at, if any. */
	targetRatio?: number;
}

/** Resident memory above idle that no job is to exceed, in MB of a million bytes. */
const TARGET_MEGABYTES = 150;

export interface Machine {
	cores: number;
	processor: string;
	memoryGigabytes: number;
	system: string;
	node: string;
}

/** The machine that this runs on. */
export function machine(): Machine {
	return {
		cores: cpus().length,
		processor: cpus()[0]?.model.trim() ?? 'unknown',
		memoryGigabytes: Math.round(totalmem() / 1e9),
		system: `${process.platform} ${process.arch}`,
		node: process.version,
	};
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length / 2;
	return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** A row's figures: medians of the times, the highest of the peaks. */
export function summaryOf({ ours, floor, ...row }: Row) {
	const cpu = ours.map(({ cpuSeconds }) => cpuSeconds).filter((value) => value !== undefined);
	const peaks = ours
		.map(({ peakBytesAboveIdle }) => peakBytesAboveIdle)
		.filter((value) => value !== undefined);
	const oursSeconds = median(ours.map(({ seconds }) => seconds));
	const floorSeconds = median(floor.map(({ seconds }) => seconds));
	return {
		...row,
		oursSeconds,
		floorSeconds,
		ratio: oursSeconds / floorSeconds,
		cpuSeconds: cpu.length > 0 ? median(cpu) : undefined,
		peakMegabytesAboveIdle: peaks.length > 0 ? Math.max(...peaks) / 1e6 : undefined,
		targetMegabytes: TARGET_MEGABYTES,
		rounds: ours.length,
		ours,
		floor,
	};
}

const HEADINGS = [
	'job',
	'against',
	'rounds',
	'ours s',
	'floor s',
	'ratio',
	'target',
	'CPU s',
	'peak RSS above idle, MB',
	'target',
];

/** The table as text, one line a job. */
export function tableOf(rows: Row[]): string {
	return alignedText([HEADINGS, ...rows.map(summaryOf).map(cellsOf)], 2);
}

/**
 * Lines of cells as text, each column as wide as its widest cell.
 *
 * @param texts how many columns, from the left, hold texts and not figures
 */
export function alignedText(lines: string[][], texts: number): string {
	const widths = lines[0].map((_, column) =>
		Math.max(...lines.map((cells) => cells[column].length)),
	);
	return lines
		.map((cells) =>
			cells
				.map((cell, column) =>
					column < texts ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
				)
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}

function cellsOf(row: ReturnType<typeof summaryOf>): string[] {
	const seconds = (value: number | undefined) => value?.toFixed(2) ?? '–';
	const hasPeak = row.peakMegabytesAboveIdle !== undefined;
	return [
		row.title,
		row.against,
		String(row.rounds),
		seconds(row.oursSeconds),
		seconds(row.floorSeconds),
		row.ratio.toFixed(2),
		row.targetRatio === undefined ? '–' : `≤ ${row.targetRatio}`,
		seconds(row.cpuSeconds),
		row.peakMegabytesAboveIdle?.toFixed(0) ?? '–',
		hasPeak ? `≤ ${row.targetMegabytes}` : '–',
	];
}
