import { CancelledError } from '../ports';

/** Places for work that goes on at the same time, shared by all who have them. */
export class Slots {
	private free: number;

	private readonly waiting: Array<() => void> = [];

	/** @param size places in all, at least 1 */
	constructor(readonly size: number) {
		this.free = size;
	}

	/** Does `work` as soon as there is a place; first come, first served. */
	async use<T>(work: () => Promise<T>): Promise<T> {
		if (this.free > 0) this.free -= 1;
		else await new Promise<void>((resolve) => this.waiting.push(resolve));
		try {
			return await work();
		} finally {
			const next = this.waiting.shift();
			if (next) next();
			else this.free += 1;
		}
	}
}

/**
 * Does `work` for each item, in the items' order, as many at a time as there are places.
 *
 * At the first failure no further item is started; those under way are told by `signal` and are
 * waited for, so that nothing goes on in the background when this returns.
 *
 * @throws what the first failing `work` threw
 * @throws {CancelledError} when `signal` was aborted
 */
export async function forEachConcurrently<T>(
	items: readonly T[],
	slots: Slots,
	signal: AbortSignal | undefined,
	work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
	const stop = new AbortController();
	const combined = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
	let next = 0;
	let failure: { error: unknown } | undefined;
	const lane = async () => {
		// one a lane, since Node warns of a signal that more than ten requests listen to
		const laneSignal = AbortSignal.any([combined]);
		while (next < items.length && !combined.aborted) {
			const item = items[next++];
			await slots
				.use(async () => {
					if (!combined.aborted) await work(item, laneSignal);
				})
				.catch((error: unknown) => {
					failure ??= { error };
					stop.abort();
				});
		}
	};
	await Promise.all(Array.from({ length: Math.min(slots.size, items.length) }, lane));
	if (failure) throw failure.error;
	if (signal?.aborted) throw new CancelledError();
}
