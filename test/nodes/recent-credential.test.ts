import type { ICredentialDataDecryptedObject, IWebhookFunctions } from 'n8n-workflow';

import { recentCredential } from '../../nodes/DigitalPreservation/n8n/recent-credential';

const TYPE = 'digitalPreservationWebhookApi';

let workflows = 0;

/** A webhook call, as far as a credential is read in it, and how often n8n was asked for it. */
function webhookCall(credentialId = 'credential') {
	const workflowId = `workflow ${++workflows}`;
	const reads: string[] = [];
	let secret: string | Error = 'first';
	const context = {
		getNode: () => ({ id: 'node', credentials: { [TYPE]: { id: credentialId, name: '' } } }),
		getWorkflow: () => ({ id: workflowId }),
		getCredentials: async (type: string): Promise<ICredentialDataDecryptedObject> => {
			reads.push(type);
			if (secret instanceof Error) throw secret;
			return await Promise.resolve({ signingSecret: secret });
		},
	} as unknown as IWebhookFunctions;
	return {
		reads,
		read: async () => (await recentCredential(context, TYPE)).signingSecret,
		change: (to: string | Error) => (secret = to),
		use: (id: string) => (credentialId = id),
	};
}

beforeEach(() => {
	jest.useFakeTimers({ now: 0 });
});

afterEach(() => {
	jest.useRealTimers();
});

describe("a webhook's credential", () => {
	it('is read once for messages of the same moment', async () => {
		const call = webhookCall();
		const secrets = await Promise.all([call.read(), call.read(), call.read()]);
		expect(secrets).toEqual(['first', 'first', 'first']);
		expect(call.reads).toEqual([TYPE]);
	});

	it('is read again after a second, so that a changed secret counts', async () => {
		const call = webhookCall();
		await call.read();
		call.change('second');
		jest.setSystemTime(999);
		expect(await call.read()).toBe('first');
		jest.setSystemTime(1_000);
		expect(await call.read()).toBe('second');
	});

	it('is read again when the clock was put back', async () => {
		const call = webhookCall();
		await call.read();
		call.change('second');
		jest.setSystemTime(-3_600_000);
		expect(await call.read()).toBe('second');
	});

	it('is asked for again when it could not be read', async () => {
		const call = webhookCall();
		call.change(new Error('no such credential'));
		const failed = await Promise.allSettled([call.read(), call.read()]);
		expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
		call.change('second');
		expect(await call.read()).toBe('second');
		expect(call.reads).toHaveLength(2);
	});

	it('is another for a trigger that is given another, and for another workflow', async () => {
		const call = webhookCall();
		await call.read();
		call.change('second');
		call.use('other credential');
		expect(await call.read()).toBe('second');
		expect(await webhookCall().read()).toBe('first');
	});
});
