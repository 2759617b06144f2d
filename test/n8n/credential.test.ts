import { apiCredential } from '../../demo/stage';
import { sharedStage } from './shared-stage';

const { rest, sandbox } = sharedStage();

/** Fills in the credential form, and presses 'Test'. */
async function test(changes: Record<string, string>) {
	const data = { ...apiCredential(sandbox), ...changes };
	const credential = await rest.createCredential('Test', 'digitalPreservationApi', data);
	return await rest.testCredential(credential, data);
}

describe("the credential form's test in n8n", () => {
	it('succeeds with the right secret', async () => {
		expect(await test({})).toMatchObject({ status: 'OK' });
	});

	it('says that the client or its secret is wrong, without repeating the secret', async () => {
		const answer = await test({ clientSecret: 'not-the-secret-4711' });
		expect(answer.status).toBe('Error');
		expect(answer.message).toMatch(/secret/i);
		expect(answer.message).not.toContain('not-the-secret-4711');
	});

	it('says that a host cannot be reached', async () => {
		const answer = await test({ baseUrl: 'http://127.0.0.1:1/dps-submission' });
		expect(answer.status).toBe('Error');
		expect(answer.message).toContain('127.0.0.1:1');
	});

	it("says that the token endpoint's host cannot be reached", async () => {
		const answer = await test({ tokenUrl: 'http://127.0.0.1:1/token' });
		expect(answer).toMatchObject({ status: 'Error' });
		expect(answer.message).toContain('127.0.0.1:1');
		expect(answer.message).toContain('Token URL');
	});

	it('says that the Token URL is no token endpoint', async () => {
		const answer = await test({ tokenUrl: `${sandbox.apiUrl}/v1/nowhere` });
		expect(answer.status).toBe('Error');
		expect(answer.message).toContain('is not a token endpoint');
	});

	it('says that the Base URL is not that of the API', async () => {
		const answer = await test({ baseUrl: `${sandbox.apiUrl}/elsewhere` });
		expect(answer.status).toBe('Error');
		expect(answer.message).toContain('Base URL is not that of the DPS API');
	});

	it('says that the client has no contract', async () => {
		const { clientId, clientSecret } = sandbox.clients[1];
		const answer = await test({ clientId, clientSecret });
		expect(answer.status).toBe('Error');
		expect(answer.message).toContain('no contract role');
	});

	it('refuses http for any host but the own machine', async () => {
		const answer = await test({ baseUrl: 'http://dps.example.org' });
		expect(answer.status).toBe('Error');
		expect(answer.message).toMatch(/https/);
	});
});
