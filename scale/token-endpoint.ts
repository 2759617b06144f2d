import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A token endpoint that passes everything on to another, and notes when. */
export interface CountedTokenEndpoint {
	url: string;
	/** When each token was asked for, in milliseconds since 1970. */
	exchanges: number[];
	stop(): Promise<void>;
}

/** Stands before the sandbox's token endpoint: the sandbox counts requests, but does not note their time. */
export async function countTokenExchanges(tokenUrl: string): Promise<CountedTokenEndpoint> {
	const exchanges: number[] = [];
	const server = createServer((incoming, outgoing) => {
		exchanges.push(Date.now());
		const onward = request(
			tokenUrl,
			// with the Host of the caller the tokens would name another issuer
			{ method: incoming.method, headers: { ...incoming.headers, host: new URL(tokenUrl).host } },
			(answer) => {
				outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
				answer.pipe(outgoing);
			},
		);
		onward.once('error', () => outgoing.destroy());
		incoming.pipe(onward);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}${new URL(tokenUrl).pathname}`,
		exchanges,
		stop: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}

/** The most events within any span of so many milliseconds. */
export function mostWithin(spanMs: number, times: number[]): number {
	const sorted = [...times].sort((one, other) => one - other);
	let most = 0;
	let first = 0;
	for (const [last, time] of sorted.entries()) {
		while (time - sorted[first] >= spanMs) first++;
		most = Math.max(most, last - first + 1);
	}
	return most;
}
