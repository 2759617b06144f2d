import type { SimpleType } from './model';

/** A name without a colon, as XML IDs are (XML Namespaces). */
const NC_NAME = /^[\p{L}_][\p{L}\p{M}\p{N}._·-]*$/u;
const DATE_TIME =
	/^-?(\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?$/;
const LONG_MAX = 9_223_372_036_854_775_807n;

/** White space as XML Schema collapses it for every type but a plain text. */
export function collapsed(value: string): string {
	return value.replace(/[\t\n\r ]+/g, ' ').trim();
}

function daysIn(year: number, month: number): number {
	if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
	return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Whether a text is a date and time of XML Schema (`xs:dateTime`), one that the calendar has. */
export function isDateTime(value: string): boolean {
	const parts = DATE_TIME.exec(collapsed(value));
	if (!parts) return false;
	const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
	if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return false;
	const endOfDay = hour === 24 && minute === 0 && second === 0 && !/[1-9]/.test(parts[7] ?? '');
	return (hour < 24 || endOfDay) && minute < 60 && second < 60;
}

/** Whether a text can be an XML ID. */
export function isId(value: string): boolean {
	return NC_NAME.test(value);
}

function isInteger(value: string, low?: bigint, high?: bigint): boolean {
	const text = collapsed(value);
	if (!/^[+-]?\d{1,1000}$/.test(text)) return false;
	const number = BigInt(text.replace(/^\+/, ''));
	return (low === undefined || number >= low) && (high === undefined || number <= high);
}

/**
 * What a value of this type must be, in words, when it is not; undefined when it is.
 *
 * @param value as it stands in the attribute
 */
export function violation(type: SimpleType, value: string): string | undefined {
	switch (type) {
		case 'text':
			return undefined;
		case 'id':
		case 'idref':
			return isId(collapsed(value))
				? undefined
				: 'an XML ID: a letter or _, then letters, digits, . - _';
		case 'idrefs': {
			const names = collapsed(value).split(' ');
			return names.every(isId) ? undefined : 'one or more XML IDs with spaces between them';
		}
		case 'dateTime':
			return isDateTime(value) ? undefined : 'a date and time such as 2025-02-17T09:30:00+01:00';
		case 'integer':
			return isInteger(value) ? undefined : 'a whole number';
		case 'long':
			return isInteger(value, -LONG_MAX - 1n, LONG_MAX) ? undefined : 'a whole number';
		case 'positiveInteger':
			return isInteger(value, 1n) ? undefined : 'a whole number from 1';
		default:
			return type.has(value) ? undefined : `one of ${[...type].join(', ')}`;
	}
}
