import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { createCredentials, followMessages, setUpStage } from '../../demo/stage';
import type { SharedStage } from './shared-stage';
import { leaveForTeardown, leaveForTests } from './shared-stage';

const DEMO_FOLDER = path.join(__dirname, '..', '..', '.demo');
const PREFIX = 'test-';

/** Starts one sandbox and one n8n, with the packed package installed, for all the tests of this project. */
export default async function setUp(): Promise<void> {
	const folder = path.join(DEMO_FOLDER, `${PREFIX}${process.pid}`);
	await removeOldFolders();
	const log = (line: string) => void process.stderr.write(`${line}\n`);
	const stage = await setUpStage(folder, log, { stepMs: 100, webhookRetryMs: 100 });
	leaveForTeardown(stage);
	const { rest } = stage.n8n;
	const credentials = await createCredentials(rest, stage.sandbox);
	const { follow } = await followMessages(stage, rest, credentials);
	const shared: SharedStage = {
		sandbox: stage.sandbox,
		n8nUrl: stage.n8n.url,
		n8nLog: stage.n8n.logFile,
		session: rest.session,
		filesFolder: stage.filesFolder,
		packageTarball: stage.packageTarball,
		credentials,
		follow,
	};
	leaveForTests(shared);
}

/** What a run leaves, n8n's log above all, stays until the next run: it tells why a test failed. */
async function removeOldFolders(): Promise<void> {
	await mkdir(DEMO_FOLDER, { recursive: true });
	const old = (await readdir(DEMO_FOLDER)).filter((name) => name.startsWith(PREFIX));
	for (const name of old.filter((entry) => !isAlive(Number(entry.slice(PREFIX.length))))) {
		await rm(path.join(DEMO_FOLDER, name), { recursive: true, force: true });
	}
}

function isAlive(processId: number): boolean {
	try {
		process.kill(processId, 0);
		return true;
	} catch {
		return false;
	}
}
