import { Router } from 'express';
import { disseminationAnswer, type Disseminations } from '../disseminations';
import type { Submissions } from '../submissions';
import { callerOf, idFrom, objectFrom, priorityFrom, requireRole } from './access';
import { ApiError } from './error';

/** The calls about disseminations, below `/v1/disseminations`. */
export function disseminationRoutes(
	submissions: Submissions,
	disseminations: Disseminations,
): Router {
	const router = Router();

	router.post('/', (request, response) => {
		const { archiveId, priority } = objectFrom(request);
		if (typeof archiveId !== 'string' || archiveId === '') {
			throw new ApiError(400, 'VALIDATION_ERROR', 'archiveId is required');
		}
		const wantedPriority = priorityFrom(priority);
		const submission = submissions.byArchiveId(archiveId);
		if (!submission) throw new ApiError(404, 'AIP_NOT_FOUND', 'There is no such AIP');
		const caller = callerOf(response);
		requireRole(caller, submission.contractId, 'R');
		if (submission.status !== 'PRESERVED') {
			throw new ApiError(422, 'AIP_NOT_PRESERVED', 'The object is not preserved yet');
		}
		const record = disseminations.order(submission, caller.clientId, wantedPriority);
		if (!record) {
			throw new ApiError(
				409,
				'DISSEMINATION_ALREADY_IN_PROGRESS',
				'A dissemination of this object is under way for this client',
			);
		}
		response.status(201).json(disseminationAnswer(record));
	});

	router.get('/:disseminationId', (request, response) => {
		const record = disseminations.find(idFrom(request, 'disseminationId'));
		if (!record) {
			throw new ApiError(404, 'DISSEMINATION_NOT_FOUND', 'There is no such dissemination');
		}
		requireRole(callerOf(response), record.submission.contractId, 'R');
		response.json(disseminationAnswer(record));
	});

	return router;
}
