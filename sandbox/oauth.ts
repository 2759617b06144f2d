import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { SandboxClient } from './messages';

/** Keycloak's path of a realm named `dps`, where the library's token endpoint is. */
export const REALM_PATH = '/authn/realms/dps';
export const TOKEN_ROUTE = '/protocol/openid-connect/token';

const AUDIENCE = 'dps-submission';
const ALGORITHM = 'RS256';

/** Roles that Keycloak gives to each account of a realm, beside those of the contracts. */
const REALM_ROLES = ['default-roles-dps', 'offline_access', 'uma_authorization'];

/** Who calls, as a checked access token says. */
export interface Caller {
	clientId: string;
	roles: ReadonlySet<string>;
}

/**
 * Keeps nothing: clients are given from the start, and a token carries all that there is to know.
 */
class NoStorage {
	async find(): Promise<undefined> {
		return undefined;
	}

	async upsert(): Promise<void> {}
}

export interface AuthorizationServer {
	/** Answers everything below {@link REALM_PATH}, where it is to be mounted. */
	handler: RequestListener;
	/**
	 * Checks an access token: its signature, issuer, audience and expiry, and that it was not revoked.
	 *
	 * @throws when any of these fails
	 */
	verify(accessToken: string): Promise<Caller>;
	/** Makes every token issued so far invalid. */
	revokeAll(): void;
}

/**
 * An OAuth 2.0 server for client credentials, which issues signed JWTs with Keycloak's claims.
 *
 * @param origin the origin that it is served from, which becomes part of the issuer
 * @param tokenSeconds how long an access token is good for
 */
export async function createAuthorizationServer(
	origin: string,
	clients: readonly SandboxClient[],
	tokenSeconds: number,
): Promise<AuthorizationServer> {
	const { exportJWK, generateKeyPair, jwtVerify } = await import('jose');
	const [{ default: Provider }, { privateKey, publicKey }] = await Promise.all([
		import('oidc-provider'),
		generateKeyPair(ALGORITHM, { extractable: true }),
	]);

	const issuer = `${origin}${REALM_PATH}`;
	const rolesOf = new Map(clients.map((client) => [client.clientId, client.roles]));
	// Keycloak's `sid` names the session; here all tokens since the last revocation share one.
	let session = randomBytes(16).toString('hex');

	const provider = new Provider(issuer, {
		adapter: NoStorage,
		clients: clients.map(({ clientId, clientSecret }) => ({
			client_id: clientId,
			client_secret: clientSecret,
			grant_types: ['client_credentials'],
			redirect_uris: [],
			response_types: [],
			token_endpoint_auth_method: 'client_secret_post',
		})),
		jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: ALGORITHM, use: 'sig' }] },
		routes: { token: TOKEN_ROUTE, jwks: '/protocol/openid-connect/certs' },
		ttl: { ClientCredentials: tokenSeconds },
		features: {
			devInteractions: { enabled: false },
			clientCredentials: { enabled: true },
			resourceIndicators: {
				enabled: true,
				defaultResource: () => `${origin}/dps-submission`,
				useGrantedResource: () => true,
				getResourceServerInfo: () => ({
					scope: '',
					audience: AUDIENCE,
					accessTokenTTL: tokenSeconds,
					accessTokenFormat: 'jwt',
					jwt: { sign: { alg: ALGORITHM } },
				}),
			},
		},
		extraTokenClaims: (_context, token) => {
			const clientId = token.client?.clientId ?? '';
			return {
				azp: clientId,
				sid: session,
				realm_access: { roles: [...REALM_ROLES, ...(rolesOf.get(clientId) ?? [])] },
			};
		},
	});
	provider.use(async (context, next) => {
		await next();
		if (isTokenAnswer(context.body)) {
			// Keycloak's own fields beside those of the standard.
			Object.assign(context.body, { 'not-before-policy': 0, scope: 'profile email' });
		}
	});

	return {
		handler: provider.callback(),
		verify: async (accessToken) => {
			const { payload } = await jwtVerify(accessToken, publicKey, {
				issuer,
				audience: AUDIENCE,
				algorithms: [ALGORITHM],
				requiredClaims: ['exp', 'iat'],
			});
			if (payload.sid !== session) throw new Error('The token was revoked');
			const { roles } = payload.realm_access as { roles: string[] };
			return { clientId: String(payload.client_id), roles: new Set(roles) };
		},
		revokeAll: () => {
			session = randomBytes(16).toString('hex');
		},
	};
}

function isTokenAnswer(body: unknown): body is Record<string, unknown> {
	return typeof body === 'object' && body !== null && 'access_token' in body;
}
