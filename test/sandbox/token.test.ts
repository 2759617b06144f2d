import { setTimeout as sleep } from 'node:timers/promises';
import { startSandboxProcess, type SandboxProcess } from './sandbox-process';

let sandbox: SandboxProcess;

beforeAll(async () => {
	sandbox = await startSandboxProcess({ tokenSeconds: 120 });
});
afterAll(async () => {
	await sandbox.stop();
});

async function exchange(form: Record<string, string>, headers: Record<string, string> = {}) {
	const response = await fetch(sandbox.tokenUrl, {
		method: 'POST',
		headers,
		body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
	});
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function listWith(authorization: string | undefined, base: SandboxProcess = sandbox) {
	const response = await fetch(`${base.apiUrl}/v1/contracts/ef23/submissions`, {
		headers: authorization === undefined ? {} : { authorization },
	});
	return { status: response.status, body: (await response.json()) as { error?: { code: string } } };
}

function claimsOf(token: string): Record<string, unknown> {
	return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()) as Record<
		string,
		unknown
	>;
}

test('the token endpoint is at the path of a Keycloak realm named dps', () => {
	expect(new URL(sandbox.tokenUrl).pathname).toBe(
		'/authn/realms/dps/protocol/openid-connect/token',
	);
});

test('an id and secret in the form buy a signed token with the roles of each contract', async () => {
	const [client] = sandbox.clients;
	const { status, body } = await exchange({
		client_id: client.clientId,
		client_secret: client.clientSecret,
	});
	expect(status).toBe(200);
	expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 120, 'not-before-policy': 0 });
	const { roles } = claimsOf(String(body.access_token)).realm_access as { roles: string[] };
	expect(roles).toEqual(expect.arrayContaining(['ef23_R', 'ef23_W', '1234_R', '2d17_W']));
});

test('HTTP Basic authentication does as well', async () => {
	const { clientId, clientSecret } = sandbox.clients[0];
	const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
	const { status } = await exchange({}, { authorization: `Basic ${basic}` });
	expect(status).toBe(200);
});

test('a wrong secret and an unknown client get 401', async () => {
	const { clientId } = sandbox.clients[0];
	for (const client_id of [clientId, 'nobody']) {
		const { status, body } = await exchange({ client_id, client_secret: 'wrong' });
		expect(status).toBe(401);
		expect(body.error).toBe('invalid_client');
	}
});

test('the API answers 401 without a token, with nonsense, and with another scheme', async () => {
	for (const authorization of [undefined, 'Bearer', 'Bearer nonsense', 'Basic YTpi']) {
		const { status, body } = await listWith(authorization);
		expect(status).toBe(401);
		expect(body.error?.code).toBe('UNAUTHORIZED');
	}
});

test('a token with an added role, its signature unchanged, is refused', async () => {
	const [header, , signature] = (await sandbox.accessToken()).split('.');
	const claims = claimsOf(await sandbox.accessToken());
	claims.realm_access = { roles: ['ef23_R', 'abcd_R'] };
	const forged = Buffer.from(JSON.stringify(claims)).toString('base64url');
	const { status } = await listWith(`Bearer ${header}.${forged}.${signature}`);
	expect(status).toBe(401);
});

test('a token that says it needs no signature is refused', async () => {
	const [, payload] = (await sandbox.accessToken()).split('.');
	const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
	expect((await listWith(`Bearer ${header}.${payload}.`)).status).toBe(401);
});

test('a token of another sandbox is refused: other key, other issuer', async () => {
	const other = await startSandboxProcess();
	try {
		expect((await listWith(`Bearer ${await other.accessToken()}`)).status).toBe(401);
	} finally {
		await other.stop();
	}
});

test('an expired token is refused', async () => {
	const shortLived = await startSandboxProcess({ tokenSeconds: 1 });
	try {
		const token = await shortLived.accessToken();
		await sleep(2100);
		expect((await listWith(`Bearer ${token}`, shortLived)).status).toBe(401);
	} finally {
		await shortLived.stop();
	}
});

test('revoked tokens get 401, later ones do not', async () => {
	const earlier = await sandbox.accessToken();
	expect((await listWith(`Bearer ${earlier}`)).status).toBe(200);
	await sandbox.control.revokeTokens();
	expect((await listWith(`Bearer ${earlier}`)).status).toBe(401);
	expect((await listWith(`Bearer ${await sandbox.accessToken()}`)).status).toBe(200);
});

test('a client without a contract gets a token, and 403', async () => {
	const token = await sandbox.accessToken('sandbox-client-without-contract');
	const { status, body } = await listWith(`Bearer ${token}`);
	expect(status).toBe(403);
	expect(body.error?.code).toBe('FORBIDDEN');
});

test('clients can be given instead of the default ones', async () => {
	const clients = [
		{ clientId: 'archive', clientSecret: 'one + two/three', roles: ['00ff_R'] },
		{ clientId: 'museum', clientSecret: 'four', roles: ['ef23_R'] },
	];
	const own = await startSandboxProcess({ clients });
	try {
		expect(own.clients).toEqual(clients);
		expect((await listWith(`Bearer ${await own.accessToken('archive')}`, own)).status).toBe(403);
		expect((await listWith(`Bearer ${await own.accessToken('museum')}`, own)).status).toBe(200);
	} finally {
		await own.stop();
	}
});
