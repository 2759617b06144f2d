/** Whether an element has to be there, and what each of its values has to carry. */
interface ElementRule {
	element: string;
	/** `one`: exactly one object; `one or more` and `any number`: a list of objects. */
	count: 'one' | 'one or more' | 'any number';
	/** Fields that each value must have, as a text that is not empty. */
	fields: readonly string[];
	/** Of these fields each value must have at least one. */
	oneOf?: readonly string[];
}

/**
 * What the DPS documentation of descriptive metadata (Dublin Core with attributes) says with MUST.
 * `type` is a plain text and is checked apart.
 */
const RULES: readonly ElementRule[] = [
	{ element: 'identifier', count: 'one or more', fields: ['type', 'value'] },
	{ element: 'title', count: 'one', fields: ['value'] },
	{ element: 'alternative', count: 'any number', fields: ['type', 'value'] },
	{ element: 'creator', count: 'any number', fields: ['name'] },
	{ element: 'contributor', count: 'any number', fields: ['name'] },
	{ element: 'publisher', count: 'any number', fields: ['name'] },
	{ element: 'spatial', count: 'any number', fields: ['name'] },
	{ element: 'date', count: 'any number', fields: ['type', 'value'] },
	{ element: 'language', count: 'any number', fields: ['type', 'value'] },
	{ element: 'relation', count: 'any number', fields: ['type'], oneOf: ['title', 'id'] },
	{ element: 'provenance', count: 'any number', fields: ['value', 'lang'] },
	{ element: 'subject', count: 'any number', fields: ['value'] },
	// The prose says SHOULD; the 2025 OpenAPI document requires it.
	{ element: 'description', count: 'any number', fields: ['value', 'lang'] },
];

/**
 * Which MUST rules the descriptive metadata of a submission breaks, one sentence each. Unknown
 * elements and unknown terms break none.
 */
export function brokenMetadataRules(metadata: Readonly<Record<string, unknown>>): string[] {
	const broken: string[] = [];
	if (!isText(metadata.type)) broken.push('type is missing');
	for (const rule of RULES) broken.push(...brokenBy(rule, metadata[rule.element]));
	return broken;
}

function brokenBy(rule: ElementRule, value: unknown): string[] {
	const { element, count } = rule;
	if (value === undefined || value === null) {
		return count === 'any number' ? [] : [`${element} is missing`];
	}
	if (count === 'one') return brokenFields(rule, value, element);
	if (!Array.isArray(value)) return [`${element} must be a list`];
	if (count === 'one or more' && value.length === 0) return [`${element} is missing`];
	return value.flatMap((one: unknown, index) => brokenFields(rule, one, `${element}[${index}]`));
}

function brokenFields({ fields, oneOf }: ElementRule, value: unknown, where: string): string[] {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		return [`${where} must be an object`];
	}
	const given = value as Record<string, unknown>;
	const broken = fields
		.filter((field) => !isText(given[field]))
		.map((field) => `${where}.${field} is missing`);
	if (oneOf && !oneOf.some((field) => isText(given[field]))) {
		broken.push(`${where} has none of ${oneOf.join(', ')}`);
	}
	return broken;
}

function isText(value: unknown): boolean {
	return typeof value === 'string' && value.trim() !== '';
}
