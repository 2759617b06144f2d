import type { Request, RequestHandler, Response } from 'express';
import type { AuthorizationServer, Caller } from '../oauth';
import { ApiError } from './error';

const CONTRACT_ID = /^[0-9a-f]{4}$/;
const BASE62_ID = /^[0-9a-zA-Z]{22}$/;

/** Lets only requests with a valid access token pass; `callerOf` then says whose it is. */
export function requireToken(authorizationServer: AuthorizationServer): RequestHandler {
	return async (request, response, next) => {
		const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
		if (token === undefined) {
			throw new ApiError(401, 'UNAUTHORIZED', 'An access token is needed');
		}
		const caller = await authorizationServer.verify(token).catch(() => {
			throw new ApiError(401, 'UNAUTHORIZED', 'The access token is not valid');
		});
		response.locals.caller = caller;
		next();
	};
}

/** Who makes this request, as the access token says. */
export function callerOf(response: Response): Caller {
	return response.locals.caller as Caller;
}

/**
 * The `contractId` of the path, once the caller may read (`R`) or write (`W`) under it.
 *
 * @throws {ApiError} 400 when it is no contract id, 403 when the role is missing
 */
export function contractFor(request: Request, response: Response, access: 'R' | 'W'): string {
	const contractId = String(request.params.contractId);
	if (!CONTRACT_ID.test(contractId)) {
		throw new ApiError(400, 'BAD_REQUEST', 'contractId must be four hexadecimal digits');
	}
	requireRole(callerOf(response), contractId, access);
	return contractId;
}

/** @throws {ApiError} 403 when the caller has no role for this access to the contract */
export function requireRole(caller: Caller, contractId: string, access: 'R' | 'W'): void {
	const role = `${contractId}_${access}`;
	if (!caller.roles.has(role)) {
		throw new ApiError(403, 'FORBIDDEN', `The role ${role} is needed`);
	}
}

/**
 * A `submissionId`, `fileId` or `disseminationId` of the path.
 *
 * @throws {ApiError} 400 when it has not the form of one
 */
export function idFrom(request: Request, name: string): string {
	const id = String(request.params[name]);
	if (!BASE62_ID.test(id)) {
		throw new ApiError(400, 'BAD_REQUEST', `${name} must be 22 letters and digits`);
	}
	return id;
}

/**
 * The request's JSON object.
 *
 * @throws {ApiError} 400 when there is none
 */
export function objectFrom(request: Request): Record<string, unknown> {
	const body: unknown = request.body;
	if (typeof body !== 'object' || body === null || Array.isArray(body)) {
		throw new ApiError(400, 'BAD_REQUEST', 'The body must be a JSON object');
	}
	return body as Record<string, unknown>;
}

/**
 * A `priority`, by default 50 (DPS API documentation).
 *
 * @throws {ApiError} 400 when it is no whole number from 1 to 100
 */
export function priorityFrom(value: unknown): number {
	if (value === undefined || value === null) return 50;
	if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 100) {
		throw new ApiError(400, 'VALIDATION_ERROR', 'priority must be a whole number from 1 to 100');
	}
	return value;
}
