import type { SandboxProcess } from '../test/sandbox/sandbox-process';

import { METADATA } from './measured';

const FILES = 300;
const BYTES = 64 * 1024;
const AT_A_TIME = 8;

/**
 * Has a sandbox that just started store a few hundred files and drop them again, so that neither
 * side is measured against code that is not compiled yet.
 */
export async function warmUp(sandbox: SandboxProcess, contractId: string): Promise<void> {
	const token = await sandbox.accessToken();
	const submissions = `${sandbox.apiUrl}/v1/contracts/${contractId}/submissions`;
	const call = async (method: string, url: string, body?: object) => {
		const response = await fetch(url, {
			method,
			headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
			body: body && JSON.stringify(body),
		});
		if (!response.ok) throw new Error(`the sandbox answered ${response.status}`);
		const text = await response.text();
		return (text === '' ? {} : JSON.parse(text)) as Record<string, string>;
	};
	const created = await call('POST', submissions, { objectId: 'warm_up', metadata: METADATA });
	const submission = `${submissions}/${created.submissionId}`;
	const names = Array.from({ length: FILES }, (_, index) => `${index}.bin`).values();
	const lane = async () => {
		for (const filePath of names) {
			const file = { filePath, checksum: '0'.repeat(32), isPackaged: false };
			const { uploadUrl } = await call('POST', `${submission}/files`, file);
			const stored = await fetch(uploadUrl, { method: 'PUT', body: Buffer.alloc(BYTES) });
			if (!stored.ok) throw new Error(`the store answered ${stored.status}`);
		}
	};
	await Promise.all(Array.from({ length: AT_A_TIME }, lane));
	await call('DELETE', submission);
}
