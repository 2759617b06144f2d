import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

/** A request at the level of `node:http`, for what `fetch` would set right or refuse to send. */
export interface RawRequest {
	method: string;
	headers?: Record<string, string | number>;
	body?: Buffer | string;
	/** Sends the body in chunks, without a `Content-Length`. */
	chunked?: boolean;
	/** Sends only this much of the body and cuts the connection. */
	cutAfterBytes?: number;
	/** Sends the headers only, and reads the answer. */
	withoutBody?: boolean;
}

export interface RawAnswer {
	status: number;
	headers: IncomingHttpHeaders;
	body: Buffer;
}

/** Sends a request; rejects when the connection breaks before the whole answer is there. */
export async function exchange(url: string, given: RawRequest): Promise<RawAnswer> {
	const body = Buffer.from(given.body ?? '');
	const { pathname, search, hostname, port } = new URL(url);
	return await new Promise<RawAnswer>((answered, failed) => {
		const request = httpRequest({
			method: given.method,
			hostname,
			port,
			path: pathname + search,
			agent: false,
			headers: {
				...(given.chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': body.length }),
				...given.headers,
			},
		});
		request.on('error', failed);
		request.on('response', (response) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('error', failed);
			response.on('end', () => {
				request.destroy();
				answered({
					status: response.statusCode ?? 0,
					headers: response.headers,
					body: Buffer.concat(chunks),
				});
			});
		});
		if (given.withoutBody) {
			request.flushHeaders();
		} else if (given.cutAfterBytes !== undefined) {
			request.write(body.subarray(0, given.cutAfterBytes), () => request.destroy());
		} else {
			request.end(body);
		}
	});
}
