import path from 'node:path';

import type { Log } from '../demo/processes';

import { alignedText, median } from './table';
import {
	type HostileOutcome,
	type MessagesTaken,
	type Receiver,
	startTriggerStage,
	type TriggerStage,
} from './trigger-in-n8n';

/** What `--only` calls them. */
export const ROWS_OF_TRIGGER = ['trigger', 'hostile'];

const MESSAGES = 500;
const HOSTILE_REQUESTS = 10_000;
const ROUNDS = 3;
const TARGET_RATIO = 0.9;
const TARGET_SLOWEST_SECONDS = 3;

/** Messages that our trigger and another node took, in alternating rounds. */
export interface MessageRow {
	name: string;
	title: string;
	/** How often each message was sent, at the same moment. */
	times: number;
	against: string;
	ours: MessagesTaken[];
	floor: MessagesTaken[];
	/** Answers a second ÷ those of the other node that are aimed at, if any. */
	targetRatio?: number;
}

/** What was measured of the trigger. */
export interface TriggerFigures {
	messages: MessageRow[];
	hostile?: HostileOutcome;
}

interface Comparison {
	receiver: Receiver;
	against: string;
	times: number;
	targetRatio?: number;
}

const COMPARISONS: Comparison[] = [
	{ receiver: 'webhook', against: "n8n's Webhook node", times: 2, targetRatio: TARGET_RATIO },
	{ receiver: 'webhook', against: "n8n's Webhook node", times: 1 },
	{ receiver: 'webhook-1', against: 'the same, version 1', times: 1 },
];

/**
 * Measures the trigger in a real n8n.
 *
 * @param folder for n8n's own files
 * @param options.scale numbers of messages and requests times this
 * @param options.cpuProfiles folder for a CPU profile of n8n, if one is wanted
 */
export async function measureTrigger(
	folder: string,
	wanted: string[],
	options: { scale: number; rounds?: number; cpuProfiles?: string },
	log: Log,
): Promise<TriggerFigures> {
	log('starting n8n with the package installed');
	const stage = await startTriggerStage(path.join(folder, 'n8n'), log, options.cpuProfiles);
	const scaled = (full: number) => Math.max(1, Math.round(full * options.scale));
	try {
		const messages = wanted.includes('trigger')
			? await measureMessages(stage, scaled(MESSAGES), options.rounds ?? ROUNDS, log)
			: [];
		if (!wanted.includes('hostile')) return { messages };
		log(`sending ${scaled(HOSTILE_REQUESTS)} requests that are not genuine`);
		return { messages, hostile: await stage.takeHostile(scaled(HOSTILE_REQUESTS)) };
	} finally {
		await stage.stop();
	}
}

async function measureMessages(
	stage: TriggerStage,
	count: number,
	rounds: number,
	log: Log,
): Promise<MessageRow[]> {
	const measured = new Map<string, MessagesTaken[]>();
	const measuredOf = (receiver: Receiver, times: number) => {
		const key = `${receiver} ${times}`;
		const list = measured.get(key) ?? [];
		measured.set(key, list);
		return list;
	};
	for (let round = 0; round < rounds; round++) {
		for (const times of new Set(COMPARISONS.map((comparison) => comparison.times))) {
			const others = COMPARISONS.filter((comparison) => comparison.times === times);
			const receivers: Receiver[] = ['trigger', ...others.map(({ receiver }) => receiver)];
			if (round % 2 === 1) receivers.reverse();
			for (const receiver of receivers) {
				const taken = await stage.takeMessages(receiver, count, times);
				measuredOf(receiver, times).push(taken);
				log(
					`${count} messages, ${timesText(times)}, ${receiver}: ${perSecond(taken).toFixed(1)} answers a second, ` +
						`the slowest after ${taken.slowestSeconds.toFixed(2)} s, ${taken.executions} executions`,
				);
			}
		}
	}
	return COMPARISONS.map(({ receiver, against, times, targetRatio }) => ({
		name: 'trigger',
		title: `${count.toLocaleString('en')} messages, ${timesText(times)}`,
		times,
		against,
		ours: measuredOf('trigger', times),
		floor: measuredOf(receiver, times),
		targetRatio,
	}));
}

function timesText(times: number): string {
	return times === 1 ? 'each sent once' : 'each sent twice at once';
}

function perSecond({ answers, seconds }: MessagesTaken): number {
	return answers / seconds;
}

/** A row's figures: medians of the rates, the slowest of all answers, the counts of all rounds. */
export function summaryOfMessages(row: MessageRow) {
	const { ours, floor } = row;
	const sum = (value: (taken: MessagesTaken) => number) =>
		ours.reduce((total, taken) => total + value(taken), 0);
	const oursPerSecond = median(ours.map(perSecond));
	const floorPerSecond = median(floor.map(perSecond));
	return {
		...row,
		rounds: ours.length,
		oursPerSecond,
		floorPerSecond,
		ratio: oursPerSecond / floorPerSecond,
		slowestSeconds: Math.max(...ours.map(({ slowestSeconds }) => slowestSeconds)),
		targetSlowestSeconds: TARGET_SLOWEST_SECONDS,
		messages: sum(({ counts }) => counts.sent),
		executions: sum(({ executions }) => executions),
		missing: sum(({ counts }) => counts.never),
		twice: sum(({ counts }) => counts.repeatedly),
	};
}

/** The tables as text: messages taken, and requests refused. */
export function tablesOfTrigger({ messages, hostile }: TriggerFigures): string {
	const tables: string[] = [];
	if (messages.length > 0) {
		const headings = [
			...['trigger', 'against', 'rounds', 'ours answers/s', 'floor answers/s', 'ratio', 'target'],
			...['slowest s', 'target', 'messages', 'executions', 'missing', 'twice'],
		];
		tables.push(alignedText([headings, ...messages.map(summaryOfMessages).map(cellsOf)], 2));
	}
	if (hostile) {
		const { requests, executions, serverErrors, unanswered, accepted, isUp } = hostile;
		const figures = [requests, executions, serverErrors, unanswered, accepted].map((figure) =>
			figure.toLocaleString('en'),
		);
		const headings = [
			'hostile requests',
			'executions',
			'5xx',
			'unanswered',
			'accepted',
			'n8n is up',
		];
		tables.push(alignedText([headings, [...figures, isUp ? 'yes' : 'no']], 0));
	}
	return tables.join('\n\n');
}

function cellsOf(row: ReturnType<typeof summaryOfMessages>): string[] {
	return [
		row.title,
		row.against,
		String(row.rounds),
		row.oursPerSecond.toFixed(1),
		row.floorPerSecond.toFixed(1),
		row.ratio.toFixed(2),
		row.targetRatio === undefined ? '–' : `≥ ${row.targetRatio}`,
		row.slowestSeconds.toFixed(2),
		`< ${row.targetSlowestSeconds}`,
		...[row.messages, row.executions, row.missing, row.twice].map(String),
	];
}

/** What is wrong with the counts; times are not judged. */
export function faultsOfTrigger({ messages, hostile }: TriggerFigures): string[] {
	const faults: string[] = [];
	for (const row of messages.map(summaryOfMessages)) {
		const { title, executions, missing, twice } = row;
		if (missing + twice > 0 || executions !== row.messages) {
			faults.push(
				`${title}: ${executions} executions for ${row.messages} messages, ${missing} missing, ${twice} twice`,
			);
		}
	}
	if (hostile) {
		const { executions, serverErrors, unanswered, accepted, isUp } = hostile;
		if (executions + serverErrors + unanswered + accepted > 0 || !isUp) {
			faults.push(
				`hostile requests: ${executions} executions, ${serverErrors} × 5xx, ${unanswered} unanswered, ` +
					`${accepted} accepted, n8n is ${isUp ? 'up' : 'down'}`,
			);
		}
	}
	return faults;
}
