import type { ICredentialDataDecryptedObject, IWebhookFunctions } from 'n8n-workflow';

/** Milliseconds for which what was read is used again. */
const RECENT_MS = 1_000;

interface Reading {
	credential: Promise<ICredentialDataDecryptedObject>;
	/** Milliseconds since 1970 when the reading began. */
	begun: number;
}

const readings = new Map<string, Reading>();

/**
 * A webhook's credential as it was at most a second ago. To read one, n8n goes to its database and
 * starts a sandbox for expressions of its own (n8n 2.41); done for each of many messages of the
 * same moment, that would take longer than all the rest. A changed secret counts a second later.
 *
 * @throws when the credential is missing or cannot be read; that is not used again
 */
export async function recentCredential(
	context: IWebhookFunctions,
	type: string,
): Promise<ICredentialDataDecryptedObject> {
	const { id, credentials } = context.getNode();
	const key = JSON.stringify([context.getWorkflow().id, id, type, credentials?.[type]?.id]);
	const now = Date.now();
	const recent = readings.get(key);
	if (recent && now >= recent.begun && now - recent.begun < RECENT_MS) {
		return await recent.credential;
	}
	const reading = { credential: context.getCredentials(type), begun: now };
	readings.set(key, reading);
	void reading.credential.catch(() => {
		if (readings.get(key) === reading) readings.delete(key);
	});
	return await reading.credential;
}
