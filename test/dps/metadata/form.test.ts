import type { INodeProperties, INodePropertyCollection } from 'n8n-workflow';

import { checkMetadata } from '../../../dps/metadata/check';
import { metadataFromForm } from '../../../dps/metadata/form';
import {
	metadataFields,
	metadataFormOf,
} from '../../../nodes/DigitalPreservation/resources/submission/metadataFields';

const FULL_FORM = {
	type: 'Bilde',
	title: 'Hovedgaten',
	titleLanguage: 'nno',
	metadataLanguage: 'nob',
	identifiers: {
		identifier: [
			{ type: 'URN', value: 'URN:NBN:no-nb_plfut_00001' },
			{ type: 'Inventarnummer', value: 'NF.1992-0123' },
		],
	},
	alternatives: { alternative: [{ type: 'Oversatt', value: 'The Main Street', lang: 'eng' }] },
	creators: {
		creator: [
			{
				name: 'Nordmann, Ola',
				type: 'person',
				role: 'Fotograf',
				authoritySource: 'VIAF',
				authorityCode: '198097',
				authorityUri: 'https://example.com/198097',
			},
			{ name: 'Nordmann, Kari', type: '', role: '', authoritySource: '', authorityUri: '' },
		],
	},
	contributors: { contributor: [{ name: 'Marek, Václav', role: 'Avbildet' }] },
	publishers: { publisher: [{ name: 'Gyldendal', type: 'korporasjon', authorityCode: '7' }] },
	places: {
		spatial: [
			{
				name: 'Mo i Rana',
				type: 'Sted',
				lang: '',
				authoritySource: 'SSR',
				coordinateReferenceSystem: 'EPSG:4326',
				latitude: '66.3128',
				longitude: ' 14.1428 ',
			},
		],
	},
	dates: { date: [{ type: 'created', value: '1938~', lang: 'eng' }] },
	languages: { language: [{ type: 'Tekst', value: 'sme', lang: '' }] },
	relations: {
		relation: [
			{
				type: 'isPartOf',
				title: 'Rana Blad',
				id: '17',
				lang: '',
				uri: 'https://example.com/17',
			},
		],
	},
	sources: {
		source: [
			{
				identifiers: {
					identifier: [
						{ type: 'Negativ', value: 'N-1' },
						{ type: '', value: '' },
					],
				},
				description: 'Glassnegativ',
				uri: 'https://example.com/N-1',
			},
		],
	},
	provenances: { provenance: [{ value: 'Gave i 1979', lang: '' }] },
	subjects: { subject: [{ value: 'Gater', lang: '', authorityCode: 'G1' }] },
	descriptions: { description: [{ value: 'A street', lang: 'eng' }] },
};

test('a form with everything filled in gives exactly the metadata of the API', () => {
	const metadata = metadataFromForm(FULL_FORM);
	expect(metadata).toEqual({
		type: 'Bilde',
		identifier: [
			{ type: 'URN', value: 'URN:NBN:no-nb_plfut_00001' },
			{ type: 'Inventarnummer', value: 'NF.1992-0123' },
		],
		title: { value: 'Hovedgaten', lang: 'nno' },
		alternative: [{ type: 'Oversatt', value: 'The Main Street', lang: 'eng' }],
		creator: [
			{
				name: 'Nordmann, Ola',
				type: 'person',
				role: 'Fotograf',
				authority: { source: 'VIAF', code: '198097', uri: 'https://example.com/198097' },
			},
			{ name: 'Nordmann, Kari' },
		],
		contributor: [{ name: 'Marek, Václav', role: 'Avbildet' }],
		publisher: [{ name: 'Gyldendal', type: 'korporasjon', authority: { code: '7' } }],
		spatial: [
			{
				name: 'Mo i Rana',
				type: 'Sted',
				lang: 'nob',
				authority: { source: 'SSR' },
				coordinateReferenceSystem: 'EPSG:4326',
				latitude: 66.3128,
				longitude: 14.1428,
			},
		],
		date: [{ type: 'created', value: '1938~', lang: 'eng' }],
		language: [{ type: 'Tekst', value: 'sme', lang: 'nob' }],
		relation: [
			{
				type: 'isPartOf',
				title: 'Rana Blad',
				id: '17',
				lang: 'nob',
				URI: 'https://example.com/17',
			},
		],
		source: [
			{
				identifier: [{ type: 'Negativ', value: 'N-1' }],
				description: 'Glassnegativ',
				URI: 'https://example.com/N-1',
			},
		],
		provenance: [{ value: 'Gave i 1979', lang: 'nob' }],
		subject: [{ value: 'Gater', lang: 'nob', authority: { code: 'G1' } }],
		description: [{ value: 'A street', lang: 'eng' }],
	});
	expect(checkMetadata(metadata)).toEqual([]);
});

test('an empty form gives nothing, and no value is made up', () => {
	expect(metadataFromForm({})).toEqual({});
	expect(
		metadataFromForm({
			type: '',
			title: ' ',
			titleLanguage: 'nno',
			metadataLanguage: 'nob',
			identifiers: { identifier: [{ type: '', value: '' }] },
			creators: { creator: [] },
			places: { spatial: [{ name: '', lang: 'eng', latitude: '', longitude: null }] },
			descriptions: {},
			subjects: '',
			dates: null,
		}),
	).toEqual({});
});

test('a text without a language stays without when the form names none', () => {
	expect(metadataFromForm({ title: 'x', descriptions: { description: [{ value: 'y' }] } })).toEqual(
		{ title: { value: 'x' }, description: [{ value: 'y' }] },
	);
});

test('coordinates of zero are coordinates', () => {
	const form = { places: { spatial: [{ name: 'x', latitude: 0, longitude: '-0.0' }] } };
	expect(metadataFromForm(form)).toEqual({ spatial: [{ name: 'x', latitude: 0, longitude: -0 }] });
});

test.each(['59,91', "66°18'N", '1e3', '0x10', '66.3 N'])(
	'the coordinate %j is not guessed at but left for the check to name',
	(latitude) => {
		const metadata = metadataFromForm({
			...FULL_FORM,
			places: { spatial: [{ name: 'x', latitude, longitude: '14' }] },
		});
		expect(checkMetadata(metadata)).toMatchObject([
			{ level: 'error', field: 'spatial 1: latitude', message: expect.stringContaining('point') },
		]);
	},
);

test('numbers that an expression gives become the texts that the API wants', () => {
	expect(
		metadataFromForm({
			title: 1984,
			identifiers: { identifier: [{ type: 'ISBN', value: 9788205 }] },
			dates: [{ type: 'created', value: 1938 }],
		}),
	).toEqual({
		title: { value: '1984' },
		identifier: [{ type: 'ISBN', value: '9788205' }],
		date: [{ type: 'created', value: '1938' }],
	});
});

test('rows may come from an expression, as a list or as a single row', () => {
	const creator = [{ name: 'Nordmann, Ola' }];
	expect(metadataFromForm({ creators: [{ name: 'Nordmann, Ola' }] })).toEqual({ creator });
	expect(metadataFromForm({ creators: { creator: { name: 'Nordmann, Ola' } } })).toEqual({
		creator,
	});
});

test('what has the wrong shape is not dropped but named by the check', () => {
	const metadata = metadataFromForm({
		...FULL_FORM,
		creators: 'Nordmann, Ola',
		title: { value: 'x' },
		dates: { date: ['1938'] },
	});
	expect(checkMetadata(metadata).map(({ field }) => field)).toEqual([
		'title: value',
		'creator',
		'date 1',
	]);
});

describe("the node's fields", () => {
	/** A value for every field, each to be told from the others; lists get one row. */
	function fillIn(fields: INodeProperties[], path: string, values: Map<string, string>): object {
		return Object.fromEntries(
			fields.map((field) => {
				const fieldPath = `${path}/${field.name}`;
				const options = (field.options ?? []) as INodePropertyCollection[];
				if (field.type === 'collection') {
					return [field.name, fillIn(field.options as INodeProperties[], fieldPath, values)];
				}
				if (field.type === 'fixedCollection') {
					const groups = options.map((group) => [
						group.name,
						[fillIn(group.values, `${fieldPath}/${group.name}`, values)],
					]);
					return [field.name, Object.fromEntries(groups)];
				}
				values.set(fieldPath, fieldPath);
				return [field.name, fieldPath];
			}),
		);
	}

	const formFields = metadataFields.filter(
		({ displayOptions }) => displayOptions?.show?.metadataMode?.[0] === 'form',
	);
	const jsonField = metadataFields.find(({ name }) => name === 'metadataJson');

	function eachField(fields: INodeProperties[]): INodeProperties[] {
		return fields.flatMap((field) => [
			field,
			...(field.type === 'collection' ? eachField(field.options as INodeProperties[]) : []),
			...(field.type === 'fixedCollection'
				? (field.options as INodePropertyCollection[]).flatMap(({ values }) => eachField(values))
				: []),
		]);
	}

	test('each reach the metadata', () => {
		const values = new Map<string, string>();
		const parameters = fillIn(formFields, '', values) as Record<string, unknown>;
		const metadata = metadataFromForm(metadataFormOf((name) => parameters[name]));
		const sent = JSON.stringify(metadata);
		const lost = [...values.keys()].filter((value) => !sent.includes(JSON.stringify(value)));
		expect(values.size).toBeGreaterThan(50);
		expect(lost).toEqual(['/metadataLanguage']);
	});

	test('as they stand in a new node give a form that only lacks what must be filled in', () => {
		const metadata = metadataFromForm(
			metadataFormOf((name) => formFields.find((field) => field.name === name)?.default),
		);
		expect(metadata).toEqual({});
	});

	test('that hold what every object must have are required, and in sight at once', () => {
		const required = formFields.filter(
			({ required, typeOptions }) => required === true || typeOptions?.minRequiredFields === 1,
		);
		expect(required.map(({ name }) => name)).toEqual([
			'metadataType',
			'metadataTitle',
			'metadataLanguage',
			'metadataIdentifiers',
		]);
	});

	test('each say what to enter; options are in order and none is there twice', () => {
		for (const field of eachField(metadataFields)) {
			expect(field.description).toMatch(/\S/);
			if (field.type === 'string') expect(field.placeholder).toMatch(/^e\.g\. \S/);
			if (field.type !== 'options') continue;
			const options = (field.options ?? []) as Array<{ name: string; value: string }>;
			const names = options.filter(({ value }) => value !== '').map(({ name }) => name);
			expect(names).toEqual([...names].sort((one, other) => one.localeCompare(other)));
			expect(new Set(options.map(({ value }) => value)).size).toBe(options.length);
			if (field.default !== '') expect(options.map(({ value }) => value)).toContain(field.default);
		}
	});

	test('for JSON begin with a frame that must be filled in', () => {
		const findings = checkMetadata(JSON.parse(String(jsonField?.default)));
		expect(findings.map(({ level, field }) => `${level} ${field}`)).toEqual([
			'error type',
			'error identifier 1: type',
			'error identifier 1: value',
			'error title: value',
		]);
	});

	test('for JSON show an example that passes', () => {
		const example = String(jsonField?.placeholder).replace(/^e\.g\. /, '');
		expect(checkMetadata(JSON.parse(example))).toEqual([]);
	});
});
