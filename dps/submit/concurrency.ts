import { CancelledError } from '../ports';

/**
 * Does `work` for each item, at most `limit` at a time, in order of the items.
 *
 * At the first failure no further item is started; those under way are told by `signal` and are
 * waited for, so that nothing goes on in the background when this returns.
 *
 * @throws what the first failing `work` threw
 */
export async function forEachConcurrently<T>(
	items: readonly T[],
	limit: number,
	signal: AbortSignal | undefined,
	work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
	const stop = new AbortController();
	const combined = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
	let next = 0;
	let failure: { error: unknown } | undefined;
	const lane = async () => {
		while (next < items.length && !combined.aborted) {
			await work(items[next++], combined).catch((error: unknown) => {
				failure ??= { error };
				stop.abort();
			});
		}
	};
	await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
	if (failure) throw failure.error;
	if (signal?.aborted) throw new CancelledError();
}
