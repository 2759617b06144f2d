import type {
	ICredentialDataDecryptedObject,
	IHookFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';

import { assertNoErrors } from '../../../dps/advised-error';
import type { MessageFilter } from '../../../dps/webhook/message';
import { checkFilter, contractIdsIn } from '../../../dps/webhook/message';
import { checkSecret } from '../../../dps/webhook/secret';
import { toNodeError } from '../n8n/errors';

export const WEBHOOK_CREDENTIAL = 'digitalPreservationWebhookApi';

interface Options {
	acceptBearerToken?: boolean;
	acknowledge?: 'started' | 'ended';
	deduplicate?: boolean;
	toleranceSeconds?: number;
}

/** What the trigger was told, and the secrets that it was given. */
export interface TriggerSettings {
	filter: MessageFilter;
	/** The shared secret and, during a rotation, the one before. */
	secrets: string[];
	/** The token of older deployments; empty unless that scheme is accepted. */
	bearerToken: string;
	/** Whether n8n answers only when the execution has ended. */
	answersAtEnd: boolean;
	deduplicate: boolean;
	toleranceSeconds: number;
}

function textOf(value: unknown): string {
	return typeof value === 'string' ? value.trim() : '';
}

/** Reads the trigger's settings from its parameters and its credential. */
export function settingsOf(
	context: IHookFunctions | IWebhookFunctions,
	credential: ICredentialDataDecryptedObject,
): TriggerSettings {
	const options = context.getNodeParameter('options', {}) as Options;
	return {
		filter: {
			events: context.getNodeParameter('events', []) as string[],
			contractIds: contractIdsIn(textOf(context.getNodeParameter('contractIds', ''))),
		},
		secrets: [credential.signingSecret, credential.previousSigningSecret]
			.map(textOf)
			.filter((secret) => secret !== ''),
		bearerToken: options.acceptBearerToken ? textOf(credential.bearerToken) : '',
		answersAtEnd: options.acknowledge === 'ended',
		deduplicate: options.deduplicate ?? true,
		toleranceSeconds: options.toleranceSeconds ?? 300,
	};
}

/**
 * Makes sure that the trigger could accept a message.
 *
 * @throws {NodeOperationError} that says what is wrong
 */
export async function assertReady(context: IHookFunctions): Promise<void> {
	try {
		const credential = await context.getCredentials(WEBHOOK_CREDENTIAL);
		const { filter, secrets, bearerToken } = settingsOf(context, credential);
		const findings = bearerToken ? [] : checkSecret(secrets[0] ?? '', 'Signing Secret');
		assertNoErrors('The trigger cannot be activated', [...findings, ...checkFilter(filter)]);
	} catch (error) {
		throw toNodeError(context.getNode(), error, {});
	}
}
