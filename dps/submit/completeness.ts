import type { Finding } from '../finding';
import { error } from '../finding';
import type { MetsReference } from '../sip/mets-references';
import { metsReferences } from '../sip/mets-references';
import { XmlError } from '../sip/xml';

import type { Fixity } from './fixity';
import type { Package, PackageFile } from './package';

/** The document that makes a set of files an E-ARK package (CSIPSTR4). */
export const ROOT_METS = 'METS.xml';
const REPRESENTATION_METS = /^representations\/[^/]+\/METS\.xml$/;
const RULE = 'E-ARK CSIP 2.2.0: what METS names must be in the package';

/** Whether the files say of themselves what belongs to them. */
export function hasMets({ files }: Package): boolean {
	return files.some(({ source, isPackaged }) => source.path === ROOT_METS && !isPackaged);
}

function differences(reference: MetsReference, fixity: Fixity): string[] {
	const found: string[] = [];
	if (reference.size !== undefined && reference.size !== fixity.size) {
		found.push(`has ${fixity.size} bytes, METS says ${reference.size}`);
	}
	const digests: Record<string, string> = { MD5: fixity.md5, 'SHA-256': fixity.sha256 };
	const digest = digests[reference.checksumType ?? ''];
	if (digest !== undefined && reference.checksum && reference.checksum !== digest) {
		found.push(`has ${reference.checksumType} ${digest}, METS says ${reference.checksum}`);
	}
	return found;
}

function checkReference(
	metsPath: string,
	reference: MetsReference,
	fixities: ReadonlyMap<string, Fixity>,
	similar: ReadonlyMap<string, string>,
): Finding[] {
	const where = `${metsPath}: ${JSON.stringify(reference.href)}`;
	const path = reference.paths.find((candidate) => fixities.has(candidate));
	const fixity = path === undefined ? undefined : fixities.get(path);
	if (fixity) {
		return differences(reference, fixity).map((difference) => error(where, difference, RULE));
	}
	if (reference.paths.length === 0) return [error(where, 'leads out of the package', RULE)];
	const near = reference.paths
		.map((candidate) => similar.get(candidate.normalize('NFC').toLowerCase()))
		.find((candidate) => candidate !== undefined);
	const hint =
		near === undefined
			? ''
			: `; ${JSON.stringify(near)} is, which differs by case or by the Unicode form of its letters`;
	return [error(where, `is named by METS, but is not among the items${hint}`, RULE)];
}

async function referencesOf(file: PackageFile): Promise<MetsReference[] | Finding> {
	const { path } = file.source;
	return await metsReferences(path, await file.source.open()).catch((reason: unknown) => {
		if (reason instanceof XmlError) return error(path, `cannot be read: ${reason.message}`, RULE);
		throw reason;
	});
}

/**
 * Checks that every file that the root METS and the representations' METS name is among the files,
 * with the same size and checksum. Without one of them the package would be a stump that can never
 * be taken back: what is preserved is immutable.
 *
 * @param fixities of every file, by path
 */
export async function checkCompleteness(
	input: Package,
	fixities: ReadonlyMap<string, Fixity>,
): Promise<Finding[]> {
	const similar = new Map(
		[...fixities.keys()].map((path) => [path.normalize('NFC').toLowerCase(), path]),
	);
	const findings: Finding[] = [];
	for (const file of input.files) {
		const { path } = file.source;
		if (path !== ROOT_METS && !REPRESENTATION_METS.test(path)) continue;
		const references = await referencesOf(file);
		if (!Array.isArray(references)) {
			findings.push(references);
			continue;
		}
		for (const reference of references) {
			findings.push(...checkReference(path, reference, fixities, similar));
		}
	}
	return findings;
}
