import type { SandboxState, SubmissionState } from '../sandbox/messages';

import type { ObjectToSend } from './objects';

/** What has become of the objects, counted in the preservation service. */
export interface Counts {
	/** Objects with exactly one submission, preserved, whose files are those of the object. */
	complete: number;
	/** Objects with more than one submission. */
	submittedTwice: number;
	/** Files that no submission of their object holds with the right bytes. */
	filesLost: number;
	/** Files that are held more than once, or belong to no object. */
	filesDoubled: number;
}

/** Counts what the service holds of these objects. */
export function countSubmissions(
	state: Pick<SandboxState, 'submissions'>,
	objects: ObjectToSend[],
): Counts {
	const counts: Counts = { complete: 0, submittedTwice: 0, filesLost: 0, filesDoubled: 0 };
	for (const object of objects) {
		const submissions = state.submissions.filter(({ objectId }) => objectId === object.objectId);
		const { lost, doubled } = compare(object, submissions);
		counts.filesLost += lost;
		counts.filesDoubled += doubled;
		if (submissions.length > 1) counts.submittedTwice++;
		if (submissions.length === 1 && submissions[0].status === 'PRESERVED' && lost + doubled === 0) {
			counts.complete++;
		}
	}
	return counts;
}

function compare(
	{ files }: ObjectToSend,
	submissions: SubmissionState[],
): { lost: number; doubled: number } {
	const left = new Map(files);
	let doubled = 0;
	for (const { filePath, stored } of submissions.flatMap((submission) => submission.files)) {
		if (stored === undefined) continue;
		if (left.get(filePath) === stored.md5) left.delete(filePath);
		else doubled++;
	}
	return { lost: left.size, doubled };
}

/** The objects that the service has no finalized submission of. */
export function notSubmitted(
	state: Pick<SandboxState, 'submissions'>,
	objects: ObjectToSend[],
): ObjectToSend[] {
	const finalized = new Set(
		state.submissions.filter((one) => one.finalized).map(({ objectId }) => objectId),
	);
	return objects.filter(({ objectId }) => !finalized.has(objectId));
}

/** How often each message started an execution. */
export interface MessageCounts {
	sent: number;
	/** Messages that started exactly one execution. */
	once: number;
	/** Messages that started more. */
	repeatedly: number;
	/** Messages that started none. */
	never: number;
}

/**
 * @param sent the ids of the messages, each once
 * @param started the message id of each execution
 */
export function countMessages(sent: string[], started: string[]): MessageCounts {
	const times = sent.map((id) => started.filter((other) => other === id).length);
	return {
		sent: sent.length,
		once: times.filter((count) => count === 1).length,
		repeatedly: times.filter((count) => count > 1).length,
		never: times.filter((count) => count === 0).length,
	};
}
