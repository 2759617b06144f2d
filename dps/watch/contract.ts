import { AdvisedError } from '../advised-error';
import type { Submission } from '../client/types';
import { quote } from '../finding';

import type { FinalStatus, SeenMessage, Sighting, SubmissionEvent } from './message';
import { eventOf, isFinal, messageId, messageOfEnd, messageOfVanishing } from './message';
import { NotedNames } from './noted';

/** What is remembered of one contract between two polls; plain JSON. */
export interface ContractState {
	/** The ids of the messages that were told or passed over: {@link NotedNames} as text. */
	noted: string;
	/** The submissions that were seen unfinished: `[submissionId, objectId, status]` each. */
	unfinished: Array<[string, string, string]>;
}

/** A contract's submissions, as the API gives them. */
export interface ContractSource {
	/** Four lower-case hex digits. */
	contractId: string;
	/** Every submission under the contract; throws when the list breaks off. */
	pages(): AsyncIterable<Submission[]>;
	/** One submission; undefined when the API answers that there is none. */
	read(submissionId: string): Promise<Submission | undefined>;
}

export interface Wish {
	/** Which ends are told; the others are passed over for good. */
	events: readonly SubmissionEvent[];
	/** Whether the first poll tells what is at its end already. */
	tellAlreadyFinal: boolean;
}

/** What a poll of one contract found. */
export interface ContractPoll {
	messages: SeenMessage[];
	/** To be remembered if, and only if, the messages are handed over. */
	next: ContractState;
	/** Whether a change that is still to come could be missed if `next` were lost. */
	isWorthStoring: boolean;
}

/** The time of a poll. */
export interface PollTime {
	/** Milliseconds since 1970. */
	now(): number;
	/** Milliseconds since 1970 from which on no further submission is looked at by itself. */
	until: number;
}

/**
 * How many submissions of a contract one poll tells of, or looks for by themselves; what is over
 * waits for the next poll. It bounds the length of a poll, and of the list that it hands over.
 */
export const MAX_LOOKS = 100;

/** Tolerant of ids of another length, strict on what could lead elsewhere in a URL. */
const SUBMISSION_ID = /^[0-9A-Za-z_-]{1,100}$/;

interface Row {
	submissionId: string;
	objectId: string;
	status: string;
}

function rowOf(submission: Submission, contractId: string): Row {
	const { submissionId, objectId, status }: Record<string, unknown> = submission;
	if (typeof submissionId !== 'string' || !SUBMISSION_ID.test(submissionId)) {
		throw new AdvisedError(
			`The list of submissions under contract ${contractId} holds one without a proper submissionId: ${quote(submissionId)}`,
			'Check the Base URL in the credential: is it that of the DPS?',
		);
	}
	return {
		submissionId,
		objectId: typeof objectId === 'string' ? objectId : '',
		status: typeof status === 'string' ? status : '',
	};
}

/** The facts that a list may leave out, read where they are missing: archive id and reasons. */
async function withDetails(
	row: Submission,
	status: FinalStatus,
	source: ContractSource,
): Promise<Submission> {
	const isComplete = status === 'PRESERVED' ? row.archiveId : row.reasons;
	if (isComplete) return row;
	const found = await source.read(row.submissionId);
	return {
		...row,
		archiveId: row.archiveId ?? found?.archiveId,
		reasons: row.reasons ?? found?.reasons,
	};
}

/** One poll of one contract, while it goes on. */
class Poll {
	readonly messages: SeenMessage[] = [];
	private readonly isFirst: boolean;
	private readonly noted: NotedNames;
	private readonly before: Map<string, Row>;
	private readonly unfinished: Map<string, Row>;
	private readonly listed = new Set<string>();
	private readonly ended = new Map<string, { row: Submission; status: FinalStatus }>();
	private looks = 0;

	constructor(
		previous: ContractState | undefined,
		private readonly source: ContractSource,
		private readonly wish: Wish,
		private readonly time: PollTime,
	) {
		this.isFirst = previous === undefined;
		this.noted = new NotedNames(previous?.noted);
		const rows = (previous?.unfinished ?? []).map(
			([submissionId, objectId, status]) =>
				[submissionId, { submissionId, objectId, status }] as const,
		);
		this.before = new Map(rows);
		this.unfinished = new Map(rows);
	}

	/** Takes a row of the list; a row may come twice, when the list shifts between two pages. */
	takeListed(submission: Submission): void {
		const row = rowOf(submission, this.source.contractId);
		const { submissionId, status } = row;
		if (this.before.has(submissionId)) this.listed.add(submissionId);
		if (!isFinal(status)) {
			this.unfinished.set(submissionId, row);
			return;
		}
		const id = messageId(submissionId, status);
		if (this.noted.has(id)) {
			this.unfinished.delete(submissionId);
			return;
		}
		const isPassedOver = this.isFirst && !this.wish.tellAlreadyFinal;
		if (isPassedOver || !this.isWanted(status)) {
			this.note(submissionId, status);
			return;
		}
		// DPS removes what it rejects: what waits for the next poll may be gone by then
		if (status === 'REJECTED') this.unfinished.set(submissionId, row);
		if (this.ended.size < MAX_LOOKS) this.ended.set(id, { row: submission, status });
	}

	/** Makes the messages for what the list showed at its end. */
	async tellEnded(): Promise<void> {
		for (const { row, status } of this.ended.values()) {
			if (!this.mayLook()) return;
			const submission = await withDetails(row, status, this.source);
			this.messages.push(messageOfEnd(submission, status, this.sighting()));
			this.note(row.submissionId, status);
		}
	}

	/**
	 * Looks for each submission that was unfinished and is not listed: the list alone proves
	 * nothing, since it can shift while it is read, or be cut by whoever answers.
	 */
	async lookForUnlisted(): Promise<void> {
		for (const row of this.before.values()) {
			const { submissionId } = row;
			if (this.listed.has(submissionId)) continue;
			if (!this.mayLook()) return;
			const found = await this.source.read(submissionId);
			const status = found ? found.status : 'REJECTED';
			if (!isFinal(status)) {
				// set last, so that a poll with too many to look for begins with others
				this.unfinished.delete(submissionId);
				this.unfinished.set(submissionId, row);
				continue;
			}
			if (this.isWanted(status) && !this.noted.has(messageId(submissionId, status))) {
				this.messages.push(
					found
						? messageOfEnd({ ...found, submissionId }, status, this.sighting())
						: messageOfVanishing(row, row.status, this.sighting()),
				);
			}
			this.note(submissionId, status);
		}
	}

	result(): ContractPoll {
		const isNewAmongUnfinished = [...this.unfinished.keys()].some((id) => !this.before.has(id));
		return {
			messages: this.messages,
			next: {
				noted: this.noted.encode(),
				unfinished: [...this.unfinished.values()].map(({ submissionId, objectId, status }) => [
					submissionId,
					objectId,
					status,
				]),
			},
			// what was never known to be there cannot be missed when it has vanished
			isWorthStoring: this.isFirst || (isNewAmongUnfinished && this.isWanted('REJECTED')),
		};
	}

	private isWanted(status: FinalStatus): boolean {
		return this.wish.events.includes(eventOf(status));
	}

	private note(submissionId: string, status: FinalStatus): void {
		this.noted.add(messageId(submissionId, status));
		this.unfinished.delete(submissionId);
	}

	/** At least one a poll, so that a slow service does not keep all polls from getting on. */
	private mayLook(): boolean {
		const { now, until } = this.time;
		if (this.looks >= MAX_LOOKS || (this.looks > 0 && now() >= until)) return false;
		this.looks++;
		return true;
	}

	private sighting(): Sighting {
		return { contractId: this.source.contractId, seenAt: this.time.now() };
	}
}

/**
 * Compares a contract's submissions with what is remembered of them, by these rules:
 *
 * - A submission at its end (`PRESERVED`, `REJECTED`) is told once for that status, also when it was
 *   never seen before. Any other status is 'not finished'.
 * - The first poll passes over what is at its end already, unless it is wished otherwise.
 * - A submission that was seen unfinished, is not listed any more and is not found by itself is told
 *   once as rejected, with the reason `GONE`.
 * - If anything fails, nothing is told and nothing remembered; the next poll finds it all again.
 *
 * What is remembered: eight characters for each submission that came to its end (see
 * {@link NotedNames}), and id, object id and status of each unfinished one.
 *
 * @param previous undefined at the contract's first poll
 * @throws what the source throws, and {@link AdvisedError} for a list that cannot be the DPS's
 */
export async function pollContract(
	previous: ContractState | undefined,
	source: ContractSource,
	wish: Wish,
	time: PollTime,
): Promise<ContractPoll> {
	const poll = new Poll(previous, source, wish, time);
	for await (const page of source.pages()) {
		for (const submission of page) poll.takeListed(submission);
	}
	await poll.tellEnded();
	await poll.lookForUnlisted();
	return poll.result();
}

/**
 * A message as the watch gives it, made from the last submission at its end that the list shows:
 * an example for whoever builds a workflow.
 *
 * @param maxPages how far the list is read
 * @returns undefined when none of them is at its end
 */
export async function exampleOf(
	source: ContractSource,
	events: readonly SubmissionEvent[],
	seenAt: number,
	maxPages: number,
): Promise<SeenMessage | undefined> {
	let last: { row: Submission; status: FinalStatus } | undefined;
	let pages = 0;
	for await (const page of source.pages()) {
		for (const row of page) {
			const { status } = rowOf(row, source.contractId);
			if (isFinal(status) && events.includes(eventOf(status))) last = { row, status };
		}
		if (++pages === maxPages) break;
	}
	if (!last) return undefined;
	const submission = await withDetails(last.row, last.status, source);
	return messageOfEnd(submission, last.status, { contractId: source.contractId, seenAt });
}
