import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { RequestLog } from '../../sandbox/request-log';

function record(log: RequestLog, url: string) {
	const request = new IncomingMessage(new Socket());
	request.method = 'GET';
	request.url = url;
	const response = new ServerResponse(request);
	return { entry: log.record('api', request, response), response };
}

test('keeps the latest requests and says how many it dropped', () => {
	const log = new RequestLog();
	for (let number = 1; number <= 50_003; number++) record(log, `/${number}`);
	const { requests, dropped } = log.list();
	expect(requests).toHaveLength(50_000);
	expect(requests[0]).toMatchObject({ number: 4, path: '/4' });
	expect(requests.at(-1)).toMatchObject({ number: 50_003, path: '/50003' });
	expect(dropped).toBe(3);
});

test('after it was cleared it lists only what came later', () => {
	const log = new RequestLog();
	record(log, '/before');
	log.clear();
	record(log, '/after');
	expect(log.list()).toMatchObject({ requests: [{ number: 2, path: '/after' }], dropped: 0 });
});

test('leaves out the query, which may hold a signature', () => {
	const { entry } = record(new RequestLog(), '/a/b?X-Amz-Signature=1');
	expect(entry.path).toBe('/a/b');
});

test('counts how many are being worked on', () => {
	const log = new RequestLog();
	const first = record(log, '/1');
	expect(record(log, '/2').entry.inFlight).toBe(2);
	first.response.emit('close');
	expect(record(log, '/3').entry.inFlight).toBe(2);
});
