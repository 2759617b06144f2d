import type { DpsApi } from './api';
import { callForObject } from './api';
import { DpsError } from './error';
import type { Dissemination } from './types';

export interface NewDissemination {
	archiveId: string;
	/** 1 (highest) to 100; the service's default is 50. */
	priority?: number;
}

/** An order that was placed, or that met one already under way for this archive id and client. */
export interface DisseminationOrder {
	/** The dissemination; undefined when one is under way whose id is not known. */
	dissemination?: Dissemination;
	alreadyUnderWay: boolean;
}

const ID = /^[0-9A-Za-z]{22}$/;

/** A dissemination id somewhere in a 409's body; the API does not document one there. */
function disseminationIdIn(body: unknown, depth = 0): string | undefined {
	if (typeof body !== 'object' || body === null || depth > 4) return undefined;
	for (const [name, value] of Object.entries(body)) {
		if (name === 'disseminationId' && typeof value === 'string' && ID.test(value)) return value;
		const found = disseminationIdIn(value, depth + 1);
		if (found) return found;
	}
	return undefined;
}

/**
 * Orders a dissemination (`POST /v1/disseminations`, 201). The call may be repeated: a second one
 * while the first is under way is answered 409, which is no failure here.
 *
 * @param knownDisseminationId the id of an earlier order, used when a 409 names none; of no use
 * where that is for another object, or unknown to the service
 * @throws {DpsError} status 404 no such AIP, 422 not preserved yet
 */
export async function createDissemination(
	api: DpsApi,
	order: NewDissemination,
	knownDisseminationId?: string,
): Promise<DisseminationOrder> {
	const result = await callForObject<Dissemination>(api, {
		method: 'POST',
		path: ['v1', 'disseminations'],
		body: order,
		repeat: 'freely',
	}).catch((error: unknown) => {
		if (error instanceof DpsError && error.status === 409) return error;
		throw error;
	});
	if (!(result instanceof DpsError)) return { dissemination: result, alreadyUnderWay: false };
	const id = disseminationIdIn(result.body);
	if (id) return { dissemination: await getDissemination(api, id), alreadyUnderWay: true };
	if (!knownDisseminationId) return { alreadyUnderWay: true };
	const known = await getDissemination(api, knownDisseminationId).catch((error: unknown) => {
		if (error instanceof DpsError && error.status === 404) return undefined;
		throw error;
	});
	// the caller's id can be that of another order
	const isOfThis = known?.archiveId === order.archiveId;
	return { dissemination: isOfThis ? known : undefined, alreadyUnderWay: true };
}

/** Reads a dissemination's status (`GET /v1/disseminations/{disseminationId}`). */
export async function getDissemination(
	api: DpsApi,
	disseminationId: string,
): Promise<Dissemination> {
	return await callForObject<Dissemination>(api, {
		method: 'GET',
		path: ['v1', 'disseminations', disseminationId],
		repeat: 'freely',
	});
}
