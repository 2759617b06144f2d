import type { Submission } from '../../../dps/client/types';
import type { ContractSource } from '../../../dps/watch/contract';

/** A 22-character id, the same for the same number. */
export const idOf = (number: number) => `S${String(number).padStart(21, '0')}`;

/** A contract in memory, whose calls can be made to fail. */
export class FakeContract implements ContractSource {
	readonly contractId = 'ef23';
	readonly submissions = new Map<string, Submission>();
	/** What `read` adds to the row of the list. */
	readonly details = new Map<string, Record<string, unknown>>();
	/** Ids that the list leaves out although they can be read. */
	readonly unlisted = new Set<string>();
	readonly reads: string[] = [];
	/** Called before each page and each read; throws to make it fail. */
	beforeCall: (call: string) => void = () => undefined;

	constructor(private readonly pageSize = 3) {}

	set(number: number, status: string, fields: Record<string, unknown> = {}): void {
		const submissionId = idOf(number);
		this.submissions.set(submissionId, {
			contractId: 'EF23',
			submissionId,
			objectId: `object_${number}`,
			status,
			...fields,
		});
	}

	remove(number: number): void {
		this.submissions.delete(idOf(number));
	}

	/** Offsets count in the list as it is when the page is asked for, as in a database. */
	async *pages(): AsyncGenerator<Submission[]> {
		for (let offset = 0; ; offset += this.pageSize) {
			this.beforeCall(`page ${offset / this.pageSize}`);
			const rows = [...this.submissions.values()].filter(
				({ submissionId }) => !this.unlisted.has(submissionId),
			);
			const page = rows.slice(offset, offset + this.pageSize);
			if (page.length === 0) return;
			yield page.map((row) => ({ ...row }));
		}
	}

	async read(submissionId: string): Promise<Submission | undefined> {
		this.beforeCall(`read ${submissionId}`);
		this.reads.push(submissionId);
		const row = this.submissions.get(submissionId);
		return row && { ...row, ...this.details.get(submissionId) };
	}
}
