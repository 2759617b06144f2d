import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { Webhook } from 'standardwebhooks';

import { outputOf } from '../../demo/execution-data';
import type { StoredWorkflow } from '../../demo/n8n-rest';
import { writableContract } from '../../demo/stage';
import { readWorkflow } from '../../demo/workflows';
import type { Delivery } from '../../sandbox/messages';
import { submitDamagedFile } from './damaged-submission';
import { sharedStage } from './shared-stage';

jest.setTimeout(120_000);

const { rest, sandbox, follow, filesFolder, credentials } = sharedStage();

describe('a submission that DPS rejects', () => {
	it('reaches the workflow with its reasons', async () => {
		const filePath = 'representations/primary_20260105/data/page 1.tif';
		const submissionId = await submitDamagedFile(sandbox, `e2e_${randomUUID()}`, filePath);
		const execution = await rest.waitForExecutionOf(
			follow,
			60_000,
			({ data }) => outputOf(data, 'Why It Was Rejected')[0]?.json.submissionId === submissionId,
		);
		expect(execution.status).toBe('success');
		expect(outputOf(execution.data, 'Message from DPS')[0].json).toMatchObject({
			type: 'submission.rejected',
			data: { submissionId, contractId: writableContract(sandbox) },
		});
		expect(outputOf(execution.data, 'Why It Was Rejected')[0].json.reasons).toEqual([
			expect.objectContaining({ code: 'FILE_CHECKSUM_MISMATCH', filePath }),
		]);

		const { deliveries } = (await (await fetch(`${sandbox.controlUrl}/deliveries`)).json()) as {
			deliveries: Delivery[];
		};
		const delivery = deliveries.find(({ body }) => JSON.stringify(body).includes(submissionId));
		expect(delivery?.state).toBe('delivered');
	});
});

describe("the trigger's URL", () => {
	let workflow: StoredWorkflow;
	let url: string;

	beforeAll(async () => {
		workflow = await rest.createWorkflow(
			await readWorkflow('follow-dps.json', { filesFolder, credentials }),
		);
		await rest.activate(workflow);
		[url] = await rest.webhookUrls(workflow);
	});

	afterAll(async () => {
		await rest.deactivate(workflow);
	});

	const message = (submissionId: string) =>
		JSON.stringify({
			type: 'submission.rejected',
			timestamp: '2026-01-05T10:00:00+01:00',
			data: {
				contractId: 'ef23',
				submissionId,
				archiveId: '019e404e-60ab-7457-b7c9-94c453242c69',
				reasons: [{ code: 'METADATA_SCHEMA_INVALID', message: 'title is missing' }],
			},
		});

	const post = async (id: string, body: string, secret: string, signedAt = new Date()) =>
		await fetch(url, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				'webhook-id': id,
				'webhook-timestamp': String(Math.floor(signedAt.getTime() / 1000)),
				'webhook-signature': new Webhook(secret).sign(id, signedAt, body),
			},
			body,
		});

	const executionCount = async () => (await rest.executions(workflow)).length;

	it('answers 401 to a wrong, an old and a missing signature, and starts nothing', async () => {
		const body = message('8Z7x1T9rN0Xc2B5Yq4L3zP');
		const otherSecret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
		expect((await post('msg_wrong', body, otherSecret)).status).toBe(401);
		const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000);
		expect((await post('msg_old', body, sandbox.webhookSecret, yesterday)).status).toBe(401);
		const unsigned = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body,
		});
		expect(unsigned.status).toBe(401);

		// A message that does start an execution shows that the refused ones had time to.
		expect((await post('msg_right', body, sandbox.webhookSecret)).ok).toBe(true);
		const execution = await rest.waitForExecutionOf(workflow, 30_000);
		expect(outputOf(execution.data, 'Message from DPS')[0].json.webhookId).toBe('msg_right');
		expect(await executionCount()).toBe(1);
	});

	it('takes a message that comes again, and does not run it twice', async () => {
		const before = await executionCount();
		const body = message('8Z7x1T9rN0Xc2B5Yq4L3zQ');
		expect((await post('msg_again', body, sandbox.webhookSecret)).ok).toBe(true);
		await rest.waitForExecutionOf(
			workflow,
			30_000,
			({ data }) => outputOf(data, 'Message from DPS')[0].json.webhookId === 'msg_again',
		);
		// n8n stores what the trigger remembers just after the execution has ended.
		await wait(1_000);
		expect((await post('msg_again', body, sandbox.webhookSecret)).ok).toBe(true);
		await post('msg_last', body, sandbox.webhookSecret);
		await rest.waitForExecutionOf(
			workflow,
			30_000,
			({ data }) => outputOf(data, 'Message from DPS')[0].json.webhookId === 'msg_last',
		);
		expect((await executionCount()) - before).toBe(2);
	});

	it('answers what is wrong with a request by the right status, and starts nothing', async () => {
		const before = await executionCount();
		const send = async (id: string, body: string, headers: Record<string, string> = {}) => {
			const signedAt = new Date();
			const response = await fetch(url, {
				method: 'POST',
				headers: {
					'content-type': 'application/json',
					'webhook-id': id,
					'webhook-timestamp': String(Math.floor(signedAt.getTime() / 1000)),
					'webhook-signature': new Webhook(sandbox.webhookSecret).sign(id, signedAt, body),
					...headers,
				},
				body,
			});
			return response.status;
		};
		const large = JSON.stringify({ type: 'submission.preserved', data: { x: 'x'.repeat(5e6) } });
		expect(await send('msg_large', large)).toBe(413);
		expect(await send('msg_list', '[]')).toBe(400);
		expect(await send('msg_text', 'no JSON', { 'content-type': 'text/plain' })).toBe(400);
		expect(await send('msg_other', '{"type":"submission.queued","data":{}}')).toBe(204);
		const compressed = gzipSync(message('8Z7x1T9rN0Xc2B5Yq4L3zP'));
		const squeezed = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
			body: new Uint8Array(compressed),
		});
		expect(squeezed.status).toBe(415);
		expect((await fetch(url, { method: 'GET' })).status).toBe(404);
		expect(await executionCount()).toBe(before);
	});

	it('starts one execution for each message, when each is sent twice at once', async () => {
		const before = await executionCount();
		const ids = Array.from({ length: 20 }, (_, index) => `msg_twice_${index}`);
		const answers = await Promise.all(
			ids
				.flatMap((id) => [id, id])
				.map(
					async (id) => await post(id, message('8Z7x1T9rN0Xc2B5Yq4L3zR'), sandbox.webhookSecret),
				),
		);
		expect(answers.map(({ ok }) => ok)).toEqual(answers.map(() => true));
		await rest.waitForExecutionOf(
			workflow,
			30_000,
			({ data }) => outputOf(data, 'Message from DPS')[0].json.webhookId === ids[19],
		);
		expect((await executionCount()) - before).toBe(ids.length);
	});
});

describe('the trigger without a secret that can be read', () => {
	it('answers 503, so that the message comes again', async () => {
		const credential = await rest.createCredential('To be lost', 'digitalPreservationWebhookApi', {
			signingSecret: sandbox.webhookSecret,
		});
		const others = credentials.filter(({ type }) => type !== credential.type);
		const definition = await readWorkflow('follow-dps.json', {
			filesFolder,
			credentials: [...others, credential],
		});
		const workflow = await rest.createWorkflow(definition);
		await rest.activate(workflow);
		const [url] = await rest.webhookUrls(workflow);
		await rest.deleteCredential(credential);
		const answer = await fetch(url, { method: 'POST', body: '{}' });
		expect(answer.status).toBe(503);
		await rest.deactivate(workflow);
	});

	it('cannot be activated with an empty secret', async () => {
		const credential = await rest.createCredential('Empty', 'digitalPreservationWebhookApi', {
			signingSecret: ' ',
		});
		const others = credentials.filter(({ type }) => type !== credential.type);
		const workflow = await rest.createWorkflow(
			await readWorkflow('follow-dps.json', {
				filesFolder,
				credentials: [...others, credential],
			}),
		);
		await expect(rest.activate(workflow)).rejects.toThrow(/Signing Secret/);
	});
});
