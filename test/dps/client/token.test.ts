import { PRODUCTION, checkReachable, serviceAddresses } from '../../../dps/client/addresses';
import { contractsInToken, exchangeToken, expiryOfToken } from '../../../dps/client/token';
import { TokenError } from '../../../dps/client/token-error';
import { ScriptedServer, answer, breakOff } from '../scripted-server';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenWith = (payload: object) => `${part({ alg: 'RS256' })}.${part(payload)}.c2ln`;

let server: ScriptedServer;

beforeAll(async () => {
	server = await ScriptedServer.start();
});

afterAll(async () => await server.stop());

const exchange = () =>
	exchangeToken(server.api().transport, {
		clientId: 'my-archive',
		clientSecret: 'p&ss wörd',
		tokenUrl: `${server.origin}/token`,
	});

async function messageOf(work: Promise<unknown>): Promise<TokenError> {
	const error: unknown = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(TokenError);
	expect(String(error)).not.toContain('p&ss');
	return error as TokenError;
}

describe('the contracts in a token', () => {
	it.each([
		['realm_access', { realm_access: { roles: ['ef23_R', 'ef23_W', 'offline_access'] } }],
		['resource_access', { resource_access: { dps: { roles: ['ef23_R', 'ef23_W'] } } }],
		['a flat claim', { roles: ['ef23_R', 'ef23_W'] }],
		['a scope', { scope: 'profile ef23_R ef23_W' }],
	])('are read from %s', (_place, payload) => {
		expect(contractsInToken(tokenWith(payload))).toEqual([
			{ contractId: 'ef23', read: true, write: true },
		]);
	});

	it('are in lower case, sorted, each with its own access', () => {
		const roles = ['EF23_W', '1234_R', 'DPS_SUBMISSION_HANDLER', 'xef23_R', 'ef2_R'];
		expect(contractsInToken(tokenWith({ roles }))).toEqual([
			{ contractId: '1234', read: true, write: false },
			{ contractId: 'ef23', read: false, write: true },
		]);
	});

	it.each(['', 'opaque', 'a.b', 'a.b.c', `x.${part([])}`])('are unknown of %j', (token) => {
		expect(contractsInToken(token)).toBeUndefined();
	});

	it('end with the token', () => {
		expect(expiryOfToken(tokenWith({ exp: 1_700_000_000 }))).toBe(1_700_000_000_000);
		expect(expiryOfToken(tokenWith({}))).toBeUndefined();
	});
});

describe('the token exchange', () => {
	const good = tokenWith({ realm_access: { roles: ['ef23_R'] } });

	it('sends the client credentials form-encoded, and no Authorization header', async () => {
		server.play(answer(200, { access_token: good, expires_in: 300, token_type: 'Bearer' }));
		await expect(exchange()).resolves.toBe(good);
		const [request] = server.received;
		expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded');
		expect(request.headers.authorization).toBeUndefined();
		expect(Object.fromEntries(new URLSearchParams(request.body))).toEqual({
			grant_type: 'client_credentials',
			client_id: 'my-archive',
			client_secret: 'p&ss wörd',
		});
	});

	it.each([
		[401, { error: 'invalid_client', error_description: 'Invalid client credentials' }],
		[401, { error: 'unauthorized_client', error_description: 'Invalid client secret' }],
		[400, { error: 'invalid_client' }],
	])('names an unknown client or a wrong secret (%d)', async (status, body) => {
		server.play(answer(status, body));
		const error = await messageOf(exchange());
		expect(error.message).toContain('Unknown client or wrong secret');
		expect(error.retryable).toBe(false);
	});

	it.each([
		['a page', answer(200, '<html>Welcome</html>')],
		['a JSON answer without a token', answer(200, { status: 'UP' })],
		['a 404', answer(404, 'Not here')],
		['a 405', answer(405, '')],
		['a redirect', answer(302, '', { location: 'https://example.org/login' })],
	])('says that the Token URL is no token endpoint for %s', async (_name, step) => {
		server.play(step);
		expect((await messageOf(exchange())).message).toContain('is not a token endpoint');
	});

	it('says when the host cannot be reached, and that trying again can help', async () => {
		server.play(breakOff);
		const error = await messageOf(exchange());
		expect(error.message).toContain('cannot be reached');
		expect(error.retryable).toBe(true);
	});

	it('takes an overloaded endpoint for a passing fault', async () => {
		server.play(answer(503, '<html>busy</html>', { 'retry-after': '3' }));
		expect(await messageOf(exchange())).toMatchObject({ retryable: true, retryAfterMs: 3000 });
	});

	it('refuses a token without a contract role', async () => {
		server.play(answer(200, { access_token: tokenWith({ roles: ['offline_access'] }) }));
		expect((await messageOf(exchange())).message).toContain('no contract role');
	});

	it('refuses a token that is no JWT', async () => {
		server.play(answer(200, { access_token: 'opaque-token' }));
		const error = await messageOf(exchange());
		expect(error.message).toContain('not a JWT');
		expect(error.message).not.toContain('opaque-token');
	});
});

describe("the service's addresses", () => {
	const custom = (baseUrl: unknown, tokenUrl: unknown = 'https://id.example.org/token') => ({
		environment: 'custom',
		baseUrl,
		tokenUrl,
	});

	it('are those of the library unless the environment is custom', () => {
		expect(serviceAddresses({ environment: 'production', baseUrl: 'http://x' })).toEqual(
			PRODUCTION,
		);
	});

	it('lose a slash and spaces at their ends', () => {
		expect(serviceAddresses(custom(' https://dps.example.org/dps-submission// '))).toEqual({
			baseUrl: 'https://dps.example.org/dps-submission',
			tokenUrl: 'https://id.example.org/token',
		});
	});

	it.each(['http://localhost:8090/x', 'http://127.0.0.1:8090/x', 'http://[::1]:8090/x'])(
		'may be http on this machine: %s',
		(url) => {
			expect(serviceAddresses(custom(url)).baseUrl).toBe(url);
		},
	);

	it.each([
		'http://dps.example.org',
		'http://127.0.0.1.example.org',
		'http://10.0.0.1',
		'http://localhost@example.org',
	])('may not be http elsewhere: %s', (url) => {
		expect(() => serviceAddresses(custom(url))).toThrow(/Use https/);
	});

	it.each(['', 'dps.example.org', 'ftp://example.org', 'javascript:alert(1)', null, 7])(
		'are web addresses: %j is none',
		(url) => {
			expect(() => serviceAddresses(custom(url))).toThrow(/Base URL is not a web address/);
			expect(() => serviceAddresses(custom('https://a.example.org', url))).toThrow(
				/Token URL is not a web address/,
			);
		},
	);

	it.each(['https://user:pw@example.org', 'https://example.org/?a=b', 'https://example.org/#x'])(
		'are plain: %s is not',
		(url) => {
			expect(() => serviceAddresses(custom(url))).toThrow(/must not contain/);
		},
	);

	it('are reachable when anything answers', async () => {
		server.play(answer(500, 'oops'));
		await expect(
			checkReachable(server.api().transport, `${server.origin}/dps-submission`),
		).resolves.toBeUndefined();
	});

	it('name the host that does not answer', async () => {
		const gone = await ScriptedServer.start();
		await gone.stop();
		const error = await messageOf(checkReachable(gone.api().transport, gone.origin));
		expect(error.message).toContain(new URL(gone.origin).host);
		expect(error.message).toContain('nothing listens there');
	});
});
