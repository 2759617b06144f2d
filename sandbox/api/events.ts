import { Router } from 'express';
import { brokenEventRules } from '../event-rules';
import type { Submissions } from '../submissions';
import { ApiError } from './error';
import { submissionFor } from './submissions';

/** The calls about the preservation events of a submission, below `/v1/contracts`. */
export function eventRoutes(submissions: Submissions): Router {
	const router = Router();
	const events = '/:contractId/submissions/:submissionId/events';

	router.post(events, (request, response) => {
		const record = submissionFor(submissions, request, response, 'W');
		const body: unknown = request.body;
		const broken = brokenEventRules(body);
		if (broken.length > 0) {
			throw new ApiError(400, 'VALIDATION_ERROR', 'The event is not valid', { violations: broken });
		}
		record.events.push(body);
		response.status(201).json(body);
	});

	router.get(events, (request, response) => {
		response.json({ events: submissionFor(submissions, request, response, 'R').events });
	});

	return router;
}
