/** Chance that can be repeated: the same seed gives the same run (mulberry32). */
export function random(seed: number) {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	/** A whole number from `low` to `high`, both included. */
	const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
	return {
		next,
		int,
		pick: <T>(choices: readonly T[]): T => choices[int(0, choices.length - 1)],
		bytes: (length: number) => Buffer.from(Array.from({ length }, () => int(0, 255))),
	};
}
