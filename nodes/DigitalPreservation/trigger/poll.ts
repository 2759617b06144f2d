import type { IDataObject, INodeExecutionData, IPollFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { assertNoErrors } from '../../../dps/advised-error';
import { DpsError } from '../../../dps/client/error';
import { error as errorFinding } from '../../../dps/finding';
import { checkContractId, normalizeContractId } from '../../../dps/identifiers';
import type { Wish } from '../../../dps/watch/contract';
import type { SeenMessage, SubmissionEvent } from '../../../dps/watch/message';
import { SUBMISSION_EVENTS } from '../../../dps/watch/message';
import type { WatchState } from '../../../dps/watch/watch';
import { exampleMessage, pollContracts } from '../../../dps/watch/watch';
import { contractIdsIn } from '../../../dps/webhook/message';
import { apiFor } from '../n8n/api';
import { toNodeError } from '../n8n/errors';

/** What the trigger was told to watch. */
interface Settings {
	/** Four lower-case hex digits each, none twice. */
	contractIds: string[];
	wish: Wish;
}

type Remembered = IDataObject & { watch?: WatchState };

/**
 * The memories that a poll is using. n8n begins a poll although the one before has not ended, and
 * gives both the same object; they would tell the same changes. A poll of another version of the
 * workflow has an object of its own, and n8n drops the results of the outdated one.
 */
const underWay = new WeakSet<IDataObject>();

/** Milliseconds; for versions of n8n that do not say how long a poll may last. */
const DEFAULT_BUDGET_MS = 5 * 60_000;

function textsIn(value: unknown): string[] {
	if (Array.isArray(value)) return value.flatMap(textsIn);
	return contractIdsIn(typeof value === 'string' ? value : String(value ?? ''));
}

function settingsOf(context: IPollFunctions): Settings {
	const chosen = textsIn(context.getNodeParameter('contractIds', []));
	const events = textsIn(context.getNodeParameter('events', [])) as SubmissionEvent[];
	const options = context.getNodeParameter('options', {}) as { emitAlreadyFinal?: boolean };
	const unknown = events.filter((event) => !SUBMISSION_EVENTS.includes(event));
	assertNoErrors('The trigger cannot poll', [
		...(chosen.length === 0
			? [errorFinding('Contracts', 'choose at least one contract', 'node parameters')]
			: []),
		...chosen.flatMap((contractId) => checkContractId(contractId, 'Contracts')),
		...(events.length === 0 || unknown.length > 0
			? [errorFinding('Events', `choose from ${SUBMISSION_EVENTS.join(', ')}`, 'node parameters')]
			: []),
	]);
	return {
		contractIds: [...new Set(chosen.map(normalizeContractId))],
		wish: { events, tellAlreadyFinal: options.emitAlreadyFinal ?? false },
	};
}

function itemsOf(context: IPollFunctions, messages: SeenMessage[]): INodeExecutionData[][] {
	return [context.helpers.returnJsonArray(messages as unknown as IDataObject[])];
}

function budgetOf(context: Partial<Pick<IPollFunctions, 'getPollBudgetMs'>>): number {
	return context.getPollBudgetMs?.() ?? DEFAULT_BUDGET_MS;
}

async function pollOnce(
	context: IPollFunctions,
	{ contractIds, wish }: Settings,
): Promise<INodeExecutionData[][] | null> {
	const memory = context.getWorkflowStaticData('node') as Remembered;
	if (underWay.has(memory)) return null;
	underWay.add(memory);
	try {
		const api = await apiFor(context);
		const poll = await pollContracts(api, memory.watch, contractIds, wish, budgetOf(context));
		memory.watch = poll.next;
		// n8n stores a trigger's memory when it is given a list, even an empty one, and not for null:
		// a submission seen only now could be gone when n8n starts again without having stored it
		return poll.messages.length > 0 || poll.isWorthStoring ? itemsOf(context, poll.messages) : null;
	} finally {
		underWay.delete(memory);
	}
}

async function fetchExample(
	context: IPollFunctions,
	{ contractIds, wish }: Settings,
): Promise<INodeExecutionData[][]> {
	const example = await exampleMessage(await apiFor(context), contractIds, wish.events);
	if (!example) {
		throw new NodeOperationError(
			context.getNode(),
			`There is no example: among the first submissions under ${contractIds.join(', ')} none has come to its end in this way`,
			{
				description:
					'Publish the workflow all the same: the trigger tells what comes to its end from then on.',
			},
		);
	}
	return itemsOf(context, [example]);
}

const LIST_OF_CONTRACT = /^GET \/v1\/contracts\/([^/]+)\/submissions$/;

/** n8n shows only the message of an error that keeps a workflow from being published. */
function errorOf(context: IPollFunctions, error: unknown) {
	const nodeError = toNodeError(context.getNode(), error, {});
	const contractId = error instanceof DpsError && LIST_OF_CONTRACT.exec(error.request)?.[1];
	if (contractId && error.status === 403) {
		nodeError.message = `Contract ${contractId} cannot be read: the client lacks the role ${contractId}_R`;
	} else if (contractId) {
		nodeError.message = `The submissions of contract ${contractId} cannot be read: ${error.message}`;
	}
	return nodeError;
}

/**
 * Polls the chosen contracts, and gives a message for each submission that has come to its end.
 * What is remembered advances together with what is given on: after an error the next poll finds
 * the same again. For 'Fetch Test Event' it gives an example, and remembers nothing.
 *
 * @returns null when there is nothing to tell
 * @throws {NodeApiError} or {NodeOperationError} when the settings are wrong or a contract cannot
 *   be read
 */
export async function poll(context: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	try {
		const settings = settingsOf(context);
		return context.getMode() === 'manual'
			? await fetchExample(context, settings)
			: await pollOnce(context, settings);
	} catch (error) {
		throw errorOf(context, error);
	}
}
