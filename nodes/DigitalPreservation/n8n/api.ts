import type { IExecuteFunctions } from 'n8n-workflow';

import { serviceAddresses } from '../../../dps/client/addresses';
import type { DpsApi } from '../../../dps/client/api';
import { DEFAULT_RETRY_POLICY } from '../../../dps/client/retry';
import type { Contract } from '../../../dps/client/token';
import { contractsInToken, exchangeToken, expiryOfToken } from '../../../dps/client/token';

import { n8nClock } from './clock';
import { toNodeError } from './errors';
import type { ApiContext } from './transport';
import { API_CREDENTIAL, anonymousTransport, n8nTransport } from './transport';

/**
 * The DPS API as the node's credential reaches it.
 *
 * @throws {NodeOperationError} when the credential's addresses are wrong
 */
export async function apiFor(context: ApiContext): Promise<DpsApi> {
	const credential = await context.getCredentials(API_CREDENTIAL);
	try {
		const { baseUrl } = serviceAddresses(credential);
		return {
			baseUrl,
			transport: n8nTransport(context, new URL(baseUrl).origin, credential),
			clock: n8nClock,
			retry: DEFAULT_RETRY_POLICY,
			signal: 'getExecutionCancelSignal' in context ? cancelSignal(context) : undefined,
			onRetry: (failure) =>
				context.logger.info(`Digital Preservation: repeating ${failure.request}`, {
					code: failure.code,
					status: failure.status,
				}),
		};
	} catch (error) {
		throw toNodeError(context.getNode(), error, {});
	}
}

function cancelSignal(context: Pick<IExecuteFunctions, 'getExecutionCancelSignal'>) {
	return context.getExecutionCancelSignal();
}

/** A token that is good for another moment is as good as a new one for reading its roles. */
const MARGIN_MS = 5_000;

/**
 * The contracts that the credential's client has access to: the roles in its token are the only
 * list of them that there is.
 *
 * @throws {TokenError}
 */
export async function contractsOf(context: ApiContext): Promise<Contract[]> {
	const credential = await context.getCredentials(API_CREDENTIAL);
	const { accessToken } = credential;
	const stored = typeof accessToken === 'string' ? accessToken : '';
	const isFresh = (expiryOfToken(stored) ?? 0) > Date.now() + MARGIN_MS;
	const token = isFresh
		? stored
		: await exchangeToken(anonymousTransport(context.helpers), {
				clientId: String(credential.clientId ?? '').trim(),
				clientSecret: String(credential.clientSecret ?? ''),
				tokenUrl: serviceAddresses(credential).tokenUrl,
			});
	return contractsInToken(token) ?? [];
}
