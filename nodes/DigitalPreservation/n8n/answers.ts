import type { IDataObject } from 'n8n-workflow';

/**
 * An answer of the API as output: its own field names, unchanged, less every `uploadUrl`. A
 * pre-signed URL lets whoever has it write the file; an output is kept with the execution.
 */
export function withoutUploadUrls(answer: object): IDataObject {
	return strip(answer) as IDataObject;
}

function strip(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(strip);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([name]) => name !== 'uploadUrl')
			.map(([name, part]) => [name, strip(part)]),
	);
}

/** An answer of the API as output, whole: its own field names, unchanged. */
export function asOutput(answer: object): IDataObject {
	return answer as IDataObject;
}
