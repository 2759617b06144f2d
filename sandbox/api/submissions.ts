import { Router, type Request, type Response } from 'express';
import type { SandboxSettings } from '../options';
import type { Preservation } from '../preservation';
import type { Bucket } from '../store/bucket';
import {
	fileAnswer,
	submissionAnswer,
	type SubmissionRecord,
	type Submissions,
} from '../submissions';
import { callerOf, contractFor, idFrom, objectFrom, priorityFrom } from './access';
import { ApiError } from './error';

const OBJECT_ID = /^[0-9a-zA-Z_-]{3,200}$/;

// Spring's own defaults for a page.
const DEFAULT_PAGE_SIZE = 20;
const LARGEST_PAGE_SIZE = 2000;

/** What the calls about submissions need. */
export interface SubmissionServices {
	settings: Pick<SandboxSettings, 'showArchiveId'>;
	submissions: Submissions;
	preservation: Preservation;
	bucket: Bucket;
}

/** The calls about submissions themselves, below `/v1/contracts`. */
export function submissionRoutes(services: SubmissionServices): Router {
	const { settings, submissions, preservation, bucket } = services;
	const router = Router();

	router.post('/:contractId/submissions', (request, response) => {
		const contractId = contractFor(request, response, 'W');
		const { objectId, priority, metadata } = objectFrom(request);
		if (typeof objectId !== 'string' || !OBJECT_ID.test(objectId)) {
			throw new ApiError(400, 'VALIDATION_ERROR', `objectId must match ${OBJECT_ID.source}`);
		}
		// Only a missing one is refused here: rules within it are checked when it is validated.
		if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
			throw new ApiError(400, 'VALIDATION_ERROR', 'metadata is required');
		}
		const record = submissions.create({
			contractId,
			objectId,
			clientId: callerOf(response).clientId,
			priority: priorityFrom(priority),
			metadata,
		});
		if (!record) {
			throw new ApiError(
				409,
				'SUBMISSION_ALREADY_EXISTS',
				'A submission with this objectId exists under this contract',
			);
		}
		response.status(201).json(submissionAnswer(record));
	});

	router.get('/:contractId/submissions', (request, response) => {
		const contractId = contractFor(request, response, 'R');
		const number = wholeNumber(request.query.page) ?? 0;
		const size = Math.min(wholeNumber(request.query.size) || DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE);
		const { rows, total } = submissions.page(contractId, number, size);
		response.json({
			content: rows.map(submissionAnswer),
			page: { size, number, totalElements: total, totalPages: Math.ceil(total / size) },
		});
	});

	router.get('/:contractId/submissions/:submissionId', (request, response) => {
		const record = submissionFor(submissions, request, response, 'R');
		const { archiveId, status } = record;
		response.json({
			...submissionAnswer(record),
			...(settings.showArchiveId && status === 'PRESERVED' ? { archiveId } : {}),
			files: [...record.files.values()].map(fileAnswer),
		});
	});

	router.delete('/:contractId/submissions/:submissionId', async (request, response) => {
		const record = submissionFor(submissions, request, response, 'W');
		if (record.status !== 'REGISTERED') {
			throw new ApiError(
				409,
				'SUBMISSION_ALREADY_FINALIZED',
				'A finalized submission cannot be deleted',
			);
		}
		submissions.remove(record);
		for (const { s3ObjectKey } of record.files.values()) await bucket.delete(s3ObjectKey);
		response.status(204).end();
	});

	router.post('/:contractId/submissions/:submissionId/finalize', (request, response) => {
		const record = submissionFor(submissions, request, response, 'W');
		refuseFinalized(record);
		const files = [...record.files.values()];
		if (files.length === 0) {
			throw new ApiError(400, 'NO_FILES_REGISTERED', 'No file is registered');
		}
		const missing = files.filter(({ s3ObjectKey }) => !bucket.stored(s3ObjectKey));
		if (missing.length > 0) {
			throw new ApiError(400, 'FILES_MISSING', 'Bytes of registered files are missing', {
				filePaths: missing.map(({ filePath }) => filePath),
			});
		}
		preservation.finalize(record);
		response.json({
			...submissionAnswer(record),
			sumSizeInBytes: files.reduce(
				(sum, { s3ObjectKey }) => sum + (bucket.stored(s3ObjectKey)?.size ?? 0),
				0,
			),
			files: files.map((file) => ({ ...fileAnswer(file), s3ObjectKey: file.s3ObjectKey })),
		});
	});

	return router;
}

/**
 * The submission that the path names, once the caller may read or write under its contract.
 *
 * @throws {ApiError} 400, 403 or 404
 */
export function submissionFor(
	submissions: Submissions,
	request: Request,
	response: Response,
	access: 'R' | 'W',
): SubmissionRecord {
	const contractId = contractFor(request, response, access);
	const record = submissions.find(contractId, idFrom(request, 'submissionId'));
	if (!record) throw new ApiError(404, 'SUBMISSION_NOT_FOUND', 'There is no such submission');
	return record;
}

/** @throws {ApiError} 400 when the submission takes no more files */
export function refuseFinalized(record: SubmissionRecord): void {
	if (record.status !== 'REGISTERED') {
		throw new ApiError(400, 'SUBMISSION_ALREADY_FINALIZED', 'The submission is finalized');
	}
}

/** As Spring reads a page's parameters: what is no whole number counts as absent. */
function wholeNumber(value: unknown): number | undefined {
	return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}
