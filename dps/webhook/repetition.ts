import { createHash } from 'crypto';

/** The DPS repeats a message for up to five days, by the same `webhook-id` (DPS webhook documentation). */
export const WINDOW_MS = 5 * 24 * 60 * 60 * 1000;
/** Message ids kept; beyond it the oldest go first. Each takes about 25 bytes. */
export const MAX_REMEMBERED = 10_000;

/** What is stored: a short digest of each id, and the minute (since 1970) in which it was handled. */
export type Remembered = Record<string, number>;

const MINUTE_MS = 60_000;

/** A digest that is short, and holds nothing of what the sender wrote. */
export function digestOf(webhookId: string): string {
	return createHash('sha256').update(webhookId).digest('base64url').slice(0, 16);
}

/** Whether a message was handled within the window. */
export function isRemembered(remembered: Remembered, webhookId: string, now: number): boolean {
	const digest = digestOf(webhookId);
	if (!Object.hasOwn(remembered, digest)) return false;
	return now - remembered[digest] * MINUTE_MS <= WINDOW_MS + MINUTE_MS;
}

/**
 * Adds a message to those handled, and forgets those that are past the window or too many.
 *
 * @returns a new record; the one given is not changed
 */
export function remember(remembered: Remembered, webhookId: string, now: number): Remembered {
	const minute = Math.floor(now / MINUTE_MS);
	const oldest = minute - WINDOW_MS / MINUTE_MS;
	const kept = Object.entries(remembered).filter(([, when]) => when >= oldest);
	kept.push([digestOf(webhookId), minute]);
	kept.sort(([, a], [, b]) => a - b);
	return Object.fromEntries(kept.slice(-MAX_REMEMBERED));
}

/**
 * Adds a message to those handled, in place, and forgets none: for a record of which `remember`
 * makes the next one.
 */
export function note(remembered: Remembered, webhookId: string, now: number): void {
	remembered[digestOf(webhookId)] = Math.floor(now / MINUTE_MS);
}
