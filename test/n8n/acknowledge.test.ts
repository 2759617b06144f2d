import { randomUUID } from 'node:crypto';

import { Webhook } from 'standardwebhooks';

import type { StoredWorkflow, WorkflowNode } from '../../demo/n8n-rest';
import { readWorkflow } from '../../demo/workflows';
import { sharedStage } from './shared-stage';

jest.setTimeout(120_000);

const { rest, sandbox, filesFolder, credentials } = sharedStage();
const TRIGGER = 'Message from DPS';

/** A workflow of the trigger, which acknowledges at the end, and one node after it; in service. */
async function publish(last: Pick<WorkflowNode, 'type' | 'typeVersion' | 'parameters'>) {
	const { nodes } = await readWorkflow('follow-dps.json', { filesFolder, credentials });
	const trigger = nodes.find(({ name }) => name === TRIGGER) as WorkflowNode;
	trigger.parameters.options = { binaryData: true, acknowledge: 'ended' };
	const workflow = await rest.createWorkflow({
		name: `Acknowledge, then ${last.type}`,
		nodes: [trigger, { ...last, id: randomUUID(), name: 'Last', position: [224, 0] }],
		connections: { [TRIGGER]: { main: [[{ node: 'Last', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	});
	await rest.activate(workflow);
	return workflow;
}

async function post(workflow: StoredWorkflow, id: string): Promise<number> {
	const [url] = await rest.webhookUrls(workflow);
	const now = new Date();
	const body = JSON.stringify({
		type: 'submission.preserved',
		timestamp: now.toISOString(),
		data: { contractId: 'ef23', submissionId: '8Z7x1T9rN0Xc2B5Yq4L3zP' },
	});
	const answer = await fetch(url, {
		method: 'POST',
		headers: {
			'content-type': 'application/json',
			'webhook-id': id,
			'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
			'webhook-signature': new Webhook(sandbox.webhookSecret).sign(id, now, body),
		},
		body,
	});
	return answer.status;
}

describe('a trigger that acknowledges when the workflow has ended well', () => {
	it('answers with success then, and a repetition starts nothing', async () => {
		const workflow = await publish({
			type: 'n8n-nodes-base.noOp',
			typeVersion: 1,
			parameters: {},
		});
		expect(await post(workflow, 'msg_well')).toBe(200);
		const [execution] = await rest.executions(workflow);
		expect(execution.status).toBe('success');
		expect(await post(workflow, 'msg_well')).toBe(204);
		expect(await rest.executions(workflow)).toHaveLength(1);
		await rest.deactivate(workflow);
	});

	it('answers with an error when the workflow fails, and takes the message again', async () => {
		const workflow = await publish({
			type: 'n8n-nodes-base.stopAndError',
			typeVersion: 1,
			parameters: { errorMessage: 'The archive id could not be stored' },
		});
		expect(await post(workflow, 'msg_badly')).toBe(500);
		expect(await post(workflow, 'msg_badly')).toBe(500);
		expect(await rest.executions(workflow)).toHaveLength(2);
		await rest.deactivate(workflow);
	});
});
