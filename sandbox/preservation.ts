import { readFileSync } from 'node:fs';
import { uuidV7 } from './identifiers';
import type { RejectionReason } from './messages';
import { brokenMetadataRules } from './metadata-rules';
import type { SandboxSettings } from './options';
import { brokenPackageRules } from './package-rules';
import type { Bucket } from './store/bucket';
import type { SubmissionRecord, SubmissionStatus, Submissions } from './submissions';
import type { Webhooks } from './webhooks';

/** What follows each status; validation may end in a rejection instead. */
const NEXT: Partial<Record<SubmissionStatus, SubmissionStatus>> = {
	UPLOAD_COMPLETED: 'TRANSFERRING',
	TRANSFERRING: 'VALIDATING',
	VALIDATING: 'ARCHIVING',
	ARCHIVING: 'PRESERVED',
};

/** Takes finalized submissions through their statuses, to `PRESERVED` or `REJECTED`. */
export class Preservation {
	private readonly timers = new Map<SubmissionRecord, NodeJS.Timeout>();

	constructor(
		private readonly settings: Pick<
			SandboxSettings,
			'stepMs' | 'keepRejected' | 'validatePackages'
		>,
		private readonly submissions: Submissions,
		private readonly bucket: Bucket,
		private readonly webhooks: Webhooks,
	) {}

	/** Closes the upload; the statuses then advance by themselves. */
	finalize(record: SubmissionRecord): void {
		record.status = 'UPLOAD_COMPLETED';
		record.finalized = true;
		this.submissions.noteArchiveId(record, uuidV7());
		this.wait(record);
	}

	/**
	 * Takes a finalized submission to its end at once.
	 *
	 * @returns false when it is not finalized, or at its end already
	 */
	advance(record: SubmissionRecord): boolean {
		if (NEXT[record.status] === undefined) return false;
		while (NEXT[record.status] !== undefined) this.step(record);
		return true;
	}

	/**
	 * Rejects a submission for reasons from outside.
	 *
	 * @returns false when it is at its end already
	 */
	reject(record: SubmissionRecord, reasons: RejectionReason[]): boolean {
		if (record.status === 'PRESERVED' || record.status === 'REJECTED') return false;
		this.conclude(record, reasons);
		return true;
	}

	/** Stops all advancing. */
	stop(): void {
		for (const timer of this.timers.values()) clearTimeout(timer);
		this.timers.clear();
	}

	private wait(record: SubmissionRecord): void {
		this.timers.set(
			record,
			setTimeout(() => {
				this.step(record);
				if (NEXT[record.status] !== undefined) this.wait(record);
			}, this.settings.stepMs),
		);
	}

	private step(record: SubmissionRecord): void {
		const next = NEXT[record.status];
		if (next === undefined) return;
		const reasons = record.status === 'VALIDATING' ? this.validate(record) : [];
		if (reasons.length > 0) {
			this.conclude(record, reasons);
			return;
		}
		if (record.status === 'VALIDATING') this.takeOver(record);
		record.status = next;
		if (next === 'PRESERVED') {
			this.forgetTimer(record);
			const { contractId, submissionId, archiveId } = record;
			this.webhooks.send(record.clientId, 'submission.preserved', {
				contractId,
				submissionId,
				archiveId,
			});
		}
	}

	private validate(record: SubmissionRecord): RejectionReason[] {
		const reasons: RejectionReason[] = brokenMetadataRules(
			record.metadata as Record<string, unknown>,
		).map((message) => ({ code: 'METADATA_SCHEMA_INVALID', message }));
		for (const { filePath, checksum, s3ObjectKey } of record.files.values()) {
			if (this.bucket.stored(s3ObjectKey)?.md5 !== checksum) {
				reasons.push({
					code: 'FILE_CHECKSUM_MISMATCH',
					message: 'The MD5 of the bytes received is not the registered one',
					filePath,
				});
			}
		}
		if (this.settings.validatePackages) reasons.push(...this.brokenPackageRules(record));
		return reasons;
	}

	private brokenPackageRules(record: SubmissionRecord): RejectionReason[] {
		const files = [...record.files.values()].map(({ filePath, checksum, s3ObjectKey }) => ({
			filePath,
			checksum,
			read: () => readFileSync(this.bucket.stored(s3ObjectKey)?.path ?? ''),
		}));
		return brokenPackageRules(record.objectId, files);
	}

	/** From here on the bytes are the archive's: an upload URL that is still valid can't change them. */
	private takeOver(record: SubmissionRecord): void {
		for (const file of record.files.values()) file.archived = this.bucket.take(file.s3ObjectKey);
	}

	private conclude(record: SubmissionRecord, reasons: RejectionReason[]): void {
		this.forgetTimer(record);
		record.archiveId ??= uuidV7();
		record.status = 'REJECTED';
		record.reasons = reasons;
		this.submissions.dropArchiveId(record);
		if (!this.settings.keepRejected) this.submissions.withdraw(record);
		const { contractId, submissionId, archiveId } = record;
		this.webhooks.send(record.clientId, 'submission.rejected', {
			contractId,
			submissionId,
			archiveId,
			reasons,
		});
	}

	private forgetTimer(record: SubmissionRecord): void {
		clearTimeout(this.timers.get(record));
		this.timers.delete(record);
	}
}
