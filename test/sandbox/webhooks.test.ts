import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { Depositor, idOf, until } from './depositor';
import { startSandboxProcess, type SandboxProcessOptions } from './sandbox-process';
import { WebhookReceiver, type ReceivedMessage } from './webhook-receiver';

interface Message {
	type: string;
	timestamp: string;
	data: Record<string, unknown>;
}

async function withReceiver(
	options: SandboxProcessOptions,
	act: (depositor: Depositor, receiver: WebhookReceiver) => Promise<void>,
): Promise<void> {
	const receiver = await WebhookReceiver.start();
	const sandbox = await startSandboxProcess({ webhookUrl: receiver.url, ...options });
	try {
		await act(await Depositor.of(sandbox), receiver);
	} finally {
		await sandbox.stop();
		await receiver.stop();
	}
}

function verified({ headers, rawBody }: ReceivedMessage, secret: string | Webhook): Message {
	const webhook = typeof secret === 'string' ? new Webhook(secret) : secret;
	return webhook.verify(rawBody, headers as Record<string, string>) as Message;
}

test('tells of a preserved submission, signed by the Standard Webhooks scheme', async () => {
	await withReceiver({}, async (depositor, receiver) => {
		const submission = await depositor.deposit();
		const [message] = await receiver.received(1);
		const { type, timestamp, data } = verified(message, depositor.sandbox.webhookSecret);
		expect(type).toBe('submission.preserved');
		expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00$/);
		const { archiveId } = await depositor.stateOf(submission);
		expect(data).toEqual({ contractId: 'ef23', submissionId: idOf(submission), archiveId });
		expect(message.headers['content-type']).toBe('application/json');
		expect(() => verified(message, `whsec_${Buffer.from('other').toString('base64')}`)).toThrow(
			WebhookVerificationError,
		);
	});
});

test('tells of a rejected submission with each reason', async () => {
	await withReceiver({}, async (depositor, receiver) => {
		const submission = await depositor.create({ metadata: {} });
		const url = await depositor.register(submission, 'a.txt', 'registered');
		await fetch(url, { method: 'PUT', body: 'otherwise' });
		await depositor.call('POST', `${submission}/finalize`);
		const [message] = await receiver.received(1);
		const { type, data } = verified(message, depositor.sandbox.webhookSecret);
		expect(type).toBe('submission.rejected');
		expect(data).toEqual({
			contractId: 'ef23',
			submissionId: idOf(submission),
			archiveId: expect.any(String) as unknown,
			reasons: expect.arrayContaining([
				{ code: 'METADATA_SCHEMA_INVALID', message: 'title is missing' },
				expect.objectContaining({ code: 'FILE_CHECKSUM_MISMATCH', filePath: 'a.txt' }),
			]) as unknown,
		});
	});
});

test('tries again with the same webhook-id until the receiver answers 2xx', async () => {
	await withReceiver({ webhookTimeoutMs: 200 }, async (depositor, receiver) => {
		const { sandbox } = depositor;
		receiver.nextStatuses.push(503, 404, 0, 302, 204);
		await depositor.deposit();
		const messages = await receiver.received(5);
		expect(new Set(messages.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
		expect(new Set(messages.map(({ rawBody }) => rawBody)).size).toBe(1);
		for (const message of messages) verified(message, sandbox.webhookSecret);
		const [delivery] = await until(async () => {
			const deliveries = await sandbox.control.deliveries();
			return deliveries[0].state === 'delivered' ? deliveries : undefined;
		});
		expect(delivery).toMatchObject({
			id: messages[0].headers['webhook-id'],
			type: 'submission.preserved',
			clientId: 'sandbox-client',
			attempts: [
				{ status: 503 },
				{ status: 404 },
				{ error: 'TimeoutError' },
				{ status: 302 },
				{ status: 204 },
			],
		});
	});
});

test('gives up after the last attempt', async () => {
	await withReceiver({ webhookAttempts: 2 }, async (depositor, receiver) => {
		receiver.nextStatuses.push(500, 500);
		await depositor.deposit();
		await until(async () => {
			const [delivery] = await depositor.sandbox.control.deliveries();
			return delivery?.state === 'given-up' ? delivery : undefined;
		});
		expect(receiver.messages).toHaveLength(2);
	});
});

test('a registration at the control interface can bring its own secret, also a plain text', async () => {
	await withReceiver({ webhookUrl: undefined }, async (depositor, receiver) => {
		const { control } = depositor.sandbox;
		await control.registerWebhook({ url: receiver.url, secret: 'a shared key, with å' });
		await depositor.deposit();
		const [message] = await receiver.received(1);
		const key = new TextEncoder().encode('a shared key, with å');
		expect(verified(message, new Webhook(key, { format: 'raw' })).type).toBe(
			'submission.preserved',
		);
		await expect(control.registerWebhook({ url: 'ftp://127.0.0.1/' })).rejects.toThrow('400');
		await expect(
			control.registerWebhook({ url: receiver.url, clientId: 'nobody' }),
		).rejects.toThrow('400');
	});
});

test('messages go to the client that made the submission', async () => {
	const clients = [
		{ clientId: 'first', clientSecret: 'one', roles: ['ef23_W'] },
		{ clientId: 'second', clientSecret: 'two', roles: ['ef23_W'] },
	];
	await withReceiver({ clients }, async (depositor, receiver) => {
		const { sandbox } = depositor;
		const second = await Depositor.of(sandbox, 'second');
		const unheard = await second.deposit();
		await second.reaches(unheard, 'PRESERVED');
		const heard = await depositor.deposit();
		const [message] = await receiver.received(1);
		const { data } = verified(message, sandbox.webhookSecret);
		expect(data.submissionId).toBe(idOf(heard));
	});
});
