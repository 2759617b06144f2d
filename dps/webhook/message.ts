import type { Finding } from '../finding';
import { error } from '../finding';
import { checkContractId } from '../identifiers';

/** The events that the DPS documents; `*` stands for these and any other. */
export const EVENTS = [
	'submission.preserved',
	'submission.rejected',
	'dissemination.delivered',
] as const;

export const ANY_EVENT = '*';

/** A webhook's body: `{"type", "timestamp", "data"}`, with whatever fields may come. */
export interface WebhookMessage {
	type: string;
	/** RFC 3339 with offset. */
	timestamp?: string;
	data: Record<string, unknown>;
	[field: string]: unknown;
}

/** Which messages start the workflow. */
export interface MessageFilter {
	/** Event types, or `*`. */
	events: string[];
	/** Contract ids, compared without regard to case; none for all. */
	contractIds: string[];
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads the body of a message whose signature was verified.
 *
 * @returns undefined when it is no message of the DPS
 */
export function parseMessage(rawBody: Uint8Array): WebhookMessage | undefined {
	let body: unknown;
	try {
		body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
	} catch {
		return undefined;
	}
	if (!isObject(body) || typeof body.type !== 'string' || !isObject(body.data)) return undefined;
	return body as WebhookMessage;
}

/** Whether a message passes the filter. */
export function passes(message: WebhookMessage, { events, contractIds }: MessageFilter): boolean {
	const isWanted = events.includes(ANY_EVENT) || events.includes(message.type);
	if (!isWanted || contractIds.length === 0) return isWanted;
	const { contractId } = message.data;
	return (
		typeof contractId === 'string' &&
		contractIds.some((wanted) => wanted.toLowerCase() === contractId.toLowerCase())
	);
}

/** Contract ids from a text, separated by commas or white space. */
export function contractIdsIn(text: string): string[] {
	return text.split(/[\s,;]+/).filter((part) => part !== '');
}

/** What is wrong with a filter, for the person who set it. */
export function checkFilter({ events, contractIds }: MessageFilter): Finding[] {
	const known: readonly string[] = [...EVENTS, ANY_EVENT];
	const findings = events
		.filter((event) => !known.includes(event))
		.map((event) =>
			error(
				'Events',
				`'${event}' is not an event of the DPS; choose ${EVENTS.join(', ')}, or * for any`,
				'DPS webhook documentation',
			),
		);
	if (events.length === 0) {
		findings.push(error('Events', 'choose at least one event', 'DPS webhook documentation'));
	}
	return [...findings, ...contractIds.flatMap((id) => checkContractId(id, 'Contracts'))];
}
