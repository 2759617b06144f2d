import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LoggedRequest, RequestLogPage, SandboxSide } from './messages';

/** How many requests are remembered; older ones are forgotten. */
const REMEMBERED = 50_000;

/** What came in, in order, without queries, headers or bodies: no secret gets in here. */
export class RequestLog {
	// A ring: the request with number n is at n modulo its length.
	private ring: LoggedRequest[] = [];
	private latest = 0;
	private cleared = 0;
	private readonly working: Record<SandboxSide, number> = { api: 0, store: 0, token: 0 };

	/** Notes a request; its status is filled in when it has been answered. */
	record(side: SandboxSide, request: IncomingMessage, response: ServerResponse): LoggedRequest {
		this.latest++;
		this.working[side]++;
		const { 'content-length': contentLength } = request.headers;
		const entry: LoggedRequest = {
			number: this.latest,
			side,
			method: request.method ?? '',
			path: pathOf(request),
			hasAuthorization: request.headers.authorization !== undefined,
			...(contentLength === undefined ? {} : { contentLength: Number(contentLength) }),
			inFlight: this.working[side],
		};
		this.ring[this.latest % REMEMBERED] = entry;
		response.once('finish', () => {
			entry.status = response.statusCode;
		});
		response.once('close', () => {
			this.working[side]--;
		});
		return entry;
	}

	list(): RequestLogPage {
		const first = Math.max(this.cleared, this.latest - REMEMBERED);
		const requests: LoggedRequest[] = [];
		for (let number = first + 1; number <= this.latest; number++) {
			requests.push(this.ring[number % REMEMBERED]);
		}
		return { requests, dropped: first - this.cleared };
	}

	clear(): void {
		this.ring = [];
		this.cleared = this.latest;
	}
}

/** A request's path as received, percent-encoded, without its query. */
export function pathOf(request: IncomingMessage): string {
	return (request.url ?? '').split('?', 1)[0];
}
