import { machine } from '../bench/table';

import type { CampaignReport } from './campaign';
import type { LargeBatch } from './large-batch';
import type { RepeatedMessages } from './repeated-messages';
import { PARTS, type Throughput } from './throughput';

/** One line of the table of targets. */
export interface Measure {
	measure: string;
	found: string;
	target: string;
	holds: boolean;
}

/** What is to be reached, and whether it was. */
export function measuresOf(campaign: CampaignReport, messages: RepeatedMessages[]): Measure[] {
	const whole = (measure: string, found: number, of: number): Measure => ({
		measure,
		found: `${found} of ${of}`,
		target: `${of} of ${of}`,
		holds: found === of,
	});
	const none = (measure: string, found: number): Measure => ({
		measure,
		found: String(found),
		target: '0',
		holds: found === 0,
	});
	return [
		whole('submissions complete, once each', campaign.complete, campaign.submissions),
		none('files lost', campaign.filesLost),
		none('files doubled', campaign.filesDoubled),
		whole('disseminations whole', campaign.disseminationsWhole, campaign.disseminations),
		...messages
			.filter(({ isGuaranteed }) => isGuaranteed)
			.map(({ title, once, sent }) =>
				whole(`messages sent twice ${title}: handled once`, once, sent),
			),
	];
}

/** A table as Markdown, so that it can be pasted into the operations guide. */
function markdown(headings: string[], rows: string[][]): string {
	const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
	return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The table of targets. */
export function tableOfMeasures(measures: Measure[]): string {
	return markdown(
		['measure', 'found', 'to reach', ''],
		measures.map(({ measure, found, target, holds }) => [
			measure,
			found,
			target,
			holds ? 'reached' : 'MISSED',
		]),
	);
}

/** What was observed beside the targets. */
export function tableOfObservations(
	campaign: CampaignReport,
	messages: RepeatedMessages[],
): string {
	const rows = [
		['the campaign', `${campaign.seconds.toFixed(0)} s`],
		[
			'token exchanges',
			`${campaign.tokenExchanges}, ${campaign.tokenExchangesPerMinute.toFixed(1)} a minute, ` +
				`at most ${campaign.tokenBurst} within 5 s`,
		],
		['calls made again after the worker was killed', String(campaign.calledAgain)],
		['messages that the DPS sent again by itself', String(campaign.messagesSentAgain)],
		['objects ordered back more than once', String(campaign.ordersTwice)],
		["a worker's highest resident memory", megabytes(campaign.workerPeakBytes)],
	];
	if (campaign.retriedWell !== undefined) {
		rows.push([
			"failed executions that n8n's Retry completed",
			`${campaign.retriedWell} of ${campaign.executionsFailed}`,
		]);
	}
	for (const { title, sent, once, repeatedly, never } of messages) {
		rows.push([
			`messages sent twice ${title}`,
			`${sent}: ${once} handled once, ${repeatedly} more often, ${never} never`,
		]);
	}
	return markdown(['observed', ''], rows);
}

/** What the workers got done, and which part kept how many cores busy. */
export function tableOfThroughput(throughputs: Throughput[]): string {
	return markdown(
		[
			'files',
			'workers',
			'at a time',
			'seconds',
			'files/s',
			'MB/s',
			...PARTS.map((part) => `${part}, cores`),
			'worker, MB',
		],
		throughputs.map((one) => [
			`${one.objects} × ${one.shape.files} × ${one.shape.fileBytes / 1024} KiB`,
			String(one.workers),
			String(one.atATime * one.workers),
			one.seconds.toFixed(1),
			one.filesPerSecond.toFixed(1),
			(one.bytesPerSecond / 1e6).toFixed(1),
			...PARTS.map((part) => one.cores[part].toFixed(2)),
			(one.workerPeakBytes / 1e6).toFixed(0),
		]),
	);
}

/** Throughput with two workers ÷ with one, for each shape of object. */
export function ratiosOf(throughputs: Throughput[]): string[] {
	return throughputs
		.filter(({ workers }) => workers === 2)
		.flatMap((two) => {
			const one = throughputs.find(({ workers, shape }) => workers === 1 && shape === two.shape);
			if (!one) return [];
			const busy = (throughput: Throughput) =>
				PARTS.reduce((sum, part) => sum + throughput.cores[part], 0).toFixed(2);
			return [
				`${two.shape.fileBytes / 1024} KiB files: 2 workers ÷ 1 = ` +
					`${(two.filesPerSecond / one.filesPerSecond).toFixed(2)}, ` +
					`with ${busy(one)} and ${busy(two)} of ${machine().cores} cores busy`,
			];
		});
}

/** What one run did with large batches. */
export function tableOfLargeBatches(batches: LargeBatch[]): string {
	return markdown(
		[
			'files in one run',
			'submissions',
			'complete',
			'seconds',
			'files/s',
			'worker before, MB',
			'peak, MB',
		],
		batches.map((batch) => [
			String(batch.files),
			String(batch.submissions),
			`${batch.complete} of ${batch.submissions}`,
			batch.seconds.toFixed(0),
			batch.filesPerSecond.toFixed(1),
			(batch.idleBytes / 1e6).toFixed(0),
			(batch.peakBytes / 1e6).toFixed(0),
		]),
	);
}

/** 'MB' of a million bytes. */
export function megabytes(bytes: number): string {
	return `${(bytes / 1e6).toFixed(0)} MB`;
}

/** The machine that the figures are of. */
export function machineLine(): string {
	const { cores, processor, memoryGigabytes, system, node } = machine();
	return `${cores} cores (${processor}), ${memoryGigabytes} GB, ${system}; this command on Node.js ${node}`;
}
