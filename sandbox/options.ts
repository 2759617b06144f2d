import { randomBytes } from 'node:crypto';
import type { SandboxClient, WebhookRegistration } from './messages';

/** How a sandbox is to behave; each has a default that suits a person trying things out. */
export interface SandboxOptions {
	/** Port of the API, the token endpoint and the control interface; 0 (default): any free one. */
	apiPort?: number;
	/** Port of the store; 0 (default): any free one. */
	storePort?: number;
	/** Milliseconds between two statuses of a submission or dissemination; default 1500. */
	stepMs?: number;
	/** Seconds that an upload URL is good for, at most 604 800 (Signature V4); default 3600. */
	uploadUrlSeconds?: number;
	/** Seconds that a download URL is good for, at most 604 800; default 86 400. */
	downloadUrlSeconds?: number;
	/** Seconds that an access token is good for; default 300, as Keycloak's. */
	tokenSeconds?: number;
	/** Default: {@link defaultClients}. */
	clients?: SandboxClient[];
	/** Registrations that are there from the start; more can be made at the control interface. */
	webhooks?: WebhookRegistration[];
	/** Signs the messages of registrations without a secret of their own; default: a random one. */
	webhookSecret?: string;
	/** Milliseconds before a failed webhook is tried again, doubled each time; default 1000. */
	webhookRetryMs?: number;
	/** Milliseconds that a receiver has for its answer; default 10 000 (DPS webhook documentation). */
	webhookTimeoutMs?: number;
	/** How often a message is tried in all; default 12. */
	webhookAttempts?: number;
	/**
	 * Whether a rejected submission still answers, with status `REJECTED`. By default it is gone
	 * (404), since the DPS removes its metadata.
	 */
	keepRejected?: boolean;
	/**
	 * Whether a submission with a root METS.xml is rejected on arrival when it is no package by NB-SIP
	 * 1.0. Off by default: what arrives is then preserved as it is, METS or not.
	 */
	validatePackages?: boolean;
	/** Whether a preserved submission shows its `archiveId`; by default only the webhook does. */
	showArchiveId?: boolean;
	/** Where the bytes are kept, also after the stop; default: a temporary folder, removed then. */
	dataFolder?: string;
}

/** {@link SandboxOptions} with every default filled in. */
export type SandboxSettings = Required<Omit<SandboxOptions, 'dataFolder'>> &
	Pick<SandboxOptions, 'dataFolder'>;

/**
 * The clients of a sandbox that was given none: the first reads and writes under contract `ef23`,
 * only reads under `1234` and only writes under `2d17`; the second has no contract.
 *
 * @param secret the first client's secret; default: a random one
 */
export function defaultClients(secret: string = randomSecret()): SandboxClient[] {
	return [
		{
			clientId: 'sandbox-client',
			clientSecret: secret,
			roles: ['ef23_R', 'ef23_W', '1234_R', '2d17_W'],
		},
		{ clientId: 'sandbox-client-without-contract', clientSecret: randomSecret(), roles: [] },
	];
}

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} when a number is none, negative, or more than a timer or signature can hold,
 * or when a client lacks its id or secret or is given twice
 */
export function settingsOf(options: SandboxOptions): SandboxSettings {
	const settings: SandboxSettings = {
		apiPort: options.apiPort ?? 0,
		storePort: options.storePort ?? 0,
		stepMs: options.stepMs ?? 1500,
		uploadUrlSeconds: options.uploadUrlSeconds ?? 3600,
		downloadUrlSeconds: options.downloadUrlSeconds ?? 86_400,
		tokenSeconds: options.tokenSeconds ?? 300,
		clients: options.clients ?? defaultClients(),
		webhooks: options.webhooks ?? [],
		webhookSecret: options.webhookSecret ?? randomWebhookSecret(),
		webhookRetryMs: options.webhookRetryMs ?? 1000,
		webhookTimeoutMs: options.webhookTimeoutMs ?? 10_000,
		webhookAttempts: options.webhookAttempts ?? 12,
		keepRejected: options.keepRejected ?? false,
		validatePackages: options.validatePackages ?? false,
		showArchiveId: options.showArchiveId ?? false,
		dataFolder: options.dataFolder,
	};
	for (const [name, [lowest, highest]] of Object.entries(LIMITS)) {
		const value = settings[name as keyof typeof LIMITS];
		if (!Number.isInteger(value) || value < lowest || value > highest) {
			throw new RangeError(`${name} must be a whole number from ${lowest} to ${highest}`);
		}
	}
	checkClients(settings.clients);
	return settings;
}

function checkClients(clients: readonly SandboxClient[]): void {
	if (clients.length === 0) throw new RangeError('At least one client is needed');
	const ids = new Set(clients.map(({ clientId }) => clientId));
	if (ids.size < clients.length) throw new RangeError('Two clients have the same id');
	for (const { clientId, clientSecret } of clients) {
		if (clientId === '' || clientSecret === '') {
			throw new RangeError('A client needs an id and a secret');
		}
	}
}

// A timer's longest wait is 2^31 - 1 ms; a pre-signed URL is good for a week at most (Signature V4).
const LONGEST_WAIT_MS = 2 ** 31 - 1;
const WEEK_SECONDS = 604_800;
const LIMITS = {
	apiPort: [0, 65_535],
	storePort: [0, 65_535],
	stepMs: [0, LONGEST_WAIT_MS],
	uploadUrlSeconds: [1, WEEK_SECONDS],
	downloadUrlSeconds: [1, WEEK_SECONDS],
	tokenSeconds: [1, LONGEST_WAIT_MS],
	webhookRetryMs: [0, LONGEST_WAIT_MS],
	webhookTimeoutMs: [1, LONGEST_WAIT_MS],
	webhookAttempts: [1, 1000],
} as const;

function randomSecret(): string {
	return randomBytes(24).toString('base64url');
}

function randomWebhookSecret(): string {
	return `whsec_${randomBytes(24).toString('base64')}`;
}
