import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { fixityOfFolder } from '../../demo/delivered';
import { outputOf } from '../../demo/execution-data';
import { isComplete, makeFiles, runMainJob, type MainJobReport } from '../../demo/main-job';
import { writableContract } from '../../demo/stage';
import { readWorkflow } from '../../demo/workflows';
import type { SandboxState } from '../../sandbox/messages';
import { sharedStage } from './shared-stage';

jest.setTimeout(240_000);

const stage = sharedStage();
const { rest, sandbox, filesFolder, credentials, n8nLog } = stage;

describe('files from disk, preserved and brought back by workflows in n8n', () => {
	const folder = path.join(filesFolder, 'main-job');
	const objectId = 'e2e_main_job';
	let report: MainJobReport;

	beforeAll(async () => {
		await makeFiles(folder, '20260105');
		report = await runMainJob(
			stage,
			{ contractId: writableContract(sandbox), objectId, title: 'Main job', folder },
			() => undefined,
		);
	});

	it('come back with the bytes that were sent', async () => {
		const onDisk = await fixityOfFolder(folder);
		expect(onDisk).toHaveLength(5);
		expect(report.files.map(({ filePath, md5Returned }) => [filePath, md5Returned])).toEqual(
			onDisk.map(({ filePath, md5 }) => [filePath, md5]),
		);
		expect(isComplete(report)).toBe(true);
	});

	it('are in DPS under their paths and checksums, as one preserved submission', async () => {
		const state = (await (await fetch(`${sandbox.controlUrl}/state`)).json()) as SandboxState;
		const submissions = state.submissions.filter((submission) => submission.objectId === objectId);
		expect(submissions).toHaveLength(1);
		expect(submissions[0]).toMatchObject({
			submissionId: report.submissionId,
			archiveId: report.archiveId,
			status: 'PRESERVED',
		});
		const byPath = new Map(report.files.map(({ filePath, md5 }) => [filePath, md5]));
		expect(new Map(submissions[0].files.map((file) => [file.filePath, file.stored?.md5]))).toEqual(
			byPath,
		);
	});

	it('give every node an output, and each downloaded file is checked', () => {
		const { preserved, delivered } = report.executions;
		expect(outputOf(preserved.data, 'Get Submission')[0].json).toMatchObject({ objectId });
		const downloads = outputOf(delivered.data, 'Download');
		expect(downloads.length).toBeGreaterThan(0);
		expect(downloads.every(({ json }) => json.verified === true)).toBe(true);
	});

	it("leave no secret, token or pre-signed URL in n8n's stored executions or its log", async () => {
		const { send, preserved } = report.executions;
		const written = JSON.stringify([send.data, preserved.data]) + (await readFile(n8nLog, 'utf8'));
		for (const { clientSecret } of sandbox.clients) expect(written).not.toContain(clientSecret);
		expect(written).not.toContain(sandbox.webhookSecret);
		expect(written).not.toMatch(/X-Amz-Signature|Bearer |eyJ[\w-]+\.[\w-]+\./);
	});
});

describe('an object id that DPS does not allow', () => {
	it('fails before anything is sent, and says which one would be allowed', async () => {
		const folder = path.join(filesFolder, 'bad-object-id');
		await makeFiles(folder, '20260105');
		const send = await rest.createWorkflow(
			await readWorkflow('send-to-dps.json', {
				filesFolder,
				credentials,
				whatToSend: {
					contractId: writableContract(sandbox),
					objectId: 'NF.1992-0123',
					title: 'Museum object',
					folder,
				},
			}),
		);
		const execution = await rest.waitForExecution(await rest.runManually(send, 'Start'), 60_000);
		expect(execution.status).toBe('error');
		const { error, lastNodeExecuted } = execution.data.resultData;
		expect(lastNodeExecuted).toBe('Submit Package');
		expect(`${error?.message} ${error?.description}`).toContain('NF_1992-0123');
		const state = (await (await fetch(`${sandbox.controlUrl}/state`)).json()) as SandboxState;
		expect(state.submissions.map(({ objectId }) => objectId)).not.toContain('NF_1992-0123');
		expect(state.submissions.map(({ objectId }) => objectId)).not.toContain('NF.1992-0123');
	});
});
