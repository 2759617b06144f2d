import { run } from '../demo/processes';
import type { SandboxInfo } from '../sandbox/messages';

import type { BenchFile } from './jobs';
import { METADATA, type Measured } from './measured';

async function post(url: string, token: string, body: object): Promise<Record<string, string>> {
	const response = await fetch(url, {
		method: 'POST',
		headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
		body: JSON.stringify(body),
	});
	if (!response.ok) throw new Error(`the sandbox answered ${response.status}`);
	return (await response.json()) as Record<string, string>;
}

/**
 * The floor for big files: `md5sum`, then `curl -T`, one file after the other, to the same store.
 * The submission and the upload URLs are made beforehand, and don't count.
 *
 * @param md5 MD5 of each file
 */
export async function measureCurl(
	sandbox: SandboxInfo,
	token: string,
	contractId: string,
	objectId: string,
	files: BenchFile[],
	md5: string[],
): Promise<Measured> {
	const submissions = `${sandbox.apiUrl}/v1/contracts/${contractId}/submissions`;
	const { submissionId } = await post(submissions, token, { objectId, metadata: METADATA });
	const urls: string[] = [];
	for (const [index, { filePath }] of files.entries()) {
		const registration = { filePath, checksum: md5[index], isPackaged: false };
		const { uploadUrl } = await post(`${submissions}/${submissionId}/files`, token, registration);
		urls.push(uploadUrl);
	}
	const cwd = process.cwd();
	const started = performance.now();
	for (const [index, file] of files.entries()) {
		await run('md5sum', [file.path], { cwd });
		await run('curl', ['--silent', '--show-error', '--fail', '-T', file.path, urls[index]], {
			cwd,
		});
	}
	return { seconds: (performance.now() - started) / 1000 };
}

/** The floor for a download: `curl -o`, then `md5sum` of what was stored. */
export async function measureCurlDownload(url: string, target: string): Promise<Measured> {
	const cwd = process.cwd();
	const started = performance.now();
	await run('curl', ['--silent', '--show-error', '--fail', '-o', target, url], { cwd });
	await run('md5sum', [target], { cwd });
	return { seconds: (performance.now() - started) / 1000 };
}
