import { AdvisedError } from '../advised-error';
import type { DpsApi } from '../client/api';
import { deleteFile, registerFile } from '../client/files';
import { getSubmission } from '../client/submissions';
import type { RegisteredFile } from '../client/types';

import type { Fixity, ReadFile } from './fixity';
import { readFile } from './fixity';
import type { PackageFile } from './package';
import { FileChangedError, UploadUrlExpiredError, uploadFile } from './upload';

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

/** A submission that can still take files. */
export interface OpenSubmission {
	contractId: string;
	submissionId: string;
}

/** Upload URLs fetched anew for one file, before it is given up: each is good for about an hour. */
const MAX_REGISTRATIONS = 3;

/**
 * Reads a file for its fixity, unless that was taken before, and compares it with what the
 * depositor has on record.
 *
 * @throws {AdvisedError} when the file is not what the record says
 */
export async function readChecked(file: PackageFile, signal?: AbortSignal): Promise<ReadFile> {
	const isKnown = file.fixity?.size === file.source.size;
	const read =
		file.fixity && isKnown ? { fixity: file.fixity } : await readFile(file.source, signal);
	const { fixity } = read;
	if (file.expectedMd5 !== undefined && file.expectedMd5 !== fixity.md5) {
		throw new AdvisedError(
			`The file ${file.source.path} has MD5 ${fixity.md5}, but the checksum given for it is ${file.expectedMd5}`,
			'The file was not sent. Compare it with its source: either the file or the checksum is wrong.',
		);
	}
	return read;
}

/** A file as the submission holds it. */
export function submittedFile(registered: RegisteredFile, fixity: Fixity): SubmittedFile {
	return {
		filePath: registered.filePath,
		fileId: registered.fileId,
		checksum: fixity.md5,
		sha256: fixity.sha256,
		size: fixity.size,
	};
}

/**
 * Brings one file into a submission: registration, upload. What an earlier run registered is used
 * when it is the same, and dropped when it is not. Registered does not mean uploaded, and nothing
 * in the API tells: without this run's own upload there is no proof that the bytes are there.
 *
 * @param earlier the registration of an earlier run, if there is one
 * @throws {FileChangedError} the file is not what its fixity says; it is registered no more
 * @throws {DpsError}
 */
export async function sendFile(
	api: DpsApi,
	{ contractId, submissionId }: OpenSubmission,
	{ source, isPackaged }: PackageFile,
	{ fixity, content }: ReadFile,
	earlier?: RegisteredFile,
): Promise<SubmittedFile> {
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
		const outcome = uploadUrl
			? await uploadFile(api, source, uploadUrl, fixity, content).catch(async (error: unknown) => {
					if (error instanceof UploadUrlExpiredError && count < MAX_REGISTRATIONS) return error;
					if (error instanceof FileChangedError) {
						// what is stored now is not what is registered: nobody shall finalize it by hand
						await deleteFile(api, contractId, submissionId, fileId);
					}
					throw error;
				})
			: new UploadUrlExpiredError();
		if (!(outcome instanceof UploadUrlExpiredError)) return submittedFile(registered, fixity);
		await deleteFile(api, contractId, submissionId, fileId);
		registered = undefined;
	}
}

/**
 * Adds one file to a submission that is not finalized: checksum, registration, upload.
 *
 * @throws {DpsError}
 * @throws {AdvisedError} the file changed, or the submission is finalized
 */
export async function addFile(
	api: DpsApi,
	submission: OpenSubmission,
	file: PackageFile,
): Promise<SubmittedFile> {
	const { contractId, submissionId } = submission;
	const { status, files = [] } = await getSubmission(api, contractId, submissionId);
	if (status !== 'REGISTERED') {
		throw new AdvisedError(
			`The submission ${submissionId} is finalized (${status}); no file can be added to it`,
			'New content needs a new submission with an objectId of its own.',
		);
	}
	const earlier = files.find(({ filePath }) => filePath === file.source.path);
	const read = await readChecked(file, api.signal);
	return await sendFile(api, submission, file, read, earlier);
}
