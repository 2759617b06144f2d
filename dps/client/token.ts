import type { Transport } from '../ports';
import { CancelledError, TransportError } from '../ports';
import { reasonOfFailure } from './connection';
import { isRetryableStatus, nameOfStatus, parseJson, retryAfterMs } from './error';
import { redact } from './redaction';
import { TokenError } from './token-error';

/** A contract that a token gives access to. */
export interface Contract {
	/** Four lower-case hex digits. */
	contractId: string;
	read: boolean;
	write: boolean;
}

export interface Client {
	clientId: string;
	clientSecret: string;
	tokenUrl: string;
}

const ROLE = /^([0-9a-f]{4})_([RW])$/i;
/** A token is small; deeper or larger than this is not one of Keycloak's. */
const MAX_DEPTH = 6;
const TOKEN_TIMEOUT_MS = 30_000;

function payloadOf(token: string): Record<string, unknown> | undefined {
	const parts = token.split('.');
	if (parts.length !== 3) return undefined;
	const payload = parseJson(Buffer.from(parts[1], 'base64url').toString('utf8'));
	return typeof payload === 'object' && payload !== null
		? (payload as Record<string, unknown>)
		: undefined;
}

function* textsIn(value: unknown, depth = 0): Generator<string> {
	if (typeof value === 'string') {
		yield* value.split(' ');
	} else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
		for (const part of Object.values(value)) yield* textsIn(part, depth + 1);
	}
}

/**
 * The contracts that a token gives access to, from its roles `{contractId}_R` and `{contractId}_W`.
 * Where Keycloak puts the roles is not documented (`realm_access.roles`, `resource_access.*.roles`,
 * `roles`, a scope), so every text in the token that has a role's form counts.
 *
 * @param token a JWT; its signature is for the API to check
 * @returns sorted by contract id; undefined when the token is no JWT
 */
export function contractsInToken(token: string): Contract[] | undefined {
	const payload = payloadOf(token);
	if (!payload) return undefined;
	const contracts = new Map<string, Contract>();
	for (const text of textsIn(payload)) {
		const role = ROLE.exec(text);
		if (!role) continue;
		const contractId = role[1].toLowerCase();
		const contract = contracts.get(contractId) ?? { contractId, read: false, write: false };
		if (role[2].toUpperCase() === 'R') contract.read = true;
		else contract.write = true;
		contracts.set(contractId, contract);
	}
	return [...contracts.values()].sort((a, b) => a.contractId.localeCompare(b.contractId));
}

/** When a token ends (its `exp`), in milliseconds since 1970; undefined when it does not say. */
export function expiryOfToken(token: string): number | undefined {
	const exp = payloadOf(token)?.exp;
	return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : undefined;
}

/**
 * For how long a token is good, from `iat` to `exp`, in milliseconds; undefined when it does not
 * say. Both are by the same clock, whatever this machine's says.
 */
export function lifetimeOfToken(token: string): number | undefined {
	const iat = payloadOf(token)?.iat;
	const expiry = expiryOfToken(token);
	if (typeof iat !== 'number' || expiry === undefined) return undefined;
	const lifetime = expiry - iat * 1000;
	return lifetime > 0 ? lifetime : undefined;
}

function refusal(host: string, status: number, body: unknown): TokenError | undefined {
	if (typeof body !== 'object' || body === null) return undefined;
	const { error, error_description: description } = body as Record<string, unknown>;
	if (typeof error !== 'string') return undefined;
	const said = `${error}${typeof description === 'string' ? `: ${description}` : ''}`;
	// Keycloak answers unauthorized_client where the standard says invalid_client
	if (error === 'invalid_client' || error === 'unauthorized_client') {
		return new TokenError(
			`Unknown client or wrong secret: ${host} does not accept this Client ID with this Client Secret (${redact(said, 200)}). Check both, without spaces around them, and that they belong to this environment.`,
			false,
		);
	}
	return new TokenError(
		`${host} refused to issue a token (${nameOfStatus(status)}, ${redact(said, 200)}).`,
		isRetryableStatus(status),
	);
}

/**
 * Exchanges a client's id and secret for an access token: OAuth 2.0 client credentials (RFC 6749
 * 4.4), form-encoded, as the DPS documentation shows it.
 *
 * @returns the access token, a JWT with at least one contract role
 * @throws {TokenError} for every other outcome
 */
export async function exchangeToken(transport: Transport, client: Client): Promise<string> {
	const { host } = new URL(client.tokenUrl);
	const response = await transport
		.request({
			method: 'POST',
			url: client.tokenUrl,
			auth: 'none',
			headers: {
				Accept: 'application/json',
				'Content-Type': 'application/x-www-form-urlencoded',
			},
			body: new URLSearchParams({
				grant_type: 'client_credentials',
				client_id: client.clientId,
				client_secret: client.clientSecret,
			}).toString(),
			responseType: 'text',
			timeoutMs: TOKEN_TIMEOUT_MS,
		})
		.catch((error: unknown) => {
			if (error instanceof CancelledError) throw error;
			const reason = error instanceof TransportError ? error : undefined;
			throw new TokenError(
				`The token endpoint's host ${host} cannot be reached: ${reasonOfFailure(reason?.code)}. Check the Token URL, and that this machine may connect to it.`,
				true,
			);
		});

	const body = parseJson(response.text);
	if (response.status >= 200 && response.status < 300) {
		const token = (body as { access_token?: unknown } | undefined)?.access_token;
		if (typeof token !== 'string' || token === '') {
			throw new TokenError(
				`The Token URL is not a token endpoint: ${host} answered ${nameOfStatus(response.status)} without an access token. It should end in /protocol/openid-connect/token.`,
				false,
			);
		}
		const contracts = contractsInToken(token);
		if (!contracts) {
			throw new TokenError(
				`${host} issued a token that is not a JWT, so it cannot be one for the DPS. Check the Token URL.`,
				false,
			);
		}
		if (contracts.length === 0) {
			throw new TokenError(
				'The client is known, but its token holds no contract role (such as ef23_R or ef23_W). Ask the National Library of Norway to give this client access to your contract.',
				false,
			);
		}
		return token;
	}
	const refused = refusal(host, response.status, body);
	if (refused) throw refused;
	if (isRetryableStatus(response.status)) {
		throw new TokenError(
			`The token endpoint ${host} is not available now (${nameOfStatus(response.status)}). Try again later.`,
			true,
			retryAfterMs(response.headers, Date.now()),
		);
	}
	throw new TokenError(
		`The Token URL is not a token endpoint: ${host} answered ${nameOfStatus(response.status)}. It should end in /protocol/openid-connect/token.`,
		false,
	);
}
