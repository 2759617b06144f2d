import type { DpsApi } from '../client/api';
import { DpsError } from '../client/error';
import { getSubmission, listSubmissions } from '../client/submissions';

import type { ContractSource, ContractState, Wish } from './contract';
import { exampleOf, pollContract } from './contract';
import type { SeenMessage, SubmissionEvent } from './message';

/** What is remembered between two polls; plain JSON. */
export interface WatchState {
	/** The service that was polled: the contracts of another are others, also by the same id. */
	baseUrl: string;
	/** By contract id. */
	contracts: Record<string, ContractState>;
}

/** What a poll found. */
export interface WatchPoll {
	messages: SeenMessage[];
	/** To be remembered if, and only if, the messages are handed over. */
	next: WatchState;
	/** Whether a change that is still to come could be missed if `next` were lost. */
	isWorthStoring: boolean;
}

/** Rows asked for at once: every poll reads the whole list, so the pages are large. */
const PAGE_SIZE = 500;
/** Pages that are read for an example. */
const EXAMPLE_PAGES = 4;

function sourceOf(api: DpsApi, contractId: string): ContractSource {
	return {
		contractId,
		pages: () => listSubmissions(api, contractId, PAGE_SIZE),
		read: async (submissionId) =>
			await getSubmission(api, contractId, submissionId).catch((error: unknown) => {
				if (error instanceof DpsError && error.status === 404) return undefined;
				throw error;
			}),
	};
}

/**
 * Polls contracts for submissions that have come to their end since the last poll; the rules are
 * those of {@link pollContract}. What is remembered of a contract that is no longer among them is
 * forgotten.
 *
 * @param previous undefined at the first poll
 * @param contractIds four lower-case hex digits each, none twice
 * @param budgetMs milliseconds after which the poll looks at no further submission by itself, and
 *   leaves the rest to the next poll
 * @throws {DpsError} when a contract cannot be read whole; nothing is then to be remembered
 */
export async function pollContracts(
	api: DpsApi,
	previous: WatchState | undefined,
	contractIds: readonly string[],
	wish: Wish,
	budgetMs: number,
): Promise<WatchPoll> {
	const time = { now: () => api.clock.now(), until: api.clock.now() + budgetMs };
	const known = previous?.baseUrl === api.baseUrl ? previous.contracts : {};
	const poll: WatchPoll = {
		messages: [],
		next: { baseUrl: api.baseUrl, contracts: {} },
		isWorthStoring: false,
	};
	for (const contractId of contractIds) {
		const source = sourceOf(api, contractId);
		const found = await pollContract(known[contractId], source, wish, time);
		poll.messages.push(...found.messages);
		poll.next.contracts[contractId] = found.next;
		poll.isWorthStoring ||= found.isWorthStoring;
	}
	return poll;
}

/**
 * One message such as the watch gives, of the first contract that has one; nothing is remembered.
 *
 * @returns undefined when there is none to be found in short time
 * @throws {DpsError}
 */
export async function exampleMessage(
	api: DpsApi,
	contractIds: readonly string[],
	events: readonly SubmissionEvent[],
): Promise<SeenMessage | undefined> {
	for (const contractId of contractIds) {
		const source = sourceOf(api, contractId);
		const example = await exampleOf(source, events, api.clock.now(), EXAMPLE_PAGES);
		if (example) return example;
	}
	return undefined;
}
