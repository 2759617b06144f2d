import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LoggedRequest, SubmissionState } from '../sandbox/messages';
import { METADATA } from '../test/sandbox/depositor';
import { type SandboxProcess, startSandboxProcess } from '../test/sandbox/sandbox-process';

import type { Assignment } from './depositor';
import { type Plan, planRun } from './plan';
import { Workforce } from './workforce';

const CONTRACT_ID = 'ef23';
/** The faults of a run are used up long before. */
const MOST_TRIES = 40;
/** Milliseconds: no submission gets on to its next status while a campaign lasts. */
const NEVER = 86_400_000;

export interface CampaignOptions {
	seed: number;
	/** Numbers of the runs, each from 1: what a number stands for does not depend on the others. */
	numbers: number[];
	/** Told of each run. */
	onRun?: (number: number, tries: string[]) => void;
}

/** A run that did not end as it must. */
export interface FailedRun {
	number: number;
	reasons: string[];
}

export interface Tally {
	runs: number;
	/** Runs in which the depositor was killed at least once, and how often in all. */
	runsWithKills: number;
	kills: number;
	/** Requests that a fault hit, by side and kind. */
	faults: Record<string, number>;
	/** Tries beyond the first of each run. */
	reRuns: number;
	complete: number;
	/** Files of the input that are not in its submission with the right bytes. */
	lostFiles: number;
	/** Files beyond the input's: twice in a submission, not in the input, or in a further submission. */
	doubledFiles: number;
	failed: FailedRun[];
}

interface Run {
	number: number;
	plan: Plan;
	/** The id that the depositor was told at the end; absent when it never came so far. */
	submissionId?: string;
	reasons: string[];
}

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

function nameOfFault({ side, fault, status }: LoggedRequest): string {
	return `${side} ${fault === 'status' ? status : fault}`;
}

/** Submits packages under random faults and kills, each again until it ends well, and counts. */
class Campaign {
	private readonly tally: Tally = {
		runs: 0,
		runsWithKills: 0,
		kills: 0,
		faults: {},
		reRuns: 0,
		complete: 0,
		lostFiles: 0,
		doubledFiles: 0,
		failed: [],
	};

	private readonly runs: Run[] = [];

	constructor(
		private readonly options: CampaignOptions,
		private readonly sandbox: SandboxProcess,
		private readonly workforce: Workforce,
		private readonly folder: string,
	) {}

	async play(): Promise<Tally> {
		for (const number of this.options.numbers) await this.run(number);
		const { submissions } = await this.sandbox.control.state();
		for (const run of this.runs) {
			const held = submissions.filter(({ objectId }) => objectId === run.plan.objectId);
			this.judge(run, held);
		}
		return this.tally;
	}

	private async run(number: number): Promise<void> {
		const { control } = this.sandbox;
		const plan = planRun(this.options.seed, number);
		const run: Run = { number, plan, reasons: [] };
		const assignment = await this.prepare(plan);
		for (const fault of plan.faults) await control.fault(fault);

		const tries: string[] = [];
		let kills = 0;
		while (run.submissionId === undefined && tries.length < MOST_TRIES) {
			if (plan.revocations.includes(tries.length + 1)) await control.revokeTokens();
			const kill = plan.kills[tries.length];
			const report = await this.workforce.submit({ ...assignment, kill });
			if (!report) kills += 1;
			else if (report.ok) this.believe(run, report.submissionId, report.files);
			tries.push(!report ? 'killed' : report.ok ? 'complete' : report.error);
		}
		if (run.submissionId === undefined)
			run.reasons.push(`not complete after ${tries.length} tries`);

		for (const request of await control.requests()) {
			if (!request.fault) continue;
			const name = nameOfFault(request);
			this.tally.faults[name] = (this.tally.faults[name] ?? 0) + 1;
		}
		await control.clearFaults();
		await control.clearRequests();
		await rm(join(this.folder, plan.objectId), { recursive: true });
		this.tally.runs += 1;
		this.tally.kills += kills;
		this.tally.runsWithKills += kills > 0 ? 1 : 0;
		this.tally.reRuns += tries.length - 1;
		this.runs.push(run);
		this.options.onRun?.(number, tries);
	}

	/** Writes the package to the disk. */
	private async prepare(plan: Plan): Promise<Assignment> {
		const { apiUrl, tokenUrl, clients } = this.sandbox;
		const folder = join(this.folder, plan.objectId);
		await mkdir(folder);
		const files = plan.files.map(({ path }, index) => ({
			path,
			file: join(folder, String(index)),
		}));
		await Promise.all(
			files.map(async ({ file }, index) => await writeFile(file, plan.files[index].content)),
		);
		return {
			apiUrl,
			tokenUrl,
			client: clients[0],
			contractId: CONTRACT_ID,
			objectId: plan.objectId,
			metadata: METADATA,
			files,
			concurrency: plan.concurrency,
		};
	}

	/** What the depositor reports must be right as well. */
	private believe(run: Run, submissionId: string, files: Record<string, string>): void {
		run.submissionId = submissionId;
		const wanted = run.plan.files.map(({ path, content }) => [path, md5(content)]);
		const same =
			wanted.length === Object.keys(files).length &&
			wanted.every(([path, checksum]) => files[path] === checksum);
		if (!same) run.reasons.push('the result does not name the files of the input');
	}

	/** Compares what the service holds with what was to be sent. */
	private judge(run: Run, held: SubmissionState[]): void {
		const { reasons, plan } = run;
		const finalized = held.filter((submission) => submission.finalized);
		if (held.length !== 1) reasons.push(`${held.length} submissions`);
		if (finalized.length !== 1) reasons.push(`${finalized.length} finalized submissions`);
		if (run.submissionId && !held.some(({ submissionId }) => submissionId === run.submissionId)) {
			reasons.push('the reported submission is not there');
		}
		const [submission] = finalized;
		const stored = submission?.files ?? [];
		const lost = plan.files.filter(({ path, content }) => {
			const checksum = md5(content);
			const file = stored.find(({ filePath }) => filePath === path);
			return file?.stored?.md5 !== checksum || file.checksum !== checksum;
		});
		const missing = new Set(plan.files.map(({ path }) => path));
		const doubled = held
			.flatMap(({ files }) => files)
			.filter(({ filePath }) => !missing.delete(filePath)).length;
		if (lost.length > 0) reasons.push(`lost: ${lost.map(({ path }) => path).join(', ')}`);
		if (doubled > 0) reasons.push(`${doubled} files beyond those of the input`);
		this.tally.lostFiles += lost.length;
		this.tally.doubledFiles += doubled;
		if (reasons.length === 0) this.tally.complete += 1;
		else this.tally.failed.push({ number: run.number, reasons });
	}
}

/**
 * Plays the fault campaign: each run submits a random package to a sandbox while the service, the
 * store, the token endpoint and the depositor itself fail at random steps, and submits it again
 * until it ends well. In the end the sandbox must hold each package exactly once and complete.
 */
export async function playCampaign(options: CampaignOptions): Promise<Tally> {
	const folder = await mkdtemp(join(tmpdir(), 'dps-faults-'));
	const workforce = new Workforce();
	let sandbox: SandboxProcess | undefined;
	try {
		sandbox = await startSandboxProcess({ stepMs: NEVER });
		return await new Campaign(options, sandbox, workforce, folder).play();
	} finally {
		await workforce.dismiss();
		await sandbox?.stop();
		await rm(folder, { recursive: true, force: true });
	}
}
