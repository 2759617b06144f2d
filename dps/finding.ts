import { redact } from './client/redaction';

/** What a check found wrong, or worth a look, in something that was entered. */
export interface Finding {
	/** An `error` is never sent; a `warning` may be. */
	level: 'error' | 'warning';
	/** Where, in an archivist's words, rows counted from 1: `creator 2: type`. */
	field: string;
	/** What is wrong and what is wanted instead. */
	message: string;
	/** Source of the rule. */
	rule: string;
}

/** A finding that keeps the input from being sent. */
export function error(field: string, message: string, rule: string): Finding {
	return { level: 'error', field, message, rule };
}

/** A finding that lets the input pass. */
export function warning(field: string, message: string, rule: string): Finding {
	return { level: 'warning', field, message, rule };
}

/** Whether one of the findings keeps the input from being sent. */
export function hasErrors(findings: readonly Finding[]): boolean {
	return findings.some((finding) => finding.level === 'error');
}

/** One finding on one line: `creator 2: type: "forfatter" is not one of … (DPS metadata documentation)`. */
export function formatFinding(finding: Finding): string {
	return `${finding.field}: ${finding.message} (${finding.rule})`;
}

const MAX_QUOTED_LENGTH = 60;

/**
 * A value from outside as it may stand in a message: in quotes, cut after 60 characters, with
 * invisible characters escaped so that they can be seen. A token, or a URL's query (where a
 * pre-signed URL carries its signature), is taken out. Anything but a text, a number or a truth
 * value is named by its kind.
 */
export function quote(value: unknown): string {
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	if (typeof value !== 'string') return kindOf(value);
	const redacted = redact(value, value.length);
	const shown = /\[(?:token|removed)\]/.test(redacted) ? redacted : value;
	const characters = Array.from(shown);
	const cut =
		characters.length > MAX_QUOTED_LENGTH
			? `${characters.slice(0, MAX_QUOTED_LENGTH).join('')}…`
			: shown;
	return JSON.stringify(cut).replace(
		/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
		(character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
	);
}

/** What kind of JSON value this is, in words: `a list`, `an object`, `a text`, `nothing`. */
export function kindOf(value: unknown): string {
	if (value === null || value === undefined) return 'nothing';
	if (Array.isArray(value)) return 'a list';
	switch (typeof value) {
		case 'string':
			return 'a text';
		case 'number':
		case 'bigint':
			return 'a number';
		case 'boolean':
			return 'true or false';
		case 'object':
			return 'an object';
		default:
			return 'no JSON value';
	}
}
