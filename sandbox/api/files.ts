import { Router, type Request } from 'express';
import { base62Id } from '../identifiers';
import type { SandboxSettings } from '../options';
import type { Bucket } from '../store/bucket';
import type { UrlSigner } from '../store/signature';
import {
	fileAnswer,
	type FileRecord,
	type SubmissionRecord,
	type Submissions,
} from '../submissions';
import { idFrom, objectFrom } from './access';
import { ApiError } from './error';
import { refuseFinalized, submissionFor } from './submissions';

const MD5 = /^[0-9a-f]{32}$/;
const LONGEST_PATH = 900;
/** A lone surrogate, which UTF-8 cannot write, and NUL, which no file system can. */
const UNREPRESENTABLE = /[\p{Surrogate}\0]/u;

/** What the calls about files need. */
export interface FileServices {
	settings: Pick<SandboxSettings, 'uploadUrlSeconds'>;
	submissions: Submissions;
	bucket: Bucket;
	signer: UrlSigner;
}

/** The calls about the files of a submission, below `/v1/contracts`. */
export function fileRoutes({ settings, submissions, bucket, signer }: FileServices): Router {
	const router = Router();
	const files = '/:contractId/submissions/:submissionId/files';

	router.post(files, async (request, response) => {
		const record = submissionFor(submissions, request, response, 'W');
		const { filePath, checksum, isPackaged } = registrationFrom(request);
		refuseFinalized(record);
		if (record.filePaths.has(filePath)) {
			throw new ApiError(409, 'FILE_ALREADY_EXISTS', 'This filePath is registered already');
		}
		// Before the URL is signed, so that of two registrations at once only one succeeds.
		record.filePaths.add(filePath);
		const fileId = base62Id();
		const s3ObjectKey = `${record.submissionId}/${fileId}/${filePath}`;
		const uploadUrl = await signer.uploadUrl(s3ObjectKey, settings.uploadUrlSeconds);
		const file: FileRecord = { fileId, filePath, checksum, isPackaged, s3ObjectKey, uploadUrl };
		record.files.set(fileId, file);
		response.status(201).json({ ...fileAnswer(file), s3ObjectKey });
	});

	router.get(`${files}/:fileId`, (request, response) => {
		const record = submissionFor(submissions, request, response, 'R');
		response.json(fileAnswer(fileFor(record, request)));
	});

	router.delete(`${files}/:fileId`, async (request, response) => {
		const record = submissionFor(submissions, request, response, 'W');
		const file = fileFor(record, request);
		if (record.status !== 'REGISTERED') {
			throw new ApiError(
				409,
				'SUBMISSION_ALREADY_FINALIZED',
				'A file of a finalized submission cannot be deleted',
			);
		}
		record.files.delete(file.fileId);
		record.filePaths.delete(file.filePath);
		await bucket.delete(file.s3ObjectKey);
		response.status(204).end();
	});

	return router;
}

function fileFor(record: SubmissionRecord, request: Request): FileRecord {
	const file = record.files.get(idFrom(request, 'fileId'));
	if (!file) throw new ApiError(404, 'FILE_NOT_FOUND', 'There is no such file');
	return file;
}

function registrationFrom(
	request: Request,
): Pick<FileRecord, 'filePath' | 'checksum' | 'isPackaged'> {
	const { filePath, checksum, isPackaged = false } = objectFrom(request);
	if (typeof filePath !== 'string' || !isRelativePath(filePath)) {
		throw new ApiError(
			400,
			'VALIDATION_ERROR',
			`filePath must be a relative path of at most ${LONGEST_PATH} characters`,
		);
	}
	if (typeof checksum !== 'string' || !MD5.test(checksum)) {
		throw new ApiError(
			400,
			'VALIDATION_ERROR',
			'checksum must be an MD5 of 32 lower-case hexadecimal digits',
		);
	}
	if (typeof isPackaged !== 'boolean') {
		throw new ApiError(400, 'VALIDATION_ERROR', 'isPackaged must be true or false');
	}
	return { filePath, checksum, isPackaged };
}

/** Relative to the package's root, `/` between its parts, none of them empty, `.` or `..`. */
function isRelativePath(path: string): boolean {
	return (
		path.length <= LONGEST_PATH &&
		!UNREPRESENTABLE.test(path) &&
		path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
	);
}
