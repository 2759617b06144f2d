import type { DpsApi } from './api';
import { callForAny } from './api';
import { DpsError } from './error';

const eventsPath = (contractId: string, submissionId: string) => [
	'v1',
	'contracts',
	contractId,
	'submissions',
	submissionId,
	'events',
];

/**
 * Adds a preservation event (`POST …/events`). Once recorded, an event can neither be changed nor
 * deleted (DPS API documentation), so the call is repeated only when the service surely refused it.
 *
 * @param event `{agent, event}`, checked before (`dps/event`)
 * @returns the answer's body, or undefined when it has none
 * @throws {DpsError} with code `EVENT_MAY_BE_RECORDED` when the answer was lost
 */
export async function addEvent(
	api: DpsApi,
	contractId: string,
	submissionId: string,
	event: unknown,
): Promise<unknown> {
	return await callForAny(api, {
		method: 'POST',
		path: eventsPath(contractId, submissionId),
		body: event,
		repeat: 'if-refused',
	}).catch((error: unknown) => {
		if (!(error instanceof DpsError) || !error.mayHaveActed) throw error;
		throw new DpsError({
			request: error.request,
			status: error.status,
			code: 'EVENT_MAY_BE_RECORDED',
			message: `The event may be recorded: the service's answer was lost (${error.message}). It was not sent again, because an event can never be changed or deleted.`,
			details: error.details,
			retryable: false,
			mayHaveActed: true,
		});
	});
}

/**
 * The events of a submission. NB says that they can be read, but documents no path: `GET …/events`
 * is inferred, and a service without it answers 404 or 405.
 *
 * @throws {DpsError}
 */
export async function listEvents(
	api: DpsApi,
	contractId: string,
	submissionId: string,
): Promise<unknown[]> {
	const path = eventsPath(contractId, submissionId);
	const body = await callForAny(api, { method: 'GET', path, repeat: 'freely' });
	if (Array.isArray(body)) return body;
	if (typeof body === 'object' && body !== null) {
		const { content, events } = body as { content?: unknown; events?: unknown };
		if (Array.isArray(content)) return content;
		if (Array.isArray(events)) return events;
	}
	throw new DpsError({
		request: `GET /${path.join('/')}`,
		code: 'UNREADABLE_ANSWER',
		message: 'The answer is no list of events',
		retryable: false,
		mayHaveActed: false,
	});
}
