import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './depositor';

/** A message as it came in. */
export interface ReceivedMessage {
	headers: IncomingHttpHeaders;
	rawBody: string;
}

/** A local HTTP server that takes webhooks and keeps them. */
export class WebhookReceiver {
	readonly messages: ReceivedMessage[] = [];
	/** Statuses of the next answers; 204 when there are none left, no answer at all for 0. */
	readonly nextStatuses: number[] = [];

	private constructor(private readonly server: Server) {}

	static async start(): Promise<WebhookReceiver> {
		const server = createServer();
		const receiver = new WebhookReceiver(server);
		server.on('request', (request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const rawBody = Buffer.concat(chunks).toString('utf8');
				receiver.messages.push({ headers: request.headers, rawBody });
				const status = receiver.nextStatuses.shift() ?? 204;
				if (status !== 0) response.writeHead(status).end();
			});
		});
		await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
		return receiver;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhook`;
	}

	/** Waits for this many messages in all. */
	async received(count: number): Promise<ReceivedMessage[]> {
		return await until(async () => (this.messages.length >= count ? this.messages : undefined));
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		await new Promise<void>((closed) => this.server.close(() => closed()));
	}
}
