import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { EventScope } from '../../../../dps/event/vocabulary';
import { EVENT_TYPES } from '../../../../dps/event/vocabulary';

const SCOPE_TEXTS: Record<EventScope, string> = { package: 'the whole package', file: 'one file' };

const titleCase = (term: string) => term.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());

const EVENT_TYPE_OPTIONS: INodePropertyOptions[] = EVENT_TYPES.map(({ term, scopes, use }) => ({
	name: titleCase(term),
	value: term,
	description: `About ${scopes.map((scope) => SCOPE_TEXTS[scope]).join(' or ')}. ${use}.`,
}));

/** What the user fills in about one preservation event. */
export const eventFields: INodeProperties[] = [
	{
		displayName:
			'An event that is recorded can never be changed or deleted. Prefer one event about the whole package to many about its files.',
		name: 'eventNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Event Type',
		name: 'eventType',
		type: 'options',
		options: EVENT_TYPE_OPTIONS,
		required: true,
		default: '',
		description: 'What was done. DPS takes these types and no others.',
	},
	{
		displayName: 'Event Is About',
		name: 'eventScope',
		type: 'options',
		options: [
			{
				name: 'One File',
				value: 'file',
				description: 'The event concerns a single file of the package',
			},
			{
				name: 'Whole Package',
				value: 'package',
				description: 'The event concerns the object with all its files',
			},
		],
		default: 'package',
		description:
			'Whether the event concerns the whole package or one of its files. Each event type says which it can be.',
	},
	{
		displayName: 'File Path',
		name: 'filePath',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. representations/primary_20250217/data/ranablad_20250215.pdf',
		displayOptions: { show: { eventScope: ['file'] } },
		description:
			"The file's path in the package, as it was registered: from the package's root, with / between its parts",
	},
	{
		displayName: 'Event Date and Time',
		name: 'eventDateTime',
		type: 'string',
		required: true,
		default: '={{ $now.toISO() }}',
		placeholder: 'e.g. 2025-02-17T10:15:00+01:00',
		description:
			'When it was done, with the time zone. It is a text and not a date picker, because the picker leaves the time zone out.',
	},
	{
		displayName: 'Event Detail',
		name: 'eventDetail',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. MD5 beregnet for alle filer i pakken',
		description:
			'What was done, on what and by which method. Depositors in Norway are asked to write it in Norwegian.',
	},
	{
		displayName: 'Outcome',
		name: 'outcome',
		type: 'options',
		options: [
			{ name: 'Failure', value: 'failure', description: 'It did not work' },
			{ name: 'Success', value: 'success', description: 'It worked' },
			{
				name: 'Warning',
				value: 'warning',
				description: 'It worked, with something that a reader should know of',
			},
		],
		required: true,
		default: 'success',
		description: 'How it ended',
	},
	{
		displayName: 'Outcome Detail',
		name: 'outcomeDetail',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. representations/access/data/side_001.jp2',
		description:
			'What came of it. For a migration or a metadata extraction, name the file that it resulted in.',
	},
	{
		displayName: 'Agent Name',
		name: 'agentName',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. JHOVE',
		description:
			'Who or what did it: a program, an institution, a person or a machine. Always write it the same way, or DPS registers a second agent.',
	},
	{
		displayName: 'Agent Type',
		name: 'agentType',
		type: 'options',
		options: [
			{
				name: 'Hardware',
				value: 'hardware',
				description: 'A machine, such as a scanner or a camera',
			},
			{
				name: 'Organization',
				value: 'organization',
				description: 'An institution or a company',
			},
			{ name: 'Person', value: 'person', description: 'Someone who did it by hand' },
			{ name: 'Software', value: 'software', description: 'A program or a service' },
		],
		required: true,
		default: 'software',
		description: 'What kind of agent it is',
	},
	{
		displayName: 'Agent Version',
		name: 'agentVersion',
		type: 'string',
		default: '',
		placeholder: 'e.g. 1.34.0',
		description: 'The version of the program, so that what it did can be done again',
	},
	{
		displayName: 'Agent Notes',
		name: 'agentNotes',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. Verktøy for identifisering og validering av filformater',
		description:
			'What the agent is in general. Keep the wording the same from event to event, or DPS registers a second agent.',
	},
];
