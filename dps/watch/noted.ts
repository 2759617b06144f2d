import { createHash } from 'crypto';

/** Bytes of a digest; 48 bits are the most that a number holds exactly in whole bytes. */
const DIGEST_BYTES = 6;

/** The first 48 bits of a name's SHA-256. */
function digestOf(name: string): number {
	return createHash('sha256').update(name).digest().readUIntBE(0, DIGEST_BYTES);
}

/** Digests in ascending order, six bytes each. */
function read(encoded: string): Float64Array {
	const bytes = Buffer.from(encoded, 'base64');
	const digests = new Float64Array(Math.floor(bytes.length / DIGEST_BYTES));
	for (let index = 0; index < digests.length; index++) {
		digests[index] = bytes.readUIntBE(index * DIGEST_BYTES, DIGEST_BYTES);
	}
	return digests;
}

function includes(ascending: Float64Array, digest: number): boolean {
	let low = 0;
	let high = ascending.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (ascending[middle] < digest) low = middle + 1;
		else high = middle;
	}
	return ascending[low] === digest;
}

/**
 * The names that were told or deliberately passed over: a set that is kept as text, eight
 * characters a name (six bytes of its SHA-256, in base64), whatever the name's length.
 *
 * Two names with the same digest would be taken for one, and the second never told. Among a million
 * names the chance of that is 1 : 280 million for each further name.
 */
export class NotedNames {
	private readonly before: Float64Array;
	private readonly added = new Set<number>();

	/** @param encoded what {@link encode} gave; empty for an empty set */
	constructor(encoded = '') {
		this.before = read(encoded);
	}

	get size(): number {
		return this.before.length + this.added.size;
	}

	has(name: string): boolean {
		const digest = digestOf(name);
		return this.added.has(digest) || includes(this.before, digest);
	}

	add(name: string): void {
		const digest = digestOf(name);
		if (!includes(this.before, digest)) this.added.add(digest);
	}

	/** The set as text, in base64. */
	encode(): string {
		const digests = new Float64Array(this.size);
		digests.set(this.before);
		digests.set([...this.added], this.before.length);
		digests.sort();
		const bytes = Buffer.alloc(digests.length * DIGEST_BYTES);
		digests.forEach((digest, index) =>
			bytes.writeUIntBE(digest, index * DIGEST_BYTES, DIGEST_BYTES),
		);
		return bytes.toString('base64');
	}
}
