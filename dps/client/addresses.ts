import type { Transport } from '../ports';
import { CancelledError, TransportError } from '../ports';
import { reasonOfFailure } from './connection';
import { TokenError } from './token-error';

/** The hosts of the production service (DPS API documentation). */
export const PRODUCTION = {
	baseUrl: 'https://api.nb.no/dps-submission',
	tokenUrl: 'https://www.nb.no/authn/realms/dps/protocol/openid-connect/token',
} as const;

export interface ServiceAddresses {
	/** Without a slash at the end; the paths start at `/v1`. */
	baseUrl: string;
	tokenUrl: string;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const REACH_TIMEOUT_MS = 15_000;

/** Whether an address is safe for secrets and files: https, or http on this machine. */
export function isConfidential(url: URL): boolean {
	return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
}

function checkedAddress(name: string, example: string, value: unknown): string {
	const text = typeof value === 'string' ? value.trim() : '';
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (!url || !['https:', 'http:'].includes(url.protocol)) {
		throw new TokenError(
			`The ${name} is not a web address. Enter one that starts with https://, such as ${example}`,
			false,
		);
	}
	if (!isConfidential(url)) {
		throw new TokenError(
			`The ${name} starts with http://, so the client secret and the files would travel unencrypted. Use https://; http:// is accepted only for localhost.`,
			false,
		);
	}
	if (url.username || url.password || url.search || url.hash) {
		throw new TokenError(
			`The ${name} must not contain a user name, a question mark or a hash sign. Enter the plain address.`,
			false,
		);
	}
	return text.replace(/\/+$/, '');
}

/**
 * The addresses that a credential stands for.
 *
 * @param credential `environment` (`production` or `custom`) and, for custom, `baseUrl`, `tokenUrl`
 * @throws {TokenError} when an address is malformed or would send secrets in the clear
 */
export function serviceAddresses(credential: {
	environment?: unknown;
	baseUrl?: unknown;
	tokenUrl?: unknown;
}): ServiceAddresses {
	if (credential.environment !== 'custom') return PRODUCTION;
	return {
		baseUrl: checkedAddress('Base URL', PRODUCTION.baseUrl, credential.baseUrl),
		tokenUrl: checkedAddress('Token URL', PRODUCTION.tokenUrl, credential.tokenUrl),
	};
}

/**
 * Makes sure that something answers at the API's address, whatever its status.
 *
 * @throws {TokenError} when nothing does
 */
export async function checkReachable(transport: Transport, baseUrl: string): Promise<void> {
	await transport
		.request({
			method: 'GET',
			url: `${baseUrl}/v1/api-docs`,
			auth: 'none',
			responseType: 'text',
			timeoutMs: REACH_TIMEOUT_MS,
		})
		.catch((error: unknown) => {
			if (error instanceof CancelledError) throw error;
			const code = error instanceof TransportError ? error.code : undefined;
			throw new TokenError(
				`A token was issued, but the API's host ${new URL(baseUrl).host} cannot be reached: ${reasonOfFailure(code)}. Check the Base URL, and that this machine may connect to it.`,
				true,
			);
		});
}
