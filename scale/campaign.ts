import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { fixityOfTar } from '../demo/delivered';
import type { ExecutionSummary } from '../demo/n8n-rest';
import type { Log } from '../demo/processes';
import type { SandboxState } from '../sandbox/messages';

import { forEachAtATime } from './at-a-time';
import { type Counts, countSubmissions, notSubmitted } from './counts';
import { makeObject, type ObjectShape, type ObjectToSend } from './objects';
import { LOST_WORKER } from './queue-mode';
import { callSubmit, comesToHold, type ScaleStage, until } from './stage';
import { mostWithin } from './token-endpoint';
import { peakOfWorkers } from './throughput';
import { ORDER_BACK } from './workflows';

const CALLS_AT_A_TIME = 16;
/** The share of the submissions that are finalized when the worker is killed. */
const KILL_AT = 0.3;
const DOWN_MS = 2_000;
/** Milliseconds without any file that arrives after which the operator takes the rest for interrupted. */
const STANDSTILL_MS = 10_000;
const WITHIN_MS = 1_800_000;
const DELIVERED_WITHIN_MS = 180_000;
/** Milliseconds that n8n gives a lost execution beside the lock's end, before it counts as failed. */
const GRACE_MS = 30_000;
/** How often the operator runs the rest again at most. */
const ROUNDS = 5;
const BURST_MS = 5_000;

/** How large a campaign is. */
export interface CampaignPlan {
	submissions: number;
	shape: ObjectShape;
	/** How many of the objects are ordered back. */
	disseminations: number;
	/** Whether to wait until n8n has noticed what the killed worker had, and try its 'Retry'. */
	tryRetry: boolean;
}

/** What a campaign came to. */
export interface CampaignReport extends Counts {
	submissions: number;
	disseminations: number;
	/** Objects that came back with every file, its bytes the same. */
	disseminationsWhole: number;
	/** Orders beyond one an object. */
	ordersTwice: number;
	seconds: number;
	/** Calls that were made again, since their object had no finalized submission. */
	calledAgain: number;
	/** Executions that n8n counts as failed, nearly all because the worker died that had them. */
	executionsFailed: number;
	/** Of those, the ones that n8n's 'Retry' brought to a good end; absent when it was not tried. */
	retriedWell?: number;
	/** Messages that the DPS sent more than once, since they were not taken in time. */
	messagesSentAgain: number;
	tokenExchanges: number;
	tokenExchangesPerMinute: number;
	/** The most token exchanges within five seconds. */
	tokenBurst: number;
	workerPeakBytes: number;
}

/**
 * Submits all objects by concurrent calls, kills a worker in mid-run and starts it again, runs again what was
 * interrupted, follows the messages, orders some objects back, and counts.
 */
export async function runCampaign(
	stage: ScaleStage,
	plan: CampaignPlan,
	log: Log,
): Promise<CampaignReport> {
	const { sandbox, queueMode, tokens } = stage;
	const objects: ObjectToSend[] = [];
	for (let number = 1; number <= plan.submissions; number++) {
		const prefix = number <= plan.disseminations ? ORDER_BACK : 'scale_keep_';
		objects.push(
			await makeObject(
				stage.filesFolder,
				`${prefix}${String(number).padStart(4, '0')}`,
				plan.shape,
			),
		);
	}
	const exchangesBefore = tokens.exchanges.length;
	const started = Date.now();
	const called = forEachAtATime(
		objects,
		CALLS_AT_A_TIME,
		async (object) => await callSubmit(stage, object),
	);
	const left = async () => notSubmitted(await sandbox.control.state(), objects);

	await until('submissions before the worker is killed', WITHIN_MS, async () => {
		return (await left()).length <= plan.submissions * (1 - KILL_AT);
	});
	await called;
	const victim = queueMode.workers[queueMode.workers.length - 1];
	log(`killing ${victim.name}, with ${(await left()).length} submissions to go`);
	const peakBeforeKill = peakOfWorkers(stage);
	await victim.kill();
	await wait(DOWN_MS);
	const back = victim.start();

	let calledAgain = 0;
	for (let round = 1; round <= ROUNDS; round++) {
		await back;
		await untilStandstill(stage, objects);
		const interrupted = await left();
		if (interrupted.length === 0) break;
		log(`calling again for ${interrupted.length} objects without a finalized submission`);
		calledAgain += interrupted.length;
		await forEachAtATime(
			interrupted,
			CALLS_AT_A_TIME,
			async (object) => await callSubmit(stage, object),
		);
	}
	const toReturn = objects.slice(0, plan.disseminations);
	await comesToHold(DELIVERED_WITHIN_MS, async () => {
		const state = await sandbox.control.state();
		return (
			countSubmissions(state, objects).complete === objects.length &&
			(await countReturned(stage, state, toReturn)) === toReturn.length
		);
	});
	const ended = Date.now();

	const { lost, retriedWell } = plan.tryRetry
		? await retryLost(stage, log)
		: { lost: 0, retriedWell: undefined };
	const state = await sandbox.control.state();
	const orders = state.disseminations.filter(({ objectId }) => objectId.startsWith(ORDER_BACK));
	const exchanges = tokens.exchanges
		.slice(exchangesBefore)
		.filter((time) => time >= started && time <= ended);
	const seconds = (ended - started) / 1000;
	return {
		...countSubmissions(state, objects),
		submissions: objects.length,
		disseminations: toReturn.length,
		disseminationsWhole: await countReturned(stage, state, toReturn),
		ordersTwice: orders.length - new Set(orders.map(({ objectId }) => objectId)).size,
		seconds,
		calledAgain,
		executionsFailed: lost,
		retriedWell,
		messagesSentAgain: (await sandbox.control.deliveries()).filter(
			({ attempts }) => attempts.length > 1,
		).length,
		tokenExchanges: exchanges.length,
		tokenExchangesPerMinute: exchanges.length / (seconds / 60),
		tokenBurst: mostWithin(BURST_MS, exchanges),
		workerPeakBytes: Math.max(peakBeforeKill, peakOfWorkers(stage)),
	};
}

/** Waits until all objects are submitted, or until no file has arrived for a while. */
async function untilStandstill({ sandbox }: ScaleStage, objects: ObjectToSend[]): Promise<void> {
	let most = -1;
	let since = Date.now();
	await until('the submissions', WITHIN_MS, async () => {
		const state = await sandbox.control.state();
		const arrived = state.submissions
			.flatMap(({ files }) => files)
			.filter(({ stored }) => stored).length;
		if (arrived > most) {
			most = arrived;
			since = Date.now();
		}
		return notSubmitted(state, objects).length === 0 || Date.now() - since > STANDSTILL_MS;
	});
}

/**
 * Waits until n8n counts the killed worker's executions as failed, and does what 'Retry' does with each.
 *
 * @returns how many there were, and how many of them that brought to a good end
 */
async function retryLost(
	{ rest, submit, follow }: ScaleStage,
	log: Log,
): Promise<{ lost: number; retriedWell: number }> {
	log('waiting until n8n has noticed what the killed worker had');
	const all = async () => [
		...(await rest.allExecutions(submit)),
		...(await rest.allExecutions(follow)),
	];
	let executions: ExecutionSummary[] = [];
	await comesToHold(LOST_WORKER.lockMs + LOST_WORKER.checkMs + 3 * GRACE_MS, async () => {
		executions = await all();
		return executions.every(({ stoppedAt }) => stoppedAt);
	});
	const lost = executions.filter(({ status }) => status !== 'success');
	let retriedWell = 0;
	for (const { id } of lost) {
		const again = await rest.retry(id).catch(() => undefined);
		if (again?.status === 'success') retriedWell++;
	}
	return { lost: lost.length, retriedWell };
}

/** The objects that came back whole: the TAR files of a delivery hold every file, its bytes the same. */
async function countReturned(
	{ deliveredFolder }: ScaleStage,
	{ disseminations }: SandboxState,
	objects: ObjectToSend[],
): Promise<number> {
	const written = await readdir(deliveredFolder);
	let whole = 0;
	for (const { objectId, files } of objects) {
		const orders = disseminations.filter((one) => one.objectId === objectId);
		for (const { disseminationId } of orders) {
			const tars = written.filter((name) => name.startsWith(`${disseminationId}-`));
			const returned = new Map<string, string>();
			for (const tar of tars) {
				// one that is being written cannot be read to its end
				const inTar = await fixityOfTar(path.join(deliveredFolder, tar)).catch(() => []);
				for (const { filePath, md5 } of inTar) returned.set(filePath, md5);
			}
			const isWhole =
				returned.size === files.size &&
				[...files].every(([filePath, md5]) => returned.get(filePath) === md5);
			if (isWhole) {
				whole++;
				break;
			}
		}
	}
	return whole;
}
