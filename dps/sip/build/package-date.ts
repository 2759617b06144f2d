import type { Finding } from '../../finding';
import { error, quote } from '../../finding';

const RULE = 'NB-SIP-STRUCTURE-1.0: NBSIPSTR11';
const DATE_TIME =
	/^(\d{4})-(\d\d)-(\d\d)(?:T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)?)?$/;

function isDay(year: number, month: number, day: number): boolean {
	const date = new Date(Date.UTC(year, month - 1, day));
	return year >= 1000 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** `value` must be a day, with or without a time: ISO 8601, `2025-02-17` or `2025-02-17T09:30:00+01:00`. */
export function checkPackageDate(value: string, field = 'package date'): Finding[] {
	const [, year, month, day] = (DATE_TIME.exec(value) ?? []).map(Number);
	if (year !== undefined && isDay(year, month, day)) return [];
	return [
		error(
			field,
			`${quote(value)} is no date. Give it as 2025-02-17 or with a time as 2025-02-17T09:30:00+01:00.`,
			RULE,
		),
	];
}

/** `20250217` for a checked date, as it stands at the end of a representation's name (NBSIPSTR11). */
export function folderDate(created: string): string {
	return created.slice(0, 10).replaceAll('-', '');
}

/**
 * The date in the form of METS (`xs:dateTime`). Where only the day is known its time is written as
 * midnight without an offset: no time is made up that another run could not write again.
 */
export function metsDateTime(created: string): string {
	if (created.length === 10) return `${created}T00:00:00`;
	return /T\d\d:\d\d(?:$|[Z+-])/.test(created) ? created.replace(/(T\d\d:\d\d)/, '$1:00') : created;
}

const PRIMARY = /^representations\/primary_(\d{4})(\d\d)(\d\d)\//;

/**
 * The day that a submission's registered files show in `primary_YYYYMMDD`. A package that is built
 * again takes this day, so that a run after midnight carries the same package on.
 *
 * @returns `2025-02-17`; undefined when no path shows a day
 */
export function packageDateOf(filePaths: Iterable<string>): string | undefined {
	for (const path of filePaths) {
		const [, year, month, day] = PRIMARY.exec(path) ?? [];
		if (year !== undefined && isDay(Number(year), Number(month), Number(day))) {
			return `${year}-${month}-${day}`;
		}
	}
	return undefined;
}
