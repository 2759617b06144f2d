import express, { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import type { DisseminationRecord, Disseminations } from './disseminations';
import type { FaultPlan } from './faults';
import type {
	DisseminationState,
	Fault,
	FaultAction,
	RejectionReason,
	SandboxState,
	SubmissionState,
	WebhookRegistration,
} from './messages';
import type { AuthorizationServer } from './oauth';
import type { Preservation } from './preservation';
import type { RequestLog } from './request-log';
import type { Bucket } from './store/bucket';
import type { SubmissionRecord, Submissions } from './submissions';
import type { Webhooks } from './webhooks';

/** What the control interface looks into and steers. */
export interface ControlServices {
	authorizationServer: AuthorizationServer;
	bucket: Bucket;
	disseminations: Disseminations;
	faults: FaultPlan;
	log: RequestLog;
	preservation: Preservation;
	submissions: Submissions;
	webhooks: Webhooks;
}

/** A refusal of the control interface, answered as `{"error":"…"}`. */
class ControlError extends Error {
	override readonly name = 'ControlError';

	constructor(
		readonly status: number,
		message: string,
	) {
		super(message);
	}
}

/** What tests and curious people see and steer, to be mounted at `/_sandbox`; needs no token. */
export function createControl(services: ControlServices): Router {
	const { authorizationServer, disseminations, faults, log, preservation, webhooks } = services;
	const router = Router();
	router.use(refuseBrowsers, express.json());

	router.get('/state', (_request, response) => {
		response.json(stateOf(services));
	});
	router.get('/requests', (_request, response) => {
		response.json(log.list());
	});
	router.delete('/requests', (_request, response) => {
		log.clear();
		response.status(204).end();
	});
	router.post('/faults', (request, response) => {
		faults.add(faultFrom(request.body));
		response.status(204).end();
	});
	router.delete('/faults', (_request, response) => {
		faults.clear();
		response.status(204).end();
	});
	router.post('/webhooks', (request, response) => {
		try {
			webhooks.register(registrationFrom(request.body));
		} catch (error) {
			throw new ControlError(400, `No such webhook: ${String(error)}`);
		}
		response.status(204).end();
	});
	router.get('/deliveries', (_request, response) => {
		response.json({ deliveries: webhooks.deliveries() });
	});
	router.post('/submissions/:submissionId/advance', (request, response) => {
		const record = submissionOf(services, request.params.submissionId);
		if (!preservation.advance(record)) {
			throw new ControlError(409, `The submission is ${record.status}`);
		}
		response.status(204).end();
	});
	router.post('/submissions/:submissionId/reject', (request, response) => {
		const record = submissionOf(services, request.params.submissionId);
		if (!preservation.reject(record, reasonsFrom(request.body))) {
			throw new ControlError(409, `The submission is ${record.status}`);
		}
		response.status(204).end();
	});
	router.post('/tokens/revoke', (_request, response) => {
		authorizationServer.revokeAll();
		response.status(204).end();
	});
	router.post('/disseminations/:disseminationId/fail', (request, response) => {
		const record = disseminations.find(request.params.disseminationId);
		if (!record) throw new ControlError(404, 'There is no such dissemination');
		if (!disseminations.fail(record)) {
			throw new ControlError(409, `The dissemination is ${record.status}`);
		}
		response.status(204).end();
	});

	router.use((request) => {
		throw new ControlError(404, `Nothing answers ${request.method} here`);
	});
	router.use(answerControlError);
	return router;
}

/**
 * A web page that happens to be open on this machine can send requests to it: those carry an
 * `Origin`, or by a rebound DNS name another `Host`.
 */
const refuseBrowsers: RequestHandler = (request, _response, next) => {
	if (request.headers.origin !== undefined || !isLoopback(request.hostname)) {
		throw new ControlError(403, 'Not for web pages');
	}
	next();
};

function isLoopback(hostname: string | undefined): boolean {
	return hostname === '127.0.0.1' || hostname === 'localhost';
}

const answerControlError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
	if (response.headersSent) {
		next(error);
		return;
	}
	const status = error instanceof Error ? (error as { status?: unknown }).status : undefined;
	response
		.status(typeof status === 'number' ? status : 500)
		.json({ error: error instanceof Error ? error.message : String(error) });
};

function submissionOf({ submissions }: ControlServices, submissionId: string): SubmissionRecord {
	const record = submissions.byId(submissionId);
	if (!record) throw new ControlError(404, 'There is no such submission');
	return record;
}

function stateOf({ submissions, disseminations, bucket }: ControlServices): SandboxState {
	return {
		submissions: Array.from(submissions.everyOne(), (record) => submissionState(record, bucket)),
		disseminations: Array.from(disseminations.everyOne(), disseminationState),
	};
}

function submissionState(record: SubmissionRecord, bucket: Bucket): SubmissionState {
	return {
		contractId: record.contractId,
		submissionId: record.submissionId,
		objectId: record.objectId,
		clientId: record.clientId,
		status: record.status,
		priority: record.priority,
		metadata: record.metadata,
		finalized: record.finalized,
		archiveId: record.archiveId,
		reasons: record.reasons,
		files: Array.from(record.files.values(), (file) => {
			const stored = file.archived ?? bucket.stored(file.s3ObjectKey);
			return {
				fileId: file.fileId,
				filePath: file.filePath,
				checksum: file.checksum,
				isPackaged: file.isPackaged,
				s3ObjectKey: file.s3ObjectKey,
				stored: stored && { md5: stored.md5, size: stored.size },
			};
		}),
		events: record.events,
	};
}

function disseminationState(record: DisseminationRecord): DisseminationState {
	const { disseminationId, clientId, status, priority, packages, submission } = record;
	return {
		disseminationId,
		archiveId: submission.archiveId ?? '',
		contractId: submission.contractId,
		objectId: submission.objectId,
		clientId,
		status,
		priority,
		files: packages.map(({ filename, stored }) => ({
			filename,
			filesize: stored.size,
			checksum: stored.md5,
		})),
	};
}

const KINDS: Record<FaultAction['kind'], (action: Record<string, unknown>) => boolean> = {
	status: ({ status }) => Number.isInteger(status) && Number(status) >= 200 && Number(status) < 600,
	'reset-before': () => true,
	'lose-answer': () => true,
	'reset-mid-body': ({ afterBytes }) => isCount(afterBytes),
	stall: ({ ms }) => isCount(ms),
	'expire-token': () => true,
};

function faultFrom(body: unknown): Fault {
	const { side, method, pathPattern, skip, times, action } = fieldsOf(body);
	const { kind } = fieldsOf(action);
	const known = typeof kind === 'string' && Object.hasOwn(KINDS, kind);
	const right =
		(side === 'api' || side === 'store' || side === 'token') &&
		(method === undefined || typeof method === 'string') &&
		(pathPattern === undefined || isPattern(pathPattern)) &&
		(skip === undefined || isCount(skip)) &&
		(times === undefined || isCount(times)) &&
		known &&
		KINDS[kind as FaultAction['kind']](fieldsOf(action));
	if (!right) {
		throw new ControlError(400, `No such fault; kinds: ${Object.keys(KINDS).join(', ')}`);
	}
	return body as Fault;
}

function registrationFrom(body: unknown): WebhookRegistration {
	const { clientId, url, secret } = fieldsOf(body);
	if (
		typeof url !== 'string' ||
		(clientId !== undefined && typeof clientId !== 'string') ||
		(secret !== undefined && typeof secret !== 'string')
	) {
		throw new ControlError(400, 'url is required; clientId and secret are texts');
	}
	return { clientId, url, secret };
}

function reasonsFrom(body: unknown): RejectionReason[] {
	const { reasons } = fieldsOf(body);
	const isReason = (reason: unknown) => {
		const { code, message, filePath } = fieldsOf(reason);
		return (
			typeof code === 'string' &&
			typeof message === 'string' &&
			(filePath === undefined || typeof filePath === 'string')
		);
	};
	if (!Array.isArray(reasons) || reasons.length === 0 || !reasons.every(isReason)) {
		throw new ControlError(400, 'reasons must be a list of {code, message, filePath?}');
	}
	return reasons as RejectionReason[];
}

function fieldsOf(value: unknown): Record<string, unknown> {
	return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isCount(value: unknown): boolean {
	return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isPattern(value: unknown): boolean {
	if (typeof value !== 'string') return false;
	try {
		new RegExp(value);
		return true;
	} catch {
		return false;
	}
}
