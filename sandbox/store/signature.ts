import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { SignatureV4 } from '@smithy/signature-v4';
import S3Error from 's3rver/lib/models/error';
import { BUCKET_NAME } from './bucket';

/** The access key that s3rver knows. */
const ACCESS_KEY_ID = 'S3RVER';
const REGION = 'us-east-1';
const WEEK_SECONDS = 604_800;

/** Query parameters that the signer writes itself. */
const SIGNER_PARAMETERS = [
	'X-Amz-Algorithm',
	'X-Amz-Credential',
	'X-Amz-Date',
	'X-Amz-Expires',
	'X-Amz-SignedHeaders',
	'X-Amz-Signature',
];

/** Gives pre-signed URLs (AWS Signature Version 4, path style) and checks the requests made with them. */
export class UrlSigner {
	private readonly client: S3Client;
	private readonly checker: SignatureV4;

	/** @param endpoint the store's origin, which is part of what is signed */
	constructor(endpoint: string) {
		const credentials = {
			accessKeyId: ACCESS_KEY_ID,
			secretAccessKey: randomBytes(32).toString('hex'),
		};
		this.client = new S3Client({
			endpoint,
			region: REGION,
			credentials,
			forcePathStyle: true,
			// Otherwise the URL demands checksum headers that the DPS's clients don't send.
			requestChecksumCalculation: 'WHEN_REQUIRED',
		});
		this.checker = new SignatureV4({
			service: 's3',
			region: REGION,
			credentials,
			sha256: Sha256,
			// S3 signs the path as it is sent, percent-encoded once.
			uriEscapePath: false,
			applyChecksum: false,
		});
	}

	/** A URL that stores one object by PUT. */
	uploadUrl(key: string, seconds: number): Promise<string> {
		const command = new PutObjectCommand({ Bucket: BUCKET_NAME, Key: key });
		return getSignedUrl(this.client, command, { expiresIn: seconds });
	}

	/** A URL that reads one object by GET. */
	downloadUrl(key: string, seconds: number): Promise<string> {
		const command = new GetObjectCommand({ Bucket: BUCKET_NAME, Key: key });
		return getSignedUrl(this.client, command, { expiresIn: seconds });
	}

	/**
	 * Checks who signed a request and until when: by signing the request again, as it came in, and
	 * comparing in constant time.
	 *
	 * @throws {S3Error} with the code and message that S3 answers
	 */
	async check(request: IncomingMessage): Promise<void> {
		const [path, search = ''] = splitOnce(request.url ?? '', '?');
		const query = queryOf(search);
		const inQuery = 'X-Amz-Algorithm' in query || 'Signature' in query;
		const inHeader = request.headers.authorization !== undefined;
		if (inQuery && inHeader) {
			throw new S3Error(
				'InvalidArgument',
				'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
				{ ArgumentName: 'Authorization' },
			);
		}
		if (!inQuery) throw new S3Error('AccessDenied', 'Access Denied');

		const { signedAt, expiresIn } = signedTimes(query);
		if (query['X-Amz-Credential'].split('/', 1)[0] !== ACCESS_KEY_ID) {
			throw new S3Error(
				'InvalidAccessKeyId',
				'The AWS Access Key Id you provided does not exist in our records.',
			);
		}
		const expires = new Date(signedAt.getTime() + expiresIn * 1000);
		if (Date.now() > expires.getTime()) {
			throw new S3Error('AccessDenied', 'Request has expired', {
				'X-Amz-Expires': expiresIn,
				Expires: expires.toISOString(),
				ServerTime: new Date().toISOString(),
			});
		}

		const signedHeaders = new Set(query['X-Amz-SignedHeaders'].toLowerCase().split(';'));
		const headers: Record<string, string> = {};
		for (const name of signedHeaders) {
			const value = request.headers[name];
			if (typeof value === 'string') headers[name] = value;
		}
		if (query['X-Amz-Content-Sha256'] === 'UNSIGNED-PAYLOAD') {
			// Written as in the query, where the signer moves it.
			headers['X-Amz-Content-Sha256'] = 'UNSIGNED-PAYLOAD';
		}
		const signedAgain = await this.checker.presign(
			{
				method: request.method ?? '',
				protocol: 'http:',
				hostname: '127.0.0.1',
				path,
				query: Object.fromEntries(
					Object.entries(query).filter(([name]) => !SIGNER_PARAMETERS.includes(name)),
				),
				headers,
			},
			{
				signingDate: signedAt,
				expiresIn,
				// Of what was signed, nothing is moved to the query or left out.
				signableHeaders: signedHeaders,
				unhoistableHeaders: signedHeaders,
			},
		);
		if (!sameText(String(signedAgain.query?.['X-Amz-Signature']), query['X-Amz-Signature'])) {
			throw new S3Error(
				'SignatureDoesNotMatch',
				'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
			);
		}
	}
}

function signedTimes(query: Record<string, string>): { signedAt: Date; expiresIn: number } {
	if (SIGNER_PARAMETERS.some((name) => !(name in query))) {
		throw new S3Error(
			'AuthorizationQueryParametersError',
			`Query-string authentication version 4 requires the ${SIGNER_PARAMETERS.join(', ')} parameters.`,
		);
	}
	const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query['X-Amz-Date']);
	const signedAt = date
		? new Date(`${date[1]}-${date[2]}-${date[3]}T${date[4]}:${date[5]}:${date[6]}Z`)
		: new Date(NaN);
	const expiresIn = /^\d{1,6}$/.test(query['X-Amz-Expires']) ? Number(query['X-Amz-Expires']) : NaN;
	if (
		query['X-Amz-Algorithm'] !== 'AWS4-HMAC-SHA256' ||
		Number.isNaN(signedAt.getTime()) ||
		!(expiresIn <= WEEK_SECONDS)
	) {
		throw new S3Error(
			'AuthorizationQueryParametersError',
			'X-Amz-Algorithm, X-Amz-Date or X-Amz-Expires is not in its proper form',
		);
	}
	return { signedAt, expiresIn };
}

/** @throws {S3Error} when a parameter is repeated or not percent-encoded */
function queryOf(search: string): Record<string, string> {
	// Without a prototype, so that a parameter named 'constructor' is not there already.
	const query = Object.create(null) as Record<string, string>;
	for (const part of search.split('&').filter(Boolean)) {
		const [name, value = ''] = splitOnce(part, '=');
		const decodedName = decoded(name);
		if (decodedName in query) {
			throw new S3Error('InvalidArgument', 'A query parameter was given more than once');
		}
		query[decodedName] = decoded(value);
	}
	return query;
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text.replaceAll('+', ' '));
	} catch {
		throw new S3Error('InvalidURI', "Couldn't parse the specified URI.");
	}
}

function splitOnce(text: string, separator: string): [string, string?] {
	const at = text.indexOf(separator);
	return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function sameText(one: string, other: string): boolean {
	const [first, second] = [Buffer.from(one), Buffer.from(other)];
	return first.length === second.length && timingSafeEqual(first, second);
}
