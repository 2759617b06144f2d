import { isObject, textOf, withValues, type JsonObject } from './json-object';

/**
 * The metadata form as its fields give it: names of the single fields, and for each repeatable
 * element a group that holds its rows. Every value may be anything, because any field of a form
 * can be an expression.
 */
export interface MetadataForm {
	type?: unknown;
	title?: unknown;
	/** Language of the title, where it is not `metadataLanguage`. */
	titleLanguage?: unknown;
	/** The language of every text that has none of its own. */
	metadataLanguage?: unknown;
	/** `{ identifier: [{ type, value }] }` */
	identifiers?: unknown;
	/** `{ alternative: [{ type, value, lang }] }` */
	alternatives?: unknown;
	/** `{ creator: [{ name, type, role, authoritySource, authorityCode, authorityUri }] }` */
	creators?: unknown;
	/** `{ contributor: […] }`, rows as in `creators` */
	contributors?: unknown;
	/** `{ publisher: […] }`, rows as in `creators` without `role` */
	publishers?: unknown;
	/** `{ spatial: [{ name, type, lang, authority…, coordinateReferenceSystem, latitude, longitude }] }` */
	places?: unknown;
	/** `{ date: [{ type, value, lang }] }` */
	dates?: unknown;
	/** `{ language: [{ type, value, lang }] }` */
	languages?: unknown;
	/** `{ relation: [{ type, title, id, lang, uri }] }` */
	relations?: unknown;
	/** `{ source: [{ identifiers: { identifier: [{ type, value }] }, description, uri }] }` */
	sources?: unknown;
	/** `{ provenance: [{ value, lang }] }` */
	provenances?: unknown;
	/** `{ subject: [{ value, lang, authority… }] }` */
	subjects?: unknown;
	/** `{ description: [{ value, lang }] }` */
	descriptions?: unknown;
}

/**
 * Turns the form into the API's metadata object. Empty fields and empty rows are left out, numbers
 * become texts where the API wants texts, coordinates become numbers, and the form's language
 * stands in where a text has none of its own. Nothing else is added, and nothing is checked: a
 * value of the wrong kind stays as it is, for `checkMetadata` to name.
 */
export function metadataFromForm(form: MetadataForm): JsonObject {
	const language = textOf(form.metadataLanguage);
	const inLanguage = (row: JsonObject): JsonObject =>
		withValues({ ...row, lang: row.lang ?? language });

	const rows = (
		group: unknown,
		element: string,
		read: (row: JsonObject) => JsonObject,
	): unknown => {
		const list = rowsOf(group, element);
		if (!Array.isArray(list)) return list;
		const elements = list
			.map((row: unknown) => (isObject(row) ? read(row) : row))
			.filter((row) => !isObject(row) || Object.keys(row).length > 0);
		return elements.length === 0 ? undefined : elements;
	};
	const localized = (
		group: unknown,
		element: string,
		read: (row: JsonObject) => JsonObject,
	): unknown => {
		return rows(group, element, (row) => {
			const content = read(row);
			return Object.keys(content).length === 0
				? content
				: inLanguage({ ...content, lang: textOf(row.lang) });
		});
	};
	const title = textOf(form.title);

	return withValues({
		type: textOf(form.type),
		identifier: rows(form.identifiers, 'identifier', typedValue),
		title:
			title === undefined
				? undefined
				: inLanguage({ value: title, lang: textOf(form.titleLanguage) }),
		alternative: localized(form.alternatives, 'alternative', typedValue),
		creator: rows(form.creators, 'creator', agent),
		contributor: rows(form.contributors, 'contributor', agent),
		publisher: rows(form.publishers, 'publisher', agent),
		spatial: localized(form.places, 'spatial', place),
		date: localized(form.dates, 'date', typedValue),
		language: localized(form.languages, 'language', typedValue),
		relation: localized(form.relations, 'relation', relation),
		source: rows(form.sources, 'source', (row) =>
			withValues({
				identifier: rows(row.identifiers, 'identifier', typedValue),
				description: textOf(row.description),
				URI: textOf(row.uri),
			}),
		),
		provenance: localized(form.provenances, 'provenance', valueOnly),
		subject: localized(form.subjects, 'subject', (row) =>
			withValues({ value: textOf(row.value), authority: authority(row) }),
		),
		description: localized(form.descriptions, 'description', valueOnly),
	});
}

function typedValue(row: JsonObject): JsonObject {
	return withValues({ type: textOf(row.type), value: textOf(row.value) });
}

function valueOnly(row: JsonObject): JsonObject {
	return withValues({ value: textOf(row.value) });
}

function agent(row: JsonObject): JsonObject {
	return withValues({
		name: textOf(row.name),
		type: textOf(row.type),
		role: textOf(row.role),
		authority: authority(row),
	});
}

function authority(row: JsonObject): JsonObject | undefined {
	const reference = withValues({
		source: textOf(row.authoritySource),
		code: textOf(row.authorityCode),
		uri: textOf(row.authorityUri),
	});
	return Object.keys(reference).length === 0 ? undefined : reference;
}

function place(row: JsonObject): JsonObject {
	return withValues({
		name: textOf(row.name),
		type: textOf(row.type),
		authority: authority(row),
		coordinateReferenceSystem: textOf(row.coordinateReferenceSystem),
		latitude: numberOf(row.latitude),
		longitude: numberOf(row.longitude),
	});
}

function relation(row: JsonObject): JsonObject {
	return withValues({
		type: textOf(row.type),
		title: textOf(row.title),
		id: textOf(row.id),
		URI: textOf(row.uri),
	});
}

/** The rows of a group, whether it is the form's own `{ element: [rows] }` or a list from an expression. */
function rowsOf(group: unknown, element: string): unknown {
	const content = isObject(group) && Object.hasOwn(group, element) ? group[element] : group;
	if (Array.isArray(content)) return content;
	if (content === undefined || content === null || content === '') return undefined;
	if (!isObject(content)) return content;
	return Object.keys(content).length === 0 ? undefined : [content];
}

/** A decimal number from a text; a text that is none stays as it is. */
function numberOf(value: unknown): unknown {
	if (typeof value === 'number') return value;
	const content = textOf(value);
	if (typeof content !== 'string') return content;
	return /^[+-]?\d{1,20}(?:\.\d{1,20})?$/.test(content.trim()) ? Number(content) : content;
}
