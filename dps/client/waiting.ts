import { AdvisedError } from '../advised-error';
import { CancelledError } from '../ports';

import type { DpsApi } from './api';
import { getDissemination } from './disseminations';
import { DpsError } from './error';
import { getSubmission } from './submissions';
import type { Dissemination, Submission } from './types';

export interface WaitOptions {
	/** Milliseconds after which the wait is given up. */
	timeoutMs: number;
	/** Milliseconds before the second look. */
	firstDelayMs: number;
	/** Milliseconds that no pause between two looks exceeds. */
	maxDelayMs: number;
}

/** The status was not final when the time was up. */
export class WaitTimeoutError extends AdvisedError {
	override readonly name = 'WaitTimeoutError';
}

/** Statuses after which nothing more comes (DPS API documentation); any other is 'not finished'. */
const FINAL_SUBMISSION = new Set(['PRESERVED', 'REJECTED']);
const FINAL_DISSEMINATION = new Set(['DISSEMINATED', 'FAILED', 'REJECTED']);

/** Each pause is longer than the one before by this factor. */
const GROWTH = 1.5;

async function waitUntil<T extends { status: string }>(
	api: DpsApi,
	options: WaitOptions,
	what: string,
	look: () => Promise<T>,
	isFinal: (status: string) => boolean,
): Promise<T> {
	const end = api.clock.now() + options.timeoutMs;
	let delay = options.firstDelayMs;
	for (;;) {
		const seen = await look();
		if (isFinal(seen.status)) return seen;
		const left = end - api.clock.now();
		if (left <= 0) {
			throw new WaitTimeoutError(
				`The ${what} has still the status ${seen.status} after ${Math.round(options.timeoutMs / 1000)} seconds`,
				'It goes on by itself. Wait longer (option Timeout), or let the Digital Preservation Trigger tell when it is done.',
			);
		}
		// the upper half is random, so that waits begun together do not ask together
		const pause = delay / 2 + api.clock.random() * (delay / 2);
		await api.clock.sleep(Math.min(pause, left), api.signal);
		if (api.signal?.aborted) throw new CancelledError();
		delay = Math.min(options.maxDelayMs, delay * GROWTH);
	}
}

/**
 * Waits until a submission is preserved or rejected, reading its status at growing intervals. No
 * connection is held between two looks.
 *
 * @returns the submission with its final status
 * @throws {AdvisedError} when it was there and is gone: it was probably rejected, never preserved
 * @throws {WaitTimeoutError}
 * @throws {DpsError}
 */
export async function waitForSubmission(
	api: DpsApi,
	contractId: string,
	submissionId: string,
	options: WaitOptions,
): Promise<Submission> {
	let seen: Submission | undefined;
	const look = async () => {
		seen = await getSubmission(api, contractId, submissionId).catch((error: unknown) => {
			if (!seen || !(error instanceof DpsError) || error.status !== 404) throw error;
			throw new AdvisedError(
				`The submission ${submissionId} (${seen.objectId}) is gone: it had the status ${seen.status}, and is not found any more. It was probably rejected`,
				'DPS removes a rejected submission. The reasons come in the submission.rejected message of the Digital Preservation Trigger. Keep the source material.',
			);
		});
		return seen;
	};
	return await waitUntil(api, options, `submission ${submissionId}`, look, (status) =>
		FINAL_SUBMISSION.has(status),
	);
}

/**
 * Waits until a dissemination is delivered, failed or rejected.
 *
 * @throws {WaitTimeoutError}
 * @throws {DpsError}
 */
export async function waitForDissemination(
	api: DpsApi,
	disseminationId: string,
	options: WaitOptions,
): Promise<Dissemination> {
	return await waitUntil(
		api,
		options,
		`dissemination ${disseminationId}`,
		async () => await getDissemination(api, disseminationId),
		(status) => FINAL_DISSEMINATION.has(status),
	);
}
