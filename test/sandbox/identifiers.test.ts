import { base62Id, uuidV7 } from '../../sandbox/identifiers';

test('a base62 id has 22 letters and digits, all of which come up', () => {
	const ids = Array.from({ length: 1000 }, base62Id);
	for (const id of ids) expect(id).toMatch(/^[0-9A-Za-z]{22}$/);
	expect(new Set(ids).size).toBe(1000);
	expect(new Set(ids.join('')).size).toBe(62);
});

test('a UUID of version 7 begins with its time, and has the version and variant of RFC 9562', () => {
	expect(uuidV7(0x017f22e279b0)).toMatch(
		/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
	);
});
