import { SaxesParser } from 'saxes';
import type { RejectionReason } from './messages';

/** A file of a submission as it arrived. */
export interface ArrivedFile {
	filePath: string;
	/** MD5, 32 hexadecimal digits. */
	checksum: string;
	/** Its bytes; called for METS documents only. */
	read(): Buffer;
}

const METS = 'http://www.loc.gov/METS/';
const XLINK = 'http://www.w3.org/1999/xlink';
const ROOT_FOLDERS = ['metadata', 'representations', 'schemas', 'documentation'];

const structure = (message: string, filePath?: string): RejectionReason => ({
	code: 'PACKAGE_STRUCTURE_INVALID',
	message,
	...(filePath === undefined ? {} : { filePath }),
});
const mets = (filePath: string, message: string): RejectionReason => ({
	code: 'METS_INVALID',
	message,
	filePath,
});

/** NB-SIP-STRUCTURE-1.0, as far as the paths of the files tell. */
function brokenFolderRules(paths: readonly string[]): RejectionReason[] {
	const reasons: RejectionReason[] = [];
	const some = (pattern: RegExp) => paths.some((path) => pattern.test(path));
	for (const path of paths) {
		const [folder, ...below] = path.split('/');
		if (below.length > 0 && !ROOT_FOLDERS.includes(folder)) {
			reasons.push(structure(`NBSIPSTR20: the folder ${folder} is not permitted`, path));
		}
	}
	if (!some(/^metadata\/descriptive\/./)) {
		reasons.push(structure('NBSIPSTR9: there is no file in metadata/descriptive'));
	}
	if (!some(/^schemas\/./)) reasons.push(structure('NBSIPSTR18: there is no file in schemas'));
	const representations = new Set(
		paths.flatMap((path) => /^representations\/([^/]+)\//.exec(path)?.[1] ?? []),
	);
	const primary = [...representations].filter((name) => /^primary_\d{8}$/.test(name));
	if (primary.length !== 1) {
		reasons.push(
			structure(
				`NBSIPSTR11: there are ${primary.length} representations primary_YYYYMMDD, not one`,
			),
		);
	}
	for (const name of representations) {
		const folder = `representations/${name}/`;
		if (!paths.some((path) => path.startsWith(`${folder}data/`))) {
			reasons.push(structure(`NBSIPSTR13: there is no file in ${folder}data`));
		}
		if (!paths.includes(`${folder}METS.xml`)) {
			reasons.push(structure(`NBSIPSTR14: there is no ${folder}METS.xml`));
		}
	}
	return reasons;
}

/** A link in a METS document, and the MD5 that goes with it. */
interface Link {
	href: string;
	md5?: string;
}

/** @throws {Error} when it is not well-formed */
function readMets(bytes: Buffer): { objectId?: string; links: Link[] } {
	const parser = new SaxesParser({ xmlns: true });
	const links: Link[] = [];
	let objectId: string | undefined;
	let isMets = false;
	let md5: string | undefined;
	parser.on('error', (error) => {
		throw error;
	});
	parser.on('doctype', () => {
		throw new Error('a DOCTYPE is not accepted');
	});
	parser.on('opentag', ({ uri, local, attributes }) => {
		if (uri !== METS) return;
		const all = Object.values(attributes);
		const value = (name: string, space = '') =>
			all.find((attribute) => attribute.local === name && attribute.uri === space)?.value;
		if (local === 'mets') {
			isMets = true;
			objectId = value('OBJID');
		}
		if (local === 'file' || local === 'mdRef') {
			md5 = value('CHECKSUMTYPE') === 'MD5' ? value('CHECKSUM')?.toLowerCase() : undefined;
		}
		const href = value('href', XLINK);
		if ((local === 'FLocat' || local === 'mdRef') && href !== undefined) links.push({ href, md5 });
	});
	parser.write(bytes.toString('utf8')).close();
	if (!isMets) throw new Error(`the root element is not mets of the namespace ${METS}`);
	return { objectId, links };
}

/** A link's path, form-decoded, as the validator on the DPS's side reads it. */
function decoded(href: string): string {
	try {
		return decodeURIComponent(href.replace(/\+/g, '%20'));
	} catch {
		return href;
	}
}

function brokenMetsRules(
	files: ReadonlyMap<string, ArrivedFile>,
	{ filePath, read }: ArrivedFile,
	name: string,
	described: Set<string>,
): RejectionReason[] {
	let document: ReturnType<typeof readMets>;
	try {
		document = readMets(read());
	} catch (error) {
		return [mets(filePath, error instanceof Error ? error.message : 'it cannot be read')];
	}
	const reasons: RejectionReason[] = [];
	const { objectId, links } = document;
	if (objectId !== name) {
		reasons.push(mets(filePath, `NBSIP1: OBJID is ${objectId ?? 'missing'}, not ${name}`));
	}
	const folder = filePath.slice(0, filePath.lastIndexOf('/') + 1);
	for (const { href, md5 } of links) {
		const path = folder + decoded(href);
		const file = files.get(path);
		if (file === undefined) {
			reasons.push(mets(filePath, `${href} is not among the files`));
		} else if (md5 !== undefined && md5 !== file.checksum) {
			reasons.push(mets(filePath, `${href} has another checksum`));
		}
		described.add(path);
	}
	return reasons;
}

/**
 * What keeps a submission with a root METS.xml from being a package by NB-SIP 1.0: a check of the
 * sandbox's own, on folders, names and references, independent of the product's validator.
 *
 * @returns nothing for a submission without METS.xml, which is no package
 */
export function brokenPackageRules(
	objectId: string,
	arrived: readonly ArrivedFile[],
): RejectionReason[] {
	const files = new Map(arrived.map((file) => [file.filePath, file]));
	if (!files.has('METS.xml')) return [];
	const reasons = brokenFolderRules([...files.keys()]);
	const described = new Set<string>();
	for (const file of arrived) {
		const [, representation] = /^representations\/([^/]+)\/METS\.xml$/.exec(file.filePath) ?? [];
		const name = file.filePath === 'METS.xml' ? objectId : representation;
		if (name !== undefined) reasons.push(...brokenMetsRules(files, file, name, described));
	}
	for (const { filePath } of arrived) {
		if (filePath === 'METS.xml' || described.has(filePath)) continue;
		reasons.push(mets(filePath, 'no METS document describes this file'));
	}
	return reasons;
}
