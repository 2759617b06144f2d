import { createHash } from 'node:crypto';

import { apiCredential, writableContract } from '../../demo/stage';
import type { SandboxInfo } from '../../sandbox/messages';

/**
 * Submits one file whose registered checksum is not that of its bytes, by plain calls of the API; the DPS rejects it.
 *
 * @returns the submission's id
 */
export async function submitDamagedFile(
	sandbox: SandboxInfo,
	objectId: string,
	filePath: string,
): Promise<string> {
	const { clientId, clientSecret } = apiCredential(sandbox);
	const answer = await fetch(sandbox.tokenUrl, {
		method: 'POST',
		body: new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: clientId,
			client_secret: clientSecret,
		}),
	});
	const { access_token: token } = (await answer.json()) as { access_token: string };
	const post = async <Answer>(path: string, body?: unknown): Promise<Answer> => {
		const response = await fetch(
			`${sandbox.apiUrl}/v1/contracts/${writableContract(sandbox)}/submissions${path}`,
			{
				method: 'POST',
				headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
				body: body === undefined ? undefined : JSON.stringify(body),
			},
		);
		if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
		return (await response.json()) as Answer;
	};
	const { submissionId } = await post<{ submissionId: string }>('', {
		objectId,
		metadata: {
			type: 'Bilde',
			identifier: [{ type: 'local', value: '1' }],
			title: { value: 'Damaged on the way', lang: 'eng' },
		},
	});
	const { uploadUrl } = await post<{ uploadUrl: string }>(`/${submissionId}/files`, {
		filePath,
		checksum: createHash('md5').update('what was meant').digest('hex'),
		isPackaged: false,
	});
	const upload = await fetch(uploadUrl, { method: 'PUT', body: 'what arrived' });
	if (!upload.ok) throw new Error(`the store answered ${upload.status}`);
	await post(`/${submissionId}/finalize`);
	return submissionId;
}
