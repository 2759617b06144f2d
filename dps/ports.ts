/**
 * What the domain needs from the program that it runs in. A host (n8n, a command line, a test)
 * gives a transport, a clock and its files in these forms; nothing else in `dps` reaches outside.
 */

/** One HTTP request, as `dps` asks for it. */
export interface TransportRequest {
	method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** Absolute URL, already percent-encoded. */
	url: string;
	/**
	 * Whether the transport adds the access token. `api` requests go to the API's own origin;
	 * `none` is for pre-signed URLs, which S3 refuses beside an `Authorization` header.
	 */
	auth: 'api' | 'none';
	headers?: Record<string, string>;
	/** A text, the bytes, or the bytes as a stream; a stream is read once. */
	body?: string | Uint8Array | AsyncIterable<Uint8Array>;
	/** Called with each chunk of a streamed body as it is sent, so that it can be hashed on its way. */
	onBodyBytes?: (chunk: Uint8Array) => void;
	/** Called when a streamed body has ended by itself, after the last `onBodyBytes`. */
	onBodyEnd?: () => void;
	/** `text` reads the answer whole (API answers are small); `stream` gives it as it arrives. */
	responseType: 'text' | 'stream';
	/** Milliseconds without an answer after which the request is given up. */
	timeoutMs: number;
	signal?: AbortSignal;
}

/** The answer to a request, whatever its HTTP status. */
export interface TransportResponse {
	status: number;
	/** Header names in lower case. */
	headers: Record<string, string>;
	/** The body as text; empty when `responseType` was `stream`. */
	text: string;
	/** The body as a stream; absent when `responseType` was `text`. */
	stream?: AsyncIterable<Uint8Array>;
}

/**
 * Sends a request. Resolves for every HTTP status, also 4xx and 5xx; redirects are not followed.
 * Rejects with a {@link TransportError} when there was no whole answer, and with
 * {@link CancelledError} when `signal` was aborted.
 */
export interface Transport {
	request(request: TransportRequest): Promise<TransportResponse>;
}

/** Time and chance, so that waiting can be cancelled and tests need not wait. */
export interface Clock {
	/** Milliseconds since 1970. */
	now(): number;
	/** Resolves after `ms` milliseconds; rejects with {@link CancelledError} if `signal` is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
	/** A number in [0, 1), for jitter. */
	random(): number;
}

/** A file that is to be preserved. Its bytes are read as a stream, at most twice. */
export interface FileSource {
	/** Path in the package, `/` between its parts. */
	path: string;
	/** Bytes. */
	size: number;
	/** A fresh stream of the bytes from the first to the last; can be called more than once. */
	open(): Promise<AsyncIterable<Uint8Array>>;
}

/** How far a request had come when it failed without an answer. */
export type TransportFailure =
	/** The connection was never made: the service cannot have acted. */
	| 'not-sent'
	/** The connection broke or timed out: the service may have acted. */
	| 'no-answer';

/** There was no whole answer: a connection refused, reset or timed out, a host name not found. */
export class TransportError extends Error {
	override readonly name = 'TransportError';

	/**
	 * @param failure whether the request can have reached the service
	 * @param code the system's error code (`ECONNREFUSED`, `ENOTFOUND`, `ECONNRESET`, …), if known
	 */
	constructor(
		message: string,
		readonly failure: TransportFailure,
		readonly code?: string,
	) {
		super(message);
	}
}

/** The work was cancelled from outside; nothing is wrong with it. */
export class CancelledError extends Error {
	override readonly name = 'CancelledError';

	constructor(message = 'Cancelled') {
		super(message);
	}
}
