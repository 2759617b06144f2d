import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import S3rver from 's3rver';
import S3Error from 's3rver/lib/models/error';
import type { Bucket } from './bucket';
import type { UrlSigner } from './signature';

/** The largest object that one PUT can store: 5 GiB (Amazon S3 limits). */
const LARGEST_PUT_BYTES = 5 * 1024 ** 3;

/**
 * The S3 store: s3rver, behind the checks that S3 makes and s3rver doesn't (the signature, the
 * length of the body). Only GET and PUT of one object are let through, since nothing else is ever
 * pre-signed.
 *
 * @param directory an existing folder; s3rver itself writes nothing there
 * @returns the handler of its requests, and what ends it
 */
export function createStore(
	bucket: Bucket,
	signer: UrlSigner,
	directory: string,
): { handler: RequestListener; close(): void } {
	const s3rver = new S3rver({
		directory,
		silent: true,
		vhostBuckets: false,
		serviceEndpoint: 'amazonaws.com',
	});
	s3rver.store = bucket;
	s3rver.context.store = bucket;
	const serve = s3rver.callback();

	const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		try {
			await signer.check(request);
			if (request.method === 'PUT') checkUpload(request);
			normalizeRange(request);
		} catch (error) {
			refuse(error, request, response);
			return;
		}
		serve(request, response);
	};
	return {
		handler: (request, response) => void handle(request, response),
		close: () => s3rver.logger.close(),
	};
}

/** @throws {S3Error} what S3 refuses about the body of a PUT before it reads it */
function checkUpload(request: IncomingMessage): void {
	const length = request.headers['content-length'];
	if (request.headers['transfer-encoding'] !== undefined || length === undefined) {
		throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.');
	}
	if (Number(length) > LARGEST_PUT_BYTES) {
		throw new S3Error(
			'EntityTooLarge',
			'Your proposed upload exceeds the maximum allowed object size.',
			{ ProposedSize: length, MaxSizeAllowed: LARGEST_PUT_BYTES },
		);
	}
	const md5 = request.headers['content-md5'];
	if (md5 !== undefined && !/^[A-Za-z0-9+/]{22}==$/.test(String(md5))) {
		throw new S3Error('InvalidDigest', 'The Content-MD5 you specified is not valid.');
	}
	if (request.headers['x-amz-copy-source'] !== undefined) {
		throw new S3Error(
			'NotImplemented',
			'A header you provided implies functionality that is not implemented',
		);
	}
}

/** S3 answers one range that it understands, and the whole object to any other `Range` header. */
function normalizeRange(request: IncomingMessage): void {
	const range = request.headers.range;
	if (range !== undefined && !/^bytes=\d+-\d*$/.test(range)) delete request.headers.range;
}

function refuse(error: unknown, request: IncomingMessage, response: ServerResponse): void {
	const refusal =
		error instanceof S3Error
			? error
			: new S3Error('InternalError', 'We encountered an internal error. Please try again.');
	// What the caller still sends is read and thrown away, so that it gets to read the answer.
	request.resume();
	response.writeHead(refusal.status, { 'content-type': 'application/xml' });
	response.end(refusal.toXML());
}
