import type { DpsApi } from '../client/api';
import { DpsError } from '../client/error';
import { getSubmission, listSubmissions } from '../client/submissions';
import type { Submission } from '../client/types';
import { packageDateOf } from '../sip/build/package-date';

/** An object that is to be built into a package. */
export interface ObjectName {
	contractId: string;
	objectId: string;
}

/**
 * The days that packages bear in the names of their representations, where DPS knows the objects
 * already. A package that is built again has to bear the same day: another would start a second
 * `primary_YYYYMMDD` in the unfinished submission, or look like other content to a finished one.
 *
 * A contract's submissions are listed once, when the first of its objects is asked for.
 */
export class PackageDates {
	private readonly rows = new Map<string, Promise<Map<string, Submission>>>();

	/** @param objects all that will be asked for */
	constructor(
		private readonly api: DpsApi,
		private readonly objects: readonly ObjectName[],
	) {}

	/**
	 * @returns `2025-02-17`; undefined when DPS holds no file of the object
	 * @throws {DpsError}
	 */
	async of({ contractId, objectId }: ObjectName): Promise<string | undefined> {
		const listed = this.rows.get(contractId) ?? this.list(contractId);
		this.rows.set(contractId, listed);
		const row = (await listed).get(objectId);
		if (!row || row.status === 'REJECTED') return undefined;
		const found = await getSubmission(this.api, contractId, row.submissionId).catch(
			(error: unknown) => {
				// gone between the list and now, as rejected submissions go
				if (error instanceof DpsError && error.status === 404) return undefined;
				throw error;
			},
		);
		return packageDateOf((found?.files ?? []).map(({ filePath }) => filePath));
	}

	private async list(contractId: string): Promise<Map<string, Submission>> {
		const wanted = new Set(
			this.objects
				.filter((object) => object.contractId === contractId)
				.map(({ objectId }) => objectId),
		);
		const found = new Map<string, Submission>();
		for await (const page of listSubmissions(this.api, contractId)) {
			for (const row of page) if (wanted.has(row.objectId)) found.set(row.objectId, row);
			if (found.size === wanted.size) break;
		}
		return found;
	}
}
