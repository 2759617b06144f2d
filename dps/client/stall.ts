import type { Clock } from '../ports';

/**
 * Watches a transfer, and calls `onStall` once when it stands still.
 *
 * @param stallMs milliseconds without progress
 * @param progress bytes so far
 * @returns ends the watch
 */
export function watchForStall(
	clock: Clock,
	stallMs: number,
	progress: () => number,
	onStall: () => void,
): () => void {
	const done = new AbortController();
	const watch = async () => {
		for (let seen = -1; seen !== progress();) {
			seen = progress();
			await clock.sleep(stallMs, done.signal);
		}
		onStall();
	};
	// the watch ends by the rejection of its sleep
	void watch().catch(() => undefined);
	return () => done.abort();
}
