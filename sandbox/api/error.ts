import type { ErrorRequestHandler, RequestHandler } from 'express';

/** The error envelope of the DPS API documentation. */
export interface ApiErrorBody {
	error: { code: string; message: string; details?: unknown };
}

/** A refusal, answered with the DPS's error envelope. */
export class ApiError extends Error {
	override readonly name = 'ApiError';

	constructor(
		readonly status: 400 | 401 | 403 | 404 | 409 | 422,
		readonly code: string,
		message: string,
		readonly details?: unknown,
	) {
		super(message);
	}
}

/** `{"error":{"code","message","details"}}`; without `details` when there are none. */
export function apiErrorBody(code: string, message: string, details?: unknown): ApiErrorBody {
	return { error: { code, message, ...(details === undefined ? {} : { details }) } };
}

/** Answers a path that the API doesn't have. */
export const refuseUnknownPath: RequestHandler = (request) => {
	throw new ApiError(404, 'NOT_FOUND', `Nothing answers ${request.method} here`);
};

/** Answers every error with the envelope: the refusals, a body that is no JSON, and the rest as 500. */
export const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
	if (response.headersSent) {
		next(error);
	} else if (error instanceof ApiError) {
		if (error.status === 401) response.set('WWW-Authenticate', 'Bearer');
		response.status(error.status).json(apiErrorBody(error.code, error.message, error.details));
	} else if (isRequestFault(error)) {
		response.status(400).json(apiErrorBody('BAD_REQUEST', error.message));
	} else {
		process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
		response.status(500).json(apiErrorBody('INTERNAL_ERROR', 'The sandbox failed'));
	}
};

/** What Express and its JSON parser throw for a broken body or percent-encoding. */
function isRequestFault(error: unknown): error is Error & { status: number } {
	const status = error instanceof Error ? (error as { status?: unknown }).status : undefined;
	return typeof status === 'number' && status >= 400 && status < 500;
}
