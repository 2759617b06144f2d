import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { FileSource } from '../../../dps/ports';

/** What n8n keeps of a file: a reference into its binary store or, in memory mode, base64. */
export interface StoredBinary {
	binary: IBinaryData;
	/** Bytes. */
	size: number;
}

const SMALL = 64 * 1024;
/** Larger chunks cost memory for each file in flight; they pay for files of many megabytes only. */
const LARGE_FILE = 16 * 1024 * 1024;
const LARGE_CHUNK = 1024 * 1024;

/** Bytes that a base64 text stands for, without decoding it. */
function bytesInBase64(text: string): number {
	const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
	return (text.length / 4) * 3 - padding;
}

/**
 * The file that an item carries under `propertyName`, and its size.
 *
 * @throws {NodeOperationError} n8n's own, when the item has no such file
 */
export async function binaryOf(
	context: IExecuteFunctions,
	itemIndex: number,
	propertyName: string,
): Promise<StoredBinary> {
	const binary = context.helpers.assertBinaryData(itemIndex, propertyName);
	if (!binary.id) return { binary, size: bytesInBase64(binary.data) };
	// older versions of n8n keep the size in the store's metadata only
	const size = binary.bytes ?? (await context.helpers.getBinaryMetadata(binary.id)).fileSize;
	return { binary, size };
}

async function* bytesOf(base64: string): AsyncGenerator<Uint8Array> {
	yield Buffer.from(base64, 'base64');
}

/** A file in n8n's binary store as a source that can be opened more than once. */
export function sourceOf(
	context: IExecuteFunctions,
	{ binary, size }: StoredBinary,
	path: string,
): FileSource {
	const { id, data } = binary;
	if (!id) return { path, size, open: async () => bytesOf(data) };
	const chunkSize = size >= LARGE_FILE ? LARGE_CHUNK : SMALL;
	return {
		path,
		size,
		open: async () => await context.helpers.getBinaryStream(id, chunkSize),
	};
}
