import { randomBytes } from 'node:crypto';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 22;

/** A `submissionId`, `fileId` or `disseminationId`: 22 base62 characters (DPS API documentation). */
export function base62Id(): string {
	let id = '';
	while (id.length < ID_LENGTH) {
		for (const byte of randomBytes(ID_LENGTH)) {
			// Six bits give 64 values: leaving out two keeps each character equally likely.
			const character = BASE62[byte & 63];
			if (character !== undefined && id.length < ID_LENGTH) id += character;
		}
	}
	return id;
}

/** An `archiveId`: a UUID of version 7 (RFC 9562), whose first 48 bits are the time in milliseconds. */
export function uuidV7(milliseconds = Date.now()): string {
	const bytes = randomBytes(16);
	bytes.writeUIntBE(milliseconds, 0, 6);
	bytes[6] = 0x70 | (bytes[6] & 0x0f);
	bytes[8] = 0x80 | (bytes[8] & 0x3f);
	return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
