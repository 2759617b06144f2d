import { brokenEventRules } from '../../sandbox/event-rules';

const AGENT = { agentName: 'JHOVE', agentType: 'software', agentVersion: '1.32' };
const EVENT = {
	eventDateTime: '2025-02-17T10:00:00.123+01:00',
	eventType: 'validation',
	eventDetail: 'Validering',
	fileRef: { relativePath: 'representations/primary_20250217/data/a.tif' },
	outcome: 'success',
	outcomeDetail: 'Gyldig',
};

test.each([
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
])('an event of type %s breaks no rule', (eventType) => {
	expect(brokenEventRules({ agent: AGENT, event: { ...EVENT, eventType } })).toEqual([]);
});

test.each([
	['no agent', { agent: undefined }, 'agent is missing'],
	['an agent without a name', { agent: { ...AGENT, agentName: '' } }, 'agent.agentName is missing'],
	[
		'an unknown agent type',
		{ agent: { ...AGENT, agentType: 'robot' } },
		'agent.agentType must be one of: software, organization, person, hardware',
	],
	['no event', { event: [] }, 'event is missing'],
	[
		'an unknown outcome',
		{ event: { ...EVENT, outcome: 'ok' } },
		'event.outcome must be one of: success, failure, warning',
	],
	[
		'a time without a zone',
		{ event: { ...EVENT, eventDateTime: '2025-02-17T10:00:00' } },
		'event.eventDateTime must be an ISO 8601 date and time with a time zone',
	],
	[
		'a time that there is not',
		{ event: { ...EVENT, eventDateTime: '2025-02-17T25:00:00Z' } },
		'event.eventDateTime must be an ISO 8601 date and time with a time zone',
	],
	[
		'a reference by fileId',
		{ event: { ...EVENT, fileRef: { relativePath: 'a', fileId: 'b' } } },
		'event.fileRef.fileId must not be sent',
	],
	[
		'a reference without a path',
		{ event: { ...EVENT, fileRef: {} } },
		'event.fileRef.relativePath is missing',
	],
	[
		'a detail that is no text',
		{ event: { ...EVENT, eventDetail: {} } },
		'event.eventDetail must be a text',
	],
])('%s breaks a rule', (_name, change, broken) => {
	expect(brokenEventRules({ agent: AGENT, event: EVENT, ...change })).toEqual([broken]);
});

test('the flat body of an older form breaks the rules', () => {
	expect(brokenEventRules({ agent: AGENT, ...EVENT })).toEqual(['event is missing']);
});
