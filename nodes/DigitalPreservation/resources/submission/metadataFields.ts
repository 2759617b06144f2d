import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { MetadataForm } from '../../../../dps/metadata/form';
import {
	AGENT_TYPES,
	LANGUAGES,
	RELATION_TERMS,
	TYPE_TERMS,
} from '../../../../dps/metadata/vocabulary';

const byName = (one: INodePropertyOptions, other: INodePropertyOptions) =>
	one.name.localeCompare(other.name);

const TYPE_OPTIONS: INodePropertyOptions[] = TYPE_TERMS.map(({ term, medium, english }) => ({
	name: `${medium}: ${term} (${english})`,
	value: term,
})).sort(byName);

const LANGUAGE_OPTIONS: INodePropertyOptions[] = LANGUAGES.map(({ code, english }) => ({
	name: `${english} (${code})`,
	value: code,
})).sort(byName);

const AGENT_TYPE_OPTIONS: INodePropertyOptions[] = [
	{ name: 'Not Specified', value: '' },
	...AGENT_TYPES.map(({ term, english }) => ({ name: `${term} (${english})`, value: term })),
];

const RELATION_OPTIONS: INodePropertyOptions[] = RELATION_TERMS.map(
	({ term, english, meaning }) => ({
		name: `${english} (${term})`,
		value: term,
		description: meaning,
	}),
);

function languageOfText(displayName: string): INodeProperties {
	return {
		displayName,
		name: 'lang',
		type: 'options',
		options: [{ name: 'Same as Metadata Language', value: '' }, ...LANGUAGE_OPTIONS],
		default: '',
		description:
			'The language that this entry is written in. For one that is not in the list, give its ISO 639-3 code with an expression.',
	};
}

function agentName(placeholder: string, who: string): INodeProperties {
	return {
		displayName: 'Name',
		name: 'name',
		type: 'string',
		required: true,
		default: '',
		placeholder,
		description: `The name of ${who}, persons with the family name first`,
	};
}

const agentType: INodeProperties = {
	displayName: 'Type',
	name: 'type',
	type: 'options',
	options: AGENT_TYPE_OPTIONS,
	default: '',
	description: "What the name stands for, by the National Library's Norwegian terms",
};

const agentRole: INodeProperties = {
	displayName: 'Role',
	name: 'role',
	type: 'string',
	default: '',
	placeholder: 'e.g. Fotograf',
	description: 'What the person or body did for the object',
};

/** The three parts of a reference to an authority file; `what` is the field that it belongs to. */
function authorityOf(what: string): INodeProperties[] {
	return [
		{
			displayName: `${what} Authority`,
			name: 'authoritySource',
			type: 'string',
			default: '',
			placeholder: 'e.g. VIAF',
			description: 'The authority file or vocabulary that the entry is taken from',
		},
		{
			displayName: `${what} Authority Code`,
			name: 'authorityCode',
			type: 'string',
			default: '',
			placeholder: 'e.g. 198097',
			description: "The entry's number or code in that authority file",
		},
		{
			displayName: `${what} Authority URI`,
			name: 'authorityUri',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://example.com/authorities/198097',
			description: "The entry's web address in that authority file",
		},
	];
}

const identifierType: INodeProperties = {
	displayName: 'Type',
	name: 'type',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. URN',
	description: 'What kind of identifier it is, such as URN, ISBN or inventory number',
};

const identifierValue: INodeProperties = {
	displayName: 'Value',
	name: 'value',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. URN:NBN:no-nb_plfut_00001',
	description: 'The identifier as it is written; unlike the Object ID it may hold any character',
};

const alternatives: INodeProperties = {
	displayName: 'Alternative Titles',
	name: 'alternatives',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Alternative Title',
	default: {},
	description: 'Other titles of the object, such as an original or a translated title',
	options: [
		{
			displayName: 'Alternative Title',
			name: 'alternative',
			values: [
				{
					displayName: 'Type',
					name: 'type',
					type: 'string',
					required: true,
					default: '',
					placeholder: 'e.g. Originaltittel',
					description: 'What kind of title it is',
				},
				{
					displayName: 'Title',
					name: 'value',
					type: 'string',
					required: true,
					default: '',
					placeholder: 'e.g. Hunger',
					description: 'The other title as it is written',
				},
				languageOfText('Language'),
			],
		},
	],
};

const contributors: INodeProperties = {
	displayName: 'Contributors',
	name: 'contributors',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Contributor',
	default: {},
	description: 'Who else had a part in the object, such as an illustrator or someone depicted',
	options: [
		{
			displayName: 'Contributor',
			name: 'contributor',
			values: [
				agentName('e.g. Nordmann, Kari', 'the contributor'),
				...authorityOf('Name'),
				agentRole,
				agentType,
			],
		},
	],
};

const creators: INodeProperties = {
	displayName: 'Creators',
	name: 'creators',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Creator',
	default: {},
	description: 'Who made the object, such as an author, a photographer or an institution',
	options: [
		{
			displayName: 'Creator',
			name: 'creator',
			values: [
				agentName('e.g. Nordmann, Ola', 'the creator'),
				...authorityOf('Name'),
				agentRole,
				agentType,
			],
		},
	],
};

const dates: INodeProperties = {
	displayName: 'Dates',
	name: 'dates',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Date',
	default: {},
	description: 'When the object was made, published, changed, …',
	options: [
		{
			displayName: 'Date',
			name: 'date',
			values: [
				{
					displayName: 'Type',
					name: 'type',
					type: 'string',
					required: true,
					default: '',
					placeholder: 'e.g. created',
					description: 'What happened then, such as created, issued or modified',
				},
				{
					displayName: 'Date',
					name: 'value',
					type: 'string',
					required: true,
					default: '',
					placeholder: 'e.g. 1938-05-17',
					description:
						'A date of ISO 8601-2: 1938, 1938-05, 1938-05-17, 1938~ (about), 1938? (uncertain), 193X (the 1930s), 1938/1945 (from, to) or 2022-03-05T14:28:12+02:00',
				},
				languageOfText('Language'),
			],
		},
	],
};

const descriptions: INodeProperties = {
	displayName: 'Descriptions',
	name: 'descriptions',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Description',
	default: {},
	description: 'What the object is and shows, in running text',
	options: [
		{
			displayName: 'Description',
			name: 'description',
			values: [
				{
					displayName: 'Description',
					name: 'value',
					type: 'string',
					typeOptions: { rows: 3 },
					required: true,
					default: '',
					placeholder: 'e.g. Fotografi av hovedgaten i Mo i Rana',
					description: 'A text that helps a reader to understand what the object is',
				},
				languageOfText('Language'),
			],
		},
	],
};

const languages: INodeProperties = {
	displayName: 'Languages',
	name: 'languages',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Language',
	default: {},
	description: 'The languages of the object itself, unlike those of its description',
	options: [
		{
			displayName: 'Language',
			name: 'language',
			values: [
				{
					displayName: 'Type',
					name: 'type',
					type: 'string',
					required: true,
					default: '',
					placeholder: 'e.g. Undertekster',
					description: 'What is in this language, such as the text, the speech or the subtitles',
				},
				{
					displayName: 'Language',
					name: 'value',
					type: 'options',
					options: [{ name: 'Not Specified', value: '' }, ...LANGUAGE_OPTIONS],
					required: true,
					default: '',
					description:
						'The language. For one that is not in the list, give its ISO 639-3 code with an expression.',
				},
				languageOfText('Language of the Type'),
			],
		},
	],
};

const places: INodeProperties = {
	displayName: 'Places',
	name: 'places',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Place',
	default: {},
	description: 'The places that the object shows, deals with or comes from',
	options: [
		{
			displayName: 'Place',
			name: 'spatial',
			values: [
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					required: true,
					default: '',
					placeholder: 'e.g. Mo i Rana',
					description: 'The name of the place',
				},
				...authorityOf('Name'),
				languageOfText('Name Language'),
				{
					displayName: 'Position: Latitude',
					name: 'latitude',
					type: 'string',
					default: '',
					placeholder: 'e.g. 66.3128',
					description: 'Degrees north, with a decimal point, south negative',
				},
				{
					displayName: 'Position: Longitude',
					name: 'longitude',
					type: 'string',
					default: '',
					placeholder: 'e.g. 14.1428',
					description: 'Degrees east, with a decimal point, west negative',
				},
				{
					displayName: 'Position: Reference System',
					name: 'coordinateReferenceSystem',
					type: 'string',
					default: '',
					placeholder: 'e.g. EPSG:4326',
					description: 'What the degrees are counted in. DPS takes EPSG:4326 when none is given.',
				},
				{
					displayName: 'Type',
					name: 'type',
					type: 'string',
					default: '',
					placeholder: 'e.g. Sted',
					description: 'What kind of place it is',
				},
			],
		},
	],
};

const provenances: INodeProperties = {
	displayName: 'Provenance',
	name: 'provenances',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Provenance',
	default: {},
	description: 'Who has owned and kept the object, and what changed it',
	options: [
		{
			displayName: 'Provenance',
			name: 'provenance',
			values: [
				{
					displayName: 'Provenance',
					name: 'value',
					type: 'string',
					typeOptions: { rows: 2 },
					required: true,
					default: '',
					placeholder: 'e.g. Gave til museet i 1979',
					description: 'What bears on whether the object is authentic, whole and understood',
				},
				languageOfText('Language'),
			],
		},
	],
};

const publishers: INodeProperties = {
	displayName: 'Publishers',
	name: 'publishers',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Publisher',
	default: {},
	description: 'Who made the object available, such as a publishing house or a broadcaster',
	options: [
		{
			displayName: 'Publisher',
			name: 'publisher',
			values: [agentName('e.g. Gyldendal', 'the publisher'), ...authorityOf('Name'), agentType],
		},
	],
};

const relations: INodeProperties = {
	displayName: 'Relations',
	name: 'relations',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Relation',
	default: {},
	description: 'Other resources that the object belongs with; each by its title or its ID',
	options: [
		{
			displayName: 'Relation',
			name: 'relation',
			values: [
				{
					displayName: 'Kind of Relation',
					name: 'type',
					type: 'options',
					options: [{ name: 'Choose a Relation', value: '' }, ...RELATION_OPTIONS],
					required: true,
					default: '',
					description: 'How the object stands to the other resource (Dublin Core term)',
				},
				{
					displayName: 'Related ID',
					name: 'id',
					type: 'string',
					default: '',
					placeholder: 'e.g. URN:NBN:no-nb_plfut_00001',
					description: 'An identifier of the other resource',
				},
				{
					displayName: 'Related Title',
					name: 'title',
					type: 'string',
					default: '',
					placeholder: 'e.g. Rana Blad',
					description: 'The title of the other resource',
				},
				languageOfText('Related Title Language'),
				{
					displayName: 'Related URI',
					name: 'uri',
					type: 'string',
					default: '',
					placeholder: 'e.g. https://example.com/items/00001',
					description: 'The web address of the other resource',
				},
			],
		},
	],
};

const sources: INodeProperties = {
	displayName: 'Sources',
	name: 'sources',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Source',
	default: {},
	description: 'What the object was made from, such as the negative that was digitised',
	options: [
		{
			displayName: 'Source',
			name: 'source',
			values: [
				{
					displayName: 'Identifiers',
					name: 'identifiers',
					type: 'fixedCollection',
					typeOptions: { multipleValues: true },
					placeholder: 'Add Identifier',
					default: {},
					description: 'What the source is known by; at least one',
					options: [
						{
							displayName: 'Identifier',
							name: 'identifier',
							values: [identifierType, identifierValue],
						},
					],
				},
				{
					displayName: 'Description',
					name: 'description',
					type: 'string',
					default: '',
					placeholder: 'e.g. Glassnegativ 9 × 12 cm',
					description: 'What the source is',
				},
				{
					displayName: 'URI',
					name: 'uri',
					type: 'string',
					default: '',
					placeholder: 'e.g. https://example.com/items/00001',
					description: 'The web address of the source',
				},
			],
		},
	],
};

const subjects: INodeProperties = {
	displayName: 'Subjects',
	name: 'subjects',
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: 'Add Subject',
	default: {},
	description: 'What the object is about, in keywords',
	options: [
		{
			displayName: 'Subject',
			name: 'subject',
			values: [
				{
					displayName: 'Subject',
					name: 'value',
					type: 'string',
					required: true,
					default: '',
					placeholder: 'e.g. Industriarbeidere',
					description: 'One keyword or subject heading',
				},
				...authorityOf('Subject'),
				languageOfText('Subject Language'),
			],
		},
	],
};

const FORM = { show: { metadataMode: ['form'] } };

/**
 * What the user fills in about an object: what every object must have stands on its own, so that
 * the editor shows it at once and marks what is missing; the rest can be added.
 */
export const metadataFields: INodeProperties[] = [
	{
		displayName: 'Specify Metadata',
		name: 'metadataMode',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Using Fields Below',
				value: 'form',
				description: 'Fill in a form, element by element',
			},
			{
				name: 'Using JSON',
				value: 'json',
				description: 'Give the whole of the metadata as one JSON object',
			},
		],
		default: 'form',
		description: 'How to describe the object. DPS takes no object without a description.',
	},
	{
		displayName: 'Type',
		name: 'metadataType',
		type: 'options',
		options: TYPE_OPTIONS,
		required: true,
		default: '',
		displayOptions: FORM,
		description:
			"What kind of object it is, by the National Library's Norwegian terms. For a term that was agreed with the Library and is not in the list, use an expression.",
	},
	{
		displayName: 'Title',
		name: 'metadataTitle',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. Rana Blad, 15. februar 2025',
		displayOptions: FORM,
		description: 'The name that the object is known by, or one that you give it',
	},
	{
		displayName: 'Metadata Language',
		name: 'metadataLanguage',
		type: 'options',
		options: LANGUAGE_OPTIONS,
		required: true,
		default: 'nob',
		displayOptions: FORM,
		description:
			'The language that the title and the other entries are written in, unless an entry says otherwise. For one that is not in the list, give its ISO 639-3 code with an expression.',
	},
	{
		displayName: 'Identifiers',
		name: 'metadataIdentifiers',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, minRequiredFields: 1 },
		placeholder: 'Add Identifier',
		default: { identifier: [{ type: '', value: '' }] },
		displayOptions: FORM,
		description: 'What the object is known by in your catalogue and elsewhere; at least one',
		options: [
			{
				displayName: 'Identifier',
				name: 'identifier',
				values: [identifierType, identifierValue],
			},
		],
	},
	{
		displayName: 'More Metadata',
		name: 'metadata',
		type: 'collection',
		placeholder: 'Add Element',
		default: {},
		displayOptions: FORM,
		description:
			'Who made the object, when, where and in which language. The more of it you give, the better the object can be found and understood later.',
		options: [
			alternatives,
			contributors,
			creators,
			dates,
			descriptions,
			languages,
			places,
			provenances,
			publishers,
			relations,
			sources,
			subjects,
			{
				displayName: 'Title Language',
				name: 'titleLanguage',
				type: 'options',
				options: LANGUAGE_OPTIONS,
				default: 'nob',
				description:
					'The language of the title, when it is not the Metadata Language. For one that is not in the list, give its ISO 639-3 code with an expression.',
			},
		],
	},
	{
		displayName: 'Metadata (JSON)',
		name: 'metadataJson',
		type: 'json',
		typeOptions: { rows: 10 },
		required: true,
		default:
			'{\n  "type": "",\n  "identifier": [{ "type": "", "value": "" }],\n  "title": { "value": "", "lang": "nob" }\n}',
		placeholder:
			'e.g. { "type": "Bilde", "identifier": [{ "type": "URN", "value": "URN:NBN:no-nb_plfut_00001" }], "title": { "value": "Mo i Rana", "lang": "nob" } }',
		displayOptions: { show: { metadataMode: ['json'] } },
		description:
			'The metadata as DPS takes it: type, identifier and title must be there; alternative, creator, contributor, publisher, spatial, date, language, relation, source, provenance, subject and description may be. It is checked before anything is sent.',
	},
];

/**
 * Reads the form's fields.
 *
 * @param read gives a node parameter's value, or the fallback when it is not set
 */
export function metadataFormOf(read: (name: string, fallback: unknown) => unknown): MetadataForm {
	const more = read('metadata', {});
	return {
		...(typeof more === 'object' ? more : {}),
		type: read('metadataType', ''),
		title: read('metadataTitle', ''),
		metadataLanguage: read('metadataLanguage', ''),
		identifiers: read('metadataIdentifiers', {}),
	};
}
