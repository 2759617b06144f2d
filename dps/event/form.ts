import { textOf, withValues, type JsonObject } from '../metadata/json-object';

/** The event form as its fields give it; any of them can be an expression, so of any kind. */
export interface EventForm {
	agentName?: unknown;
	agentType?: unknown;
	agentVersion?: unknown;
	agentNotes?: unknown;
	eventType?: unknown;
	eventDateTime?: unknown;
	eventDetail?: unknown;
	/** `package`, or `file` for an event about the file at `filePath`; absent: as `filePath` says. */
	eventScope?: unknown;
	/** Path in the package; not heeded when `eventScope` is `package`. */
	filePath?: unknown;
	outcome?: unknown;
	outcomeDetail?: unknown;
}

/**
 * Turns the form into the body that DPS takes. Empty fields are left out, numbers become texts
 * (a version such as 2.1), nothing is added, and nothing is checked: that is `checkEvent`'s part.
 * An event that is about a file keeps its `fileRef` also when the file is not named, so that it is
 * not recorded on the whole package by mistake.
 */
export function eventFromForm(form: EventForm): {
	agent: JsonObject;
	event: JsonObject;
} {
	return {
		agent: withValues({
			agentName: textOf(form.agentName),
			agentType: textOf(form.agentType),
			agentVersion: textOf(form.agentVersion),
			agentNotes: textOf(form.agentNotes),
		}),
		event: withValues({
			eventDateTime: textOf(form.eventDateTime),
			eventType: textOf(form.eventType),
			eventDetail: textOf(form.eventDetail),
			fileRef: isAboutFile(form) ? withValues({ relativePath: textOf(form.filePath) }) : undefined,
			outcome: textOf(form.outcome),
			outcomeDetail: textOf(form.outcomeDetail),
		}),
	};
}

function isAboutFile(form: EventForm): boolean {
	const scope = textOf(form.eventScope);
	if (scope === undefined) return textOf(form.filePath) !== undefined;
	return scope !== 'package';
}
