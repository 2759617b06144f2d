import { run } from '../demo/processes';
import type { SandboxProcess } from '../test/sandbox/sandbox-process';

import type { BenchFile } from './jobs';
import { METADATA } from './measured';

const ASK_AGAIN_MS = 200;
const LIMIT_MS = 600_000;

/** A delivered dissemination, as the webhook tells of it. */
export interface DeliveredMessage {
	type: string;
	data: { files: Array<{ downloadURL: string; filename: string; checksum: string }> };
}

/**
 * Has a sandbox preserve a file and deliver it again.
 *
 * @param md5 of the file
 * @returns the message; it has one file, a TAR
 */
export async function deliver(
	sandbox: SandboxProcess,
	contractId: string,
	file: BenchFile,
	md5: string,
): Promise<DeliveredMessage> {
	const token = await sandbox.accessToken();
	const post = async (path: string, body?: object) => {
		const response = await fetch(`${sandbox.apiUrl}/v1${path}`, {
			method: 'POST',
			headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
			body: body && JSON.stringify(body),
		});
		if (!response.ok) throw new Error(`the sandbox answered ${response.status}`);
		return (await response.json()) as Record<string, string>;
	};
	const submissions = `/contracts/${contractId}/submissions`;
	const { submissionId } = await post(submissions, { objectId: 'download', metadata: METADATA });
	const registration = { filePath: 'content.bin', checksum: md5, isPackaged: false };
	const { uploadUrl } = await post(`${submissions}/${submissionId}/files`, registration);
	await run('curl', ['--silent', '--show-error', '--fail', '-T', file.path, uploadUrl], {
		cwd: process.cwd(),
	});
	await post(`${submissions}/${submissionId}/finalize`);
	const archiveId = await until(async () => {
		const { submissions: all } = await sandbox.control.state();
		const found = all.find((submission) => submission.submissionId === submissionId);
		if (found?.status === 'REJECTED') throw new Error('the sandbox rejected the file');
		return found?.status === 'PRESERVED' ? found.archiveId : undefined;
	});
	await post('/disseminations', { archiveId });
	return await until(async () => {
		const deliveries = await sandbox.control.deliveries();
		const found = deliveries.find(({ type }) => type === 'dissemination.delivered');
		return found?.body as DeliveredMessage | undefined;
	});
}

async function until<Found>(ask: () => Promise<Found | undefined>): Promise<Found> {
	for (const end = Date.now() + LIMIT_MS; Date.now() < end;) {
		const found = await ask();
		if (found !== undefined) return found;
		await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
	}
	throw new Error('the sandbox did not deliver the file');
}
