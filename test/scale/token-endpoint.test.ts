import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

import { countTokenExchanges, mostWithin } from '../../scale/token-endpoint';

describe('the token endpoint that counts', () => {
	it('passes the request and its answer on, and notes the time of each', async () => {
		const bodies: string[] = [];
		const server = createServer((request, response) => {
			let body = '';
			request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
			request.on('end', () => {
				bodies.push(`${request.url} ${body}`);
				response.writeHead(401, { 'content-type': 'application/json' });
				response.end('{"error":"invalid_client"}');
			});
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const { port } = server.address() as AddressInfo;
		const counted = await countTokenExchanges(`http://127.0.0.1:${port}/realms/dps/token`);
		try {
			const answer = await fetch(counted.url, { method: 'POST', body: 'grant_type=x' });
			expect(answer.status).toBe(401);
			expect(await answer.json()).toEqual({ error: 'invalid_client' });
			expect(bodies).toEqual(['/realms/dps/token grant_type=x']);
			expect(counted.exchanges).toHaveLength(1);
		} finally {
			await counted.stop();
			server.close();
		}
	});
});

describe('the most events within a span', () => {
	it('counts a span that is open at its end, in whatever order the times are', () => {
		expect(mostWithin(5, [])).toBe(0);
		expect(mostWithin(5, [10, 0, 5, 4])).toBe(2);
		expect(mostWithin(5, [0, 1, 2, 4, 5, 20, 21])).toBe(4);
	});
});
