import type { SaxesTagNS } from 'saxes';

import { leadsElsewhere, pathsOf } from './href';
import { readXml } from './xml';

/** A file that a METS document names: in `file/FLocat`, `mdRef` or `mptr`. */
export interface MetsReference {
	/** As it stands in the document. */
	href: string;
	/**
	 * The package's path that it can mean, likeliest first. More than one, since some writers
	 * percent-encode the name and some don't, and one validator reads `+` as a space.
	 */
	paths: string[];
	/** Bytes, where the document gives them. */
	size?: number;
	/** Lower-case hex digits, where the document gives them. */
	checksum?: string;
	/** The checksum's algorithm by METS's own name: `MD5`, `SHA-256`, … */
	checksumType?: string;
}

const METS = 'http://www.loc.gov/METS/';
const XLINK = 'http://www.w3.org/1999/xlink';

function attribute(tag: SaxesTagNS, local: string, uri = ''): string | undefined {
	for (const candidate of Object.values(tag.attributes)) {
		if (candidate.local === local && candidate.uri === uri) return candidate.value;
	}
	return undefined;
}

function described(tag: SaxesTagNS): Pick<MetsReference, 'size' | 'checksum' | 'checksumType'> {
	const size = attribute(tag, 'SIZE');
	return {
		size: size !== undefined && /^\d+$/.test(size) ? Number(size) : undefined,
		checksum: attribute(tag, 'CHECKSUM')?.toLowerCase(),
		checksumType: attribute(tag, 'CHECKSUMTYPE')?.toUpperCase(),
	};
}

/**
 * The files that a METS document names (METS 1.12: `file/FLocat`, `mdRef`, `mptr`). Links to other
 * hosts are left out: they are no files of the package.
 *
 * @param metsPath where the document is in the package; its links are relative to its folder
 * @throws {XmlError}
 */
export async function metsReferences(
	metsPath: string,
	bytes: AsyncIterable<Uint8Array>,
): Promise<MetsReference[]> {
	const references: MetsReference[] = [];
	let file: SaxesTagNS | undefined;
	const add = (tag: SaxesTagNS, description: SaxesTagNS | undefined) => {
		const href = attribute(tag, 'href', XLINK);
		if (!href || leadsElsewhere(href)) return;
		references.push({
			href,
			paths: pathsOf(metsPath, href),
			...(description ? described(description) : {}),
		});
	};
	await readXml(bytes, {
		onOpen(tag) {
			if (tag.uri !== METS) return;
			if (tag.local === 'file') file = tag;
			if (tag.local === 'FLocat') add(tag, file);
			if (tag.local === 'mdRef') add(tag, tag);
			if (tag.local === 'mptr') add(tag, undefined);
		},
		onClose(tag) {
			if (tag.uri === METS && tag.local === 'file') file = undefined;
		},
	});
	return references;
}
