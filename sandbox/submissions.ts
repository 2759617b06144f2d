import { base62Id } from './identifiers';
import type { RejectionReason } from './messages';
import type { StoredObject } from './store/bucket';

/** Statuses of a submission in their order (DPS API documentation); the last two are final. */
export type SubmissionStatus =
	| 'REGISTERED'
	| 'UPLOAD_COMPLETED'
	| 'TRANSFERRING'
	| 'VALIDATING'
	| 'ARCHIVING'
	| 'PRESERVED'
	| 'REJECTED';

export interface FileRecord {
	fileId: string;
	filePath: string;
	/** The registered MD5, 32 hexadecimal digits. */
	checksum: string;
	isPackaged: boolean;
	s3ObjectKey: string;
	/** As given at registration: it is not renewed, a new registration is (DPS API documentation). */
	uploadUrl: string;
	/** The bytes as the archive has taken them over, after validation. */
	archived?: StoredObject;
}

export interface SubmissionRecord {
	readonly contractId: string;
	readonly submissionId: string;
	readonly objectId: string;
	readonly clientId: string;
	readonly priority: number;
	readonly metadata: unknown;
	status: SubmissionStatus;
	/** Whether the upload was closed; stays true when it is rejected afterwards. */
	finalized: boolean;
	/** Given when the submission is finalized. */
	archiveId?: string;
	reasons?: RejectionReason[];
	readonly files: Map<string, FileRecord>;
	readonly filePaths: Set<string>;
	readonly events: unknown[];
}

/** What the API shows of one contract. */
interface ContractHoldings {
	/** In the order of their creation, as the list gives them. */
	ordered: SubmissionRecord[];
	objectIds: Set<string>;
}

/** All submissions: what the API shows, by id and by contract, and what it no longer shows. */
export class Submissions {
	private readonly shown = new Map<string, SubmissionRecord>();
	private readonly archived = new Map<string, SubmissionRecord>();
	private readonly contracts = new Map<string, ContractHoldings>();
	private readonly all = new Map<string, SubmissionRecord>();

	/** @returns undefined when the contract has this `objectId` already */
	create(
		given: Pick<SubmissionRecord, 'contractId' | 'objectId' | 'clientId' | 'priority' | 'metadata'>,
	): SubmissionRecord | undefined {
		const holdings = this.holdings(given.contractId);
		if (holdings.objectIds.has(given.objectId)) return undefined;
		const record: SubmissionRecord = {
			...given,
			submissionId: base62Id(),
			status: 'REGISTERED',
			finalized: false,
			files: new Map(),
			filePaths: new Set(),
			events: [],
		};
		holdings.ordered.push(record);
		holdings.objectIds.add(record.objectId);
		this.shown.set(record.submissionId, record);
		this.all.set(record.submissionId, record);
		return record;
	}

	/** One that the API shows under this contract. */
	find(contractId: string, submissionId: string): SubmissionRecord | undefined {
		const record = this.shown.get(submissionId);
		return record?.contractId === contractId ? record : undefined;
	}

	/** Also one that the API no longer shows. */
	byId(submissionId: string): SubmissionRecord | undefined {
		return this.all.get(submissionId);
	}

	/** One that was finalized and not rejected. */
	byArchiveId(archiveId: string): SubmissionRecord | undefined {
		return this.archived.get(archiveId);
	}

	/** Makes a submission findable by its `archiveId`. */
	noteArchiveId(record: SubmissionRecord, archiveId: string): void {
		record.archiveId = archiveId;
		this.archived.set(archiveId, record);
	}

	page(
		contractId: string,
		number: number,
		size: number,
	): { rows: SubmissionRecord[]; total: number } {
		const { ordered } = this.holdings(contractId);
		return { rows: ordered.slice(number * size, (number + 1) * size), total: ordered.length };
	}

	/** Takes a submission out of what the API shows; its `objectId` may be used again. */
	withdraw(record: SubmissionRecord): void {
		const { ordered, objectIds } = this.holdings(record.contractId);
		ordered.splice(ordered.indexOf(record), 1);
		objectIds.delete(record.objectId);
		this.shown.delete(record.submissionId);
	}

	/** Forgets the `archiveId` of a submission that was rejected: there is no such AIP. */
	dropArchiveId(record: SubmissionRecord): void {
		if (record.archiveId !== undefined) this.archived.delete(record.archiveId);
	}

	/** Forgets a submission wholly. */
	remove(record: SubmissionRecord): void {
		this.withdraw(record);
		this.all.delete(record.submissionId);
	}

	/** In the order of their creation, also those that the API no longer shows. */
	everyOne(): Iterable<SubmissionRecord> {
		return this.all.values();
	}

	private holdings(contractId: string): ContractHoldings {
		let holdings = this.contracts.get(contractId);
		if (!holdings) {
			holdings = { ordered: [], objectIds: new Set() };
			this.contracts.set(contractId, holdings);
		}
		return holdings;
	}
}

/** The registration of a file, with the API's field names (`FileResponse` of the 2025 OpenAPI document). */
export function fileAnswer(file: FileRecord) {
	const { fileId, filePath, checksum, isPackaged, uploadUrl } = file;
	return { fileId, filePath, checksum, isPackaged, uploadUrl };
}

/** A submission as a row of the list and as the answer to its creation. */
export function submissionAnswer(record: SubmissionRecord) {
	const { contractId, submissionId, objectId, clientId, status, priority } = record;
	return { contractId, submissionId, objectId, clientId, status, priority };
}
