import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { outputOf } from '../../demo/execution-data';
import type { Execution, StoredWorkflow, Workflow } from '../../demo/n8n-rest';
import { apiCredential, writableContract } from '../../demo/stage';
import { sharedStage } from './shared-stage';

jest.setTimeout(240_000);

const { rest, sandbox, credentials } = sharedStage();
const contractId = writableContract(sandbox);
const TRIGGER = 'Preserved or Rejected';
const AFTERWARDS = 'Afterwards';

/** A call of the sandbox's API as its first client. */
async function call<Answer>(path: string, body?: unknown): Promise<Answer> {
	const { clientId, clientSecret } = apiCredential(sandbox);
	const token = await fetch(sandbox.tokenUrl, {
		method: 'POST',
		body: new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: clientId,
			client_secret: clientSecret,
		}),
	});
	const { access_token: accessToken } = (await token.json()) as { access_token: string };
	const response = await fetch(`${sandbox.apiUrl}/v1/contracts/${contractId}/submissions${path}`, {
		method: 'POST',
		headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
	return (await response.json()) as Answer;
}

async function create(): Promise<string> {
	const { submissionId } = await call<{ submissionId: string }>('', {
		objectId: `poll_${randomUUID()}`,
		metadata: {
			type: 'Bilde',
			identifier: [{ type: 'local', value: '1' }],
			title: { value: 'Polled', lang: 'eng' },
		},
	});
	return submissionId;
}

/** Sends a package of one file, and waits until DPS has preserved it. */
async function preserve(): Promise<string> {
	const submissionId = await create();
	const { uploadUrl } = await call<{ uploadUrl: string }>(`/${submissionId}/files`, {
		filePath: 'a.txt',
		checksum: createHash('md5').update('a').digest('hex'),
		isPackaged: false,
	});
	expect((await fetch(uploadUrl, { method: 'PUT', body: 'a' })).status).toBe(200);
	await call(`/${submissionId}/finalize`);
	await control(`/submissions/${submissionId}/advance`).catch(() => undefined);
	return submissionId;
}

async function control(path: string, body?: unknown): Promise<void> {
	const response = await fetch(sandbox.controlUrl + path, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body ?? {}),
	});
	if (!response.ok) throw new Error(`${path}: ${response.status}`);
}

/** Has DPS reject it; a `GET` of it then answers 404. */
async function reject(submissionId: string): Promise<void> {
	await control(`/submissions/${submissionId}/reject`, {
		reasons: [{ code: 'METADATA_SCHEMA_INVALID', message: 'title is missing' }],
	});
}

/**
 * A workflow that begins with the poll trigger. n8n refuses a schedule that fires more than once a
 * minute; thirty schedules, each at its own second of the minute, are polled every two seconds.
 */
function workflowThatPolls(contractIds: string[]): Workflow {
	const [{ id, name, type }] = credentials.filter(
		(credential) => credential.type === 'digitalPreservationApi',
	);
	return {
		name: `Poll ${contractIds.join()}`,
		nodes: [
			{
				id: randomUUID(),
				name: TRIGGER,
				type: 'n8n-nodes-digital-preservation.digitalPreservationPollTrigger',
				typeVersion: 1,
				position: [0, 0],
				parameters: {
					contractIds,
					pollTimes: {
						item: Array.from({ length: 30 }, (_, index) => ({
							mode: 'custom',
							cronExpression: `${index * 2} * * * * *`,
						})),
					},
				},
				credentials: { [type]: { id, name } },
			},
			{
				id: randomUUID(),
				name: AFTERWARDS,
				type: 'n8n-nodes-base.noOp',
				typeVersion: 1,
				position: [224, 0],
				parameters: {},
			},
		],
		connections: { [TRIGGER]: { main: [[{ node: AFTERWARDS, type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	};
}

interface Told {
	webhookId: string;
	data: Record<string, unknown>;
}

function toldBy({ data }: Execution): Told[] {
	return outputOf(data, TRIGGER).map(({ json }) => json as unknown as Told);
}

describe('the poll trigger in n8n', () => {
	let workflow: StoredWorkflow;

	beforeAll(async () => {
		workflow = await rest.createWorkflow(workflowThatPolls([contractId]));
	});

	afterAll(async () => {
		await rest.deactivate(workflow);
	});

	const told = async (webhookId: string) =>
		await rest.waitForExecutionOf(workflow, 30_000, (execution) =>
			toldBy(execution).some((message) => message.webhookId === webhookId),
		);

	/** How often a submission was told of, in all executions. */
	const timesTold = async (submissionId: string): Promise<number> => {
		let count = 0;
		for (const { id, mode } of await rest.executions(workflow)) {
			if (mode === 'manual') continue;
			const messages = toldBy(await rest.execution(id));
			count += messages.filter(({ data }) => data.submissionId === submissionId).length;
		}
		return count;
	};

	/** Waits for the execution without items with which a poll has its memory stored. */
	const stored = async () => {
		const before = new Set((await rest.executions(workflow)).map(({ id }) => id));
		return async () =>
			await rest.waitForExecutionOf(
				workflow,
				30_000,
				(execution) => !before.has(execution.id) && toldBy(execution).length === 0,
			);
	};

	it('tells each end once, also what ended, or vanished, while the workflow was off', async () => {
		const old = await preserve();
		const firstPoll = await stored();
		await rest.activate(workflow);
		await firstPoll();

		const preserved = await preserve();
		const execution = await told(`poll_${preserved}_PRESERVED`);
		expect(execution.status).toBe('success');
		expect(outputOf(execution.data, AFTERWARDS).length).toBeGreaterThan(0);
		expect(toldBy(execution).find(({ data }) => data.submissionId === preserved)).toMatchObject({
			type: 'submission.preserved',
			data: { contractId, submissionId: preserved, status: 'PRESERVED' },
		});

		const secondPoll = await stored();
		const vanishing = await create();
		const remembering = await secondPoll();
		expect(remembering.status).toBe('success');
		// no item: nothing runs after the trigger
		expect(remembering.data.resultData.runData).not.toHaveProperty([AFTERWARDS]);
		// another test's submission may have been the reason: two polls later this one is stored too
		await wait(4_000);
		await reject(vanishing);
		await told(`poll_${vanishing}_REJECTED`);

		const thirdPoll = await stored();
		const vanishingLater = await create();
		await thirdPoll();
		await wait(4_000);
		await rest.deactivate(workflow);
		const meanwhile = await preserve();
		await reject(vanishingLater);
		await wait(3_000);
		expect(await timesTold(meanwhile)).toBe(0);
		await rest.activate(workflow);
		await told(`poll_${meanwhile}_PRESERVED`);
		const gone = await told(`poll_${vanishingLater}_REJECTED`);
		expect(
			toldBy(gone).find(({ data }) => data.submissionId === vanishingLater)?.data,
		).toMatchObject({ status: 'GONE', reasons: [{ code: 'GONE' }] });

		const runManually = await rest.waitForExecution(
			await rest.runManually(workflow, TRIGGER),
			30_000,
		);
		expect(runManually.status).toBe('success');
		expect(toldBy(runManually)).toHaveLength(1);

		await wait(5_000);
		for (const submissionId of [preserved, vanishing, meanwhile, vanishingLater]) {
			expect(await timesTold(submissionId)).toBe(1);
		}
		expect(await timesTold(old)).toBe(0);
	});

	it('cannot be published with a contract that cannot be read', async () => {
		const unreadable = await rest.createWorkflow(workflowThatPolls([contractId, 'beef']));
		await expect(rest.activate(unreadable)).rejects.toThrow(
			'Contract beef cannot be read: the client lacks the role beef_R',
		);
		await rest.deactivate(unreadable);
	});
});
