const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
	let value = index;
	for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
	return value;
});

/** The CRC-32 that ZIP uses, taken piece by piece. */
export class Crc32 {
	private state = 0xffffffff;

	update(bytes: Uint8Array): void {
		let { state } = this;
		for (const byte of bytes) state = TABLE[(state ^ byte) & 0xff] ^ (state >>> 8);
		this.state = state;
	}

	/** Of everything so far, as an unsigned number. */
	get value(): number {
		return (this.state ^ 0xffffffff) >>> 0;
	}
}
