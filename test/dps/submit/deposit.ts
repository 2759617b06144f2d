import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import type { DpsApi } from '../../../dps/client/api';
import type { DpsError } from '../../../dps/client/error';
import { exchangeToken } from '../../../dps/client/token';
import { CancelledError, type Clock, type FileSource } from '../../../dps/ports';
import { Slots } from '../../../dps/submit/concurrency';
import type { Package, PackageFile } from '../../../dps/submit/package';
import { type SubmitOptions, type SubmitResult, submitPackage } from '../../../dps/submit/submit';
import { sharedToken } from '../../../hosts/axios/token';
import { axiosTransport } from '../../../hosts/axios/transport';
import type { Fault, SubmissionState } from '../../../sandbox/messages';
import { METADATA } from '../../sandbox/depositor';
import {
	type SandboxProcess,
	type SandboxProcessOptions,
	startSandboxProcess,
} from '../../sandbox/sandbox-process';

export const CONTRACT_ID = 'ef23';

export const md5 = (bytes: Buffer | string) => createHash('md5').update(bytes).digest('hex');

/** Time that passes faster: a second of waiting takes a millisecond. */
export function fastClock(factor = 1000): Clock {
	return {
		now: () => Date.now(),
		random: () => 0.5,
		sleep: async (ms, signal) => {
			await pause(ms / factor, undefined, { signal }).catch(() => {
				throw new CancelledError();
			});
		},
	};
}

const CHUNK_BYTES = 64 * 1024;

/** A file whose bytes can change, and that knows how often it was opened and closed. */
export class TestFile implements FileSource {
	opened = 0;

	closed = 0;

	/** Told of each opening before it happens, with its number from 1. */
	onOpen: (count: number) => void | Promise<void> = () => {};

	private content: Buffer;

	constructor(
		readonly path: string,
		content: Buffer | string,
	) {
		this.content = Buffer.from(content);
	}

	get size(): number {
		return this.content.length;
	}

	get md5(): string {
		return md5(this.content);
	}

	write(content: Buffer | string): void {
		this.content = Buffer.from(content);
	}

	async open(): Promise<AsyncIterable<Uint8Array>> {
		this.opened += 1;
		await this.onOpen(this.opened);
		return this.bytes();
	}

	private async *bytes(): AsyncGenerator<Uint8Array> {
		try {
			for (let from = 0; from < this.content.length; from += CHUNK_BYTES) {
				yield this.content.subarray(from, from + CHUNK_BYTES);
			}
		} finally {
			this.closed += 1;
		}
	}
}

export interface Attempt {
	files: Array<TestFile | PackageFile>;
	objectId: string;
	options?: Partial<SubmitOptions> & { concurrency?: number };
	api?: Partial<DpsApi>;
}

/** A sandbox, and a depositor that submits to it through the domain alone. */
export class Deposit {
	/** Failures that were repeated, over all attempts since the last `forget()`. */
	repeated: DpsError[] = [];

	/** Token exchanges since the last `forget()`. */
	exchanges = 0;

	private readonly token = sharedToken(async () => await this.exchange());

	private count = 0;

	private constructor(readonly sandbox: SandboxProcess) {}

	static async start(options: SandboxProcessOptions = {}): Promise<Deposit> {
		return new Deposit(await startSandboxProcess(options));
	}

	newObjectId(): string {
		this.count += 1;
		return `object_${this.count}`;
	}

	/** Clears faults and logs, and forgets what was counted. */
	async forget(): Promise<void> {
		this.repeated = [];
		this.exchanges = 0;
		await this.sandbox.control.clearFaults();
		await this.sandbox.control.clearRequests();
	}

	api(fields: Partial<DpsApi> = {}): DpsApi {
		const { apiUrl } = this.sandbox;
		return {
			baseUrl: apiUrl,
			transport: axiosTransport(new URL(apiUrl).origin, this.token),
			clock: fastClock(),
			retry: { attempts: 6, baseDelayMs: 2000, maxDelayMs: 10_000, maxRetryAfterMs: 60_000 },
			onRetry: (failure) => this.repeated.push(failure),
			...fields,
		};
	}

	packageOf({ files, objectId }: Attempt): Package {
		return {
			contractId: CONTRACT_ID,
			objectId,
			metadata: METADATA,
			files: files.map((file) =>
				file instanceof TestFile ? { source: file, isPackaged: false } : file,
			),
		};
	}

	async submit(attempt: Attempt): Promise<SubmitResult> {
		const { concurrency = 4, ...options } = attempt.options ?? {};
		return await submitPackage(this.api(attempt.api), this.packageOf(attempt), {
			slots: new Slots(concurrency),
			dropUnknownFiles: false,
			...options,
		});
	}

	/** The error that an attempt ends with. */
	async failure(attempt: Attempt): Promise<Error> {
		const error: unknown = await this.submit(attempt).then(
			() => undefined,
			(reason: unknown) => reason,
		);
		if (!(error instanceof Error)) throw new Error('The submission did not fail');
		return error;
	}

	async fault(...faults: Fault[]): Promise<void> {
		for (const fault of faults) await this.sandbox.control.fault(fault);
	}

	/** All that the service holds under this objectId. */
	async held(objectId: string): Promise<SubmissionState[]> {
		const { submissions } = await this.sandbox.control.state();
		return submissions.filter((submission) => submission.objectId === objectId);
	}

	/** Exactly one submission, finalized, with exactly these files and their bytes. */
	async expectComplete(objectId: string, files: FileSource[]): Promise<SubmissionState> {
		const held = await this.held(objectId);
		expect(held).toHaveLength(1);
		const [submission] = held;
		expect(submission.finalized).toBe(true);
		const stored = submission.files.map(({ filePath, stored: bytes }) => [filePath, bytes?.md5]);
		const wanted = files.map((file) => [file.path, (file as TestFile).md5]);
		expect(Object.fromEntries(stored)).toEqual(Object.fromEntries(wanted));
		expect(stored).toHaveLength(wanted.length);
		return submission;
	}

	async stop(): Promise<void> {
		await this.sandbox.stop();
	}

	private async exchange(): Promise<string> {
		this.exchanges += 1;
		const [{ clientId, clientSecret }] = this.sandbox.clients;
		const { tokenUrl } = this.sandbox;
		const anonymous = axiosTransport('', async () => '');
		return await exchangeToken(anonymous, { clientId, clientSecret, tokenUrl });
	}
}
