import type { ExecutionSummary } from '../demo/n8n-rest';

import { makeObject, type ObjectShape, type ObjectToSend } from './objects';
import { cpuSecondsOfMachine, figuresOf } from './process-figures';
import { callSubmit, type ScaleStage, until } from './stage';

const WITHIN_MS = 600_000;

/** What a number of workers got done. */
export interface Throughput {
	workers: number;
	shape: ObjectShape;
	objects: number;
	/** Objects that were called for and not yet submitted, at most, for each worker. */
	atATime: number;
	/** From the first execution's start to the last one's end, as n8n recorded them. */
	seconds: number;
	filesPerSecond: number;
	bytesPerSecond: number;
	/** Cores that each part kept busy, on average: CPU seconds ÷ seconds. */
	cores: Record<Part, number>;
	/** The highest resident memory of a worker so far, in bytes. */
	workerPeakBytes: number;
}

/**
 * The parts whose CPU time is told apart. The sandbox's is with that of this command; the last is what has nothing to
 * do with either.
 */
export const PARTS = [
	'workers',
	'main and webhooks',
	'PostgreSQL',
	'Redis',
	'DPS sandbox',
	'others on this machine',
] as const;
export type Part = (typeof PARTS)[number];

/** CPU time of each part so far, in seconds. */
function cpuOf({ queueMode, postgres, redis }: ScaleStage): Record<Part, number> {
	const cpu = (pid: number) => figuresOf(pid).cpuSeconds;
	const parts = {
		workers: queueMode.workers.reduce((sum, { pid }) => sum + cpu(pid), 0),
		'main and webhooks': cpu(queueMode.main.pid) + cpu(queueMode.webhookProcessor.pid),
		PostgreSQL: cpu(postgres.pid),
		Redis: cpu(redis.pid),
	};
	const known = Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
	const all = cpu(process.pid);
	return {
		...parts,
		'DPS sandbox': all - known,
		'others on this machine': cpuSecondsOfMachine() - all,
	};
}

/** A job that is measured with one worker and with two. */
export interface ThroughputJob {
	objects: number;
	shape: ObjectShape;
	/** Objects that are in work or waiting, at most, for each worker. */
	atATime: number;
}

/** Submits so many new objects with the workers that there are, and measures it. */
export async function measureThroughput(
	stage: ScaleStage,
	{ objects, shape, atATime }: ThroughputJob,
): Promise<Throughput> {
	const workers = stage.queueMode.workers.length;
	const prefix = `throughput_${workers}_${shape.files}x${shape.fileBytes}`;
	const made: ObjectToSend[] = [];
	for (let number = 1; number <= objects; number++) {
		made.push(await makeObject(stage.filesFolder, `${prefix}_${number}`, shape));
	}
	const before = new Set((await stage.rest.allExecutions(stage.submit)).map(({ id }) => id));
	const endedSince = async () =>
		(await stage.rest.allExecutions(stage.submit)).filter(
			({ id, stoppedAt }) => !before.has(id) && stoppedAt,
		);
	const cpuBefore = cpuOf(stage);
	let ended: ExecutionSummary[] = [];
	let called = 0;
	await until(`${objects} objects of ${shape.files} files`, WITHIN_MS, async () => {
		ended = await endedSince();
		const places = Math.min(objects, ended.length + atATime * workers);
		const next = made.slice(called, places);
		await Promise.all(next.map(async (object) => await callSubmit(stage, object)));
		called += next.length;
		return ended.length >= objects;
	});
	const cpuAfter = cpuOf(stage);
	const failed = ended.filter(({ status }) => status !== 'success');
	if (failed.length > 0) {
		const { data } = await stage.rest.execution(failed[0].id);
		const { error, lastNodeExecuted } = data.resultData;
		throw new Error(
			`${failed.length} of ${objects} executions failed; the first in '${lastNodeExecuted}': ` +
				`${error?.message} ${error?.description ?? ''}`,
		);
	}
	const times = (values: Array<string | null | undefined>) =>
		values.map((value) => Date.parse(value ?? ''));
	const seconds =
		(Math.max(...times(ended.map(({ stoppedAt }) => stoppedAt))) -
			Math.min(...times(ended.map(({ startedAt }) => startedAt)))) /
		1000;
	return {
		workers,
		shape,
		objects,
		atATime,
		seconds,
		filesPerSecond: (objects * shape.files) / seconds,
		bytesPerSecond: (objects * shape.files * shape.fileBytes) / seconds,
		cores: Object.fromEntries(
			PARTS.map((part) => [part, (cpuAfter[part] - cpuBefore[part]) / seconds]),
		) as Record<Part, number>,
		workerPeakBytes: peakOfWorkers(stage),
	};
}

/** The highest resident memory of any worker since its start, in bytes. */
export function peakOfWorkers({ queueMode }: ScaleStage): number {
	return Math.max(...queueMode.workers.map(({ pid }) => figuresOf(pid).peakBytes));
}
