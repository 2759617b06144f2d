import { AdvisedError } from '../advised-error';
import type { DpsApi } from '../client/api';
import { DpsError } from '../client/error';
import { deleteFile } from '../client/files';
import { redact } from '../client/redaction';
import { createSubmission, findSubmission, getSubmission } from '../client/submissions';
import type { Submission } from '../client/types';
import type { Finding } from '../finding';
import { error as errorFinding } from '../finding';

import type { Package } from './package';

const RULE = 'DPS submission documentation';

/** A file's place in a list of findings. */
export function fileFinding(path: string, message: string): Finding {
	return errorFinding(`file ${path}`, message, RULE);
}

function rejected(objectId: string, known: string): AdvisedError {
	return new AdvisedError(
		`The submission with the objectId ${objectId} was rejected: ${known}`,
		'Look at the reasons in the submission.rejected message, correct the package, and submit it under a new objectId. Whether the old objectId can be used again is for the National Library of Norway to say.',
	);
}

function reasonsOf(submission: Submission): string {
	const { reasons } = submission;
	return Array.isArray(reasons) && reasons.length > 0
		? `, with the reasons ${redact(JSON.stringify(reasons), 1000)}`
		: '';
}

/**
 * A rejected submission is never passed off as a result.
 *
 * @throws {AdvisedError} when it was rejected, with what it says of the reasons
 */
export function refuseRejected(submission: Submission): void {
	const { status, submissionId, objectId } = submission;
	if (status !== 'REJECTED') return;
	throw rejected(
		objectId,
		`submission ${submissionId} has the status REJECTED${reasonsOf(submission)}`,
	);
}

export interface Opened {
	/** With its `files[]` when it was there before. */
	submission: Submission;
	/** True when it was there before. */
	resumed: boolean;
}

/**
 * Creates the submission or, when its objectId is taken, reads the one that is there.
 *
 * @throws {AdvisedError} when that one was rejected, or cannot be found
 * @throws {DpsError}
 */
export async function openSubmission(api: DpsApi, input: Package): Promise<Opened> {
	const { contractId, objectId, priority, metadata } = input;
	const created = await createSubmission(api, contractId, { objectId, priority, metadata }).catch(
		(error: unknown) => {
			if (error instanceof DpsError && error.status === 409) return error;
			throw error;
		},
	);
	if (!(created instanceof DpsError)) return { submission: created.value, resumed: false };

	const row = await findSubmission(api, contractId, objectId);
	if (!row) {
		throw new AdvisedError(
			`The objectId ${objectId} is taken (${created.code}: ${created.message}), but no submission with it can be read under contract ${contractId}`,
			'It may belong to another client, or to a submission that was rejected. Ask the National Library of Norway, or use a new objectId.',
		);
	}
	const submission = await getSubmission(api, contractId, row.submissionId).catch(
		(error: unknown) => {
			if (!(error instanceof DpsError) || error.status !== 404) throw error;
			throw rejected(
				objectId,
				`it was in the list (${row.submissionId}), and is gone now, which is what becomes of rejected submissions`,
			);
		},
	);
	refuseRejected(submission);
	return { submission, resumed: true };
}

/**
 * Sees to what an unfinished submission holds beside the input.
 *
 * @param drop whether to drop it, instead of refusing
 * @returns a warning for each file that was dropped
 * @throws {AdvisedError} that names the files
 */
export async function clearUnknownFiles(
	api: DpsApi,
	input: Package,
	submission: Submission,
	drop: boolean,
): Promise<string[]> {
	const wanted = new Set(input.files.map(({ source }) => source.path));
	const unknown = (submission.files ?? []).filter(({ filePath }) => !wanted.has(filePath));
	if (unknown.length > 0 && !drop) {
		throw new AdvisedError(
			`The unfinished submission of ${input.objectId} holds ${unknown.length} file(s) that are not in the input`,
			"Nothing was changed. Add the missing items or, if the files do not belong to the object, turn on the option 'Drop Unknown Files'.",
			unknown.map(({ filePath }) => fileFinding(filePath, 'is registered, but not in the input')),
		);
	}
	for (const file of unknown) {
		await deleteFile(api, input.contractId, submission.submissionId, file.fileId);
	}
	return unknown.map(({ filePath }) => `${filePath} was registered earlier, and was dropped`);
}
