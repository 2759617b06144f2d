import { checkEvent } from '../../../dps/event/check';
import { EVENT_TYPES } from '../../../dps/event/vocabulary';

const AGENT = { agentName: 'JHOVE', agentType: 'software', agentVersion: '1.34.0' };
const EVENT = {
	eventDateTime: '2025-02-17T10:15:00+01:00',
	eventType: 'validation',
	outcome: 'success',
};
const FILE_REF = { relativePath: 'representations/primary/data/side_001.tif' };

const withAgent = (fields: object) => checkEvent({ agent: { ...AGENT, ...fields }, event: EVENT });
const withEvent = (fields: object) => checkEvent({ agent: AGENT, event: { ...EVENT, ...fields } });

test('an event with what is required passes', () => {
	expect(checkEvent({ agent: AGENT, event: EVENT })).toEqual([]);
});

test('an event with everything passes', () => {
	expect(
		checkEvent({
			agent: { ...AGENT, agentNotes: 'Validering av filformater' },
			event: {
				...EVENT,
				eventDetail: 'TIFF 6.0',
				fileRef: FILE_REF,
				outcomeDetail: 'Well-formed and valid',
			},
		}),
	).toEqual([]);
});

test.each([undefined, null, 'text', 1, []])('%j is no event', (value) => {
	expect(checkEvent(value)).toMatchObject([{ level: 'error', field: 'event' }]);
});

test('a flat body without agent and event is an error', () => {
	expect(checkEvent({ ...AGENT, ...EVENT }).map(({ field }) => field)).toEqual(['agent', 'event']);
});

test.each(['agentName', 'agentType'])('%s is required', (name) => {
	expect(withAgent({ [name]: undefined })).toMatchObject([
		{ level: 'error', field: `agent: ${name}` },
	]);
});

test.each(['eventDateTime', 'eventType', 'outcome'])('%s is required', (name) => {
	expect(withEvent({ [name]: undefined })).toMatchObject([
		{ level: 'error', field: `event: ${name}` },
	]);
});

test.each(['software', 'organization', 'person', 'hardware'])(
	'the agent type %s passes',
	(agentType) => {
		expect(withAgent({ agentType })).toEqual([]);
	},
);

test.each(['Software', 'korporasjon', '', 1, null])(
	'the agent type %j is an error',
	(agentType) => {
		expect(withAgent({ agentType })).toMatchObject([{ level: 'error', field: 'agent: agentType' }]);
	},
);

test.each(['success', 'failure', 'warning'])('the outcome %s passes', (outcome) => {
	expect(withEvent({ outcome })).toEqual([]);
});

test.each(['Success', 'ok', '', true])('the outcome %j is an error', (outcome) => {
	expect(withEvent({ outcome })).toMatchObject([{ level: 'error', field: 'event: outcome' }]);
});

test.each([
	'2025-02-17T10:15:00',
	'2025-02-17',
	'17.02.2025 10:15',
	'2025-02-30T10:15:00Z',
	'',
	1739783700000,
])('the time %j is an error', (eventDateTime) => {
	expect(withEvent({ eventDateTime })).toMatchObject([
		{ level: 'error', field: 'event: eventDateTime' },
	]);
});

test.each(['ingestion', 'Validation', 'fixity_check', 'constructor'])(
	'the event type %s is an error that lists those that DPS takes',
	(eventType) => {
		const findings = withEvent({ eventType });
		expect(findings).toMatchObject([{ level: 'error', field: 'event: eventType' }]);
		expect(findings[0].message).toContain('information package creation');
	},
);

/** Which of the two scopes each type may have (DPS documentation of preservation events). */
const SCOPES: Array<[eventType: string, onPackage: boolean, onFile: boolean]> = [
	['capture', true, true],
	['creation', false, true],
	['filename change', false, true],
	['fixity check', true, true],
	['imaging', true, false],
	['information package creation', true, false],
	['message digest calculation', true, true],
	['metadata extraction', false, true],
	['migration', true, true],
	['transfer', true, false],
	['validation', true, true],
	['virus check', true, true],
];

test('all event types are in the table', () => {
	expect(EVENT_TYPES.map(({ term }) => term)).toEqual(SCOPES.map(([term]) => term));
});

test.each(SCOPES)('%s: package %s, file %s', (eventType, onPackage, onFile) => {
	const errors = (fields: object) =>
		withEvent({ eventType, outcomeDetail: 'a.xml', ...fields }).map(
			({ level, field }) => `${level} ${field}`,
		);
	expect(errors({})).toEqual(onPackage ? [] : ['error event: fileRef']);
	expect(errors({ fileRef: FILE_REF })).toEqual(onFile ? [] : ['error event: fileRef']);
});

test.each(['migration', 'metadata extraction'])(
	'%s without the resulting file in outcomeDetail is a warning',
	(eventType) => {
		expect(withEvent({ eventType, fileRef: FILE_REF })).toMatchObject([
			{ level: 'warning', field: 'event: outcomeDetail' },
		]);
	},
);

test.each([
	['fileRef', { fileRef: { ...FILE_REF, fileId: '8Z7x1T9rN0Xc2B5Yq4L3zP' } }],
	['event', { fileId: '8Z7x1T9rN0Xc2B5Yq4L3zP' }],
])('fileId in %s is an error, since it must not be sent', (_place, fields) => {
	expect(withEvent(fields)).toMatchObject([
		{ level: 'error', field: expect.stringMatching(/fileId$/) },
	]);
});

test.each(['', undefined, '../a.tif', '/a.tif', 'a\\b.tif'])(
	'the relative path %j is an error',
	(relativePath) => {
		expect(withEvent({ fileRef: { relativePath } })).toMatchObject([
			{ level: 'error', field: 'event: fileRef: relativePath' },
		]);
	},
);

test.each([null, 'a.tif', ['a.tif']])('a fileRef that is %j is an error', (fileRef) => {
	expect(withEvent({ fileRef })).toMatchObject([{ level: 'error', field: 'event: fileRef' }]);
});

test.each(['agentName', 'agentVersion', 'agentNotes'])(
	'white space around %s is a warning, since it makes a second agent',
	(name) => {
		expect(withAgent({ [name]: 'JHOVE ' })).toMatchObject([
			{ level: 'warning', field: `agent: ${name}` },
		]);
	},
);

test('agentNote, the name in an older script, is an error', () => {
	expect(withAgent({ agentNote: 'x' })).toMatchObject([
		{ level: 'error', field: 'agent: agentNote' },
	]);
});

test.each(['', ' ', 1, null, {}, '\ud800'])('an optional text that is %j is an error', (value) => {
	expect(withAgent({ agentNotes: value })).toMatchObject([
		{ level: 'error', field: 'agent: agentNotes' },
	]);
	expect(withEvent({ eventDetail: value })).toMatchObject([
		{ level: 'error', field: 'event: eventDetail' },
	]);
});

test('names that every object inherits are no fields', () => {
	const value = JSON.parse('{"__proto__": {"agent": {}, "event": {}}}');
	expect(checkEvent(value).map(({ field }) => field)).toEqual(['agent', 'event']);
});
