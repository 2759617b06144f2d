import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { base62Id } from './identifiers';
import type { SandboxSettings } from './options';
import type { Bucket, StoredObject } from './store/bucket';
import type { UrlSigner } from './store/signature';
import type { FileRecord, SubmissionRecord } from './submissions';
import { withNanoseconds, withOffset } from './timestamps';
import type { Webhooks } from './webhooks';

/** Statuses of a dissemination in their order (DPS API documentation), before a final one. */
const UNDER_WAY = [
	'RECEIVED',
	'QUEUED',
	'DOWNLOADING_FROM_REPOSITORY',
	'FIXITY_CHECK',
	'UPLOADING_TO_S3',
] as const;

export type DisseminationStatus = (typeof UNDER_WAY)[number] | 'DISSEMINATED' | 'FAILED';

/** A TAR file that was made for a delivery. */
interface DeliveredPackage {
	filename: string;
	s3ObjectKey: string;
	stored: StoredObject;
}

export interface DisseminationRecord {
	readonly disseminationId: string;
	readonly clientId: string;
	readonly priority: number;
	readonly dateCreated: Date;
	/** The archived object. */
	readonly submission: SubmissionRecord;
	status: DisseminationStatus;
	packages: DeliveredPackage[];
}

/** Takes orders for archived objects and delivers them as TAR files in the store. */
export class Disseminations {
	private readonly byId = new Map<string, DisseminationRecord>();
	private readonly underWay = new Map<string, DisseminationRecord>();
	private readonly timers = new Map<DisseminationRecord, NodeJS.Timeout>();

	constructor(
		private readonly settings: Pick<SandboxSettings, 'stepMs' | 'downloadUrlSeconds'>,
		private readonly bucket: Bucket,
		private readonly signer: UrlSigner,
		private readonly webhooks: Webhooks,
	) {}

	/** @returns undefined when this client has one under way for the same object */
	order(
		submission: SubmissionRecord,
		clientId: string,
		priority: number,
	): DisseminationRecord | undefined {
		const key = underWayKey(submission, clientId);
		if (this.underWay.has(key)) return undefined;
		const record: DisseminationRecord = {
			disseminationId: base62Id(),
			clientId,
			priority,
			dateCreated: new Date(),
			submission,
			status: UNDER_WAY[0],
			packages: [],
		};
		this.byId.set(record.disseminationId, record);
		this.underWay.set(key, record);
		this.wait(record);
		return record;
	}

	find(disseminationId: string): DisseminationRecord | undefined {
		return this.byId.get(disseminationId);
	}

	/** In the order in which they were ordered. */
	everyOne(): Iterable<DisseminationRecord> {
		return this.byId.values();
	}

	/**
	 * Ends a dissemination with status `FAILED`.
	 *
	 * @returns false when it is at its end already
	 */
	fail(record: DisseminationRecord): boolean {
		if (isFinal(record)) return false;
		this.conclude(record, 'FAILED');
		return true;
	}

	/** Stops all advancing. */
	stop(): void {
		for (const timer of this.timers.values()) clearTimeout(timer);
		this.timers.clear();
	}

	private wait(record: DisseminationRecord): void {
		this.timers.set(
			record,
			setTimeout(() => void this.step(record), this.settings.stepMs),
		);
	}

	private async step(record: DisseminationRecord): Promise<void> {
		const next = UNDER_WAY[UNDER_WAY.findIndex((status) => status === record.status) + 1];
		if (next !== undefined) {
			record.status = next;
			this.wait(record);
			return;
		}
		try {
			await this.deliver(record);
		} catch (error) {
			process.stderr.write(`A dissemination failed: ${String(error)}\n`);
			this.fail(record);
		}
	}

	private async deliver(record: DisseminationRecord): Promise<void> {
		const packages: DeliveredPackage[] = [];
		for (const [filename, files] of packagesOf(record.submission)) {
			const s3ObjectKey = `disseminations/${record.disseminationId}/${filename}`;
			const stored = await this.writeTar(s3ObjectKey, files);
			packages.push({ filename, s3ObjectKey, stored });
		}
		const expires = new Date(Date.now() + this.settings.downloadUrlSeconds * 1000);
		const files = [];
		for (const { filename, s3ObjectKey, stored } of packages) {
			files.push({
				downloadURL: await this.signer.downloadUrl(s3ObjectKey, this.settings.downloadUrlSeconds),
				filename,
				filesize: stored.size,
				expirationDate: withNanoseconds(expires),
				checksum: stored.md5,
				checksumAlgorithm: 'MD5',
			});
		}
		// It may have been made to fail while its packages were written.
		if (isFinal(record)) {
			for (const { s3ObjectKey } of packages) await this.bucket.delete(s3ObjectKey);
			return;
		}
		record.packages = packages;
		this.conclude(record, 'DISSEMINATED');
		const { archiveId, contractId, objectId } = record.submission;
		this.webhooks.send(record.clientId, 'dissemination.delivered', {
			archiveId,
			disseminationId: record.disseminationId,
			objectId,
			clientId: record.clientId,
			contractId,
			sumSizeInBytes: sumOfSizes(record),
			files,
		});
	}

	/** Streams the members one after the other: a package may be larger than the memory. */
	private async writeTar(key: string, files: readonly FileRecord[]): Promise<StoredObject> {
		const tar = pack();
		const [stored] = await Promise.all([
			this.bucket.write(key, Readable.from(tar), 'application/x-tar'),
			addMembers(tar, files),
		]);
		return stored;
	}

	private conclude(record: DisseminationRecord, status: 'DISSEMINATED' | 'FAILED'): void {
		clearTimeout(this.timers.get(record));
		this.timers.delete(record);
		this.underWay.delete(underWayKey(record.submission, record.clientId));
		record.status = status;
	}
}

/** A dissemination with the API's field names. */
export function disseminationAnswer(record: DisseminationRecord) {
	const { disseminationId, clientId, status, priority, dateCreated, submission } = record;
	const { archiveId, contractId, objectId } = submission;
	return {
		disseminationId,
		archiveId,
		clientId,
		contractId,
		objectId,
		sumSizeInBytes: sumOfSizes(record),
		status,
		priority,
		dateCreated: withOffset(dateCreated),
	};
}

/**
 * What goes into which TAR file: each representation into its own, named after its folder, the rest
 * into `metadata.tar`; a package without representations into `content.tar`.
 */
function packagesOf({ files }: SubmissionRecord): Map<string, FileRecord[]> {
	const representationOf = (file: FileRecord) =>
		/^representations\/([^/]+)\/./.exec(file.filePath)?.[1];
	const all = [...files.values()];
	const rest = all.some((file) => representationOf(file)) ? 'metadata.tar' : 'content.tar';
	const packages = new Map<string, FileRecord[]>();
	for (const file of all) {
		const representation = representationOf(file);
		// A representation that is itself named 'metadata' shares the rest's file: paths stay whole.
		const filename = representation === undefined ? rest : `${representation}.tar`;
		const members = packages.get(filename);
		if (members) members.push(file);
		else packages.set(filename, [file]);
	}
	return packages;
}

async function addMembers(tar: Pack, files: readonly FileRecord[]): Promise<void> {
	try {
		for (const { filePath, archived } of files) {
			if (!archived) throw new Error('The archive lacks the bytes of a file');
			const { path, size, lastModified } = archived;
			await pipeline(
				createReadStream(path),
				tar.entry({ name: filePath, size, mtime: lastModified }),
			);
		}
		tar.finalize();
	} catch (error) {
		tar.destroy(error instanceof Error ? error : new Error(String(error)));
		throw error;
	}
}

/** Bytes of what is delivered; of what is archived as long as the packages are not made. */
function sumOfSizes({ packages, submission }: DisseminationRecord): number {
	let sum = 0;
	for (const { stored } of packages) sum += stored.size;
	if (packages.length > 0) return sum;
	for (const file of submission.files.values()) sum += file.archived?.size ?? 0;
	return sum;
}

function isFinal(record: DisseminationRecord): boolean {
	return record.status === 'DISSEMINATED' || record.status === 'FAILED';
}

function underWayKey(submission: SubmissionRecord, clientId: string): string {
	return `${submission.submissionId} ${clientId}`;
}
