import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { CONTENT_CATEGORIES } from '../../../../dps/sip/content-category';
import { METADATA_TYPES } from '../../../../dps/sip/vocabulary';

const CATEGORY_OPTIONS: INodePropertyOptions[] = CONTENT_CATEGORIES.map(
	({ kind, name, meaning }) => ({ name, value: kind, description: meaning }),
).sort((one, other) => one.name.localeCompare(other.name));

const METADATA_TYPE_OPTIONS: INodePropertyOptions[] = [
	{ name: 'Recognise by Its Content', value: '' },
	...[...METADATA_TYPES].map((type) => ({ name: type, value: type })),
];

/** What each item is to the package. */
export const itemFields: INodeProperties[] = [
	{
		displayName: 'File Name',
		name: 'contentPath',
		type: 'string',
		required: true,
		default: '={{ $binary.data.fileName }}',
		placeholder: 'e.g. page1.tif',
		description:
			'The name of the file as it shall stand in the package, with folders where it has any (volume1/page1.tif). The folder of its role is put before it.',
	},
	{
		displayName: 'Role',
		name: 'fileRole',
		type: 'options',
		options: [
			{
				name: 'Content',
				value: 'content',
				description: 'What is to be preserved. Goes to data/ of its representation.',
			},
			{
				name: 'Descriptive Metadata',
				value: 'descriptive',
				description:
					'A description of your own, such as MODS, EAD or MARC. Goes to metadata/descriptive/.',
			},
			{
				name: 'Documentation',
				value: 'documentation',
				description: 'What is needed to use the content, such as a manual. Goes to documentation/.',
			},
			{
				name: 'Preservation Metadata',
				value: 'preservation',
				description:
					'PREMIS, for example. Without a representation it is about the whole package. Events are better sent with Event: Add.',
			},
			{
				name: 'Schema',
				value: 'schema',
				description:
					'An XML schema. Goes to schemas/. With an empty Object ID it goes into the packages of all objects.',
			},
			{
				name: 'Source Metadata',
				value: 'source',
				description: 'About what was digitised. Goes to metadata/source/ of its representation.',
			},
			{
				name: 'Technical Metadata',
				value: 'technical',
				description:
					'What MediaInfo, ExifTool, JHOVE or the like say of the files. Goes to metadata/technical/ of its representation.',
			},
		],
		default: 'content',
		description:
			"What the item's file is to the package. Where the items are of several kinds, give it with an expression.",
	},
	{
		displayName: 'Representation',
		name: 'representation',
		type: 'string',
		default: '',
		placeholder: 'e.g. access',
		description:
			'Leave empty for the object itself (primary). For a copy that is preserved beside it, such as an access copy, give a name that says what it is; the date is added: access_20250217.',
	},
];

/** What is said of the package as a whole. */
export const packageFields: INodeProperties[] = [
	{
		displayName: 'Kind of Content',
		name: 'contentCategory',
		type: 'options',
		options: CATEGORY_OPTIONS,
		required: true,
		default: '',
		description:
			"What the object is, and whether it was digitised or born digital. Decides the National Library's content profile that the package follows.",
	},
	{
		displayName: 'Organisation',
		name: 'organisationName',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. Eksempelmuseet',
		description: 'The institution that submits the package, by its registered name',
	},
	{
		displayName: 'Organisation Number',
		name: 'organisationNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 974760673',
		description:
			'The nine digits that the institution has in the Norwegian register of legal entities',
	},
	{
		displayName: 'Packaging Options',
		name: 'packagingOptions',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Metadata Type',
				name: 'metadataType',
				type: 'options',
				options: METADATA_TYPE_OPTIONS,
				default: '',
				description:
					'The standard that a metadata file follows, by the terms of METS. Recognised are MODS, MARC, EAD, EAC-CPF, PREMIS, LIDO, TEI, DDI, VRA, MIX, textMD and Dublin Core in XML; anything else becomes OTHER.',
			},
			{
				displayName: 'Other Metadata Type',
				name: 'otherMetadataType',
				type: 'string',
				default: '',
				placeholder: 'e.g. EBUCORE',
				description: 'What a metadata file follows when its type is OTHER',
			},
			{
				displayName: 'Package Date',
				name: 'packageDate',
				type: 'string',
				default: '',
				placeholder: 'e.g. 2025-02-17T09:30:00+01:00',
				description:
					'The day, or day and time, that the package says it was made. Leave empty for today or, when DPS knows the object already, for the day of its submission, so that a run after midnight goes on where the first one stopped. An expression that gives the present time would make every run another package.',
			},
			{
				displayName: 'Schema Address',
				name: 'schemaAddress',
				type: 'string',
				default: '',
				placeholder: 'e.g. https://example.com/schemas/',
				description:
					'A folder on a web server of your own from which missing schemas are fetched, under the names mets1_12.xsd, xlink.xsd, DILCISExtensionMETS.xsd and DILCISExtensionSIPMETS.xsd. Leave empty for the addresses of their publishers.',
			},
			{
				displayName: 'Schemas That No Item Brings',
				name: 'missingSchemas',
				type: 'options',
				options: [
					{
						name: 'Fetch',
						value: 'fetch',
						description: 'Fetched once a run, and used only when their checksums are right',
					},
					{
						name: 'Stop with an Error',
						value: 'error',
						description: 'Nothing is fetched: for machines without access to the internet',
					},
				],
				default: 'fetch',
				description:
					'A package carries the schemas of its METS. Best save the four files once and give them as items with the role Schema and no Object ID; what no item brings can be fetched.',
			},
			{
				displayName: 'Submission Metadata',
				name: 'descriptionFormat',
				type: 'options',
				options: [
					{
						name: 'As Dublin Core XML',
						value: 'xml',
						description:
							'Written to metadata/descriptive/dublincore.xml, without roles, authorities and coordinates, which Dublin Core cannot hold',
					},
					{
						name: 'As JSON',
						value: 'json',
						description:
							"Written whole, under the name of the National Library's own example (nb_dublincore)",
					},
					{
						name: 'Not in the Package',
						value: 'none',
						description: 'Only files with the role Descriptive Metadata are in the package',
					},
				],
				default: 'json',
				description: 'How the metadata below is written into the package',
			},
			{
				displayName: 'Technical Metadata Tool',
				name: 'tool',
				type: 'string',
				default: '',
				placeholder: 'e.g. mediainfo',
				description:
					'What made a file of technical metadata; its folder is named after it. Not needed when the file name begins with such a folder: mediainfo/page1.xml.',
			},
		],
	},
];
