import express, { Router } from 'express';
import type { Disseminations } from '../disseminations';
import type { AuthorizationServer } from '../oauth';
import { requireToken } from './access';
import { API_DOCS } from './api-docs';
import { disseminationRoutes } from './disseminations';
import { answerError, refuseUnknownPath } from './error';
import { eventRoutes } from './events';
import { fileRoutes, type FileServices } from './files';
import { submissionRoutes, type SubmissionServices } from './submissions';

const LARGEST_BODY = '16mb';

/** What the API needs. */
export type ApiServices = Omit<SubmissionServices & FileServices, 'settings'> & {
	settings: SubmissionServices['settings'] & FileServices['settings'];
	authorizationServer: AuthorizationServer;
	disseminations: Disseminations;
};

/** The DPS API, to be mounted at `/dps-submission`. */
export function createApi(services: ApiServices): Router {
	const router = Router();
	router.get('/v1/api-docs', (_request, response) => {
		response.json(API_DOCS);
	});
	router.use(requireToken(services.authorizationServer));
	router.use(express.json({ limit: LARGEST_BODY, strict: false }));
	router.use(
		'/v1/contracts',
		submissionRoutes(services),
		fileRoutes(services),
		eventRoutes(services.submissions),
	);
	router.use(
		'/v1/disseminations',
		disseminationRoutes(services.submissions, services.disseminations),
	);
	router.use(refuseUnknownPath);
	router.use(answerError);
	return router;
}
