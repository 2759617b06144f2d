import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { TokenGate } from '../../nodes/DigitalPreservation/n8n/token-gate';

/** A JWT of 300 seconds, as Keycloak issues them, that ends in so many seconds by this machine's clock. */
function tokenEndingIn(seconds: number, id = 'token'): string {
	const exp = Math.floor(Date.now() / 1000) + seconds;
	const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
	return `${part({ alg: 'RS256' })}.${part({ iat: exp - 300, exp, id })}.signature`;
}

/** A stored credential, and requests that see what n8n would send. */
function stage(inUse: string, stored = inUse) {
	const sent: string[] = [];
	const issued: string[] = [];
	let readings = 0;
	const gate = new TokenGate({ clientId: 'client', accessToken: inUse }, async () => {
		readings++;
		return { clientId: 'client', accessToken: stored };
	});
	/** n8n: fetches a token when there is none, or when the API answers 401, and notes it. */
	const send = (isAccepted = true) =>
		gate.pass(async (credential: ICredentialDataDecryptedObject) => {
			sent.push(String(credential.accessToken));
			await Promise.resolve();
			if (credential.accessToken === '' || !isAccepted) {
				const token = tokenEndingIn(300, `issued ${issued.length}`);
				issued.push(token);
				credential.accessToken = token;
			}
		});
	return { send, sent, issued, readings: () => readings };
}

describe('the token of a run', () => {
	it('is used as it is while it has some time left', async () => {
		const token = tokenEndingIn(200);
		const { send, sent, issued, readings } = stage(token);
		await Promise.all([send(), send(), send()]);
		expect(sent).toEqual([token, token, token]);
		expect(issued).toHaveLength(0);
		expect(readings()).toBe(0);
	});

	it('is taken from the credential when another execution has renewed it', async () => {
		const renewed = tokenEndingIn(290, 'by another execution');
		const { send, sent, issued } = stage(tokenEndingIn(5), renewed);
		await Promise.all([send(), send()]);
		expect(sent).toEqual([renewed, renewed]);
		expect(issued).toHaveLength(0);
	});

	it('is renewed once, before its end, while other requests wait', async () => {
		const { send, sent, issued } = stage(tokenEndingIn(5));
		await Promise.all([send(), send(), send()]);
		expect(issued).toHaveLength(1);
		expect(sent).toEqual(['', issued[0], issued[0]]);
	});

	it('is renewed once when the API does not take it any more', async () => {
		const ended = tokenEndingIn(-60);
		const { send, sent, issued } = stage(ended);
		await Promise.all([send(false), send(), send()]);
		expect(issued).toHaveLength(1);
		expect(sent).toEqual([ended, issued[0], issued[0]]);
	});

	it('is used on when the API takes it although the clock says that it has ended', async () => {
		const ended = tokenEndingIn(-3600);
		const { send, sent, issued } = stage(ended);
		await send();
		await Promise.all([send(), send()]);
		expect(sent).toEqual([ended, ended, ended]);
		expect(issued).toHaveLength(0);
	});

	it('is used without end when it does not say when it ends', async () => {
		const { send, sent, readings } = stage('opaque');
		await Promise.all([send(), send()]);
		await send();
		expect(sent).toEqual(['opaque', 'opaque', 'opaque']);
		expect(readings()).toBe(0);
	});

	it('is renewed by the next request when the one that went ahead has failed', async () => {
		const renewing: string[] = [];
		const gate = new TokenGate({ accessToken: tokenEndingIn(5) }, async () => ({
			accessToken: tokenEndingIn(5),
		}));
		await expect(
			gate.pass(async () => {
				throw new Error('no connection');
			}),
		).rejects.toThrow('no connection');
		await gate.pass(async ({ accessToken }) => void renewing.push(String(accessToken)));
		expect(renewing).toEqual(['']);
	});
});
