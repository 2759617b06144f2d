const AGENT_TYPES = ['software', 'organization', 'person', 'hardware'];
const OUTCOMES = ['success', 'failure', 'warning'];
const EVENT_TYPES = [
	'capture',
	'creation',
	'filename change',
	'fixity check',
	'imaging',
	'information package creation',
	'message digest calculation',
	'metadata extraction',
	'migration',
	'transfer',
	'validation',
	'virus check',
];
const DATE_TIME_WITH_ZONE =
	/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Which rules of the DPS documentation of preservation events a body breaks, one sentence each:
 * `{agent, event}`, each with its required fields and its terms.
 */
export function brokenEventRules(body: unknown): string[] {
	const { agent, event } = isFields(body) ? body : {};
	const broken: string[] = [];
	if (isFields(agent)) {
		broken.push(
			...missingTexts(agent, 'agent', ['agentName']),
			...outsideTerms(agent, 'agent', 'agentType', AGENT_TYPES),
			...notTexts(agent, 'agent', ['agentVersion', 'agentNotes']),
		);
	} else {
		broken.push('agent is missing');
	}
	if (isFields(event)) {
		broken.push(
			...outsideTerms(event, 'event', 'eventType', EVENT_TYPES),
			...outsideTerms(event, 'event', 'outcome', OUTCOMES),
			...notTexts(event, 'event', ['eventDetail', 'outcomeDetail']),
			...brokenDateTime(event.eventDateTime),
			...brokenFileReference(event.fileRef),
		);
	} else {
		broken.push('event is missing');
	}
	return broken;
}

function brokenDateTime(value: unknown): string[] {
	return typeof value === 'string' &&
		DATE_TIME_WITH_ZONE.test(value) &&
		!Number.isNaN(Date.parse(value))
		? []
		: ['event.eventDateTime must be an ISO 8601 date and time with a time zone'];
}

function brokenFileReference(value: unknown): string[] {
	if (value === undefined) return [];
	if (!isFields(value)) return ['event.fileRef must be an object'];
	return [
		...missingTexts(value, 'event.fileRef', ['relativePath']),
		...('fileId' in value ? ['event.fileRef.fileId must not be sent'] : []),
	];
}

function missingTexts(fields: Fields, where: string, names: string[]): string[] {
	return names
		.filter((name) => typeof fields[name] !== 'string' || fields[name].trim() === '')
		.map((name) => `${where}.${name} is missing`);
}

function notTexts(fields: Fields, where: string, names: string[]): string[] {
	return names
		.filter((name) => fields[name] !== undefined && typeof fields[name] !== 'string')
		.map((name) => `${where}.${name} must be a text`);
}

function outsideTerms(fields: Fields, where: string, name: string, terms: string[]): string[] {
	const value = fields[name];
	return typeof value === 'string' && terms.includes(value)
		? []
		: [`${where}.${name} must be one of: ${terms.join(', ')}`];
}

function isFields(value: unknown): value is Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
