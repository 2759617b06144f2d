/** A stream of bytes that is read by counted pieces. */
export class ByteCursor {
	/** Bytes read so far. */
	at = 0;
	private rest: Uint8Array = new Uint8Array(0);
	private readonly iterator: AsyncIterator<Uint8Array>;

	/** @param cutShort makes the error for a stream that ends where more is wanted */
	constructor(
		bytes: AsyncIterable<Uint8Array>,
		private readonly cutShort: () => Error,
	) {
		this.iterator = bytes[Symbol.asyncIterator]();
	}

	/** The next bytes, at most `most` and at least one; undefined at the stream's end. */
	async someOrEnd(most: number): Promise<Uint8Array | undefined> {
		while (this.rest.length === 0) {
			const { value, done } = await this.iterator.next();
			if (done) return undefined;
			this.rest = value;
		}
		const taken = this.rest.subarray(0, most);
		this.rest = this.rest.subarray(taken.length);
		this.at += taken.length;
		return taken;
	}

	/** The next bytes, at most `most` and at least one. */
	async some(most: number): Promise<Uint8Array> {
		const taken = await this.someOrEnd(most);
		if (taken === undefined) throw this.cutShort();
		return taken;
	}

	/** The next `count` bytes in one piece. */
	async exactly(count: number): Promise<Uint8Array> {
		const parts: Uint8Array[] = [];
		for (let left = count; left > 0;) {
			const part = await this.some(left);
			parts.push(part);
			left -= part.length;
		}
		return parts.length === 1 ? parts[0] : Buffer.concat(parts);
	}

	/** Passes over what is before `offset`. */
	async skipTo(offset: number): Promise<void> {
		while (this.at < offset) await this.some(offset - this.at);
	}

	/** Lets go of the stream. */
	async close(): Promise<void> {
		await this.iterator.return?.();
	}
}
