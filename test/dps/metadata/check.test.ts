import { checkMetadata } from '../../../dps/metadata/check';
import {
	AGENT_TYPES,
	LANGUAGES,
	RELATION_TERMS,
	TYPE_TERMS,
} from '../../../dps/metadata/vocabulary';

const MINIMAL = {
	type: 'Bilde',
	identifier: [{ type: 'URN', value: 'URN:NBN:no-nb_plfut_00001' }],
	title: { value: 'Mo i Rana', lang: 'nob' },
};

const withElement = (element: Record<string, unknown>) => checkMetadata({ ...MINIMAL, ...element });

test('what must be there is enough', () => {
	expect(checkMetadata(MINIMAL)).toEqual([]);
});

test.each(['type', 'identifier', 'title'])('%s must be there', (element) => {
	expect(checkMetadata({ ...MINIMAL, [element]: undefined })).toMatchObject([
		{ level: 'error', field: element, rule: `DPS metadata documentation: ${element}` },
	]);
});

test('an empty list of identifiers is none', () => {
	expect(withElement({ identifier: [] })).toMatchObject([{ level: 'error', field: 'identifier' }]);
});

test.each([undefined, null, 'text', 1, true, [], [MINIMAL]])(
	'metadata that is %j instead of an object is an error',
	(value) => {
		expect(checkMetadata(value)).toMatchObject([{ level: 'error', field: 'metadata' }]);
	},
);

test.each(TYPE_TERMS.map(({ term }) => term))('the type %s passes', (type) => {
	expect(withElement({ type })).toEqual([]);
});

test('the list has the 23 terms of the documentation, each once', () => {
	expect(new Set(TYPE_TERMS.map(({ term }) => term)).size).toBe(23);
	expect(TYPE_TERMS).toHaveLength(23);
});

test.each([
	['Hologram', 'The terms are: Bok'],
	['Plakater', '"Plakat"'],
	['bok', '"Bok"'],
	['constructor', 'The terms are'],
])('the type %s is only a warning, since NB adds terms', (type, hint) => {
	const findings = withElement({ type });
	expect(findings).toMatchObject([{ level: 'warning', field: 'type' }]);
	expect(findings[0].message).toContain(hint);
});

test.each(AGENT_TYPES.map(({ term }) => term))('the agent type %s passes', (type) => {
	expect(withElement({ creator: [{ name: 'Nordmann, Ola', type }] })).toEqual([]);
});

test('an agent type of the 2025 OpenAPI document is a warning that names the term in use', () => {
	expect(withElement({ publisher: [{ name: 'Gyldendal', type: 'Organization' }] })).toMatchObject([
		{
			level: 'warning',
			field: 'publisher 1: type',
			message: expect.stringContaining('korporasjon'),
		},
	]);
});

test.each(RELATION_TERMS.map(({ term }) => term))('the relation %s passes', (type) => {
	expect(withElement({ relation: [{ type, title: 'Rana Blad' }] })).toEqual([]);
});

test.each(LANGUAGES.map(({ code }) => code))('the language %s passes', (lang) => {
	expect(withElement({ title: { value: 'x', lang } })).toEqual([]);
});

test('a language that is not in the list to choose from is as good', () => {
	expect(withElement({ title: { value: 'x', lang: 'jpn' } })).toEqual([]);
});

test.each([
	['nb', 'Write nob.'],
	['no', 'Write nob or nno.'],
	['en-GB', 'Write eng.'],
	['NOB', 'Write nob.'],
	['norsk', 'for example, nob'],
	['nob ', 'for example, nob'],
])('the language %j is an error that says: %s', (lang, hint) => {
	const findings = withElement({ title: { value: 'x', lang } });
	expect(findings).toMatchObject([{ level: 'error', field: 'title: lang' }]);
	expect(findings[0].message).toContain(hint);
});

type Case = [name: string, element: Record<string, unknown>, field: string];

const ERRORS: Case[] = [
	['title is a text', { title: 'Mo i Rana' }, 'title'],
	['title is a list', { title: [{ value: 'Mo i Rana' }] }, 'title'],
	['title is null', { title: null }, 'title'],
	['title without value', { title: { lang: 'nob' } }, 'title: value'],
	['title with an empty value', { title: { value: ' ', lang: 'nob' } }, 'title: value'],
	['title value is a number', { title: { value: 1984, lang: 'nob' } }, 'title: value'],
	['type is an object', { type: { value: 'Bok' } }, 'type'],
	['type is empty', { type: '' }, 'type'],
	['identifier is an object', { identifier: MINIMAL.identifier[0] }, 'identifier'],
	['identifier is a text', { identifier: ['URN:NBN:x'] }, 'identifier 1'],
	['identifier without type', { identifier: [{ value: 'x' }] }, 'identifier 1: type'],
	['identifier without value', { identifier: [{ type: 'URN' }] }, 'identifier 1: value'],
	[
		'alternative without type',
		{ alternative: [{ value: 'x', lang: 'nob' }] },
		'alternative 1: type',
	],
	[
		'alternative without value',
		{ alternative: [{ type: 'x', lang: 'nob' }] },
		'alternative 1: value',
	],
	['creator is a text', { creator: 'Nordmann, Ola' }, 'creator'],
	['creator without name', { creator: [{ name: 'x' }, { role: 'Fotograf' }] }, 'creator 2: name'],
	['creator role is a list', { creator: [{ name: 'x', role: ['a'] }] }, 'creator 1: role'],
	['creator type is null', { creator: [{ name: 'x', type: null }] }, 'creator 1: type'],
	['contributor without name', { contributor: [{}] }, 'contributor 1: name'],
	['publisher without name', { publisher: [{ type: 'person' }] }, 'publisher 1: name'],
	['authority is a text', { creator: [{ name: 'x', authority: 'VIAF' }] }, 'creator 1: authority'],
	[
		'authority code is a number',
		{ subject: [{ value: 'x', lang: 'nob', authority: { code: 198097 } }] },
		'subject 1: authority: code',
	],
	['spatial without name', { spatial: [{ type: 'Sted' }] }, 'spatial 1: name'],
	[
		'latitude is a text',
		{ spatial: [{ name: 'x', latitude: '66.3', longitude: 14 }] },
		'spatial 1: latitude',
	],
	[
		'latitude is out of range',
		{ spatial: [{ name: 'x', latitude: 90.1, longitude: 14 }] },
		'spatial 1: latitude',
	],
	[
		'longitude is out of range',
		{ spatial: [{ name: 'x', latitude: 66, longitude: -180.5 }] },
		'spatial 1: longitude',
	],
	[
		'longitude is not finite',
		{ spatial: [{ name: 'x', latitude: 66, longitude: NaN }] },
		'spatial 1: longitude',
	],
	['date without type', { date: [{ value: '1938' }] }, 'date 1: type'],
	['date without value', { date: [{ type: 'created' }] }, 'date 1: value'],
	['date is impossible', { date: [{ type: 'created', value: '1938-02-30' }] }, 'date 1: value'],
	['date is a number', { date: [{ type: 'created', value: 1938 }] }, 'date 1: value'],
	['language without type', { language: [{ value: 'nob', lang: 'nob' }] }, 'language 1: type'],
	['language without value', { language: [{ type: 'Tale', lang: 'nob' }] }, 'language 1: value'],
	[
		'language in words',
		{ language: [{ type: 'Tale', value: 'Norsk', lang: 'nob' }] },
		'language 1: value',
	],
	['relation without type', { relation: [{ title: 'x' }] }, 'relation 1: type'],
	['relation without title or id', { relation: [{ type: 'isPartOf' }] }, 'relation 1'],
	['source without identifier', { source: [{ description: 'x' }] }, 'source 1: identifier'],
	['source with no identifiers', { source: [{ identifier: [] }] }, 'source 1: identifier'],
	[
		'source identifier is an object',
		{ source: [{ identifier: { type: 'a', value: 'b' } }] },
		'source 1: identifier',
	],
	[
		'source identifier without value',
		{
			source: [
				{
					identifier: [{ type: 'a', value: 'b' }, { type: 'a' }],
				},
			],
		},
		'source 1: identifier 2: value',
	],
	['provenance without lang', { provenance: [{ value: 'x' }] }, 'provenance 1: lang'],
	['provenance without value', { provenance: [{ lang: 'nob' }] }, 'provenance 1: value'],
	['subject without value', { subject: [{ lang: 'nob' }] }, 'subject 1: value'],
	['description without lang', { description: [{ value: 'x' }] }, 'description 1: lang'],
	['description without value', { description: [{ lang: 'nob' }] }, 'description 1: value'],
	['half of a character', { title: { value: '\ud800', lang: 'nob' } }, 'title: value'],
];

test.each(ERRORS)('error: %s', (_name, element, field) => {
	expect(withElement(element)).toMatchObject([{ level: 'error', field }]);
});

const WARNINGS: Case[] = [
	['title without lang', { title: { value: 'x' } }, 'title: lang'],
	['alternative without lang', { alternative: [{ type: 'x', value: 'x' }] }, 'alternative 1: lang'],
	['language without lang', { language: [{ type: 'x', value: 'nob' }] }, 'language 1: lang'],
	['subject without lang', { subject: [{ value: 'x' }] }, 'subject 1: lang'],
	['agent type outside the list', { creator: [{ name: 'x', type: 'alien' }] }, 'creator 1: type'],
	[
		'relation outside the list',
		{ relation: [{ type: 'ispartof', title: 'x' }] },
		'relation 1: type',
	],
	['authority says nothing', { creator: [{ name: 'x', authority: {} }] }, 'creator 1: authority'],
	[
		'authority uri is none',
		{ creator: [{ name: 'x', authority: { uri: 'viaf' } }] },
		'creator 1: authority: uri',
	],
	[
		'relation URI is none',
		{ relation: [{ type: 'isPartOf', id: 'x', URI: 'not a uri' }] },
		'relation 1: URI',
	],
	['latitude alone', { spatial: [{ name: 'x', latitude: 66.3 }] }, 'spatial 1'],
	['longitude alone', { spatial: [{ name: 'x', longitude: 14.1 }] }, 'spatial 1'],
	['a name almost right', { creators: [{ name: 'x' }] }, 'metadata: creators'],
	['a name in the wrong case', { Description: [{ value: 'x' }] }, 'metadata: Description'],
	[
		'an attribute in the wrong case',
		{ relation: [{ type: 'isPartOf', id: 'x', uri: 'https://example.com' }] },
		'relation 1: uri',
	],
	['control characters', { title: { value: 'a\u0000b', lang: 'nob' } }, 'title: value'],
	[
		'a time without time zone',
		{ date: [{ type: 'created', value: '2022-03-05T14:28:12' }] },
		'date 1: value',
	],
];

test.each(WARNINGS)('warning: %s', (_name, element, field) => {
	expect(withElement(element)).toMatchObject([{ level: 'warning', field }]);
});

test('elements and attributes that the rules do not know pass', () => {
	const element = {
		rights: ['any', { shape: null }],
		isPartOf: [{ value: 'Chronicles', lang: 'eng' }],
		creator: [{ name: 'x', born: 1859 }],
	};
	expect(withElement(element)).toEqual([]);
});

test('an optional element may be an empty list', () => {
	expect(withElement({ creator: [], date: [] })).toEqual([]);
});

test('all faults are found at once', () => {
	const fields = checkMetadata({ title: {}, date: [{}], creator: 'x' }).map(({ field }) => field);
	expect(fields).toEqual([
		'type',
		'identifier',
		'title: value',
		'title: lang',
		'creator',
		'date 1: type',
		'date 1: value',
	]);
});

describe('hostile JSON', () => {
	/** A linear congruential generator, so that a failure can be run again. */
	function generator(seed: number): () => number {
		let state = seed;
		return () => (state = (state * 1664525 + 1013904223) % 4294967296) / 4294967296;
	}

	const NAMES = [
		...['type', 'identifier', 'title', 'alternative', 'creator', 'spatial', 'date', 'language'],
		...['relation', 'source', 'provenance', 'subject', 'description', 'value', 'lang', 'name'],
		...['authority', 'uri', 'URI', 'latitude', 'id', '__proto__', 'constructor', 'toString', ''],
	];
	const TEXTS = ['', ' ', 'x', 'nob', '1938-02-30', '\u0000', '\ud800', '\u202e', '[..]', '1/2/3'];

	function randomJson(random: () => number, depth: number): unknown {
		const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
		const kind = Math.floor(random() * (depth > 0 ? 8 : 4));
		if (kind === 0) return pick([null, true, false]);
		if (kind === 1) return pick([0, -1, 1e308, 91, 1938]);
		if (kind <= 3) return pick(TEXTS);
		const size = Math.floor(random() * 6);
		if (kind <= 5) return Array.from({ length: size }, () => randomJson(random, depth - 1));
		const entries = Array.from(
			{ length: size },
			() => `${JSON.stringify(pick(NAMES))}:${JSON.stringify(randomJson(random, depth - 1))}`,
		);
		return JSON.parse(`{${entries.join()}}`);
	}

	test('never makes the check throw, and findings are always whole', () => {
		const random = generator(20250217);
		for (let run = 0; run < 5000; run++) {
			const element = JSON.parse(
				`{${JSON.stringify(NAMES[run % NAMES.length])}:${JSON.stringify(randomJson(random, 5))}}`,
			);
			for (const finding of checkMetadata({ ...MINIMAL, ...element, extra: element })) {
				expect(finding).toEqual({
					level: expect.stringMatching(/^(error|warning)$/),
					field: expect.stringMatching(/./),
					message: expect.stringMatching(/.\.$/s),
					rule: expect.stringMatching(/./),
				});
			}
		}
	});

	test('names that every object inherits are no elements', () => {
		const metadata = JSON.parse('{"__proto__": {"type": "Bok", "title": {"value": "x"}}}');
		expect(checkMetadata(metadata).map(({ field }) => field)).toEqual([
			'type',
			'identifier',
			'title',
		]);
		expect(withElement({ constructor: 1, toString: 'x' })).toEqual([]);
	});

	test('nesting that would exhaust the call stack when it is written is an error', () => {
		const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
		expect(withElement({ extra: deep })).toMatchObject([{ level: 'error', field: 'metadata' }]);
		expect(withElement({ extra: JSON.parse(`${'['.repeat(50)}${']'.repeat(50)}`) })).toEqual([]);
	});

	test('an object that contains itself is an error', () => {
		const circular: Record<string, unknown> = { ...MINIMAL };
		circular.extra = [circular, circular];
		expect(checkMetadata(circular)).toMatchObject([{ level: 'error', field: 'metadata' }]);
	});
});
