import type { Submission } from '../client/types';
import type { WebhookMessage } from '../webhook/message';

/**
 * The statuses of a submission after which nothing more comes (DPS API documentation), and the
 * webhook message that tells each. Any other status, known or not, is 'not finished'.
 */
const MESSAGE_TYPES = {
	PRESERVED: 'submission.preserved',
	REJECTED: 'submission.rejected',
} as const;

export type FinalStatus = keyof typeof MESSAGE_TYPES;

export type SubmissionEvent = (typeof MESSAGE_TYPES)[FinalStatus];

export const SUBMISSION_EVENTS: readonly SubmissionEvent[] = Object.values(MESSAGE_TYPES);

/** The code of the reason that this package gives when a submission is there no more. */
export const GONE = 'GONE';

/** A message that was found by looking, in the shape of the DPS's own webhooks. */
export interface SeenMessage extends WebhookMessage {
	type: SubmissionEvent;
	/** When it was seen, RFC 3339: the API does not say when it happened. */
	timestamp: string;
	data: {
		contractId: string;
		submissionId: string;
		objectId: string;
		/** Only when the API gives it. */
		archiveId?: string;
		/** The API's own word, or `GONE`. */
		status: string;
		/** Only when the API gives them, or with `GONE`. */
		reasons?: unknown[];
	};
	/** The same whenever this status of this submission is seen. */
	webhookId: string;
}

export function isFinal(status: unknown): status is FinalStatus {
	return typeof status === 'string' && Object.hasOwn(MESSAGE_TYPES, status);
}

export function eventOf(status: FinalStatus): SubmissionEvent {
	return MESSAGE_TYPES[status];
}

/** What identifies a message: one for each final status of a submission. */
export function messageId(submissionId: string, status: FinalStatus): string {
	return `poll_${submissionId}_${status}`;
}

/** Where and when a submission was seen. */
export interface Sighting {
	/** Four lower-case hex digits. */
	contractId: string;
	/** Milliseconds since 1970. */
	seenAt: number;
}

/** The message for a submission that has come to its end. */
export function messageOfEnd(
	submission: Submission,
	status: FinalStatus,
	{ contractId, seenAt }: Sighting,
): SeenMessage {
	const { submissionId, objectId, archiveId, reasons } = submission;
	return {
		type: eventOf(status),
		timestamp: new Date(seenAt).toISOString(),
		data: {
			contractId,
			submissionId,
			objectId,
			...(typeof archiveId === 'string' && archiveId !== '' ? { archiveId } : {}),
			status,
			...(Array.isArray(reasons) && reasons.length > 0 ? { reasons: reasons as unknown[] } : {}),
		},
		webhookId: messageId(submissionId, status),
	};
}

/**
 * The message for a submission that was there, unfinished, and is there no more. DPS removes what
 * it rejects; and only what is not finalized can be deleted (DPS API documentation).
 *
 * @param lastStatus the status that it had when it was last seen
 */
export function messageOfVanishing(
	submission: Pick<Submission, 'submissionId' | 'objectId'>,
	lastStatus: string,
	{ contractId, seenAt }: Sighting,
): SeenMessage {
	const { submissionId, objectId } = submission;
	const explanation =
		lastStatus === 'REGISTERED'
			? 'deleted before it was finalized, or rejected'
			: 'probably rejected';
	return {
		type: MESSAGE_TYPES.REJECTED,
		timestamp: new Date(seenAt).toISOString(),
		data: {
			contractId,
			submissionId,
			objectId,
			status: GONE,
			reasons: [
				{
					code: GONE,
					message: `gone, ${explanation}: it had the status ${lastStatus}, and is not found any more. It is not known to be preserved: keep the source material.`,
				},
			],
		},
		webhookId: messageId(submissionId, 'REJECTED'),
	};
}
