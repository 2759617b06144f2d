import type { INodePropertyOptions } from 'n8n-workflow';

import { checkEvent } from '../../../dps/event/check';
import { eventFromForm } from '../../../dps/event/form';
import { EVENT_AGENT_TYPES, EVENT_OUTCOMES, EVENT_TYPES } from '../../../dps/event/vocabulary';
import { eventFields } from '../../../nodes/DigitalPreservation/resources/event/eventFields';

const FULL_FORM = {
	agentName: 'JHOVE',
	agentType: 'software',
	agentVersion: 1.34,
	agentNotes: 'Validering av filformater',
	eventType: 'validation',
	eventDateTime: '2025-02-17T10:15:00+01:00',
	eventDetail: 'TIFF 6.0',
	eventScope: 'file',
	filePath: 'representations/primary/data/side_001.tif',
	outcome: 'success',
	outcomeDetail: 'Well-formed and valid',
};

test('a form with everything filled in gives exactly the body of the API', () => {
	const event = eventFromForm(FULL_FORM);
	expect(event).toEqual({
		agent: {
			agentName: 'JHOVE',
			agentType: 'software',
			agentVersion: '1.34',
			agentNotes: 'Validering av filformater',
		},
		event: {
			eventDateTime: '2025-02-17T10:15:00+01:00',
			eventType: 'validation',
			eventDetail: 'TIFF 6.0',
			fileRef: { relativePath: 'representations/primary/data/side_001.tif' },
			outcome: 'success',
			outcomeDetail: 'Well-formed and valid',
		},
	});
	expect(checkEvent(event)).toEqual([]);
});

test('empty fields are left out', () => {
	expect(eventFromForm({ agentName: ' ', eventDetail: '', outcomeDetail: null })).toEqual({
		agent: {},
		event: {},
	});
});

test('an event about the package names no file, also when a path is left over in the form', () => {
	expect(eventFromForm({ ...FULL_FORM, eventScope: 'package' }).event).not.toHaveProperty(
		'fileRef',
	);
});

test.each(['file', 'File', 'IE'])(
	'an event with the scope %s and no path is an error, never an event about the package',
	(eventScope) => {
		expect(checkEvent(eventFromForm({ ...FULL_FORM, eventScope, filePath: '' }))).toMatchObject([
			{ level: 'error', field: 'event: fileRef: relativePath' },
		]);
	},
);

test('without a scope the path decides', () => {
	const { fileRef } = eventFromForm({ ...FULL_FORM, eventScope: undefined }).event;
	expect(fileRef).toEqual({ relativePath: FULL_FORM.filePath });
	expect(eventFromForm({ agentName: 'JHOVE' }).event).not.toHaveProperty('fileRef');
});

describe("the node's fields", () => {
	const valuesOf = (name: string) =>
		(
			(eventFields.find((field) => field.name === name)?.options ?? []) as INodePropertyOptions[]
		).map(({ value }) => value);

	test('are those of the form', () => {
		const names = eventFields.filter(({ type }) => type !== 'notice').map(({ name }) => name);
		expect(names.sort()).toEqual(Object.keys(FULL_FORM).sort());
	});

	test('offer what DPS takes', () => {
		expect(valuesOf('eventType')).toEqual(EVENT_TYPES.map(({ term }) => term));
		expect(valuesOf('agentType')).toEqual([...EVENT_AGENT_TYPES]);
		expect(valuesOf('outcome')).toEqual([...EVENT_OUTCOMES]);
	});

	test('each say what to enter', () => {
		for (const field of eventFields.filter(({ type }) => type !== 'notice')) {
			expect(field.description).toMatch(/\S/);
			if (field.type === 'string') expect(field.placeholder).toMatch(/^e\.g\. \S/);
		}
	});

	test('say for each event type what it may be about', () => {
		const options = (eventFields.find(({ name }) => name === 'eventType')?.options ??
			[]) as INodePropertyOptions[];
		for (const { description } of options) {
			expect(description).toMatch(/^About (the whole package|one file)( or one file)?\. .+\.$/);
		}
	});
});
