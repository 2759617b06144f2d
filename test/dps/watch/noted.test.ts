import { NotedNames } from '../../../dps/watch/noted';
import { random } from '../random';

const name = (index: number) => `poll_${index.toString(36).padStart(22, '0')}_PRESERVED`;

describe('the names that were noted', () => {
	it('are found again after they were written and read, and no others', () => {
		const chance = random(4711);
		let encoded = '';
		const expected = new Set<string>();
		for (let round = 0; round < 20; round++) {
			const noted = new NotedNames(encoded);
			for (let count = chance.int(0, 30); count > 0; count--) {
				const added = name(chance.int(0, 999));
				noted.add(added);
				expected.add(added);
				expect(noted.has(added)).toBe(true);
			}
			encoded = noted.encode();
		}
		const noted = new NotedNames(encoded);
		expect(noted.size).toBe(expected.size);
		for (let index = 0; index < 1000; index++) {
			expect(noted.has(name(index))).toBe(expected.has(name(index)));
		}
	});

	it('are the same text in whatever order they came', () => {
		const forth = new NotedNames();
		const back = new NotedNames();
		for (let index = 0; index < 100; index++) {
			forth.add(name(index));
			back.add(name(99 - index));
		}
		expect(back.encode()).toBe(forth.encode());
	});

	it.each([10_000, 100_000])('take eight characters each: %i names', (count) => {
		const noted = new NotedNames();
		for (let index = 0; index < count; index++) noted.add(name(index));
		const encoded = noted.encode();
		expect(encoded).toHaveLength(count * 8);
		expect(new NotedNames(encoded).has(name(count - 1))).toBe(true);
		expect(new NotedNames(encoded).has(name(count))).toBe(false);
	});
});
