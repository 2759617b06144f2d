import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import S3Error from 's3rver/lib/models/error';
import S3Object from 's3rver/lib/models/object';

/** Bytes on disk. */
export interface StoredObject {
	/** Absolute path of the file that holds them; its name says nothing about the key. */
	path: string;
	size: number;
	/** 32 hexadecimal digits. */
	md5: string;
	lastModified: Date;
	contentType?: string;
}

/** The only bucket. */
export const BUCKET_NAME = 'dps-submission';

const WRITE_BUFFER_BYTES = 1024 * 1024;

/**
 * The bucket's objects: s3rver's storage interface over files that are written once. An object is
 * there when all its bytes are, so that a cut upload leaves nothing, and its MD5 and size are kept
 * in memory, so that an object is one file.
 */
export class Bucket {
	private readonly objects = new Map<string, StoredObject>();

	/** @param folder an existing folder that is the bucket's own */
	constructor(private readonly folder: string) {}

	/** What the bucket holds under a key. */
	stored(key: string): StoredObject | undefined {
		return this.objects.get(key);
	}

	/** Takes an object out of the bucket, keeping its bytes: they are the caller's from now on. */
	take(key: string): StoredObject | undefined {
		const object = this.objects.get(key);
		this.objects.delete(key);
		return object;
	}

	/**
	 * Writes an object of the sandbox's own making. Any earlier object under the key is replaced.
	 *
	 * @throws when `content` fails; nothing is stored then
	 */
	async write(key: string, content: Readable, contentType?: string): Promise<StoredObject> {
		const path = join(this.folder, randomUUID());
		const hash = createHash('md5');
		let size = 0;
		try {
			await pipeline(
				content,
				async function* (chunks: AsyncIterable<Buffer>) {
					for await (const chunk of chunks) {
						hash.update(chunk);
						size += chunk.length;
						yield chunk;
					}
				},
				createWriteStream(path, { highWaterMark: WRITE_BUFFER_BYTES }),
			);
		} catch (error) {
			await rm(path, { force: true });
			throw error;
		}
		const object = { path, size, md5: hash.digest('hex'), lastModified: new Date(), contentType };
		await this.replace(key, object);
		return object;
	}

	/** Removes an object and its bytes, if it is there. */
	async delete(key: string): Promise<void> {
		const object = this.take(key);
		if (object) await rm(object.path, { force: true });
	}

	/** s3rver: the bucket by name. */
	async getBucket(name: string): Promise<{ name: string } | null> {
		return name === BUCKET_NAME ? { name } : null;
	}

	/** s3rver: CORS and website settings, of which this bucket has none. */
	async getSubresource(): Promise<null> {
		return null;
	}

	/** s3rver: whether there is such an object. */
	async existsObject(_bucket: string, key: string): Promise<boolean> {
		return this.objects.has(key);
	}

	/**
	 * s3rver: an object with its bytes.
	 *
	 * @param range first and last byte, both counted from 0 and included
	 * @returns null when there is none; without `content` when the range begins past its end
	 */
	async getObject(
		bucket: string,
		key: string,
		range: { start?: number; end?: number } = {},
	): Promise<S3Object | null> {
		const object = this.objects.get(key);
		if (!object) return null;
		const wantsRange = range.start !== undefined || range.end !== undefined;
		const start = range.start ?? 0;
		const end = Math.min(range.end ?? Infinity, Math.max(0, object.size - 1));
		const beyond = wantsRange && (start >= object.size || end < start);
		const content = beyond ? null : createReadStream(object.path, { start, end });
		const answer = new S3Object(bucket, key, content, {
			...(object.contentType === undefined ? {} : { 'content-type': object.contentType }),
			etag: `"${object.md5}"`,
			'last-modified': object.lastModified.toUTCString(),
			'content-length': object.size,
		});
		if (wantsRange) answer.range = { start, end };
		return answer;
	}

	/**
	 * s3rver: stores the body of a PUT.
	 *
	 * @throws {S3Error} `BadDigest` when the body is not what its `Content-MD5` says
	 */
	async putObject(given: S3Object): Promise<{ size: number; md5: string }> {
		const request = given.content as IncomingMessage;
		const promised = request.headers['content-md5'];
		const path = join(this.folder, randomUUID());
		const hash = createHash('md5');
		let size = 0;
		request.on('data', (chunk: Buffer) => {
			hash.update(chunk);
			size += chunk.length;
		});
		try {
			await pipeline(request, createWriteStream(path, { highWaterMark: WRITE_BUFFER_BYTES }));
			const digest = hash.digest();
			if (typeof promised === 'string' && promised !== digest.toString('base64')) {
				throw new S3Error(
					'BadDigest',
					'The Content-MD5 you specified did not match what we received.',
					{ ExpectedDigest: promised, CalculatedDigest: digest.toString('base64') },
				);
			}
			const md5 = digest.toString('hex');
			const contentType = given.metadata['content-type'];
			await this.replace(given.key, { path, size, md5, lastModified: new Date(), contentType });
			return { size, md5 };
		} catch (error) {
			await rm(path, { force: true });
			throw error;
		}
	}

	private async replace(key: string, object: StoredObject): Promise<void> {
		const earlier = this.objects.get(key);
		this.objects.set(key, object);
		if (earlier) await rm(earlier.path, { force: true });
	}
}
