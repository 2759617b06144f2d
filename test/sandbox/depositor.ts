import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SubmissionState } from '../../sandbox/messages';
import type { SandboxProcess } from './sandbox-process';

/** Descriptive metadata that breaks no rule. */
export const METADATA = {
	type: 'Bilde',
	identifier: [{ type: 'URN', value: 'URN:NBN:no-example_1' }],
	title: { value: 'Ranablad', lang: 'nob' },
};

/** An answer of the API; `body` is what it said in JSON. */
export interface Answer {
	status: number;
	body: Record<string, unknown>;
}

/** Calls a sandbox's API as one of its clients does, without any of the code under `dps`. */
export class Depositor {
	private constructor(
		readonly sandbox: SandboxProcess,
		readonly token: string,
	) {}

	static async of(sandbox: SandboxProcess, clientId?: string): Promise<Depositor> {
		return new Depositor(sandbox, await sandbox.accessToken(clientId));
	}

	/** One call; `path` begins after `/v1`. */
	async call(method: string, path: string, body?: unknown): Promise<Answer> {
		const response = await fetch(`${this.sandbox.apiUrl}/v1${path}`, {
			method,
			headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const text = await response.text();
		return {
			status: response.status,
			body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
		};
	}

	/** Creates a submission and gives its path, for further calls. */
	async create(
		given: { contractId?: string; objectId?: string; metadata?: unknown } = {},
	): Promise<string> {
		const { contractId = 'ef23', objectId = randomUUID(), metadata = METADATA } = given;
		const path = `/contracts/${contractId}/submissions`;
		const { status, body } = await this.call('POST', path, { objectId, metadata });
		if (status !== 201) throw new Error(`Creating answered ${status}`);
		return `${path}/${String(body.submissionId)}`;
	}

	/** Registers a file and gives its upload URL. */
	async register(submission: string, filePath: string, bytes: Buffer | string): Promise<string> {
		const { status, body } = await this.call('POST', `${submission}/files`, {
			filePath,
			checksum: md5(bytes),
		});
		if (status !== 201) throw new Error(`Registering answered ${status}`);
		return String(body.uploadUrl);
	}

	/** Registers and uploads. */
	async send(submission: string, filePath: string, bytes: Buffer | string): Promise<void> {
		const response = await fetch(await this.register(submission, filePath, bytes), {
			method: 'PUT',
			body: bytes,
		});
		if (response.status !== 200) throw new Error(`Uploading answered ${response.status}`);
	}

	/** Creates, registers, uploads and finalizes; gives the submission's path. */
	async deposit(
		files: Readonly<Record<string, Buffer | string>> = { 'content.txt': 'content' },
		given: Parameters<Depositor['create']>[0] = {},
	): Promise<string> {
		const submission = await this.create(given);
		for (const [path, bytes] of Object.entries(files)) await this.send(submission, path, bytes);
		const { status } = await this.call('POST', `${submission}/finalize`);
		if (status !== 200) throw new Error(`Finalizing answered ${status}`);
		return submission;
	}

	/** The sandbox's inner state of a submission. */
	async stateOf(submission: string): Promise<SubmissionState> {
		const { submissions } = await this.sandbox.control.state();
		const found = submissions.find(({ submissionId }) => submission.endsWith(`/${submissionId}`));
		if (!found) throw new Error('There is no such submission');
		return found;
	}

	/** Waits until a submission has this status. */
	async reaches(submission: string, status: string): Promise<SubmissionState> {
		return await until(async () => {
			const state = await this.stateOf(submission);
			return state.status === status ? state : undefined;
		});
	}
}

/** The id at the end of a submission's path. */
export function idOf(submission: string): string {
	return submission.slice(submission.lastIndexOf('/') + 1);
}

export function md5(bytes: Buffer | string): string {
	return createHash('md5').update(bytes).digest('hex');
}

/** The error code of an answer. */
export function codeOf({ body }: Answer): unknown {
	return (body.error as Record<string, unknown> | undefined)?.code;
}

/** Asks again until there is an answer; rejects after 20 seconds. */
export async function until<Found>(ask: () => Promise<Found | undefined>): Promise<Found> {
	for (let attempt = 0; attempt < 1000; attempt++) {
		const found = await ask();
		if (found !== undefined) return found;
		await sleep(20);
	}
	throw new Error('It did not come to that');
}
