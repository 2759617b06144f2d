import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';

import { type Assignment, METADATA, type Measured, answerAssignment, measure } from './measured';

/** What the node's 'Files at a Time' is unless the user says otherwise. */
const DEFAULT_CONCURRENCY = 8;

const agent = new Agent({ keepAlive: true });

async function send(
	method: string,
	url: string,
	headers: Record<string, string | number>,
	body: string | Buffer,
): Promise<Record<string, unknown>> {
	const text = await new Promise<string>((resolve, reject) => {
		const outgoing = request(url, { method, headers, agent }, (response) => {
			let answer = '';
			response.setEncoding('utf8');
			response.on('data', (chunk: string) => (answer += chunk));
			response.on('error', reject);
			response.on('end', () => {
				const { statusCode = 0 } = response;
				if (statusCode >= 200 && statusCode < 300) resolve(answer);
				else reject(new Error(`${method} was answered with ${statusCode}: ${answer}`));
			});
		});
		outgoing.on('error', reject);
		outgoing.end(body);
	});
	return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
}

/** What a programmer writes in ten minutes: no retry, no resume, whole files in memory. */
async function submit(assignment: Assignment): Promise<void> {
	const { access_token: token } = await send(
		'POST',
		assignment.tokenUrl,
		{ 'Content-Type': 'application/x-www-form-urlencoded' },
		new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: assignment.clientId,
			client_secret: assignment.clientSecret,
		}).toString(),
	);
	const headers = { Authorization: `Bearer ${String(token)}`, 'Content-Type': 'application/json' };
	const submissions = `${assignment.baseUrl}/v1/contracts/${assignment.contractId}/submissions`;
	const { objectId } = assignment;
	const created = await send(
		'POST',
		submissions,
		headers,
		JSON.stringify({ objectId, metadata: METADATA }),
	);
	const submission = `${submissions}/${String(created.submissionId)}`;

	const files = assignment.files.values();
	const lane = async () => {
		for (const { path, filePath } of files) {
			const bytes = await readFile(path);
			const checksum = createHash('md5').update(bytes).digest('hex');
			const registration = JSON.stringify({ filePath, checksum, isPackaged: false });
			const { uploadUrl } = await send('POST', `${submission}/files`, headers, registration);
			await send('PUT', String(uploadUrl), { 'Content-Length': bytes.length }, bytes);
		}
	};
	const lanes = assignment.concurrency ?? DEFAULT_CONCURRENCY;
	await Promise.all(Array.from({ length: lanes }, lane));
	await send('POST', `${submission}/finalize`, headers, '');
}

async function run(assignment: Assignment): Promise<Measured> {
	const measured = await measure(async () => await submit(assignment));
	agent.destroy();
	return measured;
}

answerAssignment(run);
