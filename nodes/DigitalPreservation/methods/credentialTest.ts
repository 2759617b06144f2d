import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { checkSecret } from '../../../dps/webhook/secret';

/**
 * Tests what can be tested of a signing secret without a message: its form. Whether it is the one
 * that the library signs with shows with the first message.
 */
export async function testSigningSecrets(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const { signingSecret, previousSigningSecret } = credential.data ?? {};
	const findings = [
		...checkSecret(String(signingSecret ?? ''), 'Signing Secret'),
		...(previousSigningSecret
			? checkSecret(String(previousSigningSecret), 'Previous Signing Secret')
			: []),
	];
	if (findings.length > 0) {
		const message = findings.map((finding) => `${finding.field}: ${finding.message}`).join('; ');
		return { status: 'Error', message };
	}
	return {
		status: 'OK',
		message:
			'The secret has the right form. Whether it is the one that the library signs with shows with its first message.',
	};
}
