import type { DpsApi, OnceResult } from './api';
import { callForObject, callOnce } from './api';
import { deleteOnce, getSubmission } from './submissions';
import type { RegisteredFile } from './types';

export interface NewFile {
	/** Relative to the package's root, `/` between its parts, at most 900 characters. */
	filePath: string;
	/** MD5, 32 lower-case hex digits. */
	checksum: string;
	/** True only for a ZIP or TAR made for the transfer, which is unpacked on arrival. */
	isPackaged: boolean;
}

const filesPath = (contractId: string, submissionId: string) => [
	'v1',
	'contracts',
	contractId,
	'submissions',
	submissionId,
	'files',
];

/**
 * Registers a file and gets its upload URL (`POST …/files`). After a lost answer the submission is
 * read: a registration with the same path, checksum and packaging is this call's own.
 *
 * @throws {DpsError} status 409 when the path is registered already
 */
export async function registerFile(
	api: DpsApi,
	contractId: string,
	submissionId: string,
	file: NewFile,
): Promise<OnceResult<RegisteredFile>> {
	return await callOnce(
		api,
		async () =>
			await callForObject<RegisteredFile>(api, {
				method: 'POST',
				path: filesPath(contractId, submissionId),
				body: { filePath: file.filePath, checksum: file.checksum, isPackaged: file.isPackaged },
				repeat: 'if-refused',
			}),
		async () => {
			const { files = [] } = await getSubmission(api, contractId, submissionId);
			return files.find(
				(registered) =>
					registered.filePath === file.filePath &&
					registered.checksum === file.checksum &&
					registered.isPackaged === file.isPackaged,
			);
		},
	);
}

/**
 * The files registered in a submission, from the submission's own `files[]`: a listing of
 * `…/files` is not documented by the OpenAPI document, this is.
 *
 * @throws {DpsError}
 */
export async function listFiles(
	api: DpsApi,
	contractId: string,
	submissionId: string,
): Promise<RegisteredFile[]> {
	return (await getSubmission(api, contractId, submissionId)).files ?? [];
}

/** Reads one registration (`GET …/files/{fileId}`). */
export async function getFile(
	api: DpsApi,
	contractId: string,
	submissionId: string,
	fileId: string,
): Promise<RegisteredFile> {
	return await callForObject<RegisteredFile>(api, {
		method: 'GET',
		path: [...filesPath(contractId, submissionId), fileId],
		repeat: 'freely',
	});
}

/** Drops a registration, so that the file can be registered again (`DELETE …/files/{fileId}`, 204). */
export async function deleteFile(
	api: DpsApi,
	contractId: string,
	submissionId: string,
	fileId: string,
): Promise<void> {
	await deleteOnce(api, [...filesPath(contractId, submissionId), fileId]);
}
