import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { build } from 'esbuild';

import { buildPackage } from '../demo/packed-package';
import { type SandboxProcess, startSandboxProcess } from '../test/sandbox/sandbox-process';

import { measureCurl, measureCurlDownload } from './curl';
import { type DeliveredMessage, deliver } from './delivery';
import { startN8nStage } from './in-n8n';
import { type BenchFile, filesOf, type Job, jobs, md5OfFiles } from './jobs';
import type { Assignment, DownloadAssignment, Measured } from './measured';
import { machine, type Row, summaryOf, tableOf } from './table';
import {
	faultsOfTrigger,
	measureTrigger,
	ROWS_OF_TRIGGER,
	summaryOfMessages,
	tablesOfTrigger,
	type TriggerFigures,
} from './trigger-rows';
import { warmUp } from './warm-up';

const ROOT = path.join(__dirname, '..');
const BENCH = path.join(ROOT, '.bench');
const FILES = path.join(BENCH, 'files');
const RUN = path.join(BENCH, 'run');
const DIST = path.join(BENCH, 'dist');
const PROFILES = path.join(BENCH, 'profiles');

/** The first contract of the sandbox's default client. */
const CONTRACT_ID = 'ef23';
/** Longer than any run: the sandbox shall not go on with a submission while the next is measured. */
const STEP_MS = 2 ** 31 - 1;
const TOKEN_SECONDS = 24 * 3600;

const ROWS_OF_DOWNLOAD = ['download', 'download-cut'];
const JOB_OF_DOWNLOAD = '4gb';
const CUTS = 5;
/** A submission has to be preserved before it can be ordered. */
const DELIVERY_STEP_MS = 50;
/** The message is read from the sandbox's list; nobody has to receive it. */
const NOWHERE = 'http://127.0.0.1:9/';

const ROW_IN_N8N = 'n8n';
const JOB_IN_N8N = '64kb';
const N8N_ROUNDS = 3;
const N8N_TARGET_RATIO = 0.25;

const USAGE = `npm run bench [-- options]

Measures this package against what the machine allows, in one run, and prints tables of ratios. The figures are this
machine's; no time is asserted, but a wrong count is an error.

  4gb, 200mb  against md5sum, then curl -T, one file after the other
  64kb, 4kb   against a loop over Node's own HTTP client, as many files at a time
  n8n         2,000 × 64 KiB in a real n8n, against the same job built from n8n's own nodes
  download, download-cut
              a delivered file of 4 GiB, the second cut ${CUTS} times in mid-transfer, against curl -o, then md5sum
  trigger     500 messages by 8 senders, each sent once, and each sent twice at once, to the trigger in a real n8n,
              against n8n's own Webhook node: answers a second; every message starts one execution
  hostile     10,000 requests to the trigger that are not genuine: none starts an execution, none is answered with 5xx

  --only <row>     one of these; may be repeated
  --scale <n>      sizes (of big files) or numbers (of small ones, of messages) times n; default 1
  --rounds <n>     how often each is measured; default 3, for the big files 1
  --at-a-time <n>  files in work at the same time, on both sides; default: the node's own
  --profile        a CPU profile of each measured process of ours, in .bench/profiles
  --json           the figures as JSON, and nothing else
  --help

The files are kept in .bench for the next time, about 8.5 GB at full scale; remove it when done.
`;

interface Options {
	rows: string[];
	scale: number;
	rounds?: number;
	concurrency?: number;
	profile: boolean;
	json: boolean;
}

let log = (line: string) => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => process.exit(130));
	}
	const { values } = parseArgs({
		options: {
			only: { type: 'string', multiple: true },
			scale: { type: 'string', default: '1' },
			rounds: { type: 'string' },
			'at-a-time': { type: 'string' },
			profile: { type: 'boolean', default: false },
			json: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) {
		process.stdout.write(USAGE);
		return;
	}
	const scale = positive('scale', values.scale);
	const known = [
		...jobs(scale).map(({ name }) => name),
		ROW_IN_N8N,
		...ROWS_OF_DOWNLOAD,
		...ROWS_OF_TRIGGER,
	];
	const rows = values.only ?? known;
	for (const row of rows) {
		if (!known.includes(row)) throw new Error(`--only ${row}: there are ${known.join(', ')}`);
	}
	const options: Options = {
		rows,
		scale,
		rounds: values.rounds === undefined ? undefined : whole('rounds', values.rounds),
		concurrency:
			values['at-a-time'] === undefined ? undefined : whole('at-a-time', values['at-a-time']),
		profile: values.profile,
		json: values.json,
	};
	if (options.json) log = () => {};
	try {
		const measured = await measureRows(options);
		const trigger = await measureRowsOfTrigger(options);
		print(options, measured, trigger);
		const faults = faultsOfTrigger(trigger);
		if (faults.length > 0) throw new Error(faults.join('\n'));
	} finally {
		await rm(RUN, { recursive: true, force: true });
	}
}

function positive(name: string, text: string): number {
	const value = Number(text);
	if (!(value > 0)) throw new Error(`--${name} ${text} is no number above 0`);
	return value;
}

function whole(name: string, text: string): number {
	const value = positive(name, text);
	if (!Number.isInteger(value)) throw new Error(`--${name} ${text} is no whole number`);
	return value;
}

async function measureRowsOfTrigger(options: Options): Promise<TriggerFigures> {
	const wanted = ROWS_OF_TRIGGER.filter((name) => options.rows.includes(name));
	if (wanted.length === 0) return { messages: [] };
	const { scale, rounds } = options;
	const cpuProfiles = options.profile ? PROFILES : undefined;
	return await measureTrigger(
		path.join(RUN, 'trigger'),
		wanted,
		{ scale, rounds, cpuProfiles },
		log,
	);
}

function print(options: Options, rows: Row[], trigger: TriggerFigures): void {
	const here = machine();
	if (options.json) {
		const figures = {
			machine: here,
			scale: options.scale,
			rows: rows.map(summaryOf),
			trigger: { ...trigger, messages: trigger.messages.map(summaryOfMessages) },
		};
		process.stdout.write(`${JSON.stringify(figures, null, '\t')}\n`);
		return;
	}
	const tables = [
		`${here.cores} cores (${here.processor}), ${here.memoryGigabytes} GB, ${here.system}, Node.js ${here.node}` +
			(options.scale === 1 ? '' : `; scale ${options.scale}`),
		...(rows.length > 0 ? [tableOf(rows)] : []),
		tablesOfTrigger(trigger),
		'Times and rates are medians of the rounds, which alternate in order; peaks and slowest answers are of all rounds.\n' +
			'The client, the servers and n8n share this machine; files are in its cache.',
	];
	process.stdout.write(`${tables.filter((table) => table !== '').join('\n\n')}\n`);
}

async function measureRows(options: Options): Promise<Row[]> {
	await rm(RUN, { recursive: true, force: true });
	await mkdir(RUN, { recursive: true });
	if (options.profile) await mkdir(PROFILES, { recursive: true });
	log('building this package');
	await buildPackage();
	// a copy, so that a build meanwhile does not change what is measured
	await rm(DIST, { recursive: true, force: true });
	await cp(path.join(ROOT, 'dist'), DIST, { recursive: true });
	await build({
		entryPoints: ['submit-child', 'loop-child', 'download-child'].map((name) =>
			path.join(__dirname, `${name}.ts`),
		),
		outdir: path.join(BENCH, 'build'),
		bundle: true,
		platform: 'node',
		packages: 'external',
		logLevel: 'warning',
	});

	const rows: Row[] = [];
	for (const job of jobs(options.scale)) {
		if (options.rows.includes(job.name)) rows.push(await measureJob(job, options));
		if (job.name === JOB_IN_N8N && options.rows.includes(ROW_IN_N8N)) {
			rows.push(await measureInN8n(job, options));
		}
		if (job.name === JOB_OF_DOWNLOAD) rows.push(...(await measureDownloads(job, options)));
	}
	return rows;
}

async function measureJob(job: Job, options: Options): Promise<Row> {
	const files = await filesOf(job, FILES, log);
	const md5 = await md5OfFiles(files);
	const ours = async (sandbox: SandboxProcess, objectId: string) =>
		await inChild('submit-child', assignment(sandbox, objectId, files, options), options.profile);
	const floor = async (sandbox: SandboxProcess, objectId: string) =>
		job.floor === 'curl'
			? await measureCurl(sandbox, await sandbox.accessToken(), CONTRACT_ID, objectId, files, md5)
			: await inChild('loop-child', assignment(sandbox, objectId, files, options), false);
	return {
		name: job.name,
		title: job.title,
		against: job.floor === 'curl' ? 'md5sum, curl -T' : 'loop over node:http',
		targetRatio: job.targetRatio,
		...(await alternate(job.title, options.rounds ?? job.rounds, md5, { ours, floor })),
	};
}

async function measureInN8n(job: Job, options: Options): Promise<Row> {
	const files = await filesOf(job, FILES, log);
	const md5 = await md5OfFiles(files);
	const folder = path.dirname(files[0].path);
	log('starting n8n with the package installed');
	const stage = await startN8nStage(
		path.join(RUN, 'n8n'),
		folder,
		CONTRACT_ID,
		log,
		options.profile ? PROFILES : undefined,
	);
	try {
		return {
			name: ROW_IN_N8N,
			title: `${job.title} in n8n`,
			against: "n8n's own nodes",
			targetRatio: N8N_TARGET_RATIO,
			...(await alternate(`${job.title} in n8n`, options.rounds ?? N8N_ROUNDS, md5, {
				ours: async (sandbox) => await stage.measure('ours', sandbox, folder),
				floor: async (sandbox) => await stage.measure('own-nodes', sandbox, folder),
			})),
		};
	} finally {
		await stage.stop();
	}
}

async function measureDownloads(job: Job, options: Options): Promise<Row[]> {
	const wanted = ROWS_OF_DOWNLOAD.filter((name) => options.rows.includes(name));
	if (wanted.length === 0) return [];
	const [file] = await filesOf(job, FILES, log);
	const [md5] = await md5OfFiles([file]);
	const dataFolder = path.join(RUN, 'store');
	await mkdir(dataFolder, { recursive: true });
	const sandbox = await startSandboxProcess({
		stepMs: DELIVERY_STEP_MS,
		dataFolder,
		webhookUrl: NOWHERE,
	});
	try {
		log('having a file preserved and delivered');
		const message = await deliver(sandbox, CONTRACT_ID, file, md5);
		const rows: Row[] = [];
		for (const name of wanted) {
			const isCut = name !== ROWS_OF_DOWNLOAD[0];
			const title = `download ${job.title}${isCut ? `, cut ${CUTS} times` : ''}`;
			const sides = await alternateDownloads(title, sandbox, message, file.size, isCut, options);
			rows.push({ name, title, against: 'curl -o, md5sum', ...sides });
		}
		return rows;
	} finally {
		await sandbox.stop();
		await rm(dataFolder, { recursive: true, force: true });
	}
}

/** Measures both sides so many times, the order changing from round to round. */
async function alternateDownloads(
	title: string,
	sandbox: SandboxProcess,
	message: DeliveredMessage,
	size: number,
	isCut: boolean,
	options: Options,
): Promise<Record<Side, Measured[]>> {
	const [{ clientId, clientSecret }] = sandbox.clients;
	const assigned: DownloadAssignment = {
		dist: DIST,
		baseUrl: sandbox.apiUrl,
		tokenUrl: sandbox.tokenUrl,
		clientId,
		clientSecret,
		deliveredMessage: message,
	};
	const measured: Record<Side, Measured[]> = { ours: [], floor: [] };
	for (let round = 0; round < (options.rounds ?? 1); round++) {
		const order: Side[] = round % 2 === 0 ? ['ours', 'floor'] : ['floor', 'ours'];
		for (const side of order) {
			if (isCut && side === 'ours') {
				const afterBytes = Math.floor(size / (CUTS + 1));
				const action = { kind: 'reset-mid-body', afterBytes } as const;
				await sandbox.control.fault({ side: 'store', method: 'GET', times: CUTS, action });
				await sandbox.control.clearRequests();
			}
			const target = path.join(RUN, 'downloaded');
			const one =
				side === 'ours'
					? await inChild('download-child', assigned, options.profile)
					: await measureCurlDownload(message.data.files[0].downloadURL, target);
			await rm(target, { force: true });
			if (isCut && side === 'ours') await assertCut(sandbox);
			measured[side].push(one);
			log(`${title}: ${side.padEnd(5)} ${one.seconds.toFixed(2)} s${memoryOf(one)}`);
		}
	}
	return measured;
}

/** @throws Error when the transfer was not cut and continued so many times: it was not the work wanted */
async function assertCut(sandbox: SandboxProcess): Promise<void> {
	const gets = (await sandbox.control.requests('store')).filter(({ method }) => method === 'GET');
	// an answer that was cut has no status in the log
	if (gets.length !== CUTS + 1 || gets[CUTS].status !== 206) {
		throw new Error(`the file came in ${gets.length} requests instead of ${CUTS + 1}`);
	}
}

function memoryOf({ peakBytesAboveIdle }: Measured): string {
	return peakBytesAboveIdle === undefined
		? ''
		: `, peak ${(peakBytesAboveIdle / 1e6).toFixed(0)} MB above idle`;
}

type Side = 'ours' | 'floor';

/**
 * Measures both sides so many times, the order changing from round to round, each in a sandbox of
 * its own, and makes sure that the store then holds every file.
 */
async function alternate(
	title: string,
	rounds: number,
	md5: string[],
	sides: Record<Side, (sandbox: SandboxProcess, objectId: string) => Promise<Measured>>,
): Promise<Record<Side, Measured[]>> {
	const measured: Record<Side, Measured[]> = { ours: [], floor: [] };
	for (let round = 0; round < rounds; round++) {
		const order: Side[] = round % 2 === 0 ? ['ours', 'floor'] : ['floor', 'ours'];
		for (const side of order) {
			const dataFolder = path.join(RUN, 'store');
			await mkdir(dataFolder, { recursive: true });
			const sandbox = await startSandboxProcess({
				stepMs: STEP_MS,
				tokenSeconds: TOKEN_SECONDS,
				dataFolder,
			});
			try {
				await warmUp(sandbox, CONTRACT_ID);
				const one = await sides[side](sandbox, `bench_${round}`);
				await assertStored(sandbox, md5);
				measured[side].push(one);
				log(`${title}: ${side.padEnd(5)} ${one.seconds.toFixed(2)} s${memoryOf(one)}`);
			} finally {
				await sandbox.stop();
				await rm(dataFolder, { recursive: true, force: true });
			}
		}
	}
	return measured;
}

/** @throws Error when the store does not hold exactly these files: the work measured was not the work wanted */
async function assertStored(sandbox: SandboxProcess, md5: string[]): Promise<void> {
	const { submissions } = await sandbox.control.state();
	const stored = submissions.flatMap(({ files }) => files.map((file) => file.stored?.md5));
	if (submissions.length !== 1 || stored.sort().join() !== [...md5].sort().join()) {
		throw new Error('the store does not hold the files that were submitted');
	}
}

function assignment(
	sandbox: SandboxProcess,
	objectId: string,
	files: BenchFile[],
	{ concurrency }: Options,
): Assignment {
	const [{ clientId, clientSecret }] = sandbox.clients;
	return {
		files,
		dist: DIST,
		contractId: CONTRACT_ID,
		objectId,
		baseUrl: sandbox.apiUrl,
		tokenUrl: sandbox.tokenUrl,
		clientId,
		clientSecret,
		concurrency,
	};
}

/** Does the assignment in a plain Node.js process of its own. */
async function inChild(
	name: string,
	work: Assignment | DownloadAssignment,
	profile: boolean,
): Promise<Measured> {
	const temporary = path.join(RUN, 'tmp');
	await mkdir(temporary, { recursive: true });
	const child: ChildProcess = fork(path.join(BENCH, 'build', `${name}.js`), {
		cwd: ROOT,
		env: { ...process.env, TMPDIR: temporary },
		// the logger of n8n-core writes to the standard output
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		execArgv: profile ? ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`] : [],
	});
	process.once('exit', () => child.kill('SIGKILL'));
	let measured: Measured | undefined;
	child.on('message', (message) => (measured = message as Measured));
	child.send(work);
	await once(child, 'exit');
	await rm(temporary, { recursive: true, force: true });
	if (measured === undefined) throw new Error(`${name} failed`);
	return measured;
}

main().then(undefined, (error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
