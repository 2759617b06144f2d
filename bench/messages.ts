import { randomBytes, randomUUID } from 'node:crypto';

import { Webhook } from 'standardwebhooks';

/** A shared secret as the scheme writes it. */
export function newSecret(): string {
	return `whsec_${randomBytes(24).toString('base64')}`;
}

/** What so many requests were answered with, and when. */
export interface Answers {
	answers: number;
	/** From the first request to the last answer. */
	seconds: number;
	/** The longest from a request to its answer. */
	slowestSeconds: number;
}

/** The ids of so many messages that nobody has sent yet. */
export function newMessageIds(count: number): string[] {
	return Array.from({ length: count }, () => `msg_${randomUUID()}`);
}

/**
 * Sends genuine messages of the DPS, signed as Standard Webhooks has it, so many senders at a time, each of which goes
 * on with the next message when all requests of the one before are answered.
 *
 * @param times how often each message is sent, at the same moment
 * @throws Error when a message is not taken
 */
export async function sendMessages(
	url: string,
	secret: string,
	ids: string[],
	{ senders, times }: { senders: number; times: number },
): Promise<Answers> {
	const signer = new Webhook(secret);
	let answers = 0;
	let slowestSeconds = 0;
	const sendOnce = async (id: string, body: string, signedAt: Date, signature: string) => {
		const started = performance.now();
		const answer = await fetch(url, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				'webhook-id': id,
				'webhook-timestamp': String(Math.floor(signedAt.getTime() / 1000)),
				'webhook-signature': signature,
			},
			body,
		});
		await answer.arrayBuffer();
		slowestSeconds = Math.max(slowestSeconds, (performance.now() - started) / 1000);
		if (!answer.ok) throw new Error(`n8n answered ${answer.status} to a genuine message`);
		answers++;
	};
	const next = ids.values();
	const sender = async () => {
		for (const id of next) {
			const body = preservedMessage();
			const signedAt = new Date();
			const signature = signer.sign(id, signedAt, body);
			const requests = Array.from({ length: times }, async () => {
				await sendOnce(id, body, signedAt, signature);
			});
			await Promise.all(requests);
		}
	};
	const started = performance.now();
	await Promise.all(Array.from({ length: senders }, sender));
	return { answers, seconds: (performance.now() - started) / 1000, slowestSeconds };
}

function preservedMessage(): string {
	return JSON.stringify({
		type: 'submission.preserved',
		timestamp: new Date().toISOString(),
		data: {
			contractId: 'ef23',
			submissionId: randomBytes(11).toString('hex'),
			archiveId: randomUUID(),
		},
	});
}
