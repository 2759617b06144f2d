/**
 * The DPS API's objects, by its own field names. Each may carry further fields, which pass
 * through unchanged: the API grows (DPS API documentation, 'may be extended').
 */

export interface RegisteredFile {
	fileId: string;
	filePath: string;
	/** MD5, 32 lower-case hex digits. */
	checksum: string;
	isPackaged: boolean;
	s3ObjectKey?: string;
	/** Pre-signed, good for about one hour: whoever has it can write the file. */
	uploadUrl?: string;
	[field: string]: unknown;
}

export interface Submission {
	contractId?: string;
	submissionId: string;
	objectId: string;
	clientId?: string;
	status: string;
	priority?: number;
	sumSizeInBytes?: number;
	files?: RegisteredFile[];
	[field: string]: unknown;
}

export interface Dissemination {
	disseminationId: string;
	archiveId: string;
	status: string;
	clientId?: string;
	contractId?: string;
	objectId?: string;
	sumSizeInBytes?: number;
	priority?: number;
	/** RFC 3339 with offset. */
	dateCreated?: string;
	[field: string]: unknown;
}

/** Spring's page of a list; pages count from 0. */
export interface Page<T> {
	content: T[];
	page?: { size: number; number: number; totalElements: number; totalPages: number };
	[field: string]: unknown;
}
