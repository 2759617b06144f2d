/** One item that a node gave out. */
export interface OutputItem {
	json: Record<string, unknown>;
	binary?: Record<
		string,
		{ fileName?: string; fileSize?: string; mimeType?: string; id?: string; directory?: string }
	>;
	pairedItem?: unknown;
}

/** An error as n8n stores it with an execution. */
export interface StoredError {
	message: string;
	description?: string | null;
}

/** One run of one node; `data.main[0]` are the items of its first output. */
export interface NodeRun {
	executionStatus?: string;
	error?: StoredError;
	data?: { main?: Array<OutputItem[] | null> };
}

/** What n8n keeps of an execution. */
export interface ExecutionData {
	resultData: {
		runData: Record<string, NodeRun[]>;
		error?: StoredError;
		lastNodeExecuted?: string;
	};
}

/**
 * Reads an execution's data, which n8n stores in the `flatted` form: a JSON array whose first element is the root,
 * and in which every string inside an object or an array is the index of the element that stands there.
 *
 * @throws SyntaxError when the text is not JSON
 */
export function readExecutionData(text: string): ExecutionData {
	const elements = JSON.parse(text) as unknown[];
	const read = new Map<number, unknown>();
	const element = (index: number): unknown => {
		if (read.has(index)) return read.get(index);
		const stored = elements[index];
		if (typeof stored !== 'object' || stored === null) return stored;
		const value: unknown[] | Record<string, unknown> = Array.isArray(stored) ? [] : {};
		// Noted before it is filled: an element may contain itself.
		read.set(index, value);
		for (const [key, entry] of Object.entries(stored)) {
			Object.defineProperty(value, key, {
				value: typeof entry === 'string' ? element(Number(entry)) : (entry as unknown),
				enumerable: true,
				writable: true,
				configurable: true,
			});
		}
		return value;
	};
	return element(0) as ExecutionData;
}

/** The items that a node's last run gave out at one of its outputs; none when the node did not run. */
export function outputOf(data: ExecutionData, nodeName: string, output = 0): OutputItem[] {
	return data.resultData.runData[nodeName]?.at(-1)?.data?.main?.[output] ?? [];
}
