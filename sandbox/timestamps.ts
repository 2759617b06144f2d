/** RFC 3339 with a numeric offset, as in the DPS's messages: `2026-01-31T08:15:30.250+00:00`. */
export function withOffset(date: Date): string {
	return date.toISOString().replace('Z', '+00:00');
}

/** RFC 3339 with nanoseconds, the finest form in which the DPS writes an `expirationDate`. */
export function withNanoseconds(date: Date): string {
	return date.toISOString().replace('Z', '000000Z');
}
