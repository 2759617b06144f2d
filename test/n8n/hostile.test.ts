import { readWorkflow } from '../../demo/workflows';
import { hostileRequests, sendAll } from './hostile-requests';
import { sharedStage } from './shared-stage';

jest.setTimeout(240_000);

const { rest, filesFolder, credentials, n8nUrl } = sharedStage();

describe("hostile requests to the trigger's URL", () => {
	it('start nothing, are refused by a 4xx each, and leave n8n running', async () => {
		const workflow = await rest.createWorkflow(
			await readWorkflow('follow-dps.json', { filesFolder, credentials }),
		);
		await rest.activate(workflow);
		const [url] = await rest.webhookUrls(workflow);

		const outcomes = await sendAll(url, hostileRequests(20261123, 300), 8);
		const unexpected = outcomes.filter(({ status = 0 }) => status < 400 || status >= 500);
		expect(
			unexpected.map(({ status, sent: { method, headers } }) => ({ status, method, headers })),
		).toEqual([]);
		expect(outcomes).toHaveLength(300);
		expect(await rest.executions(workflow)).toEqual([]);
		expect((await fetch(`${n8nUrl}/healthz`)).status).toBe(200);
		await rest.deactivate(workflow);
	});
});
