/** Does a piece of work for each entry, so many at a time; fails with the first that fails. */
export async function forEachAtATime<Entry>(
	entries: Iterable<Entry>,
	atATime: number,
	work: (entry: Entry) => Promise<void>,
): Promise<void> {
	const iterator = entries[Symbol.iterator]();
	const lane = async () => {
		for (let step = iterator.next(); !step.done; step = iterator.next()) await work(step.value);
	};
	await Promise.all(Array.from({ length: atATime }, lane));
}
