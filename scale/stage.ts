import { rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { ensureN8n } from '../demo/n8n-runtime';
import type { N8nRest, StoredCredential, StoredWorkflow, Workflow } from '../demo/n8n-rest';
import { buildPackage, packPackage } from '../demo/packed-package';
import type { Log } from '../demo/processes';
import { apiCredential, writableContract } from '../demo/stage';
import { type SandboxProcess, startSandboxProcess } from '../test/sandbox/sandbox-process';

import { type QueueMode, startQueueMode } from './queue-mode';
import { type Service, type ServicePrograms, startPostgres, startRedis } from './services';
import { type CountedTokenEndpoint, countTokenExchanges } from './token-endpoint';
import { followWorkflow, submitWorkflow } from './workflows';

/** Milliseconds between two statuses of a submission or dissemination in the sandbox. */
const STEP_MS = 100;
/** As the DPS documents it: a message that is not answered within ten seconds comes again. */
const WEBHOOK_TIMEOUT_MS = 10_000;
const WEBHOOK_RETRY_MS = 2_000;
const LOOK_MS = 500;

/** Everything that the campaign runs on. */
export interface ScaleStage {
	sandbox: SandboxProcess;
	tokens: CountedTokenEndpoint;
	redis: Service;
	postgres: Service;
	queueMode: QueueMode;
	rest: N8nRest;
	credentials: { api: StoredCredential; webhook: StoredCredential };
	contractId: string;
	/** What the file nodes may read and write. */
	filesFolder: string;
	deliveredFolder: string;
	/** Started by a call with an object's id and folder; in service. */
	submit: StoredWorkflow;
	/** Where that is called: at the webhook processor. */
	submitUrl: string;
	/** Follows the DPS's messages; in service. */
	follow: StoredWorkflow;
	/** Stores a workflow and puts it in service. */
	publish(workflow: Workflow): Promise<StoredWorkflow>;
	/** The address of a workflow's trigger at one of n8n's processes. */
	urlAt(process: { url: string }, workflow: StoredWorkflow): Promise<string>;
	stop(): Promise<void>;
}

/**
 * Builds and packs this package, and starts Redis, PostgreSQL, the sandbox and n8n's main process and webhook
 * processor, each on a free port of the loopback interface, in a temporary folder that `stop` removes.
 */
export async function setUpScaleStage(
	programs: ServicePrograms,
	options: { concurrency: number; tokenSeconds: number },
	log: Log,
): Promise<ScaleStage> {
	const runtime = await ensureN8n(log);
	const folder = await mkdtemp(path.join(tmpdir(), 'n8n-scale-'));
	const ends: Array<() => Promise<void>> = [
		async () => await rm(folder, { recursive: true, force: true }),
	];
	const stop = async () => {
		for (const end of ends.splice(0).reverse()) await end();
	};
	try {
		// PostgreSQL's user must be able to reach its own folder in here
		await chmod(folder, 0o711);
		const filesFolder = path.join(folder, 'files');
		const deliveredFolder = path.join(filesFolder, 'delivered');
		await mkdir(deliveredFolder, { recursive: true });
		log('building and packing this package');
		await buildPackage();
		const packageTarball = await packPackage(path.join(folder, 'package'));
		log('starting Redis, PostgreSQL and the sandbox');
		const redis = await startRedis(programs, path.join(folder, 'redis'));
		ends.push(async () => await redis.stop());
		const postgres = await startPostgres(programs, path.join(folder, 'postgres'));
		ends.push(async () => await postgres.stop());
		const sandbox = await startSandboxProcess({
			stepMs: STEP_MS,
			tokenSeconds: options.tokenSeconds,
			webhookTimeoutMs: WEBHOOK_TIMEOUT_MS,
			webhookRetryMs: WEBHOOK_RETRY_MS,
		});
		ends.push(async () => await sandbox.stop());
		const tokens = await countTokenExchanges(sandbox.tokenUrl);
		ends.push(async () => await tokens.stop());
		log("starting n8n's main process and webhook processor");
		const queueMode = await startQueueMode({
			runtime,
			packageTarball,
			folder: path.join(folder, 'n8n'),
			fileFolders: [filesFolder],
			redis,
			postgres,
			concurrency: options.concurrency,
		});
		ends.push(async () => await queueMode.stop());

		// after those that end the processes: a run that is broken off leaves nothing behind either
		process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

		const { rest, main, webhookProcessor } = queueMode;
		const data = { ...apiCredential(sandbox), tokenUrl: tokens.url };
		const credentials = {
			api: await rest.createCredential('DPS sandbox', 'digitalPreservationApi', data),
			webhook: await rest.createCredential('Messages', 'digitalPreservationWebhookApi', {
				signingSecret: sandbox.webhookSecret,
			}),
		};
		const contractId = writableContract(sandbox);
		const publish = async (workflow: Workflow) => {
			const stored = await rest.createWorkflow(workflow);
			await rest.activate(stored);
			return stored;
		};
		const urlAt = async ({ url }: { url: string }, workflow: StoredWorkflow) => {
			const [address] = await rest.webhookUrls(workflow);
			return address.replace(main.url, url);
		};
		const submit = await publish(submitWorkflow(credentials.api, contractId));
		const follow = await publish(
			followWorkflow(credentials.api, credentials.webhook, deliveredFolder),
		);
		await sandbox.control.registerWebhook({ url: await urlAt(webhookProcessor, follow) });
		return {
			sandbox,
			tokens,
			redis,
			postgres,
			queueMode,
			rest,
			credentials,
			contractId,
			filesFolder,
			deliveredFolder,
			submit,
			submitUrl: await urlAt(webhookProcessor, submit),
			follow,
			publish,
			urlAt,
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

/** Calls the submitting workflow for one object, as the system that holds the object would. */
export async function callSubmit(
	stage: Pick<ScaleStage, 'submitUrl'>,
	call: { objectId: string; folder: string },
): Promise<void> {
	const answer = await fetch(stage.submitUrl, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ objectId: call.objectId, folder: call.folder }),
	});
	if (!answer.ok) throw new Error(`n8n answered ${answer.status} to the call for ${call.objectId}`);
}

/**
 * Looks at intervals whether something holds.
 *
 * @returns whether it came to hold within so many milliseconds
 */
export async function comesToHold(
	withinMs: number,
	holds: () => Promise<boolean>,
): Promise<boolean> {
	const deadline = Date.now() + withinMs;
	while (!(await holds())) {
		if (Date.now() > deadline) return false;
		await wait(LOOK_MS);
	}
	return true;
}

/** @throws Error when it does not come to hold within so many milliseconds */
export async function until(
	what: string,
	withinMs: number,
	holds: () => Promise<boolean>,
): Promise<void> {
	if (!(await comesToHold(withinMs, holds))) {
		throw new Error(`waited ${withinMs / 1000} s in vain for ${what}`);
	}
}
