import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';

import { fixityOfFolder } from '../../demo/delivered';
import { outputOf } from '../../demo/execution-data';
import { isComplete, makeFiles, runMainJob } from '../../demo/main-job';
import { ensureN8n } from '../../demo/n8n-runtime';
import { startN8n, type N8nServer } from '../../demo/n8n-server';
import { startSandbox, type Sandbox } from '../../demo/sandbox';
import { createCredentials, followMessages, writableContract } from '../../demo/stage';
import { readWorkflow } from '../../demo/workflows';
import type { Fault, RequestLogPage, SandboxState } from '../../sandbox/messages';
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

	it('goes on with a submission in whose upload it was killed, and ends with exactly one', async () => {
		const { rest } = n8n;
		const filesFolder = path.join(folder, 'files');
		const credentials = await createCredentials(rest, sandbox);
		const objectFolder = path.join(filesFolder, 'interrupted');
		await makeFiles(objectFolder, '20260106');
		const objectId = 'e2e_killed_in_mid_upload';
		const contractId = writableContract(sandbox);
		const whatToSend = { contractId, objectId, title: 'Killed', folder: objectFolder };
		const send = await rest.createWorkflow(
			await readWorkflow('send-to-dps.json', { filesFolder, credentials, whatToSend }),
		);

		const control = async <Answer>(path: string, init?: RequestInit) =>
			(await (await fetch(sandbox.controlUrl + path, init)).json()) as Answer;
		const cut: Fault = {
			side: 'store',
			method: 'PUT',
			pathPattern: 'opptak',
			times: 100,
			action: { kind: 'reset-mid-body', afterBytes: 1_000_000 },
		};
		await fetch(`${sandbox.controlUrl}/faults`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(cut),
		});
		await rest.runManually(send, 'Start');
		const ofThisObject = async () =>
			(await control<SandboxState>('/state')).submissions.filter(
				(submission) => submission.objectId === objectId,
			);
		await until(async () => {
			const [submission] = await ofThisObject();
			const { requests } = await control<RequestLogPage>('/requests');
			return (
				submission?.files.filter(({ stored }) => stored).length === 4 &&
				requests.some(({ fault }) => fault === 'reset-mid-body')
			);
		});
		await n8n.kill();
		const [interrupted] = await ofThisObject();
		expect(interrupted.finalized).toBe(false);
		await fetch(`${sandbox.controlUrl}/faults`, { method: 'DELETE' });

		await n8n.start();
		const again = await rest.waitForExecution(await rest.runManually(send, 'Start'), 60_000);
		expect(again.status).toBe('success');
		expect(outputOf(again.data, 'Submit Package')[0].json).toMatchObject({
			submissionId: interrupted.submissionId,
			resumed: true,
			status: 'UPLOAD_COMPLETED',
		});
		const submissions = await ofThisObject();
		expect(submissions).toHaveLength(1);
		const sent = await fixityOfFolder(objectFolder);
		expect(
			submissions[0].files.map((file) => ({ ...file.stored, filePath: file.filePath })),
		).toEqual(
			expect.arrayContaining(sent.map(({ md5, size, filePath }) => ({ md5, size, filePath }))),
		);
		expect(submissions[0].files).toHaveLength(sent.length);
	});
});

/** Waits until something holds; fails after a minute. */
async function until(holds: () => Promise<boolean>): Promise<void> {
	for (let attempt = 0; attempt < 300; attempt++) {
		if (await holds()) return;
		await wait(200);
	}
	throw new Error('It did not come to hold within a minute');
}
