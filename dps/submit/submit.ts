import { AdvisedError, assertNoErrors } from '../advised-error';
import type { DpsApi } from '../client/api';
import { DpsError } from '../client/error';
import { deleteFile, registerFile } from '../client/files';
import {
	createSubmission,
	finalizeSubmission,
	findSubmission,
	getSubmission,
} from '../client/submissions';
import type { RegisteredFile, Submission } from '../client/types';
import type { Finding } from '../finding';

import { checkPackage } from './checks';
import { forEachConcurrently } from './concurrency';
import type { Fixity } from './fixity';
import { fixityOf } from './fixity';
import type { Package, PackageFile } from './package';
import { FileChangedError, UploadUrlExpiredError, uploadFile } from './upload';

export interface SubmitOptions {
	/** Files in work at the same time. */
	concurrency: number;
	/** Drops what an unfinished submission holds beside the input, instead of refusing. */
	dropUnknownFiles: boolean;
	/** Told whenever a file is done. */
	onFileDone?: (path: string, size: number) => void;
}

/** One file as it was sent, for the depositor's records. */
export interface SubmittedFile {
	filePath: string;
	fileId: string;
	/** MD5, 32 lower-case hex digits. */
	checksum: string;
	sha256: string;
	/** Bytes. */
	size: number;
}

export interface SubmitResult {
	/** The submission by the API's own field names, less `files`. */
	submission: Submission;
	files: SubmittedFile[];
	sumSizeInBytes: number;
	/** True when a submission that was there before was carried on, or found complete. */
	resumed: boolean;
	warnings: string[];
}

/** Upload URLs fetched anew for one file, before it is given up: each is good for about an hour. */
const MAX_REGISTRATIONS = 3;

function otherContent(objectId: string, findings: Finding[]): AdvisedError {
	return new AdvisedError(
		`The objectId ${objectId} already holds other content; a new version needs a new objectId`,
		'Nothing was changed. Preserved content is immutable: give the corrected object an objectId of its own.',
		findings,
	);
}

function fileFinding(path: string, message: string): Finding {
	return { level: 'error', field: `file ${path}`, message, rule: 'DPS submission documentation' };
}

function withoutFiles(submission: Submission): Submission {
	const rest = { ...submission };
	delete rest.files;
	return rest;
}

function rejected(objectId: string, known: string): AdvisedError {
	return new AdvisedError(
		`The submission with the objectId ${objectId} was rejected: ${known}`,
		'Look at the reasons in the submission.rejected message, correct the package, and submit it under a new objectId. Whether the old objectId can be used again is for the National Library of Norway to say.',
	);
}

interface Opened {
	submission: Submission;
	resumed: boolean;
}

/** Creates the submission or, when its objectId is taken, reads the one that is there. */
async function openSubmission(api: DpsApi, input: Package): Promise<Opened> {
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
			throw rejected(objectId, `it was in the list (${row.submissionId}), and is gone now`);
		},
	);
	if (submission.status === 'REJECTED') {
		throw rejected(objectId, `submission ${submission.submissionId} has the status REJECTED`);
	}
	return { submission, resumed: true };
}

/** A finalized submission counts as this input's own only when every path and MD5 is the same. */
async function compareWithFinalized(
	api: DpsApi,
	input: Package,
	submission: Submission,
	options: SubmitOptions,
): Promise<SubmittedFile[]> {
	const registered = new Map((submission.files ?? []).map((file) => [file.filePath, file]));
	const findings: Finding[] = [];
	const files: SubmittedFile[] = [];
	await forEachConcurrently(input.files, options.concurrency, api.signal, async (file, signal) => {
		const { path } = file.source;
		const there = registered.get(path);
		const fixity = await checkedFixity(file, signal);
		if (!there) {
			findings.push(fileFinding(path, 'is not in the submission'));
		} else if (there.checksum !== fixity.md5) {
			findings.push(
				fileFinding(path, `has MD5 ${fixity.md5} now, and ${there.checksum} in the submission`),
			);
		} else {
			files.push(submitted(there, fixity));
		}
		registered.delete(path);
	});
	for (const path of registered.keys()) {
		findings.push(fileFinding(path, 'is in the submission, but not in the input'));
	}
	if (findings.length > 0) throw otherContent(input.objectId, findings);
	return files;
}

function submitted(registered: RegisteredFile, fixity: Fixity): SubmittedFile {
	return {
		filePath: registered.filePath,
		fileId: registered.fileId,
		checksum: fixity.md5,
		sha256: fixity.sha256,
		size: fixity.size,
	};
}

/** @throws {FileChangedError} when the file is not what the depositor's own checksum says */
async function checkedFixity(file: PackageFile, signal?: AbortSignal): Promise<Fixity> {
	const fixity = await fixityOf(file.source, signal);
	if (file.expectedMd5 !== undefined && file.expectedMd5 !== fixity.md5) {
		throw new AdvisedError(
			`The file ${file.source.path} has MD5 ${fixity.md5}, but the checksum given for it is ${file.expectedMd5}`,
			'The file was not sent. Compare it with its source: either the file or the checksum is wrong.',
		);
	}
	return fixity;
}

/** Brings one file into the submission: checksum, registration, upload. */
async function sendFile(
	api: DpsApi,
	contractId: string,
	submissionId: string,
	file: PackageFile,
	earlier: RegisteredFile | undefined,
): Promise<SubmittedFile> {
	const { source, isPackaged } = file;
	const fixity = await checkedFixity(file, api.signal);
	let registered = earlier;
	if (registered && (registered.checksum !== fixity.md5 || registered.isPackaged !== isPackaged)) {
		await deleteFile(api, contractId, submissionId, registered.fileId);
		registered = undefined;
	}
	for (let count = 1; ; count++) {
		registered ??= (
			await registerFile(api, contractId, submissionId, {
				filePath: source.path,
				checksum: fixity.md5,
				isPackaged,
			})
		).value;
		const { fileId, uploadUrl } = registered;
		// registered does not mean uploaded, and nothing in the API tells: without this run's own
		// upload there is no proof that the bytes are there
		const outcome = uploadUrl
			? await uploadFile(api, source, uploadUrl, fixity).catch(async (error: unknown) => {
					if (error instanceof UploadUrlExpiredError && count < MAX_REGISTRATIONS) return error;
					if (error instanceof FileChangedError) {
						// what is stored now is not what is registered: nobody shall finalize it by hand
						await deleteFile(api, contractId, submissionId, fileId);
					}
					throw error;
				})
			: new UploadUrlExpiredError();
		if (!(outcome instanceof UploadUrlExpiredError)) return submitted(registered, fixity);
		await deleteFile(api, contractId, submissionId, fileId);
		registered = undefined;
	}
}

async function dropUnknown(
	api: DpsApi,
	input: Package,
	submission: Submission,
	options: SubmitOptions,
): Promise<string[]> {
	const wanted = new Set(input.files.map(({ source }) => source.path));
	const unknown = (submission.files ?? []).filter(({ filePath }) => !wanted.has(filePath));
	if (unknown.length > 0 && !options.dropUnknownFiles) {
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

/**
 * Makes one complete submission of a package: creates it, and for each file takes the checksum,
 * registers and uploads it; finalizes when all is confirmed. Run again after any failure, it
 * carries on where it stopped.
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
	const warnings = findings.map(({ field, message }) => `${field}: ${message}`);

	const { submission, resumed } = await openSubmission(api, input);
	const { submissionId } = submission;
	if (submission.status !== 'REGISTERED') {
		const files = await compareWithFinalized(api, input, submission, options);
		return resultOf(input, submission, files, true, warnings);
	}
	warnings.push(...(await dropUnknown(api, input, submission, options)));

	const earlier = new Map((submission.files ?? []).map((file) => [file.filePath, file]));
	const files: SubmittedFile[] = [];
	await forEachConcurrently(input.files, options.concurrency, api.signal, async (file, signal) => {
		const { path } = file.source;
		const sent = await sendFile(
			{ ...api, signal },
			input.contractId,
			submissionId,
			file,
			earlier.get(path),
		);
		files.push(sent);
		options.onFileDone?.(path, sent.size);
	});
	const finalized = await finalizeSubmission(api, input.contractId, submissionId);
	return resultOf(input, finalized.value, files, resumed, warnings);
}

/**
 * Adds one file to a submission that is not finalized: checksum, registration, upload. A file that
 * is registered already is sent again, since nothing tells whether its bytes have arrived.
 *
 * @throws {DpsError}
 * @throws {AdvisedError} the file changed, or the submission is finalized
 */
export async function addFile(
	api: DpsApi,
	contractId: string,
	submissionId: string,
	file: PackageFile,
): Promise<SubmittedFile> {
	const { status, files = [] } = await getSubmission(api, contractId, submissionId);
	if (status !== 'REGISTERED') {
		throw new AdvisedError(
			`The submission ${submissionId} is finalized (${status}); no file can be added to it`,
			'New content needs a new submission with an objectId of its own.',
		);
	}
	const earlier = files.find(({ filePath }) => filePath === file.source.path);
	return await sendFile(api, contractId, submissionId, file, earlier);
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
	return {
		submission: withoutFiles(submission),
		files,
		sumSizeInBytes: files.reduce((sum, { size }) => sum + size, 0),
		resumed,
		warnings,
	};
}
