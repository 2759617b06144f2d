import { parseArgs } from 'node:util';

import { runCampaign, type CampaignPlan } from './campaign';
import { FILES_IN_OBJECT, type LargeBatch, measureLargeBatch } from './large-batch';
import { sendMessagesTwice } from './repeated-messages';
import { findServicePrograms, type ServicePrograms } from './services';
import { setUpScaleStage } from './stage';
import {
	machineLine,
	measuresOf,
	ratiosOf,
	tableOfLargeBatches,
	tableOfMeasures,
	tableOfObservations,
	tableOfThroughput,
} from './table';
import { measureThroughput, type Throughput, type ThroughputJob } from './throughput';

const USAGE = `npm run scale [-- options]

Runs n8n in queue mode (a main process, a webhook processor and two workers over Redis and PostgreSQL, binary data in
the database) with this package installed, against the sandbox: a campaign of submissions started by concurrent calls,
their messages, and objects ordered back. A worker is killed in mid-run and started again. Ends with 0 only when every
object is complete, once each, and every message that was sent twice to one webhook processor was handled once.

  --small              a small campaign: 16 submissions of 5 files, 4 ordered back, no measuring of throughput;
                       where Redis or PostgreSQL is missing it says so and ends with 0
  --submissions <n>    default 200
  --files <n>          in each submission; default 20
  --file-bytes <n>     size of each file; default 65536
  --disseminations <n> objects that are ordered back; default 50
  --messages <n>       messages that are sent twice, in each of several ways; default 20
  --gap-seconds <n>    between the two; default 60
  --token-seconds <n>  how long a token is good for; default 60 (the library's: 300)
  --concurrency <n>    executions that a worker runs at the same time; default 10, as n8n's
  --no-throughput      don't measure what one and two workers get done
  --large-batch <n>    instead of all this: runs examples/large-batch.json on one worker with so many files of 1 KiB,
                       a multiple of 100; may be repeated
  --help

Linux only. Redis and PostgreSQL are started by this command, in a temporary folder and on free ports. It takes about
10 minutes, --small about one and a half.
`;

/** What throughput is measured with: files of the size of text pages, and of images. */
const THROUGHPUT: ThroughputJob[] = [
	{ objects: 60, shape: { files: 20, fileBytes: 64 * 1024 }, atATime: 30 },
	{ objects: 16, shape: { files: 4, fileBytes: 8 * 1024 * 1024 }, atATime: 3 },
];
const WARM_UP: ThroughputJob = { objects: 4, shape: { files: 5, fileBytes: 1024 }, atATime: 4 };

interface Options {
	isSmall: boolean;
	plan: CampaignPlan;
	messages: number;
	gapSeconds: number;
	tokenSeconds: number;
	concurrency: number;
	measuresThroughput: boolean;
	/** Numbers of files. */
	largeBatches: number[];
}

const started = Date.now();

function log(line: string): void {
	const seconds = ((Date.now() - started) / 1000).toFixed(0).padStart(4);
	process.stderr.write(`${seconds} s  ${line}\n`);
}

function optionsFrom(): Options | undefined {
	const { values } = parseArgs({
		options: {
			small: { type: 'boolean', default: false },
			submissions: { type: 'string' },
			files: { type: 'string' },
			'file-bytes': { type: 'string' },
			disseminations: { type: 'string' },
			messages: { type: 'string' },
			'gap-seconds': { type: 'string' },
			'token-seconds': { type: 'string' },
			concurrency: { type: 'string' },
			'no-throughput': { type: 'boolean', default: false },
			'large-batch': { type: 'string', multiple: true, default: [] },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) return undefined;
	const { small } = values;
	const number = (
		name: Exclude<keyof typeof values, 'small' | 'no-throughput' | 'large-batch' | 'help'>,
		otherwise: number,
	) => {
		const value = Number(values[name] ?? otherwise);
		if (!Number.isInteger(value) || value < 1) {
			throw new Error(`--${name} ${values[name]} is no whole number above 0`);
		}
		return value;
	};
	const largeBatches = values['large-batch'].map(Number);
	if (!largeBatches.every((files) => files > 0 && files % FILES_IN_OBJECT === 0)) {
		throw new Error(`--large-batch takes a multiple of ${FILES_IN_OBJECT}`);
	}
	const submissions = number('submissions', small ? 16 : 200);
	const disseminations = number('disseminations', small ? 4 : Math.min(50, submissions));
	if (disseminations > submissions) {
		throw new Error('there cannot be more --disseminations than --submissions');
	}
	return {
		isSmall: small,
		plan: {
			submissions,
			shape: { files: number('files', small ? 5 : 20), fileBytes: number('file-bytes', 65_536) },
			disseminations,
			tryRetry: !small,
		},
		messages: number('messages', small ? 10 : 20),
		gapSeconds: number('gap-seconds', small ? 15 : 60),
		tokenSeconds: number('token-seconds', 60),
		concurrency: number('concurrency', 10),
		measuresThroughput: !small && !values['no-throughput'],
		largeBatches,
	};
}

async function main(): Promise<void> {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => process.exit(130));
	}
	const options = optionsFrom();
	if (options === undefined) {
		process.stdout.write(USAGE);
		return;
	}
	const programs = findServicePrograms();
	if ('missing' in programs) {
		process.stdout.write(`Not run: ${programs.missing}\n`);
		if (!options.isSmall) process.exitCode = 1;
		return;
	}
	if (options.largeBatches.length > 0) await runLargeBatches(options, programs);
	else await measure(options, programs);
}

async function runLargeBatches(options: Options, programs: ServicePrograms): Promise<void> {
	const stage = await setUpScaleStage(programs, options, log);
	try {
		await stage.queueMode.addWorker();
		const batches: LargeBatch[] = [];
		for (const files of options.largeBatches) {
			batches.push(await measureLargeBatch(stage, files, log));
		}
		process.stdout.write(`\n${machineLine()}\n\n${tableOfLargeBatches(batches)}\n`);
		if (batches.some(({ complete, submissions }) => complete < submissions)) process.exitCode = 1;
	} finally {
		await stage.stop();
	}
}

async function measure(options: Options, programs: ServicePrograms): Promise<void> {
	const stage = await setUpScaleStage(programs, options, log);
	try {
		const throughputs: Throughput[] = [];
		for (const workers of [1, 2]) {
			log(`starting worker ${workers}`);
			await stage.queueMode.addWorker();
			if (!options.measuresThroughput) continue;
			await measureThroughput(stage, WARM_UP);
			for (const job of THROUGHPUT) {
				log(`measuring ${job.objects} objects of ${job.shape.files} files, workers: ${workers}`);
				try {
					throughputs.push(await measureThroughput(stage, job));
				} catch (error) {
					// the campaign is what counts
					log(`not measured: ${error instanceof Error ? error.message : String(error)}`);
				}
			}
		}
		log('sending messages twice');
		const countMessages = await sendMessagesTwice(stage, options.messages, options.gapSeconds);
		log(`submitting ${options.plan.submissions} objects of ${options.plan.shape.files} files`);
		const campaign = await runCampaign(stage, options.plan, log);
		log('counting the messages');
		const messages = await countMessages();
		const measures = measuresOf(campaign, messages);
		const parts = [
			machineLine(),
			tableOfMeasures(measures),
			tableOfObservations(campaign, messages),
			...(throughputs.length > 0
				? [tableOfThroughput(throughputs), ratiosOf(throughputs).join('\n')]
				: []),
		];
		process.stdout.write(`\n${parts.join('\n\n')}\n`);
		if (!measures.every(({ holds }) => holds)) process.exitCode = 1;
	} finally {
		await stage.stop();
	}
}

main().then(undefined, (error: unknown) => {
	process.stderr.write(
		`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
	);
	process.exitCode = 1;
});
