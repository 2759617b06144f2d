import type { Finding } from './finding';

/** An error that says what to do next, and which fields or files it is about. */
export class AdvisedError extends Error {
	override readonly name: string = 'AdvisedError';

	/**
	 * @param message what went wrong, for the person who built the workflow
	 * @param advice what to do next
	 * @param findings what it is about, one by one
	 */
	constructor(
		message: string,
		readonly advice: string,
		readonly findings: Finding[] = [],
	) {
		super(message);
	}
}

function summaryOf(subject: string, errors: Finding[]): string {
	const [first] = errors;
	const text = first ? `${first.field}: ${first.message}` : '';
	return errors.length > 1
		? `${subject}: ${errors.length} things are wrong. The first: ${text}`
		: `${subject}: ${text}`;
}

/** What the user entered breaks rules; nothing was sent. */
export class InputError extends AdvisedError {
	override readonly name = 'InputError';

	/** @param subject what was checked, as the user knows it: 'Descriptive metadata' */
	constructor(subject: string, findings: Finding[]) {
		const errors = findings.filter(({ level }) => level === 'error');
		super(summaryOf(subject, errors), 'Nothing was sent. Correct the input and run again.', errors);
	}
}

/**
 * Lets warnings pass.
 *
 * @throws {InputError} that lists every error among the findings
 */
export function assertNoErrors(subject: string, findings: Finding[]): void {
	if (findings.some(({ level }) => level === 'error')) throw new InputError(subject, findings);
}
