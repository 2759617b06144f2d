// s3rver brings no types; these are the parts that the sandbox uses, as of version 3.7.

declare module 's3rver' {
	import type { RequestListener } from 'node:http';

	class S3rver {
		constructor(options: {
			directory: string;
			silent: boolean;
			vhostBuckets: boolean;
			serviceEndpoint: string;
		});
		store: unknown;
		context: { store: unknown };
		logger: { close(): void };
		callback(): RequestListener;
	}
	export = S3rver;
}

declare module 's3rver/lib/models/object' {
	import type { Readable } from 'node:stream';

	class S3Object {
		constructor(
			bucket: string,
			key: string,
			content: Readable | null,
			metadata: Record<string, string | number>,
		);
		readonly bucket: string;
		readonly key: string;
		readonly content: Readable | null;
		readonly metadata: Record<string, string>;
		range?: { start: number; end: number };
	}
	export = S3Object;
}

declare module 's3rver/lib/models/error' {
	class S3Error extends Error {
		constructor(code: string, message: string, detail?: Record<string, string | number>);
		readonly code: string;
		readonly status: number;
		toXML(): string;
	}
	export = S3Error;
}
