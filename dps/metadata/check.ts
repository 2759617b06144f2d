import { error, kindOf, quote, warning, type Finding } from '../finding';
import { checkDate } from './date';
import { isNestedDeeperThan, isObject, own, type JsonObject } from './json-object';
import {
	AGENT_TYPES,
	FORMER_AGENT_TYPES,
	FORMER_TYPE_TERMS,
	RELATION_TERMS,
	TWO_LETTER_LANGUAGES,
	TYPE_TERMS,
} from './vocabulary';

const METADATA_RULE = 'DPS metadata documentation';
const OPENAPI_RULE = 'DPS OpenAPI document, May 2025';
/** Far deeper than any metadata, and far from where writing JSON would exhaust the call stack. */
const MAX_DEPTH = 100;

type Check<T> = (value: T, field: string) => Finding[];

/** One attribute of an element. */
interface FieldRule {
	name: string;
	/** What a missing attribute is; absent when it may be missing. */
	missing?: (field: string) => Finding;
	check: Check<unknown>;
}

/** One element of the metadata. */
interface ElementRule {
	name: string;
	required?: true;
	/** Whether the element is one value or a list of them. */
	count: 'one' | 'list';
	check: Check<unknown>;
}

/**
 * Checks descriptive metadata against NB's rules (DPS metadata documentation, and where that is
 * silent the DPS OpenAPI document of May 2025): elements that must be there, shapes, dates,
 * languages, coordinates. A term outside a vocabulary that NB extends is a warning. Elements that
 * the rules don't know are left alone.
 *
 * @param value any JSON value
 */
export function checkMetadata(value: unknown): Finding[] {
	if (!isObject(value)) {
		return [
			error('metadata', `must be an object of elements, not ${kindOf(value)}.`, METADATA_RULE),
		];
	}
	if (isNestedDeeperThan(value, MAX_DEPTH)) {
		return [
			error('metadata', `has lists and objects more than ${MAX_DEPTH} deep.`, 'JSON (RFC 8259)'),
		];
	}
	return [
		...ELEMENTS.flatMap((element) => checkElement(value, element)),
		...checkNames(value, [...ELEMENTS.map(({ name }) => name), 'isPartOf'], 'metadata'),
	];
}

function checkElement(metadata: JsonObject, element: ElementRule): Finding[] {
	const rule = `${METADATA_RULE}: ${element.name}`;
	const value = own(metadata, element.name);
	const isMissing = value === undefined || (Array.isArray(value) && value.length === 0);
	if (isMissing) {
		if (element.required === undefined) return [];
		return [error(element.name, 'is missing; every object must have it.', rule)];
	}
	if (element.count === 'one') return element.check(value, element.name);
	if (!Array.isArray(value)) {
		return [
			error(
				element.name,
				`must be a list (in square brackets, also when there is only one), not ${kindOf(value)}.`,
				rule,
			),
		];
	}
	return value.flatMap((row, index) => element.check(row, `${element.name} ${index + 1}`));
}

/** An object with these attributes. */
function objectOf(fields: readonly FieldRule[], whole?: Check<JsonObject>): Check<unknown> {
	const names = fields.map(({ name }) => name);
	return (value, field) => {
		if (!isObject(value)) {
			return [
				error(
					field,
					`must be an object with ${names.join(', ')}, not ${kindOf(value)}.`,
					METADATA_RULE,
				),
			];
		}
		const findings = fields.flatMap(({ name, missing, check }) => {
			const attribute = own(value, name);
			const attributeField = `${field}: ${name}`;
			if (attribute !== undefined) return check(attribute, attributeField);
			return missing === undefined ? [] : [missing(attributeField)];
		});
		return [...findings, ...(whole?.(value, field) ?? []), ...checkNames(value, names, field)];
	};
}

/** A name that is almost a known one would pass through unseen, and its content be lost. */
function checkNames(object: JsonObject, names: readonly string[], field: string): Finding[] {
	return Object.keys(object).flatMap((key) => {
		if (names.includes(key)) return [];
		const meant = names.find((name) =>
			[name.toLowerCase(), `${name.toLowerCase()}s`].includes(key.toLowerCase()),
		);
		if (meant === undefined) return [];
		return [
			warning(
				`${field}: ${key}`,
				`is not a name that DPS knows; ${quote(meant)} probably is what is meant.`,
				METADATA_RULE,
			),
		];
	});
}

/** A text with something in it that can be written as UTF-8, and a check of what it says. */
function text(check?: Check<string>): Check<unknown> {
	return (value, field) => {
		if (typeof value !== 'string') {
			const hint =
				typeof value === 'number'
					? ` Write it in quotes: "${value}".`
					: ' Leave it out if it is empty.';
			return [error(field, `must be a text, not ${kindOf(value)}.${hint}`, METADATA_RULE)];
		}
		if (value.trim() === '') {
			return [error(field, 'is empty; fill it in or leave it out.', OPENAPI_RULE)];
		}
		if (/\p{Cs}/u.test(value)) {
			return [
				error(field, 'has half of a character, which cannot be written as UTF-8.', METADATA_RULE),
			];
		}
		const findings = check?.(value, field) ?? [];
		if (/[^\P{Cc}\t\r\n]/u.test(value)) {
			findings.push(
				warning(field, `${quote(value)} has control characters, which XML cannot hold.`, 'XML 1.0'),
			);
		}
		return findings;
	};
}

function must(field: string): Finding {
	return error(field, 'is missing.', METADATA_RULE);
}

function mustHaveLanguage(field: string): Finding {
	return error(
		field,
		'is missing; give the language of the text, such as nob (Norwegian Bokmål) or eng (English).',
		`${METADATA_RULE}; ${OPENAPI_RULE}`,
	);
}

function shouldHaveLanguage(field: string): Finding {
	return { ...mustHaveLanguage(field), level: 'warning' };
}

function checkLanguage(value: string, field: string): Finding[] {
	if (/^[a-z]{3}$/.test(value)) return [];
	const meant = TWO_LETTER_LANGUAGES.get(value.slice(0, 2).toLowerCase()) ?? 'nob, nno, sme or eng';
	const hint = /^[a-z]{2}([-_].*)?$/i.test(value)
		? `Write ${meant}.`
		: /^[a-z]{3}$/i.test(value)
			? `Write ${value.toLowerCase()}.`
			: 'Write, for example, nob, nno, sme or eng.';
	return [
		error(
			field,
			`${quote(value)} is not a language code of ISO 639-3, which has three lower-case letters. ${hint}`,
			'ISO 639-3, DPS metadata documentation',
		),
	];
}

function checkTypeTerm(value: string, field: string): Finding[] {
	const terms = TYPE_TERMS.map(({ term }) => term);
	return checkTerm(value, field, terms, FORMER_TYPE_TERMS, 'type');
}

function checkAgentType(value: string, field: string): Finding[] {
	const terms = AGENT_TYPES.map(({ term }) => term);
	return checkTerm(value, field, terms, FORMER_AGENT_TYPES, 'creator');
}

function checkRelationTerm(value: string, field: string): Finding[] {
	const terms = RELATION_TERMS.map(({ term }) => term);
	return checkTerm(value, field, terms, new Map(), 'relation');
}

function checkTerm(
	value: string,
	field: string,
	terms: readonly string[],
	formerTerms: ReadonlyMap<string, string>,
	element: string,
): Finding[] {
	if (terms.includes(value)) return [];
	const meant =
		formerTerms.get(value) ?? terms.find((term) => term.toLowerCase() === value.toLowerCase());
	const hint =
		meant === undefined
			? `The terms are: ${terms.join(', ')}.`
			: `The list has ${quote(meant)}, which probably is what is meant.`;
	return [
		warning(
			field,
			`${quote(value)} is not in NB's list of terms, so DPS may refuse it. ${hint}`,
			`${METADATA_RULE}: ${element}`,
		),
	];
}

function checkUri(value: string, field: string): Finding[] {
	if (/^[A-Za-z][A-Za-z0-9+.-]*:[^\s\p{Cc}]+$/u.test(value)) return [];
	return [
		warning(
			field,
			`${quote(value)} is not a whole URI. It begins with a scheme, such as https: or urn:, and has no spaces.`,
			'RFC 3986',
		),
	];
}

/** Degrees from `-limit` to `limit`. */
function degrees(limit: number): Check<unknown> {
	return (value, field) => {
		const rule = `${METADATA_RULE}: spatial; ${OPENAPI_RULE}`;
		if (typeof value !== 'number' || !Number.isFinite(value)) {
			return [
				error(
					field,
					`must be a number of degrees with a decimal point, such as 66.3128, not ${typeof value === 'string' ? quote(value) : kindOf(value)}.`,
					rule,
				),
			];
		}
		if (Math.abs(value) <= limit) return [];
		return [error(field, `${value} is not between -${limit} and ${limit} degrees.`, rule)];
	};
}

function checkCoordinatePair(place: JsonObject, field: string): Finding[] {
	const hasLatitude = own(place, 'latitude') !== undefined;
	if (hasLatitude === (own(place, 'longitude') !== undefined)) return [];
	return [
		warning(
			field,
			`has a ${hasLatitude ? 'latitude without a longitude' : 'longitude without a latitude'}, which marks no place.`,
			`${METADATA_RULE}: spatial`,
		),
	];
}

function checkAuthorityContent(authority: JsonObject, field: string): Finding[] {
	if (['source', 'code', 'uri'].some((name) => own(authority, name) !== undefined)) return [];
	return [warning(field, 'has neither source, code nor uri, so it says nothing.', METADATA_RULE)];
}

function checkRelationContent(relation: JsonObject, field: string): Finding[] {
	if (['title', 'id'].some((name) => own(relation, name) !== undefined)) return [];
	return [
		error(field, 'names no resource; give its title or its id.', `${METADATA_RULE}: relation`),
	];
}

const REQUIRED_TEXT = { missing: must, check: text() };
const LANGUAGE_CODE = { name: 'lang', check: text(checkLanguage) };
const AUTHORITY = {
	name: 'authority',
	check: objectOf(
		[
			{ name: 'source', check: text() },
			{ name: 'code', check: text() },
			{ name: 'uri', check: text(checkUri) },
		],
		checkAuthorityContent,
	),
};
const IDENTIFIER = objectOf([
	{ name: 'type', ...REQUIRED_TEXT },
	{ name: 'value', ...REQUIRED_TEXT },
]);
const NAME = { name: 'name', ...REQUIRED_TEXT };
const AGENT_TYPE = { name: 'type', check: text(checkAgentType) };
const CREATOR = objectOf([NAME, AGENT_TYPE, { name: 'role', check: text() }, AUTHORITY]);

function checkSourceIdentifiers(value: unknown, field: string): Finding[] {
	if (!Array.isArray(value)) {
		return [
			error(
				field,
				`must be a list of objects with type and value (in square brackets, also when there is only one), not ${kindOf(value)}.`,
				`${METADATA_RULE}: source`,
			),
		];
	}
	if (value.length === 0) return [must(field)];
	return value.flatMap((row, index) => IDENTIFIER(row, `${field} ${index + 1}`));
}

/** The elements in the documentation's order, from those that must be there to those that may. */
const ELEMENTS: readonly ElementRule[] = [
	{ name: 'type', required: true, count: 'one', check: text(checkTypeTerm) },
	{ name: 'identifier', required: true, count: 'list', check: IDENTIFIER },
	{
		name: 'title',
		required: true,
		count: 'one',
		check: objectOf([
			{ name: 'value', ...REQUIRED_TEXT },
			{ ...LANGUAGE_CODE, missing: shouldHaveLanguage },
		]),
	},
	{
		name: 'alternative',
		count: 'list',
		check: objectOf([
			{ name: 'type', ...REQUIRED_TEXT },
			{ name: 'value', ...REQUIRED_TEXT },
			{ ...LANGUAGE_CODE, missing: shouldHaveLanguage },
		]),
	},
	{ name: 'creator', count: 'list', check: CREATOR },
	{ name: 'contributor', count: 'list', check: CREATOR },
	{ name: 'publisher', count: 'list', check: objectOf([NAME, AGENT_TYPE, AUTHORITY]) },
	{
		name: 'spatial',
		count: 'list',
		check: objectOf(
			[
				NAME,
				{ name: 'type', check: text() },
				LANGUAGE_CODE,
				AUTHORITY,
				{ name: 'coordinateReferenceSystem', check: text() },
				{ name: 'latitude', check: degrees(90) },
				{ name: 'longitude', check: degrees(180) },
			],
			checkCoordinatePair,
		),
	},
	{
		name: 'date',
		count: 'list',
		check: objectOf([
			{ name: 'type', ...REQUIRED_TEXT },
			{ name: 'value', missing: must, check: text(checkDate) },
			LANGUAGE_CODE,
		]),
	},
	{
		name: 'language',
		count: 'list',
		check: objectOf([
			{ name: 'type', ...REQUIRED_TEXT },
			{ name: 'value', missing: must, check: text(checkLanguage) },
			{ ...LANGUAGE_CODE, missing: shouldHaveLanguage },
		]),
	},
	{
		name: 'relation',
		count: 'list',
		check: objectOf(
			[
				{ name: 'type', missing: must, check: text(checkRelationTerm) },
				{ name: 'title', check: text() },
				{ name: 'id', check: text() },
				LANGUAGE_CODE,
				{ name: 'URI', check: text(checkUri) },
			],
			checkRelationContent,
		),
	},
	{
		name: 'source',
		count: 'list',
		check: objectOf([
			{ name: 'identifier', missing: must, check: checkSourceIdentifiers },
			{ name: 'description', check: text() },
			{ name: 'URI', check: text(checkUri) },
		]),
	},
	{
		name: 'provenance',
		count: 'list',
		check: objectOf([
			{ name: 'value', ...REQUIRED_TEXT },
			{ ...LANGUAGE_CODE, missing: mustHaveLanguage },
		]),
	},
	{
		name: 'subject',
		count: 'list',
		check: objectOf([
			{ name: 'value', ...REQUIRED_TEXT },
			{ ...LANGUAGE_CODE, missing: shouldHaveLanguage },
			AUTHORITY,
		]),
	},
	{
		name: 'description',
		count: 'list',
		check: objectOf([
			{ name: 'value', ...REQUIRED_TEXT },
			{ ...LANGUAGE_CODE, missing: mustHaveLanguage },
		]),
	},
];
