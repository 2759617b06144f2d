import { brokenMetadataRules } from '../../sandbox/metadata-rules';
import { METADATA } from './depositor';

test('what has a type, an identifier and a title breaks no rule', () => {
	expect(brokenMetadataRules(METADATA)).toEqual([]);
});

test('every element at its fullest breaks no rule, nor does an unknown one', () => {
	expect(
		brokenMetadataRules({
			...METADATA,
			alternative: [{ type: 'Undertittel', value: 'To', lang: 'nob' }],
			creator: [{ name: 'Et arkiv', type: 'korporasjon', role: 'Fotograf' }],
			contributor: [{ name: 'Et museum' }],
			publisher: [{ name: 'Et forlag' }],
			spatial: [{ name: 'Mo i Rana', latitude: 66.3, longitude: 14.1 }],
			date: [{ type: 'created', value: '1938' }],
			language: [{ type: 'Tale', value: 'nob' }],
			relation: [
				{ type: 'isPartOf', title: 'En serie' },
				{ type: 'isPartOf', id: '1' },
			],
			provenance: [{ value: 'Gave', lang: 'nob' }],
			subject: [{ value: 'Avis' }],
			description: [{ value: 'En avis', lang: 'nob' }],
			isPartOf: [{ value: 'En samling', lang: 'nob' }],
			somethingNew: 1,
		}),
	).toEqual([]);
});

test.each([
	['no type', { type: undefined }, 'type is missing'],
	['an empty type', { type: ' ' }, 'type is missing'],
	['no title', { title: undefined }, 'title is missing'],
	['an empty title', { title: { value: '' } }, 'title.value is missing'],
	['a title as a text', { title: 'Ranablad' }, 'title must be an object'],
	['no identifier', { identifier: undefined }, 'identifier is missing'],
	['an empty list of identifiers', { identifier: [] }, 'identifier is missing'],
	['a single identifier', { identifier: { type: 'a', value: 'b' } }, 'identifier must be a list'],
	['an identifier without type', { identifier: [{ value: 'b' }] }, 'identifier[0].type is missing'],
	[
		'the second alternative without type',
		{ alternative: [{ type: 'a', value: 'b' }, { value: 'c' }] },
		'alternative[1].type is missing',
	],
	['a date without type', { date: [{ value: '1938' }] }, 'date[0].type is missing'],
	['a language without type', { language: [{ value: 'nob' }] }, 'language[0].type is missing'],
	[
		'a relation without title and id',
		{ relation: [{ type: 'isPartOf' }] },
		'relation[0] has none of title, id',
	],
	[
		'provenance without language',
		{ provenance: [{ value: 'a' }] },
		'provenance[0].lang is missing',
	],
	[
		'a description without language',
		{ description: [{ value: 'a' }] },
		'description[0].lang is missing',
	],
])('%s breaks a rule', (_name, change, broken) => {
	expect(brokenMetadataRules({ ...METADATA, ...change })).toEqual([broken]);
});
