import { createHash } from 'crypto';

import { AdvisedError } from '../../advised-error';
import type { Finding } from '../../finding';
import { error, warning } from '../../finding';
import type { FileSource, Transport } from '../../ports';
import { TransportError } from '../../ports';

/** One of the schemas that every package needs, since every package has METS documents. */
export interface CanonicalSchema {
	/** Its file name below `schemas/`, as the National Library's own generator names it. */
	name: string;
	/** MD5 of the copies that are known to be right. */
	md5: readonly string[];
	/** Where its publisher keeps it. */
	address: string;
}

/**
 * The METS schema, the extensions of E-ARK and XLink. Of METS there are two right copies: the
 * Library of Congress's own file of version 1.12, and the one that commons-ip and the National
 * Library's generator put into packages, which declares the extensions' attributes itself.
 */
export const CANONICAL_SCHEMAS: readonly CanonicalSchema[] = [
	{
		name: 'DILCISExtensionMETS.xsd',
		md5: ['eb72ef8ab5b1c93801dfacbfe6aa8e27'],
		address: 'https://earkcsip.dilcis.eu/schema/DILCISExtensionMETS.xsd',
	},
	{
		name: 'DILCISExtensionSIPMETS.xsd',
		md5: ['83da1ff6f35adeece3cccfb5e2e9f83a'],
		address: 'https://earksip.dilcis.eu/schema/DILCISExtensionSIPMETS.xsd',
	},
	{
		name: 'mets1_12.xsd',
		md5: ['0504dedc1251e87d7e85f9ff2dbadc0d', '3dcaf7c4c6f362f1e8baeaefca2d296f'],
		address: 'https://www.loc.gov/standards/mets/version112/mets.xsd',
	},
	{
		name: 'xlink.xsd',
		md5: ['6bdc7f9459a502964f889d70a335cece'],
		address: 'https://www.loc.gov/standards/xlink/xlink.xsd',
	},
];

const RULE = 'NB-SIP-STRUCTURE-1.0: NBSIPSTR18';

/** A schema among the files of a package: its name below `schemas/`, and its MD5. */
export interface PresentSchema {
	name: string;
	md5: string;
}

function listOfAddresses(schemas: readonly CanonicalSchema[]): string {
	return schemas.map(({ name, address }) => `${name} (${address})`).join(', ');
}

/**
 * Checks the schemas of a package: the canonical ones must be there, and are worth a warning when
 * their bytes are not those of a known copy. Other schemas are the depositor's own affair.
 */
export function checkSchemas(
	present: readonly PresentSchema[],
	canonical: readonly CanonicalSchema[] = CANONICAL_SCHEMAS,
): Finding[] {
	const found = new Map(present.map(({ name, md5 }) => [name, md5]));
	const missing = canonical.filter(({ name }) => !found.has(name));
	const findings: Finding[] = [];
	if (missing.length > 0) {
		findings.push(
			error(
				'schemas',
				`${missing.map(({ name }) => name).join(', ')} missing. A package carries the schemas of its XML. Save them once from ${listOfAddresses(missing)}, and add them as files with the role 'Schema'.`,
				RULE,
			),
		);
	}
	for (const { name, md5 } of canonical) {
		const present = found.get(name);
		if (present !== undefined && !md5.includes(present)) {
			findings.push(
				warning(
					`schemas/${name}`,
					`has MD5 ${present}, which is no known copy of this schema (${md5.join(' or ')})`,
					RULE,
				),
			);
		}
	}
	return findings;
}

const TIMEOUT_MS = 30_000;
/** METS, the largest of them, has 140 KB. */
const MAX_BYTES = 1024 * 1024;

/** The address of a schema in a folder of the institution's own, that holds them by their names. */
function addressBelow(folder: string, name: string): string {
	return new URL(name, folder.endsWith('/') ? folder : `${folder}/`).href;
}

/** Where to fetch the canonical schemas from: their publishers, or a folder of one's own. */
export interface SchemaAddresses {
	/** http or https; undefined for the publishers' addresses. */
	folder?: string;
	/** What counts as canonical. */
	canonical?: readonly CanonicalSchema[];
}

async function fetchSchema(
	transport: Transport,
	schema: CanonicalSchema,
	url: string,
	signal: AbortSignal | undefined,
): Promise<FileSource> {
	const failed = (reason: string) =>
		new AdvisedError(
			`The schema ${schema.name} could not be fetched: ${reason}`,
			`Save the schemas once from ${listOfAddresses([schema])}, and give them to the node as files with the role 'Schema': then nothing is fetched.`,
		);
	const response = await transport
		.request({
			method: 'GET',
			url,
			auth: 'none',
			responseType: 'stream',
			timeoutMs: TIMEOUT_MS,
			signal,
		})
		.catch((reason: unknown) => {
			throw reason instanceof TransportError ? failed('no answer') : reason;
		});
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of response.stream ?? []) {
		size += chunk.length;
		if (size > MAX_BYTES) throw failed('the answer is no such schema, it has more than 1 MB');
		chunks.push(chunk);
	}
	if (response.status !== 200) throw failed(`the server answered with status ${response.status}`);
	const bytes = Buffer.concat(chunks);
	const md5 = createHash('md5').update(bytes).digest('hex');
	if (!schema.md5.includes(md5)) {
		throw failed(`what came has MD5 ${md5}, and no known copy has (${schema.md5.join(' or ')})`);
	}
	return { path: schema.name, size, open: async () => once(bytes) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}

/**
 * Fetches the canonical schemas that a package does not have yet. What comes is used only when its
 * MD5 is that of a known copy: it is preserved for ever.
 *
 * @param transport sends without credentials
 * @param present names of the schemas that are there
 * @returns files with their names as paths
 * @throws {AdvisedError} one could not be fetched, or is another file
 */
export async function fetchMissingSchemas(
	transport: Transport,
	present: ReadonlySet<string>,
	{ folder, canonical = CANONICAL_SCHEMAS }: SchemaAddresses,
	signal?: AbortSignal,
): Promise<FileSource[]> {
	const files: FileSource[] = [];
	for (const schema of canonical) {
		if (present.has(schema.name)) continue;
		const url = folder === undefined ? schema.address : addressBelow(folder, schema.name);
		files.push(await fetchSchema(transport, schema, url, signal));
	}
	return files;
}
