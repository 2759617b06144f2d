import { error, quote, warning, type Finding } from '../finding';

const RULE = 'ISO 8601-2 (EDTF), DPS metadata documentation: date';
const MAX_DATE_LENGTH = 200;

/** The days that a date can stand for, each as year, month, day. */
interface Span {
	earliest: readonly [number, number, number];
	latest: readonly [number, number, number];
}

/** Says in words why a text is not a date. */
class DateFault {
	constructor(readonly reason: string) {}
}

/**
 * `value` must be a date of ISO 8601-2 in the forms of the Extended Date/Time Format: a year, a
 * month, a day, a date-time, an interval, with `?`, `~`, `%` for what is uncertain and `X` for a
 * digit that is not known. A date that the calendar does not have is an error, as is an interval
 * that ends before it begins.
 */
export function checkDate(value: string, field: string): Finding[] {
	if (value.length > MAX_DATE_LENGTH) {
		return [
			error(field, `${quote(value)} is too long for a date (${value.length} characters).`, RULE),
		];
	}
	const span = readDate(value);
	if (span instanceof DateFault) {
		return [error(field, `${quote(value)} ${span.reason}. ${advice(value)}`, RULE)];
	}
	return doubts(value, field);
}

/**
 * `value` must be a date-time to the minute or finer with its time zone, as
 * `2025-02-17T10:15:00+01:00` or `…Z`.
 *
 * @param rule source of the rule, for the finding
 */
export function checkZonedDateTime(value: string, field: string, rule: string): Finding[] {
	const wanted =
		'Write a date, a T, a time and the time zone, such as 2025-02-17T10:15:00+01:00 or 2025-02-17T09:15:00Z';
	const match = value.length > MAX_DATE_LENGTH ? null : DATE_TIME.exec(value);
	if (match === null) {
		return [error(field, `${quote(value)} is not a date-time. ${wanted}.`, rule)];
	}
	const span = readDateTime(match);
	if (span instanceof DateFault) {
		return [error(field, `${quote(value)} ${span.reason}. ${wanted}.`, rule)];
	}
	const zone = match[6];
	if (zone === undefined) {
		return [error(field, `${quote(value)} has no time zone. ${wanted}.`, rule)];
	}
	if (!/^(?:Z|[+-]\d{2}:\d{2})$/.test(zone)) {
		return [error(field, `${quote(value)} has a time zone without minutes. ${wanted}.`, rule)];
	}
	return [];
}

const DATE_TIME =
	/^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|[+-]\d{2}(?::\d{2})?)?$/;
const DATE = /^[?~%]?(-?[\dX]{4})[?~%]?(?:-[?~%]?([\dX]{2})[?~%]?(?:-[?~%]?([\dX]{2})[?~%]?)?)?$/;
/** Years beyond four digits, with an exponent, or with so many significant digits. */
const LONG_YEAR =
	/^(?:Y-?[1-9]\d{4,}(?:S[1-9]\d*)?|Y-?[1-9]\d*E[1-9]\d*(?:S[1-9]\d*)?|-?\d{4}S[1-9]\d*)[?~%]?$/;
const ANY_TIME: Span = { earliest: [-Infinity, 1, 1], latest: [Infinity, 12, 31] };

function readDate(text: string): Span | DateFault {
	if (/^\[.+\]$/s.test(text) || /^\{.+\}$/s.test(text)) return readSet(text.slice(1, -1));
	const ends = text.split('/');
	if (ends.length === 1) return readSingleDate(text);
	if (ends.length > 2) return new DateFault('has more than one /');
	return readInterval(ends[0], ends[1], ['', '..']);
}

/** `[1667,1668,1670..1672]`: one of these dates; in braces: all of them. */
function readSet(list: string): Span | DateFault {
	for (const member of list.split(',')) {
		const ends = member.trim().split('..');
		if (ends.length > 2) return new DateFault('has a range with more than one ..');
		const span = ends.length === 1 ? readSingleDate(ends[0]) : readInterval(ends[0], ends[1], ['']);
		if (span instanceof DateFault) return span;
	}
	return ANY_TIME;
}

/** @param open what stands for a beginning or an end that is open or not known */
function readInterval(from: string, to: string, open: readonly string[]): Span | DateFault {
	if (open.includes(from) && open.includes(to)) return new DateFault('names no date');
	const start = open.includes(from) ? ANY_TIME : readSingleDate(from);
	if (start instanceof DateFault) return start;
	const end = open.includes(to) ? ANY_TIME : readSingleDate(to);
	if (end instanceof DateFault) return end;
	if (isAfter(start.earliest, end.latest)) return new DateFault('ends before it begins');
	return { earliest: start.earliest, latest: end.latest };
}

function isAfter(one: Span['earliest'], other: Span['latest']): boolean {
	const place = one.findIndex((number, index) => number !== other[index]);
	return place >= 0 && one[place] > other[place];
}

function readSingleDate(text: string): Span | DateFault {
	const dateTime = DATE_TIME.exec(text);
	if (dateTime !== null) return readDateTime(dateTime);
	if (LONG_YEAR.test(text)) return ANY_TIME;
	const match = DATE.exec(text);
	if (match === null) return new DateFault('is not a date in ISO 8601-2');
	return readCalendarDate(match[1], match[2], match[3]);
}

function readCalendarDate(year: string, month?: string, day?: string): Span | DateFault {
	const bounds = [Number(year.replace(/X/g, '0')), Number(year.replace(/X/g, '9'))];
	const [first, last] = year.startsWith('-') ? bounds.reverse() : bounds;
	const wholeYear: Span = { earliest: [first, 1, 1], latest: [last, 12, 31] };
	if (month === undefined) return wholeYear;

	const months = numbersLike(month, 1, 12);
	if (months.length === 0) {
		if (day === undefined && isPartOfYear(month)) return wholeYear;
		return new DateFault(`has a month (${month}) that does not exist`);
	}
	const mayBeLeapYear = year.includes('X') || isLeapYear(first);
	const lastDays = months.map((number) => daysInMonth(number, mayBeLeapYear));
	if (day === undefined) {
		return {
			earliest: [first, months[0], 1],
			latest: [last, months[months.length - 1], lastDays[lastDays.length - 1]],
		};
	}
	const days = numbersLike(day, 1, Math.max(...lastDays));
	if (days.length === 0) return new DateFault('is a day that does not exist in the calendar');
	return {
		earliest: [first, months[0], days[0]],
		latest: [last, months[months.length - 1], days[days.length - 1]],
	};
}

/** The numbers of two digits from `from` to `to` that fit a pattern in which X is any digit. */
function numbersLike(pattern: string, from: number, to: number): number[] {
	const fits = new RegExp(`^${pattern.replace(/X/g, '\\d')}$`);
	return Array.from({ length: to - from + 1 }, (_, index) => from + index).filter((number) =>
		fits.test(String(number).padStart(2, '0')),
	);
}

/** Season, quarter, four months or half year, written where the month stands. */
function isPartOfYear(month: string): boolean {
	return /^\d{2}$/.test(month) && Number(month) >= 21 && Number(month) <= 41;
}

function isLeapYear(year: number): boolean {
	return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function daysInMonth(month: number, leapYear: boolean): number {
	if (month === 2) return leapYear ? 29 : 28;
	return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function readDateTime(match: RegExpExecArray): Span | DateFault {
	const [, date, hours, minutes, seconds = '00', , zone = 'Z'] = match;
	const [year, month, day] = date.split('-');
	const span = readCalendarDate(year, month, day);
	if (span instanceof DateFault) return span;
	if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) {
		return new DateFault('has a time of day that does not exist');
	}
	const [zoneHours, zoneMinutes = '00'] = zone === 'Z' ? ['00'] : zone.slice(1).split(':');
	if (Number(zoneMinutes) > 59 || Number(zoneHours) * 60 + Number(zoneMinutes) > 14 * 60) {
		return new DateFault('has a time zone more than 14 hours from UTC');
	}
	return span;
}

/** What is a date by the standard, but may not be what was meant. */
function doubts(value: string, field: string): Finding[] {
	const span = yearsWrittenShort(value);
	if (span !== undefined) {
		return [
			warning(
				field,
				`${quote(value)} means a part of the year (a season, a quarter, …) in ISO 8601-2. For the years ${span.replace('/', ' to ')} write ${span}.`,
				RULE,
			),
		];
	}
	if (DATE_TIME.exec(value)?.[6] === undefined && DATE_TIME.test(value)) {
		return [
			warning(
				field,
				`${quote(value)} has a time of day without a time zone. Add it, such as +01:00 or Z.`,
				RULE,
			),
		];
	}
	return [];
}

/**
 * `1938-45` as the interval that its writer probably means. A season (21 to 24) is common enough to
 * be meant as one, unless it is the year that follows.
 */
function yearsWrittenShort(value: string): string | undefined {
	const match = /^(\d{2})(\d{2})-(\d{2})$/.exec(value);
	if (match === null) return undefined;
	const [, century, from, to] = match;
	const isMonthOrSeason = Number(to) <= 12 || (Number(to) >= 21 && Number(to) <= 24);
	const isNextYear = Number(to) > 12 && Number(to) === Number(from) + 1;
	if (Number(to) <= Number(from) || (isMonthOrSeason && !isNextYear)) return undefined;
	return `${century}${from}/${century}${to}`;
}

/** How common ways of writing a date are written in ISO 8601-2. */
const REWRITINGS: ReadonlyArray<readonly [RegExp, (...groups: string[]) => string]> = [
	[
		/^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$/,
		(day, month, year) => `${year}-${two(month)}-${two(day)}`,
	],
	[
		/^(\d{4})[./ ](\d{1,2})[./ ](\d{1,2})$/,
		(year, month, day) => `${year}-${two(month)}-${two(day)}`,
	],
	[/^(\d{4})-(\d{1,2})-(\d{1,2})$/, (year, month, day) => `${year}-${two(month)}-${two(day)}`],
	[/^(\d{4})(\d{2})(\d{2})$/, (year, month, day) => `${year}-${month}-${day}`],
	[/^(?:ca?\.?|circa|omkring|rundt|about)\s*(\d{4})$/i, (year) => `${year}~`],
	[/^(\d{4})\s*[-–—]\s*(\d{4})$/, (from, to) => `${from}/${to}`],
	[/^(\d{4})\s*[-–—]$/, (from) => `${from}/..`],
	[/^(\d{2})00-tallet$/i, (century) => `${century}XX`],
	[/^(\d{3})0(?:-årene|-åra|-tallet|s)$/i, (decade) => `${decade}X`],
	[/^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}.*)$/, (date, time) => `${date}T${time}`],
];

const two = (digits: string) => digits.padStart(2, '0');

function advice(value: string): string {
	const years = yearsWrittenShort(value);
	if (years !== undefined) return `For the years ${years.replace('/', ' to ')} write ${years}.`;
	for (const [pattern, rewrite] of REWRITINGS) {
		const match = pattern.exec(value.trim());
		if (match === null) continue;
		const rewritten = rewrite(...match.slice(1));
		if (!(readDate(rewritten) instanceof DateFault)) return `Write ${quote(rewritten)}.`;
	}
	return 'Write 1938, 1938-05, 1938-05-17, 1938~ (about), 1938? (uncertain), 193X (the 1930s), 1938/1945 (from, to) or 2022-03-05T14:28:12+02:00.';
}
