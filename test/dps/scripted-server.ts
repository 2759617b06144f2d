import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { axiosTransport } from '../../hosts/axios/transport';
import type { DpsApi } from '../../dps/client/api';
import { CancelledError } from '../../dps/ports';

/** What the server does with one request. */
export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface ReceivedRequest {
	method: string;
	path: string;
	headers: IncomingMessage['headers'];
	body: string;
}

/** Answers with a status and a body; an object is sent as JSON. */
export function answer(
	status: number,
	body: unknown = '',
	headers: Record<string, string> = {},
): Answer {
	return (_request, response) => {
		const isText = typeof body === 'string';
		response.writeHead(status, {
			'content-type': isText ? 'text/html' : 'application/json',
			...headers,
		});
		response.end(isText ? body : JSON.stringify(body));
	};
}

/** Reads the request and breaks the connection instead of answering. */
export const breakOff: Answer = (request) => request.socket.destroy();

/** A server on this machine that answers its requests by a script, one step a request. */
export class ScriptedServer {
	readonly received: ReceivedRequest[] = [];

	private script: Answer[] = [];

	private constructor(
		private readonly server: ReturnType<typeof createServer>,
		readonly origin: string,
	) {}

	static async start(): Promise<ScriptedServer> {
		const server = createServer();
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const { port } = server.address() as AddressInfo;
		const scripted = new ScriptedServer(server, `http://127.0.0.1:${port}`);
		server.on('request', (request: IncomingMessage, response: ServerResponse) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => scripted.next(request, response, Buffer.concat(chunks).toString()));
		});
		return scripted;
	}

	/** The answers to come; a request beyond the script is answered 500 and shows in `received`. */
	play(...script: Answer[]): void {
		this.script = script;
		this.received.length = 0;
	}

	/** A client of this server that waits no longer than it must, and the pauses that it made. */
	api(fields: Partial<DpsApi> = {}): DpsApi & { pauses: number[] } {
		const pauses: number[] = [];
		return {
			baseUrl: `${this.origin}/dps-submission`,
			transport: axiosTransport(this.origin, async () => 'token'),
			clock: {
				now: () => Date.now(),
				random: () => 0.5,
				sleep: async (ms, signal) => {
					pauses.push(ms);
					if (signal?.aborted) throw new CancelledError();
				},
			},
			retry: { attempts: 4, baseDelayMs: 100, maxDelayMs: 1000, maxRetryAfterMs: 60_000 },
			pauses,
			...fields,
		};
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		this.server.close();
		await once(this.server, 'close');
	}

	private next(request: IncomingMessage, response: ServerResponse, body: string): void {
		const { method = '', url = '', headers } = request;
		this.received.push({ method, path: url, headers, body });
		const step = this.script.shift() ?? answer(500, 'beyond the script');
		step(request, response, body);
	}
}
