import type { DpsApi, OnceResult } from './api';
import { callForAny, callForObject, callOnce } from './api';
import { DpsError } from './error';
import { pagesOf } from './paging';
import type { Submission } from './types';

export interface NewSubmission {
	objectId: string;
	/** 1 (highest) to 100; the service's default is 50. */
	priority?: number;
	/** Descriptive metadata (`dps/metadata`). */
	metadata: unknown;
}

const submissionsPath = (contractId: string) => ['v1', 'contracts', contractId, 'submissions'];
const submissionPath = (contractId: string, submissionId: string) => [
	...submissionsPath(contractId),
	submissionId,
];

/**
 * Finds a submission by its `objectId`. The API documents no filter, so the list is paged through
 * and every row is compared, also when the service should heed the `objectId` that is sent along.
 *
 * @returns the row of the list (without `files`), or undefined
 * @throws {DpsError}
 */
export async function findSubmission(
	api: DpsApi,
	contractId: string,
	objectId: string,
): Promise<Submission | undefined> {
	for await (const page of pagesOf<Submission>(api, submissionsPath(contractId))) {
		const found = page.find((row) => row.objectId === objectId);
		if (found) return found;
	}
	return undefined;
}

/**
 * Creates a submission (`POST …/submissions`, 201). After a lost answer, the submission is looked
 * for by its `objectId` before it is created again; one that is found counts as this call's own
 * when it is still empty and not finalized.
 *
 * @throws {DpsError} status 409 when the `objectId` is taken
 */
export async function createSubmission(
	api: DpsApi,
	contractId: string,
	submission: NewSubmission,
): Promise<OnceResult<Submission>> {
	return await callOnce(
		api,
		async () =>
			await callForObject<Submission>(api, {
				method: 'POST',
				path: submissionsPath(contractId),
				body: submission,
				repeat: 'if-refused',
			}),
		async () => {
			const row = await findSubmission(api, contractId, submission.objectId);
			if (!row) return undefined;
			const found = await getSubmission(api, contractId, row.submissionId);
			return found.status === 'REGISTERED' && (found.files ?? []).length === 0 ? found : undefined;
		},
	);
}

/**
 * Reads a submission with its status and `files[]` (`GET …/submissions/{submissionId}`).
 *
 * @throws {DpsError} status 404 when there is none (any more)
 */
export async function getSubmission(
	api: DpsApi,
	contractId: string,
	submissionId: string,
): Promise<Submission> {
	return await callForObject<Submission>(api, {
		method: 'GET',
		path: submissionPath(contractId, submissionId),
		repeat: 'freely',
	});
}

/** Goes through a contract's submissions, a page at a time (`GET …/submissions?page=&size=`). */
export function listSubmissions(
	api: DpsApi,
	contractId: string,
	pageSize?: number,
): AsyncGenerator<Submission[], void, undefined> {
	return pagesOf<Submission>(api, submissionsPath(contractId), pageSize);
}

/**
 * Deletes a submission that is not finalized (`DELETE …/submissions/{submissionId}`, 204).
 *
 * @throws {DpsError} status 404 when the submission does not exist
 */
export async function deleteSubmission(
	api: DpsApi,
	contractId: string,
	submissionId: string,
): Promise<void> {
	await deleteOnce(api, submissionPath(contractId, submissionId));
}

/**
 * Deletes what is at `path`. A 404 is a success when an earlier try of this call got no answer:
 * that try deleted it.
 *
 * @throws {DpsError}
 */
export async function deleteOnce(api: DpsApi, path: string[]): Promise<void> {
	let answerLost = false;
	const watched: DpsApi = {
		...api,
		onRetry: (failure) => {
			answerLost ||= failure.mayHaveActed;
			api.onRetry?.(failure);
		},
	};
	await callForAny(watched, { method: 'DELETE', path, repeat: 'freely' }).catch(
		(error: unknown) => {
			if (answerLost && error instanceof DpsError && error.status === 404) return;
			throw error;
		},
	);
}

/**
 * Closes the upload and starts processing (`POST …/finalize`, 200). After a lost answer the
 * submission is read: any status but `REGISTERED` shows that the call took.
 *
 * The success says only that the upload is complete; the content can still be rejected.
 *
 * @throws {DpsError} status 400 when no file is registered or bytes are missing in the store
 */
export async function finalizeSubmission(
	api: DpsApi,
	contractId: string,
	submissionId: string,
): Promise<OnceResult<Submission>> {
	return await callOnce(
		api,
		async () =>
			await callForObject<Submission>(api, {
				method: 'POST',
				path: [...submissionPath(contractId, submissionId), 'finalize'],
				repeat: 'if-refused',
			}),
		async () => {
			const found = await getSubmission(api, contractId, submissionId);
			return found.status === 'REGISTERED' ? undefined : found;
		},
	);
}
