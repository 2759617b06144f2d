import { request } from 'node:http';
import { deflateSync, gzipSync } from 'node:zlib';

import { Webhook } from 'standardwebhooks';

import { random } from '../dps/random';

/** A request that must start nothing, whatever the trigger makes of it. */
export interface HostileRequest {
	method: string;
	headers: Record<string, string | string[]>;
	body: Buffer;
}

/** Milliseconds after which a request counts as not answered. */
const PATIENCE_MS = 10_000;

/** How a request ended. */
export interface Outcome {
	/** Absent when there was no answer: the server broke the connection, or left it open. */
	status?: number;
	sent: HostileRequest;
}

const MESSAGE = JSON.stringify({
	type: 'submission.preserved',
	timestamp: '2026-01-05T10:00:00+01:00',
	data: { contractId: 'ef23', submissionId: '8Z7x1T9rN0Xc2B5Yq4L3zP', archiveId: 'x' },
});

/** Requests that are not genuine, each wrong in a seeded, random way. */
export function* hostileRequests(seed: number, count: number): Generator<HostileRequest> {
	const { int, pick, bytes, next } = random(seed);
	const text = (length: number) => bytes(length).toString('base64url').slice(0, length);
	const bodies = [
		() => Buffer.from(MESSAGE),
		() => Buffer.alloc(0),
		() => Buffer.from('{"type":'),
		() => Buffer.from('[]'),
		() => Buffer.from('null'),
		() => Buffer.from('{"__proto__":{"polluted":true},"type":"submission.preserved","data":{}}'),
		() => Buffer.from(`${'['.repeat(5_000)}${']'.repeat(5_000)}`),
		() => bytes(int(1, 2_000)),
		() => Buffer.alloc(int(1, 200_000), 'x'),
		() => gzipSync(MESSAGE),
		() => deflateSync(Buffer.alloc(1_000_000, '0')),
		() => Buffer.from('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
		() => Buffer.from('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'),
		() => Buffer.from(`a=${text(500)}&a[b][c]=d`),
	];
	const types = [
		'application/json',
		'application/json; charset=utf-16',
		'text/plain',
		'application/xml',
		'application/x-www-form-urlencoded',
		'multipart/form-data; boundary=x',
		'multipart/form-data',
		'application/octet-stream',
		'',
	];
	const signatures = [
		() => `v1,${bytes(32).toString('base64')}`,
		() => `v1a,${bytes(64).toString('base64')} v2,x`,
		() => Array.from({ length: int(1, 200) }, () => `v1,${text(44)}`).join(' '),
		() => `v1,${text(int(0, 5_000))}`,
		() => ',,, , v1,',
		() => '',
	];
	for (let index = 0; index < count; index++) {
		const body = pick(bodies)();
		const now = Math.floor(Date.now() / 1000);
		const id = pick([`msg_${index}`, '', text(3_000), '__proto__', `'; DROP TABLE x; --`]);
		const timestamp = pick([`${now}`, `${now - 86_400}`, '-1', 'NaN', '1e99', '', text(50)]);
		const headers: Record<string, string | string[]> = {
			'webhook-id': id,
			'webhook-timestamp': timestamp,
			'webhook-signature': pick(signatures)(),
			'content-type': pick(types),
		};
		if (next() < 0.2) {
			// rightly made, but with another secret, or with no id of a message
			const other = new Webhook(`whsec_${bytes(24).toString('base64')}`);
			headers['webhook-id'] = `msg_${index}`;
			headers['webhook-timestamp'] = `${now}`;
			headers['webhook-signature'] = other.sign(`msg_${index}`, new Date(), body.toString('utf8'));
		}
		if (next() < 0.15)
			headers['content-encoding'] = pick(['gzip', 'deflate', 'br', 'identity', 'x']);
		if (next() < 0.1) headers.authorization = `Bearer ${text(40)}`;
		if (next() < 0.1) headers['transfer-encoding'] = 'chunked';
		else headers['content-length'] = String(body.length);
		for (const [name, value] of Object.entries(headers)) if (value === '') delete headers[name];
		yield {
			method: pick(['POST', 'POST', 'POST', 'POST', 'PUT', 'GET', 'DELETE', 'PATCH']),
			headers,
			body,
		};
	}
}

/** Sends a request as it stands; a client library would mend it. */
export async function send(url: string, sent: HostileRequest): Promise<Outcome> {
	return await new Promise((resolve) => {
		const outgoing = request(url, { method: sent.method, headers: sent.headers }, (response) => {
			response.resume();
			response.once('end', () => resolve({ status: response.statusCode, sent }));
			response.once('error', () => resolve({ sent }));
		});
		outgoing.once('error', () => resolve({ sent }));
		outgoing.setTimeout(PATIENCE_MS, () => outgoing.destroy());
		outgoing.end(sent.body);
	});
}

/** Sends all, so many at a time, and gives how each ended. */
export async function sendAll(
	url: string,
	requests: Iterable<HostileRequest>,
	senders: number,
): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	const iterator = requests[Symbol.iterator]();
	const lane = async () => {
		for (let step = iterator.next(); !step.done; step = iterator.next()) {
			outcomes.push(await send(url, step.value));
		}
	};
	await Promise.all(Array.from({ length: senders }, lane));
	return outcomes;
}
