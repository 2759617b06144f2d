import { AdvisedError, assertNoErrors } from '../advised-error';
import type { DpsApi } from '../client/api';
import { finalizeSubmission } from '../client/submissions';
import type { Submission } from '../client/types';
import type { Finding } from '../finding';

import { checkPackage } from './checks';
import { checkCompleteness, hasMets } from './completeness';
import type { Slots } from './concurrency';
import { forEachConcurrently } from './concurrency';
import type { Fixity, ReadFile } from './fixity';
import { clearUnknownFiles, fileFinding, openSubmission, refuseRejected } from './opening';
import type { Package, PackageFile } from './package';
import type { SubmittedFile } from './send-file';
import { readChecked, sendFile, submittedFile } from './send-file';

export interface SubmitOptions {
	/** Places for files in work at the same time; packages that are sent side by side share them. */
	slots: Slots;
	/** Drops what an unfinished submission holds beside the input, instead of refusing. */
	dropUnknownFiles: boolean;
	/** Told whenever a file is done. */
	onFileDone?: (file: SubmittedFile) => void;
	/**
	 * Judges the whole package before anything is sent: an error among what it finds keeps it from
	 * being sent, the rest becomes warnings.
	 *
	 * @param fixities of every file, by path
	 */
	preflight?: (input: Package, fixities: ReadonlyMap<string, Fixity>) => Promise<Finding[]>;
}

export interface SubmitResult {
	/** The submission by the API's own field names, less `files`. */
	submission: Submission;
	/** In the input's order. */
	files: SubmittedFile[];
	sumSizeInBytes: number;
	/** True when a submission that was there before was carried on, or found complete. */
	resumed: boolean;
	warnings: string[];
}

/** Fixities that were taken before anything was sent, by path. */
type Fixities = ReadonlyMap<string, Fixity>;

/**
 * Makes one complete submission of a package: checks it, creates the submission, and for each file
 * takes the checksum, registers and uploads it; finalizes when all is confirmed. Run again after
 * any failure, it carries on where it stopped.
 *
 * What comes back is uploaded and accepted for processing. Only DPS's own word, later, makes it
 * preserved.
 *
 * @throws {InputError} nothing was sent, because the input breaks rules
 * @throws {AdvisedError} the objectId is taken by other content or by a rejected submission
 * @throws {DpsError}
 */
export async function submitPackage(
	api: DpsApi,
	input: Package,
	options: SubmitOptions,
): Promise<SubmitResult> {
	const findings = checkPackage(input);
	assertNoErrors('The package cannot be submitted', findings);
	const fixities =
		hasMets(input) || options.preflight
			? await fixitiesOf(api, input, options.slots)
			: new Map<string, Fixity>();
	if (hasMets(input)) {
		const incomplete = await checkCompleteness(input, fixities);
		assertNoErrors('The package is not complete', incomplete);
	}
	const judged = (await options.preflight?.(input, fixities)) ?? [];
	assertNoErrors('The package is not valid', judged);
	findings.push(...judged);

	const { submission, resumed } = await openSubmission(api, input);
	const warnings = findings.map(({ field, message }) => `${field}: ${message}`);
	if (submission.status !== 'REGISTERED') {
		const files = await compareWithFinalized(api, input, submission, fixities, options.slots);
		return resultOf(input, submission, files, true, warnings);
	}
	warnings.push(...(await clearUnknownFiles(api, input, submission, options.dropUnknownFiles)));
	const files = await sendFiles(api, input, submission, fixities, options);
	const { value } = await finalizeSubmission(api, input.contractId, submission.submissionId);
	// when the answer was lost, what was found instead may have come to its end already
	refuseRejected(value);
	return resultOf(input, value, files, resumed, warnings);
}

/** Takes the fixity of all files, before anything is sent. */
async function fixitiesOf(api: DpsApi, input: Package, slots: Slots): Promise<Fixities> {
	const fixities = new Map<string, Fixity>();
	await forEachConcurrently(input.files, slots, api.signal, async (file, signal) => {
		const { fixity } = await readChecked(file, signal);
		fixities.set(file.source.path, fixity);
	});
	return fixities;
}

async function readOnce(
	file: PackageFile,
	fixities: Fixities,
	signal: AbortSignal,
): Promise<ReadFile> {
	const fixity = fixities.get(file.source.path);
	return fixity ? { fixity } : await readChecked(file, signal);
}

async function sendFiles(
	api: DpsApi,
	input: Package,
	submission: Submission,
	fixities: Fixities,
	{ slots, onFileDone }: SubmitOptions,
): Promise<SubmittedFile[]> {
	const open = { contractId: input.contractId, submissionId: submission.submissionId };
	const earlier = new Map((submission.files ?? []).map((file) => [file.filePath, file]));
	const files: SubmittedFile[] = [];
	await forEachConcurrently(input.files, slots, api.signal, async (file, signal) => {
		const read = await readOnce(file, fixities, signal);
		const registered = earlier.get(file.source.path);
		const sent = await sendFile({ ...api, signal }, open, file, read, registered);
		files.push(sent);
		onFileDone?.(sent);
	});
	return files;
}

/**
 * A finalized submission counts as this input's own only when every path and MD5 is the same; else
 * a corrected scan would be reported as preserved, and deleted at its source.
 *
 * @throws {AdvisedError} that names the files that differ
 */
async function compareWithFinalized(
	api: DpsApi,
	input: Package,
	submission: Submission,
	fixities: Fixities,
	slots: Slots,
): Promise<SubmittedFile[]> {
	const registered = new Map((submission.files ?? []).map((file) => [file.filePath, file]));
	const findings: Finding[] = [];
	const files: SubmittedFile[] = [];
	await forEachConcurrently(input.files, slots, api.signal, async (file, signal) => {
		const { path } = file.source;
		const there = registered.get(path);
		// nothing is uploaded here, so that only the bytes can tell whether the file has changed
		const { fixity } = file.fixity
			? await readChecked({ ...file, fixity: undefined }, signal)
			: await readOnce(file, fixities, signal);
		if (!there) {
			findings.push(fileFinding(path, 'is not in the submission'));
		} else if (there.checksum !== fixity.md5) {
			const message = `has MD5 ${fixity.md5} now, and ${there.checksum} in the submission`;
			findings.push(fileFinding(path, message));
		} else {
			files.push(submittedFile(there, fixity));
		}
		registered.delete(path);
	});
	for (const path of registered.keys()) {
		findings.push(fileFinding(path, 'is in the submission, but not in the input'));
	}
	if (findings.length === 0) return files;
	throw new AdvisedError(
		`The objectId ${input.objectId} already holds other content; a new version needs a new objectId`,
		'Nothing was changed. What is preserved stays as it is: give the corrected object an objectId of its own.',
		findings,
	);
}

function resultOf(
	input: Package,
	submission: Submission,
	files: SubmittedFile[],
	resumed: boolean,
	warnings: string[],
): SubmitResult {
	const order = new Map(input.files.map(({ source }, index) => [source.path, index]));
	files.sort((a, b) => (order.get(a.filePath) ?? 0) - (order.get(b.filePath) ?? 0));
	const withoutFiles = { ...submission };
	delete withoutFiles.files;
	return {
		submission: withoutFiles,
		files,
		sumSizeInBytes: files.reduce((sum, { size }) => sum + size, 0),
		resumed,
		warnings,
	};
}
