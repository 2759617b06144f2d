import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { base62Id } from './identifiers';
import type { Delivery, WebhookRegistration } from './messages';
import type { SandboxSettings } from './options';
import { withOffset } from './timestamps';

type WebhookSettings = Pick<
	SandboxSettings,
	'webhookSecret' | 'webhookRetryMs' | 'webhookTimeoutMs' | 'webhookAttempts'
>;

/** How many messages are remembered; older ones are forgotten. */
const REMEMBERED = 10_000;

/**
 * Sends messages as the DPS does: signed by the Standard Webhooks scheme, and again after a growing
 * wait until the receiver answers 2xx.
 */
export class Webhooks {
	private readonly registrations = new Map<string, { url: string; signer: Webhook }>();
	private readonly sent: Delivery[] = [];
	private readonly stopped = new AbortController();

	constructor(
		private readonly settings: WebhookSettings,
		/** Their ids; the first is the default client's. */
		private readonly clientIds: readonly string[],
	) {}

	/**
	 * @throws when there is no such client, the URL is none or not HTTP, or the secret is empty or not
	 * base64
	 */
	register({ clientId = this.clientIds[0], url, secret }: WebhookRegistration): void {
		if (!this.clientIds.includes(clientId)) throw new Error('There is no such client');
		const { protocol, href } = new URL(url);
		if (protocol !== 'http:' && protocol !== 'https:') throw new Error('The URL must be HTTP');
		const signer = signerFor(secret ?? this.settings.webhookSecret);
		this.registrations.set(clientId, { url: href, signer });
	}

	/** Sends a message to a client, if it has a URL. Never fails: see {@link deliveries}. */
	send(clientId: string, type: string, data: Readonly<Record<string, unknown>>): void {
		const registration = this.registrations.get(clientId);
		if (!registration) return;
		const { url, signer } = registration;
		const body = { type, timestamp: withOffset(new Date()), data };
		const delivery: Delivery = {
			id: `msg_${base62Id()}`,
			type,
			clientId,
			url,
			body,
			attempts: [],
			state: 'pending',
		};
		this.sent.push(delivery);
		if (this.sent.length > REMEMBERED) this.sent.shift();
		void this.deliver(delivery, signer, JSON.stringify(body));
	}

	/** The messages, oldest first, with what became of each. */
	deliveries(): readonly Delivery[] {
		return this.sent;
	}

	/** Gives up what is still being sent. */
	stop(): void {
		this.stopped.abort();
	}

	private async deliver(delivery: Delivery, signer: Webhook, body: string): Promise<void> {
		const { webhookAttempts, webhookRetryMs } = this.settings;
		for (let attempt = 1; attempt <= webhookAttempts; attempt++) {
			const outcome = await this.post(delivery, signer, body);
			if (this.stopped.signal.aborted) return;
			delivery.attempts.push(outcome);
			if (outcome.status !== undefined && outcome.status >= 200 && outcome.status < 300) {
				delivery.state = 'delivered';
				return;
			}
			if (attempt < webhookAttempts) {
				// Unreferenced: a message that nobody takes doesn't keep the process from ending.
				const wait = Math.min(webhookRetryMs * 2 ** (attempt - 1), LONGEST_WAIT_MS);
				await sleep(wait, undefined, { ref: false });
				if (this.stopped.signal.aborted) return;
			}
		}
		delivery.state = 'given-up';
	}

	private async post(
		delivery: Delivery,
		signer: Webhook,
		body: string,
	): Promise<Delivery['attempts'][number]> {
		const now = new Date();
		try {
			const response = await fetch(delivery.url, {
				method: 'POST',
				headers: {
					'content-type': 'application/json',
					'webhook-id': delivery.id,
					'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
					'webhook-signature': signer.sign(delivery.id, now, body),
				},
				body,
				redirect: 'manual',
				signal: AbortSignal.any([
					this.stopped.signal,
					AbortSignal.timeout(this.settings.webhookTimeoutMs),
				]),
			});
			await response.body?.cancel();
			return { status: response.status };
		} catch (error) {
			return { error: failureOf(error) };
		}
	}
}

/** Between two attempts at most a day, as the DPS ends up waiting. */
const LONGEST_WAIT_MS = 86_400_000;

/**
 * Standard Webhooks writes a secret as `whsec_` and base64; the library says only 'shared key', so
 * any other text is taken for the key itself.
 */
function signerFor(secret: string): Webhook {
	return secret.startsWith('whsec_')
		? new Webhook(secret)
		: new Webhook(new TextEncoder().encode(secret), { format: 'raw' });
}

function failureOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const { code } = (error.cause ?? {}) as { code?: unknown };
	return typeof code === 'string' ? code : error.name;
}
