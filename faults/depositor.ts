import { createReadStream, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { exchangeToken } from '../dps/client/token';
import type { FileSource, Transport } from '../dps/ports';
import { CancelledError } from '../dps/ports';
import { Slots } from '../dps/submit/concurrency';
import { submitPackage } from '../dps/submit/submit';
import { sharedToken } from '../hosts/axios/token';
import { axiosTransport } from '../hosts/axios/transport';
import type { SandboxClient } from '../sandbox/messages';

import type { Kill } from './plan';

/** What the depositor is told to submit. */
export interface Assignment {
	apiUrl: string;
	tokenUrl: string;
	client: SandboxClient;
	contractId: string;
	objectId: string;
	metadata: unknown;
	/** Path in the package, and path on this machine. */
	files: Array<{ path: string; file: string }>;
	concurrency: number;
	kill?: Kill;
}

/** How it went. */
export type Report =
	| { ok: true; submissionId: string; resumed: boolean; files: Record<string, string> }
	| { ok: false; error: string };

/** Pauses of the retries are this much shorter than in earnest. */
const HASTE = 100;

/** SIGKILL: nothing is closed, nothing is said, as when the machine is switched off. */
function die(): void {
	process.kill(process.pid, 'SIGKILL');
}

/** Kills this process at the moment that was planned. */
function mortal(transport: Transport, kill: Kill | undefined): Transport {
	let sent = 0;
	return {
		async request(request) {
			sent += 1;
			if (sent !== kill?.request) return await transport.request(request);
			if (kill.moment === 'before') die();
			if (kill.moment === 'during') {
				if (request.onBodyBytes) request = { ...request, onBodyBytes: die };
				// by then the request is on its way or being worked on, and hardly answered
				else setTimeout(die, 1);
			}
			const answer = await transport.request(request);
			die();
			return answer;
		},
	};
}

function sourceOf({ path, file }: Assignment['files'][number]): FileSource {
	return { path, size: statSync(file).size, open: async () => createReadStream(file) };
}

async function deposit(assignment: Assignment): Promise<Report> {
	const { apiUrl, tokenUrl, client, contractId, objectId, metadata } = assignment;
	const anonymous = axiosTransport('', async () => '');
	const token = sharedToken(async () => await exchangeToken(anonymous, { ...client, tokenUrl }));
	const api = {
		baseUrl: apiUrl,
		transport: mortal(axiosTransport(new URL(apiUrl).origin, token), assignment.kill),
		clock: {
			now: () => Date.now(),
			random: () => Math.random(),
			sleep: async (ms: number, signal?: AbortSignal) => {
				await pause(ms / HASTE, undefined, { signal }).catch(() => {
					throw new CancelledError();
				});
			},
		},
		// fewer attempts than in earnest, so that runs fail and are run again
		retry: { attempts: 3, baseDelayMs: 500, maxDelayMs: 2000, maxRetryAfterMs: 10_000 },
	};
	const input = {
		contractId,
		objectId,
		metadata,
		files: assignment.files.map((file) => ({ source: sourceOf(file), isPackaged: false })),
	};
	const slots = new Slots(assignment.concurrency);
	try {
		const result = await submitPackage(api, input, { slots, dropUnknownFiles: false });
		return {
			ok: true,
			submissionId: result.submission.submissionId,
			resumed: result.resumed,
			files: Object.fromEntries(result.files.map((file) => [file.filePath, file.checksum])),
		};
	} catch (error) {
		return { ok: false, error: error instanceof Error ? `${error.name}: ${error.message}` : '?' };
	}
}

process.on('disconnect', () => process.exit());
process.on('message', (assignment: Assignment) => {
	void deposit(assignment).then((report) => process.send?.(report));
});
process.send?.('ready');
