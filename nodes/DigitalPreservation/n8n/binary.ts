import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { AdvisedError } from '../../../dps/advised-error';
import type { Store } from '../../../dps/collect/download';
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

type StreamForN8n = Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0];

/**
 * A Node stream of the given bytes. Node's own class is reached through a stream that n8n's HTTP
 * client gave, since a community node may not import it.
 */
function nodeStreamOf(bytes: AsyncIterable<Uint8Array>, like: object): StreamForN8n {
	const { from } = like.constructor as unknown as {
		from(source: AsyncIterable<Uint8Array>, options: { objectMode: boolean }): StreamForN8n;
	};
	return from(bytes, { objectMode: false });
}

/** n8n's binary store, which takes streams and gives them back. */
export function binaryStore(context: IExecuteFunctions): Store<StoredBinary> {
	return {
		async put({ filename, filesize }, bytes, first) {
			const mimeType = /\.tar$/i.test(filename) ? 'application/x-tar' : 'application/octet-stream';
			const binary = await context.helpers
				.prepareBinaryData(nodeStreamOf(bytes, first), filename, mimeType)
				.catch((reason: unknown) => {
					const message = reason instanceof Error ? reason.message : String(reason);
					return Promise.reject(
						new AdvisedError(
							`n8n could not store ${filename}: ${message}`,
							'Check the free space of its binary store. In database mode n8n takes 512 MB a file unless N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE says more.',
						),
					);
				});
			return { binary, size: filesize };
		},
		async read(stored) {
			return await sourceOf(context, stored, '').open();
		},
	};
}
