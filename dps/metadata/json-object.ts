/** An object of JSON: no list, no null. */
export type JsonObject = Record<string, unknown>;

/** Whether a value is an object with names, rather than a list or a simple value. */
export function isObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object's own value; names such as `constructor` that every object inherits don't count. */
export function own(object: JsonObject, name: string): unknown {
	return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The object without the names that have no value. */
export function withValues(object: JsonObject): JsonObject {
	return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/**
 * What a form's field holds: a text as it is, a number or truth value as a text, `undefined` when
 * there is nothing in it. A list or an object stays as it is, for a check to name.
 */
export function textOf(value: unknown): unknown {
	if (value === null || (typeof value === 'string' && value.trim() === '')) return undefined;
	if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
		return String(value);
	}
	return value;
}

/**
 * Whether objects and lists stand in each other more than `limit` deep, as they do without end in
 * an object that contains itself. Goes level by level, so no depth exhausts the call stack.
 */
export function isNestedDeeperThan(value: unknown, limit: number): boolean {
	let level = containersOf([value]);
	for (let depth = 1; depth <= limit && level.size > 0; depth++) {
		const next = new Set<object>();
		for (const container of level) {
			for (const inner of containersOf(Object.values(container))) next.add(inner);
		}
		level = next;
	}
	return level.size > 0;
}

function containersOf(values: readonly unknown[]): Set<object> {
	return new Set(
		values.filter((value): value is object => typeof value === 'object' && value !== null),
	);
}
