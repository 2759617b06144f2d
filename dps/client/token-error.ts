/** The token exchange failed; the message says why and what to do. */
export class TokenError extends Error {
	override readonly name = 'TokenError';

	/**
	 * @param retryable whether the same exchange may succeed later
	 * @param retryAfterMs milliseconds that the token endpoint asked to wait
	 */
	constructor(
		message: string,
		readonly retryable: boolean,
		readonly retryAfterMs?: number,
	) {
		super(message);
	}
}
