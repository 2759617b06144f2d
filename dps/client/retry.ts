import type { Clock } from '../ports';
import type { DpsError } from './error';

/** How a failed call is repeated. */
export interface RetryPolicy {
	/** Calls in all, the first included. */
	attempts: number;
	/** Milliseconds before the first repeat; doubled for each further one. */
	baseDelayMs: number;
	/** Milliseconds that no wait exceeds, unless the service asks for more. */
	maxDelayMs: number;
	/** Milliseconds; a service that asks for a longer wait (`Retry-After`) is not waited for. */
	maxRetryAfterMs: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
	attempts: 6,
	baseDelayMs: 500,
	maxDelayMs: 30_000,
	maxRetryAfterMs: 300_000,
};

/**
 * Milliseconds to wait before the next attempt: exponential backoff of which the upper half is
 * random, so that clients that failed together do not come back together; never less than what
 * `Retry-After` asks for.
 *
 * @param attempt the number of the attempt that failed, from 1
 * @returns undefined when the call should not be repeated
 */
export function delayBeforeRetry(
	policy: RetryPolicy,
	attempt: number,
	error: Pick<DpsError, 'retryable' | 'retryAfterMs'>,
	random: number,
): number | undefined {
	if (!error.retryable || attempt >= policy.attempts) return undefined;
	const asked = error.retryAfterMs ?? 0;
	if (asked > policy.maxRetryAfterMs) return undefined;
	const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
	return Math.max(asked, ceiling / 2 + random * (ceiling / 2));
}

/** The next delay, slept; false when there shall be no further attempt. */
export async function waitBeforeRetry(
	policy: RetryPolicy,
	attempt: number,
	error: DpsError,
	clock: Clock,
	signal?: AbortSignal,
): Promise<boolean> {
	const delay = delayBeforeRetry(policy, attempt, error, clock.random());
	if (delay === undefined) return false;
	await clock.sleep(delay, signal);
	return true;
}
