import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { ensureN8n } from './n8n-runtime';
import { startN8n, type N8nServer } from './n8n-server';
import type { N8nRest, StoredCredential, StoredWorkflow } from './n8n-rest';
import { buildPackage, packPackage } from './packed-package';
import { assertFree, type Log } from './processes';
import { startSandbox, type Sandbox, type SandboxOptions } from './sandbox';
import type { SandboxInfo } from '../sandbox/messages';
import { readWorkflow } from './workflows';

/** Everything that the main job runs on. */
export interface Stage {
	sandbox: Sandbox;
	n8n: N8nServer;
	/** The folder that n8n's file nodes may read and write. */
	filesFolder: string;
	/** The packed package that n8n has installed. */
	packageTarball: string;
	/** Ends n8n and the sandbox. */
	stop(): Promise<void>;
}

/**
 * Builds and packs this package, and starts the sandbox and an n8n that has it installed.
 *
 * @param folder everything is kept in here; what an earlier stage left there is removed
 * @param options.port n8n's port; a free one when absent
 * @throws Error when the port is taken, or anything does not come up
 */
export async function setUpStage(
	folder: string,
	log: Log,
	options: SandboxOptions & { port?: number },
): Promise<Stage> {
	if (options.port !== undefined) await assertFree(options.port);
	const runtime = await ensureN8n(log);
	await rm(folder, { recursive: true, force: true });
	const filesFolder = path.join(folder, 'files');
	await mkdir(path.join(filesFolder, 'delivered'), { recursive: true });

	log('building and packing this package');
	await buildPackage();
	const packageTarball = await packPackage(path.join(folder, 'package'));
	log(`  ${path.basename(packageTarball)}`);

	log('starting the sandbox, a DPS on this machine');
	const sandbox = await startSandbox(options);
	log(`  ${sandbox.apiUrl}`);
	try {
		log('starting n8n with the package installed');
		const n8n = await startN8n({
			runtime,
			packageTarball,
			userFolder: path.join(folder, 'n8n'),
			fileFolders: [filesFolder],
			port: options.port,
		});
		log(`  ${n8n.url}`);
		return {
			sandbox,
			n8n,
			filesFolder,
			packageTarball,
			stop: async () => {
				await n8n.stop();
				await sandbox.stop();
			},
		};
	} catch (error) {
		await sandbox.stop();
		throw error;
	}
}

/** What a person pastes into the form of the API credential to use the sandbox as its first client. */
export function apiCredential(sandbox: SandboxInfo): Record<string, string> {
	const [{ clientId, clientSecret }] = sandbox.clients;
	return {
		clientId,
		clientSecret,
		environment: 'custom',
		baseUrl: sandbox.apiUrl,
		tokenUrl: sandbox.tokenUrl,
	};
}

/**
 * Stores a credential for the sandbox's first client, and one that checks its messages.
 *
 * @throws Error with what n8n's credential test says when it does not succeed
 */
export async function createCredentials(
	rest: N8nRest,
	sandbox: SandboxInfo,
): Promise<StoredCredential[]> {
	const data = apiCredential(sandbox);
	const api = await rest.createCredential('DPS sandbox', 'digitalPreservationApi', data);
	const test = await rest.testCredential(api, data);
	if (test.status !== 'OK') throw new Error(`the credential test says: ${test.message}`);
	const webhook = await rest.createCredential(
		'DPS sandbox, messages',
		'digitalPreservationWebhookApi',
		{ signingSecret: sandbox.webhookSecret },
	);
	return [api, webhook];
}

/**
 * Stores the workflow that follows DPS's messages, puts it in service, and has the sandbox send its messages there.
 *
 * @returns the workflow, and the URL of its trigger
 */
export async function followMessages(
	stage: Pick<Stage, 'sandbox' | 'filesFolder'>,
	rest: N8nRest,
	credentials: StoredCredential[],
): Promise<{ follow: StoredWorkflow; url: string }> {
	const follow = await rest.createWorkflow(
		await readWorkflow('follow-dps.json', { filesFolder: stage.filesFolder, credentials }),
	);
	await rest.activate(follow);
	const [url] = await rest.webhookUrls(follow);
	await stage.sandbox.registerWebhook({ url });
	return { follow, url };
}

/**
 * The first contract under which the sandbox's first client may both read and write.
 *
 * @throws Error when there is none
 */
export function writableContract(sandbox: SandboxInfo): string {
	const [{ roles }] = sandbox.clients;
	const contractId = roles
		.map((role) => role.split('_')[0])
		.find((candidate) => ['R', 'W'].every((access) => roles.includes(`${candidate}_${access}`)));
	if (contractId === undefined) throw new Error("the sandbox's first client has no contract");
	return contractId;
}
