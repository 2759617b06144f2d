import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';

import { outputOf } from '../../demo/execution-data';
import { isComplete, makeFiles, runMainJob } from '../../demo/main-job';
import { ensureN8n } from '../../demo/n8n-runtime';
import { startN8n, type N8nServer } from '../../demo/n8n-server';
import { startSandbox, type Sandbox } from '../../demo/sandbox';
import { createCredentials, followMessages, writableContract } from '../../demo/stage';
import { sharedStage } from './shared-stage';

jest.setTimeout(300_000);

const { packageTarball } = sharedStage();

describe('n8n that is killed while DPS works on a submission', () => {
	let folder: string;
	let n8n: N8nServer;
	let sandbox: Sandbox;

	beforeAll(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'n8n-restart-'));
		const filesFolder = path.join(folder, 'files');
		await mkdir(path.join(filesFolder, 'delivered'), { recursive: true });
		// Slow enough that n8n is gone before the submission is preserved, and patient enough to find it back.
		sandbox = await startSandbox({ stepMs: 2_000, webhookRetryMs: 500 });
		n8n = await startN8n({
			runtime: await ensureN8n(() => undefined),
			packageTarball,
			userFolder: path.join(folder, 'n8n'),
			fileFolders: [filesFolder],
		});
	});

	afterAll(async () => {
		await n8n?.stop();
		await sandbox?.stop();
		await rm(folder, { recursive: true, force: true });
	});

	it('hears of it after its restart, orders it back once, and does not run an old message again', async () => {
		const { rest } = n8n;
		const filesFolder = path.join(folder, 'files');
		const credentials = await createCredentials(rest, sandbox);
		const { follow, url } = await followMessages({ sandbox, filesFolder }, rest, credentials);
		const objectFolder = path.join(filesFolder, 'object');
		await makeFiles(objectFolder, '20260105');

		const report = await runMainJob(
			{ rest, credentials, follow, filesFolder },
			{
				contractId: writableContract(sandbox),
				objectId: 'e2e_restart',
				title: 'Restart',
				folder: objectFolder,
			},
			() => undefined,
			{
				async afterSubmission() {
					await n8n.kill();
					await expect(fetch(url, { method: 'POST' })).rejects.toThrow();
					await n8n.start();
				},
			},
		);
		expect(isComplete(report)).toBe(true);
		const orders = (await rest.executions(follow)).length;
		expect(orders).toBe(2);

		const [{ json: old }] = outputOf(report.executions.preserved.data, 'Message from DPS');
		const { webhookId, ...envelope } = old;
		await n8n.stop();
		await n8n.start();
		const body = JSON.stringify(envelope);
		const now = new Date();
		const again = await fetch(url, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				'webhook-id': String(webhookId),
				'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
				'webhook-signature': new Webhook(sandbox.webhookSecret).sign(String(webhookId), now, body),
			},
			body,
		});
		expect(again.ok).toBe(true);
		expect((await rest.executions(follow)).length).toBe(orders);
	});
});
