import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiErrorBody } from './api/error';
import type { Fault, FaultAction, SandboxSide } from './messages';
import { pathOf } from './request-log';

interface ArmedFault extends Fault {
	pattern?: RegExp;
	matched: number;
}

/** The faults that have been asked for, each hitting the requests that it was set for. */
export class FaultPlan {
	private faults: ArmedFault[] = [];

	/** @throws {SyntaxError} when `pathPattern` is no regular expression */
	add(fault: Fault): void {
		const pattern = fault.pathPattern === undefined ? undefined : new RegExp(fault.pathPattern);
		this.faults.push({ ...fault, pattern, matched: 0 });
	}

	clear(): void {
		this.faults = [];
	}

	/** The action that hits this request: that of the first fault which matches and is due. */
	actionFor(side: SandboxSide, request: IncomingMessage): FaultAction | undefined {
		for (const fault of this.faults) {
			if (fault.side !== side) continue;
			if (fault.method && fault.method.toUpperCase() !== request.method) continue;
			if (fault.pattern && !fault.pattern.test(pathOf(request))) continue;
			fault.matched++;
			const skip = fault.skip ?? 0;
			if (fault.matched > skip && fault.matched <= skip + (fault.times ?? 1)) return fault.action;
		}
		return undefined;
	}
}

/** Does to a request what a fault says; `proceed` lets it act as it would without the fault. */
export async function applyFault(
	action: FaultAction,
	request: IncomingMessage,
	response: ServerResponse,
	proceed: RequestListener,
): Promise<void> {
	switch (action.kind) {
		case 'status':
			answer(request, response, action);
			return;
		case 'expire-token':
			answer(request, response, {
				status: 401,
				body: JSON.stringify(apiErrorBody('UNAUTHORIZED', 'The access token has expired')),
				contentType: 'application/json',
			});
			return;
		case 'reset-before':
			request.socket.resetAndDestroy();
			return;
		case 'lose-answer':
			swallowAnswer(request, response);
			proceed(request, response);
			return;
		case 'reset-mid-body':
			if (request.method === 'PUT') {
				cutRequest(request, action.afterBytes);
			} else {
				cutAnswer(response, action.afterBytes);
				proceed(request, response);
			}
			return;
		case 'stall':
			await sleep(action.ms);
			if (!request.socket.destroyed) proceed(request, response);
	}
}

function answer(
	request: IncomingMessage,
	response: ServerResponse,
	given: { status: number; headers?: Record<string, string>; body?: string; contentType?: string },
): void {
	// What the caller still sends is read and thrown away, so that it gets to read the answer.
	request.resume();
	response.writeHead(given.status, {
		...(given.contentType === undefined ? {} : { 'content-type': given.contentType }),
		...given.headers,
	});
	response.end(given.body);
}

function swallowAnswer(request: IncomingMessage, response: ServerResponse): void {
	response.writeHead = () => response;
	response.flushHeaders = () => undefined;
	response.write = () => true;
	response.end = () => {
		request.socket.resetAndDestroy();
		return response;
	};
}

function cutRequest(request: IncomingMessage, afterBytes: number): void {
	let received = 0;
	request.on('data', (chunk: Buffer) => {
		received += chunk.length;
		if (received >= afterBytes) request.socket.resetAndDestroy();
	});
	// A shorter body is cut too: the fault is that this request doesn't act.
	request.on('end', () => request.socket.resetAndDestroy());
	request.on('error', () => undefined);
}

function cutAnswer(response: ServerResponse, afterBytes: number): void {
	const write = response.write.bind(response) as (chunk: Uint8Array, done?: () => void) => boolean;
	let left = afterBytes;
	let cut = false;

	const send = (chunk: unknown, encoding: unknown): boolean => {
		if (cut || chunk === undefined || chunk === null || typeof chunk === 'function') return true;
		const bytes =
			typeof chunk === 'string'
				? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
				: (chunk as Uint8Array);
		if (bytes.length < left) {
			left -= bytes.length;
			return write(bytes);
		}
		cut = true;
		response.flushHeaders();
		write(bytes.subarray(0, left), () => response.socket?.destroy());
		return true;
	};

	response.write = (chunk: unknown, encoding?: unknown) => send(chunk, encoding);
	response.end = (chunk?: unknown, encoding?: unknown) => {
		send(chunk, encoding);
		if (!cut) {
			cut = true;
			response.flushHeaders();
			response.socket?.destroySoon();
		}
		return response;
	};
}
