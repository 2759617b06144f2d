/**
 * What the sandbox says about itself: the line that it prints when it is ready, and the bodies of
 * its control interface under `/_sandbox/`. Types only, so that a test can import them from another
 * process.
 */

/** An OAuth client that the sandbox knows, with its secret: the secrets of a sandbox protect nothing. */
export interface SandboxClient {
	clientId: string;
	clientSecret: string;
	/** `{contractId}_R` and `{contractId}_W`, as in `realm_access.roles` of the access token. */
	roles: string[];
}

/** Where a running sandbox is, and what opens it. */
export interface SandboxInfo {
	/** Base URL of the DPS API, to which `/v1/…` is added: `http://127.0.0.1:<port>/dps-submission`. */
	apiUrl: string;
	tokenUrl: string;
	/** Origin of the S3 store; reached only by the pre-signed URLs that the API gives. */
	storeUrl: string;
	/** Base URL of the control interface: `http://127.0.0.1:<port>/_sandbox`. */
	controlUrl: string;
	/** The first is the default client, which may read and write. */
	clients: SandboxClient[];
	/** Signs webhooks unless a registration gives a secret of its own: `whsec_` and base64. */
	webhookSecret: string;
}

/** Why a submission was rejected (DPS webhook documentation, `submission.rejected`). */
export interface RejectionReason {
	code: string;
	message: string;
	/** Absent when the reason concerns the whole package. */
	filePath?: string;
}

/** `GET /_sandbox/state`: everything, in the order in which it was made. */
export interface SandboxState {
	/** Also the rejected ones, which the API no longer shows; not the deleted ones. */
	submissions: SubmissionState[];
	disseminations: DisseminationState[];
}

export interface SubmissionState {
	contractId: string;
	submissionId: string;
	objectId: string;
	/** The OAuth client that created it. */
	clientId: string;
	status: string;
	priority: number;
	metadata: unknown;
	finalized: boolean;
	/** UUIDv7, given when the submission is finalized. */
	archiveId?: string;
	/** Only with status `REJECTED`. */
	reasons?: RejectionReason[];
	files: FileState[];
	/** The bodies of the recorded preservation events. */
	events: unknown[];
}

export interface FileState {
	fileId: string;
	filePath: string;
	/** The registered MD5, 32 hexadecimal digits. */
	checksum: string;
	isPackaged: boolean;
	s3ObjectKey: string;
	/** What the store holds; absent while no bytes have arrived. */
	stored?: { md5: string; size: number };
}

export interface DisseminationState {
	disseminationId: string;
	archiveId: string;
	contractId: string;
	objectId: string;
	clientId: string;
	status: string;
	priority: number;
	/** The delivered packages; empty before `DISSEMINATED`. */
	files: { filename: string; filesize: number; checksum: string }[];
}

/** Which of the sandbox's servers a request came to. */
export type SandboxSide = 'api' | 'store' | 'token';

/** One request, as `GET /_sandbox/requests` lists it. */
export interface LoggedRequest {
	/** 1 for the first request since the start, and so on. */
	number: number;
	side: SandboxSide;
	method: string;
	/** As received, percent-encoded, without the query. */
	path: string;
	/** Absent until there is an answer, and when the connection broke before there was one. */
	status?: number;
	hasAuthorization: boolean;
	/** The `Content-Length` header in bytes; absent without the header. */
	contentLength?: number;
	/** How many requests this side was working on when this one arrived, itself included. */
	inFlight: number;
	/** The kind of the fault that hit this request. */
	fault?: FaultAction['kind'];
}

export interface RequestLogPage {
	/** Oldest first. */
	requests: LoggedRequest[];
	/** How many older ones were forgotten because the log is bounded. */
	dropped: number;
}

/** What a fault does to a request. */
export type FaultAction =
	/** Answers with this status, and does not act. */
	| {
			kind: 'status';
			status: number;
			headers?: Record<string, string>;
			body?: string;
			contentType?: string;
	  }
	/** Breaks the connection before acting. */
	| { kind: 'reset-before' }
	/** Acts, then breaks the connection instead of answering. */
	| { kind: 'lose-answer' }
	/** Cuts the connection after so many bytes of the body: of a PUT's request, of any other's answer. */
	| { kind: 'reset-mid-body'; afterBytes: number }
	/** Waits so many milliseconds, then goes on as usual if the caller is still there. */
	| { kind: 'stall'; ms: number }
	/** Answers 401, as for an access token that has expired. */
	| { kind: 'expire-token' };

/** `POST /_sandbox/faults`: goes wrong for the requests that match. */
export interface Fault {
	side: SandboxSide;
	/** Any method when absent. */
	method?: string;
	/** Source of a regular expression that is looked for in the path (no query); any path when absent. */
	pathPattern?: string;
	/** How many matching requests pass before the first is hit; default 0. */
	skip?: number;
	/** How many matching requests are hit; default 1. */
	times?: number;
	action: FaultAction;
}

/** `POST /_sandbox/webhooks`: where a client's messages go. Takes the place of an earlier registration. */
export interface WebhookRegistration {
	/** Default: the default client. */
	clientId?: string;
	url: string;
	/** `whsec_` and base64, or a plain text; default: the sandbox's own secret. */
	secret?: string;
}

/** One message of `GET /_sandbox/deliveries`, with each attempt to deliver it. */
export interface Delivery {
	/** The `webhook-id`, the same at each attempt. */
	id: string;
	type: string;
	clientId: string;
	url: string;
	/** The message as sent. */
	body: unknown;
	/** `status` is absent when there was no answer in time; `error` then says why. */
	attempts: { status?: number; error?: string }[];
	/** `pending` until a 2xx (`delivered`) or the last attempt (`given-up`). */
	state: 'pending' | 'delivered' | 'given-up';
}
