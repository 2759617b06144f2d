import { error, kindOf, quote, type Finding } from './finding';

/** Four hex digits, in either case (DPS OpenAPI document, May 2025). */
export const CONTRACT_ID = /^[0-9a-fA-F]{4}$/;
/** The depositor's own id of an object (DPS OpenAPI document, May 2025). */
export const OBJECT_ID = /^[0-9a-zA-Z_-]{3,200}$/;
/** `submissionId`, `fileId`, `disseminationId`: 22 characters, case-sensitive (DPS API documentation). */
export const DPS_ID = /^[0-9A-Za-z]{22}$/;
/** MD5 in lower-case hex (DPS OpenAPI document, May 2025). */
export const MD5_CHECKSUM = /^[0-9a-f]{32}$/;
/** Longest path of a file in a package, in UTF-16 code units (DPS OpenAPI document, May 2025). */
export const MAX_FILE_PATH_LENGTH = 900;

const OBJECT_ID_MIN_LENGTH = 3;
const OBJECT_ID_MAX_LENGTH = 200;
const ARCHIVE_ID_MAX_LENGTH = 200;

const OPENAPI_RULE = 'DPS OpenAPI document, May 2025';
const API_RULE = 'DPS API documentation';

/** `value` must be four hex digits; upper case is fine, white space around it is not. */
export function checkContractId(value: unknown, field = 'contract id'): Finding[] {
	const missing = checkPresent(value, field, `${OPENAPI_RULE}: contractId`);
	if (missing.length > 0) return missing;
	if (CONTRACT_ID.test(value as string)) return [];
	return [
		error(
			field,
			`${quote(value)} is not a contract id. A contract id is exactly four hex digits (0–9, a–f), such as 2d17, with nothing around them.`,
			`${OPENAPI_RULE}: contractId`,
		),
	];
}

/**
 * The contract id in lower case, the form that is sent and compared.
 *
 * @throws RangeError when {@link checkContractId} finds an error in it
 */
export function normalizeContractId(value: string): string {
	const [finding] = checkContractId(value);
	if (finding !== undefined) throw new RangeError(finding.message);
	return value.toLowerCase();
}

/**
 * `value` must be 3 to 200 of the characters A–Z, a–z, 0–9, `_` and `-`. An id that breaks the
 * rule is an error with a suggestion and never changed here: two ids could become one, and an
 * `objectId` can never be changed once it is registered.
 */
export function checkObjectId(value: unknown, field = 'object id'): Finding[] {
	const rule = `${OPENAPI_RULE}: objectId ^[0-9a-zA-Z_-]{3,200}$`;
	const missing = checkPresent(value, field, rule);
	if (missing.length > 0) return missing;
	const id = value as string;
	if (OBJECT_ID.test(id)) return [];

	const faults: string[] = [];
	const illegal = [
		...new Set(Array.from(id).filter((character) => !/[0-9a-zA-Z_-]/.test(character))),
	];
	if (illegal.length > 0) {
		const named = illegal.slice(0, 5).map(nameCharacter).join(', ');
		faults.push(`has characters that are not allowed (${named}${illegal.length > 5 ? ', …' : ''})`);
	}
	if (id.length < OBJECT_ID_MIN_LENGTH) {
		faults.push(`is shorter than ${OBJECT_ID_MIN_LENGTH} characters`);
	}
	if (id.length > OBJECT_ID_MAX_LENGTH) {
		faults.push(`is longer than ${OBJECT_ID_MAX_LENGTH} characters (${id.length})`);
	}
	const suggestion = suggestObjectId(id);
	const advice =
		suggestion === undefined
			? 'Choose an id of its own for it.'
			: `${quote(suggestion)} would do, if no other object in the contract gets the same id. The id is not changed for you: it can never be altered once it is registered.`;
	return [
		error(
			field,
			`${quote(id)} ${faults.join(' and ')}. An object id has 3 to 200 of the characters A–Z, a–z, 0–9, _ and -. ${advice}`,
			rule,
		),
	];
}

/** Letters that have no base letter in Unicode's decomposition. Å is one that has: it gives A. */
const LATIN_LETTERS: Record<string, string> = {
	æ: 'ae',
	Æ: 'AE',
	ø: 'o',
	Ø: 'O',
	ð: 'd',
	Ð: 'D',
	þ: 'th',
	Þ: 'TH',
	đ: 'd',
	Đ: 'D',
	ŋ: 'n',
	Ŋ: 'N',
	ŧ: 't',
	Ŧ: 'T',
	ß: 'ss',
	œ: 'oe',
	Œ: 'OE',
	ł: 'l',
	Ł: 'L',
};

/**
 * A legal object id as near to `value` as possible, to show to the user and never to use in its
 * place: å, ø and æ become a, o and ae, accents are dropped, other illegal characters become `_`,
 * an id that is too long is cut. Different ids can give the same suggestion.
 *
 * @returns the suggestion; `undefined` when nothing legal is left of the value
 */
export function suggestObjectId(value: string): string | undefined {
	if (OBJECT_ID.test(value)) return value;
	const suggestion = value
		.normalize('NFC')
		.replace(/[æÆøØðÐþÞđĐŋŊŧŦßœŒłŁ]/g, (letter) => LATIN_LETTERS[letter])
		.normalize('NFD')
		.replace(/\p{M}+/gu, '')
		.replace(/[^0-9a-zA-Z_-]+/g, '_')
		.replace(/^_+|_+$/g, '')
		.slice(0, OBJECT_ID_MAX_LENGTH);
	return OBJECT_ID.test(suggestion) ? suggestion : undefined;
}

/** `value` must be the 22 letters and digits that DPS gave the submission. */
export function checkSubmissionId(value: unknown, field = 'submission id'): Finding[] {
	return checkDpsId(value, field, 'submissionId');
}

/** `value` must be the 22 letters and digits that DPS gave the file. */
export function checkFileId(value: unknown, field = 'file id'): Finding[] {
	return checkDpsId(value, field, 'fileId');
}

/** `value` must be the 22 letters and digits that DPS gave the dissemination. */
export function checkDisseminationId(value: unknown, field = 'dissemination id'): Finding[] {
	return checkDpsId(value, field, 'disseminationId');
}

function checkDpsId(value: unknown, field: string, name: string): Finding[] {
	const rule = `${API_RULE}: ${name}`;
	const missing = checkPresent(value, field, rule);
	if (missing.length > 0) return missing;
	if (DPS_ID.test(value as string)) return [];
	return [
		error(
			field,
			`${quote(value)} is not a ${field}. It has exactly 22 letters (A–Z, a–z) and digits, upper and lower case told apart, such as 8Z7x1T9rN0Xc2B5Yq4L3zP; this has ${(value as string).length} characters.`,
			rule,
		),
	];
}

/**
 * `value` must be an archive id. Its form is DPS's own affair (a UUID today), so only what cannot
 * be an id in a URL or a message is refused: nothing, white space, control characters, slashes,
 * more than 200 characters.
 */
export function checkArchiveId(value: unknown, field = 'archive id'): Finding[] {
	const rule = `${API_RULE}: archiveId`;
	const missing = checkPresent(value, field, rule);
	if (missing.length > 0) return missing;
	const id = value as string;
	if (id.length > ARCHIVE_ID_MAX_LENGTH) {
		return [
			error(
				field,
				`is ${id.length} characters long. An archive id has at most ${ARCHIVE_ID_MAX_LENGTH}; give it as DPS gave it in the submission.preserved message.`,
				rule,
			),
		];
	}
	if (/[\s\p{C}/\\]/u.test(id)) {
		return [
			error(
				field,
				`${quote(id)} is not an archive id: it has white space, control characters or slashes. Give it as DPS gave it in the submission.preserved message.`,
				rule,
			),
		];
	}
	return [];
}

/**
 * `value` must be the path of a file in its package: relative to the package root, `/` between
 * its parts, at most 900 characters, and nothing that could lead out of a folder when the package
 * is written to a disk again.
 */
export function checkFilePath(value: unknown, field = 'file path'): Finding[] {
	const rule = `${API_RULE}: filePath`;
	const missing = checkPresent(value, field, rule);
	if (missing.length > 0) return missing;
	const path = value as string;
	const findings: Finding[] = [];
	const refuse = (message: string) =>
		findings.push(error(field, `${quote(path)} ${message}`, rule));

	if (path.length > MAX_FILE_PATH_LENGTH) {
		refuse(`is ${path.length} characters long; a path has at most ${MAX_FILE_PATH_LENGTH}.`);
	}
	if (/[\p{Cc}\u2028\u2029]/u.test(path))
		refuse('has control characters, such as a line break or a tab.');
	if (/\p{Cs}/u.test(path)) refuse('has half of a character, which cannot be written as UTF-8.');
	if (path.includes('\\')) refuse('has a backslash; the parts of a path are separated by /.');
	if (/^[a-zA-Z]:/.test(path)) {
		refuse('begins with a drive letter; a path is relative to the root of the package.');
	}
	if (path.startsWith('/')) {
		refuse('begins with a slash; a path is relative to the root of the package.');
	}
	if (path.endsWith('/')) refuse('ends with a slash; a path names a file, not a folder.');
	const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/');
	if (segments.includes('')) refuse('has an empty part (two slashes in a row).');
	if (segments.includes('.') || segments.includes('..')) {
		refuse('has a part that is . or ..; write the path from the root of the package down.');
	}
	return findings;
}

/** `value` must be an MD5 checksum, 32 hex digits in lower case. */
export function checkChecksum(value: unknown, field = 'checksum'): Finding[] {
	const rule = `${OPENAPI_RULE}: checksum ^[0-9a-f]{32}$`;
	const missing = checkPresent(value, field, rule);
	if (missing.length > 0) return missing;
	const checksum = value as string;
	if (MD5_CHECKSUM.test(checksum)) return [];
	const lowerCase = checksum.toLowerCase();
	const message = MD5_CHECKSUM.test(lowerCase)
		? `${quote(checksum)} has upper-case letters. Give it in lower case: ${quote(lowerCase)}.`
		: `${quote(checksum)} is not an MD5 checksum. It has exactly 32 hex digits (0–9, a–f); this has ${checksum.length} characters.${otherAlgorithm(checksum)}`;
	return [error(field, message, rule)];
}

function otherAlgorithm(checksum: string): string {
	if (!/^[0-9a-f]+$/i.test(checksum)) return '';
	const algorithm = { 40: 'SHA-1', 64: 'SHA-256', 128: 'SHA-512' }[checksum.length];
	return algorithm === undefined ? '' : ` It looks like ${algorithm}, which DPS does not take.`;
}

/** `value` must be a whole number from 1 (first) to 100 (last). */
export function checkPriority(value: unknown, field = 'priority'): Finding[] {
	if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 100) return [];
	return [
		error(
			field,
			`${quote(value)} is not a priority. A priority is a whole number from 1 (highest) to 100 (lowest); DPS uses 50 when none is given.`,
			`${OPENAPI_RULE}: priority`,
		),
	];
}

function checkPresent(value: unknown, field: string, rule: string): Finding[] {
	if (value === undefined || value === null || value === '') {
		return [error(field, 'is missing.', rule)];
	}
	if (typeof value !== 'string') {
		return [error(field, `must be a text, not ${kindOf(value)}.`, rule)];
	}
	return [];
}

function nameCharacter(character: string): string {
	return character === ' ' ? 'space' : quote(character);
}
