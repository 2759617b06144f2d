import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type {
	Delivery,
	Fault,
	LoggedRequest,
	RejectionReason,
	SandboxClient,
	SandboxInfo,
	SandboxSide,
	SandboxState,
	WebhookRegistration,
} from '../../sandbox/messages';

const ROOT = resolve(__dirname, '../..');
const START_LIMIT_MS = 30_000;

/** How a test wants its sandbox; ports are always free ones. */
export interface SandboxProcessOptions {
	/** Milliseconds between two statuses of a submission or dissemination; default 20. */
	stepMs?: number;
	/** Seconds that an upload URL is good for; default 3600. */
	uploadUrlSeconds?: number;
	/** Seconds that a download URL is good for; default 86400. */
	downloadUrlSeconds?: number;
	/** Seconds that an access token is good for; default 300. */
	tokenSeconds?: number;
	/** Milliseconds before a failed webhook is tried again, doubled each time; default 20. */
	webhookRetryMs?: number;
	/** Milliseconds that a webhook receiver has for its answer; default 10 000. */
	webhookTimeoutMs?: number;
	/** How often a webhook is tried in all; default 12. */
	webhookAttempts?: number;
	/** Registers this URL for the default client. */
	webhookUrl?: string;
	/** `whsec_` and base64, or a plain text; default: a random one. */
	webhookSecret?: string;
	/** Whether a rejected submission still answers, with status `REJECTED`, instead of 404. */
	keepRejected?: boolean;
	/** Whether a submission with METS.xml is held to NB-SIP 1.0 on arrival. */
	validatePackages?: boolean;
	/** Whether a submission shows its `archiveId` once it is preserved. */
	showArchiveId?: boolean;
	/** OAuth clients in place of the default ones. */
	clients?: SandboxClient[];
	/** A folder for the stored bytes, kept after the stop; default: a temporary one. */
	dataFolder?: string;
}

/** The control interface under `/_sandbox/`, one function a call; each rejects on an error answer. */
export interface SandboxControl {
	state(): Promise<SandboxState>;
	/** The log of requests, oldest first; only those of `side` when given. */
	requests(side?: SandboxSide): Promise<LoggedRequest[]>;
	clearRequests(): Promise<void>;
	/** Adds a fault to those already set. */
	fault(fault: Fault): Promise<void>;
	clearFaults(): Promise<void>;
	/** Where a client's messages go; the default client's unless another is named. */
	registerWebhook(registration: WebhookRegistration): Promise<void>;
	deliveries(): Promise<Delivery[]>;
	/** Takes a finalized submission to its end at once; resolves when it is there. */
	advance(submissionId: string): Promise<void>;
	reject(submissionId: string, reasons: RejectionReason[]): Promise<void>;
	/** Makes the API answer 401 to every token issued so far. */
	revokeTokens(): Promise<void>;
	failDissemination(disseminationId: string): Promise<void>;
}

/** A sandbox in a process of its own. */
export interface SandboxProcess extends SandboxInfo {
	control: SandboxControl;
	/** A fresh access token for a client, by default the first. */
	accessToken(clientId?: string): Promise<string>;
	/** Ends the process; resolves when it is gone. */
	stop(): Promise<void>;
}

/**
 * Starts the sandbox's command line in a process of its own (Jest cannot load its OAuth server,
 * which is an ES module) and resolves when it is ready. It ends with `stop()`, or when this process
 * does. Rejects with what it wrote on standard error if it does not start.
 */
export async function startSandboxProcess(
	options: SandboxProcessOptions = {},
): Promise<SandboxProcess> {
	const child = spawn(
		process.execPath,
		['--import', 'tsx', 'sandbox/cli.ts', ...cliArguments(options)],
		{
			cwd: ROOT,
			stdio: ['pipe', 'pipe', 'pipe'],
		},
	);
	const exited = new Promise<void>((done) => child.once('exit', () => done()));
	let errors = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		errors = (errors + text).slice(-10_000);
	});

	const info = await new Promise<SandboxInfo>((ready, failed) => {
		const limit = setTimeout(() => {
			child.kill('SIGKILL');
			failed(new Error(`The sandbox was not ready after ${START_LIMIT_MS} ms: ${errors}`));
		}, START_LIMIT_MS);
		createInterface({ input: child.stdout }).once('line', (line) => {
			clearTimeout(limit);
			ready(JSON.parse(line) as SandboxInfo);
		});
		child.once('error', failed);
		child.once('exit', (code) => {
			clearTimeout(limit);
			failed(new Error(`The sandbox ended with code ${code}: ${errors}`));
		});
	});

	return {
		...info,
		control: controlOf(info.controlUrl),
		accessToken: (clientId) => requestToken(info, clientId),
		stop: async () => {
			child.kill('SIGTERM');
			await exited;
		},
	};
}

function cliArguments(options: SandboxProcessOptions): string[] {
	const values: Record<string, string | number | undefined> = {
		'--port': 0,
		'--store-port': 0,
		'--step-ms': options.stepMs ?? 20,
		'--upload-url-seconds': options.uploadUrlSeconds,
		'--download-url-seconds': options.downloadUrlSeconds,
		'--token-seconds': options.tokenSeconds,
		'--webhook-retry-ms': options.webhookRetryMs ?? 20,
		'--webhook-timeout-ms': options.webhookTimeoutMs,
		'--webhook-attempts': options.webhookAttempts,
		'--webhook-url': options.webhookUrl,
		'--webhook-secret': options.webhookSecret,
		'--data': options.dataFolder,
	};
	return [
		'--json',
		'--exit-with-parent',
		...Object.entries(values).flatMap(([name, value]) =>
			value === undefined ? [] : [`${name}=${value}`],
		),
		...(options.keepRejected ? ['--keep-rejected'] : []),
		...(options.validatePackages ? ['--validate-packages'] : []),
		...(options.showArchiveId ? ['--show-archive-id'] : []),
		...(options.clients ?? []).map((client) => `--client=${JSON.stringify(client)}`),
	];
}

function controlOf(controlUrl: string): SandboxControl {
	async function call<Answer = void>(
		method: 'GET' | 'POST' | 'DELETE',
		path: string,
		body?: unknown,
	): Promise<Answer> {
		const response = await fetch(`${controlUrl}${path}`, {
			method,
			headers: body === undefined ? {} : { 'content-type': 'application/json' },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
		return (text === '' ? undefined : JSON.parse(text)) as Answer;
	}

	return {
		state: () => call<SandboxState>('GET', '/state'),
		requests: async (side) => {
			const { requests } = await call<{ requests: LoggedRequest[] }>('GET', '/requests');
			return side === undefined ? requests : requests.filter((request) => request.side === side);
		},
		clearRequests: () => call('DELETE', '/requests'),
		fault: (fault) => call('POST', '/faults', fault),
		clearFaults: () => call('DELETE', '/faults'),
		registerWebhook: (registration) => call('POST', '/webhooks', registration),
		deliveries: async () =>
			(await call<{ deliveries: Delivery[] }>('GET', '/deliveries')).deliveries,
		advance: (submissionId) => call('POST', `/submissions/${submissionId}/advance`),
		reject: (submissionId, reasons) =>
			call('POST', `/submissions/${submissionId}/reject`, { reasons }),
		revokeTokens: () => call('POST', '/tokens/revoke'),
		failDissemination: (disseminationId) => call('POST', `/disseminations/${disseminationId}/fail`),
	};
}

async function requestToken(info: SandboxInfo, clientId?: string): Promise<string> {
	const client = clientId
		? info.clients.find((candidate) => candidate.clientId === clientId)
		: info.clients[0];
	if (!client) throw new Error(`The sandbox has no client ${clientId}`);
	const response = await fetch(info.tokenUrl, {
		method: 'POST',
		body: new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: client.clientId,
			client_secret: client.clientSecret,
		}),
	});
	if (!response.ok) throw new Error(`The token endpoint answered ${response.status}`);
	return ((await response.json()) as { access_token: string }).access_token;
}
