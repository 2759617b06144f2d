import { error, kindOf, quote, warning, type Finding } from '../finding';
import { checkFilePath } from '../identifiers';
import { checkZonedDateTime } from '../metadata/date';
import { isObject, own, type JsonObject } from '../metadata/json-object';
import { EVENT_AGENT_TYPES, EVENT_OUTCOMES, EVENT_TYPES, type EventScope } from './vocabulary';

const RULE = 'DPS documentation of preservation events';

/**
 * Checks a preservation event against DPS's rules (DPS documentation of preservation events): two
 * objects, `agent` and `event`, the lists of terms, a time with its zone, and what each type of
 * event may be about. It is strict, because an event that is recorded can neither be changed nor
 * deleted.
 *
 * @param value any JSON value
 */
export function checkEvent(value: unknown): Finding[] {
	if (!isObject(value)) {
		return [error('event', `must be an object with agent and event, not ${kindOf(value)}.`, RULE)];
	}
	const agent = own(value, 'agent');
	const event = own(value, 'event');
	const findings: Finding[] = [];
	if (isObject(agent)) findings.push(...checkAgent(agent));
	else findings.push(error('agent', 'is missing; it is an object of its own.', RULE));
	if (isObject(event)) findings.push(...checkDescription(event));
	else {
		findings.push(
			error('event', 'is missing; eventType and the rest stand in an object named event.', RULE),
		);
	}
	return findings;
}

function checkAgent(agent: JsonObject): Finding[] {
	const findings = [
		...checkText(agent, 'agentName', 'agent: agentName', 'required'),
		...checkTerm(agent, 'agentType', 'agent: agentType', EVENT_AGENT_TYPES),
		...checkText(agent, 'agentVersion', 'agent: agentVersion', 'optional'),
		...checkText(agent, 'agentNotes', 'agent: agentNotes', 'optional'),
	];
	for (const name of ['agentName', 'agentVersion', 'agentNotes']) {
		const content = own(agent, name);
		if (typeof content === 'string' && content.trim() !== '' && content !== content.trim()) {
			findings.push(
				warning(
					`agent: ${name}`,
					`${quote(content)} begins or ends with white space, so DPS will take it for another agent.`,
					RULE,
				),
			);
		}
	}
	if (own(agent, 'agentNote') !== undefined) {
		findings.push(error('agent: agentNote', 'is called agentNotes.', RULE));
	}
	return findings;
}

function checkDescription(event: JsonObject): Finding[] {
	const findings = [
		...checkText(event, 'eventDateTime', 'event: eventDateTime', 'required', (text, field) =>
			checkZonedDateTime(text, field, `ISO 8601, ${RULE}`),
		),
		...checkTerm(
			event,
			'eventType',
			'event: eventType',
			EVENT_TYPES.map(({ term }) => term),
		),
		...checkText(event, 'eventDetail', 'event: eventDetail', 'optional'),
		...checkFileRef(own(event, 'fileRef')),
		...checkTerm(event, 'outcome', 'event: outcome', EVENT_OUTCOMES),
		...checkText(event, 'outcomeDetail', 'event: outcomeDetail', 'optional'),
	];
	if (own(event, 'fileId') !== undefined) findings.push(fileIdRefused('event: fileId'));

	const eventType = EVENT_TYPES.find(({ term }) => term === own(event, 'eventType'));
	if (eventType === undefined) return findings;
	const scope: EventScope = own(event, 'fileRef') === undefined ? 'package' : 'file';
	if (!eventType.scopes.includes(scope)) {
		findings.push(
			error(
				'event: fileRef',
				scope === 'file'
					? `must not be given: ${quote(eventType.term)} is about the whole package.`
					: `is missing: ${quote(eventType.term)} is about one file; give its path in the package.`,
				`${RULE}: ${eventType.term}`,
			),
		);
	}
	if (eventType.namesResult && own(event, 'outcomeDetail') === undefined) {
		findings.push(
			warning(
				'event: outcomeDetail',
				`is missing; for ${quote(eventType.term)} it names the file that came of it.`,
				`${RULE}: ${eventType.term}`,
			),
		);
	}
	return findings;
}

function checkFileRef(fileRef: unknown): Finding[] {
	const field = 'event: fileRef';
	if (fileRef === undefined) return [];
	if (!isObject(fileRef)) {
		return [error(field, `must be an object with relativePath, not ${kindOf(fileRef)}.`, RULE)];
	}
	const findings = checkFilePath(own(fileRef, 'relativePath'), `${field}: relativePath`);
	if (own(fileRef, 'fileId') !== undefined) findings.push(fileIdRefused(`${field}: fileId`));
	return findings;
}

function fileIdRefused(field: string): Finding {
	return error(field, 'must not be sent; name the file by fileRef.relativePath.', RULE);
}

function checkText(
	object: JsonObject,
	name: string,
	field: string,
	need: 'required' | 'optional',
	check?: (text: string, field: string) => Finding[],
): Finding[] {
	const value = own(object, name);
	if (value === undefined) return need === 'required' ? [error(field, 'is missing.', RULE)] : [];
	if (typeof value !== 'string') {
		return [error(field, `must be a text, not ${kindOf(value)}.`, RULE)];
	}
	if (value.trim() === '') return [error(field, 'is empty; fill it in or leave it out.', RULE)];
	if (/\p{Cs}/u.test(value)) {
		return [error(field, 'has half of a character, which cannot be written as UTF-8.', RULE)];
	}
	return check?.(value, field) ?? [];
}

function checkTerm(
	object: JsonObject,
	name: string,
	field: string,
	terms: readonly string[],
): Finding[] {
	return checkText(object, name, field, 'required', (text) =>
		terms.includes(text)
			? []
			: [error(field, `${quote(text)} is refused by DPS. It takes: ${terms.join(', ')}.`, RULE)],
	);
}
