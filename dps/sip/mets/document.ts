import type { MetsElement } from './element';
import { locationOf } from './element';

/** The sections of METS that name files by `mdRef`. */
export const METADATA_SECTIONS = [
	'dmdSec',
	'techMD',
	'rightsMD',
	'sourceMD',
	'digiprovMD',
] as const;
export type MetadataSection = (typeof METADATA_SECTIONS)[number];

/** A file group, and how many files it has itself. */
export interface FileGroup {
	id?: string;
	/** `@USE`; empty when it has none. */
	use: string;
	files: number;
	/** Groups inside. */
	groups: number;
	element: MetsElement;
	/** Where it is: an XPath-like text. */
	location: string;
}

/** What a document says of one file. */
export interface FileDescription {
	/** Which part of the document says it. */
	by: 'file' | 'mptr' | MetadataSection;
	/** `xlink:href`, as it stands there; absent when there is none. */
	href?: string;
	/** Bytes, where given as a number. */
	size?: number;
	/** Lower-case hex digits, where given. */
	checksum?: string;
	/** METS's name of the algorithm, where given. */
	checksumType?: string;
	line: number;
	/** The file group, for a `file`. */
	group?: FileGroup;
	/** Where it is said; the whole path is put together when it is needed. */
	within: string;
	step: string;
}

/** A metadata section, without what is inside. */
export interface SectionOutline {
	kind: MetadataSection;
	id?: string;
	status?: string;
	hasReference: boolean;
	hasWrapped: boolean;
	element: MetsElement;
}

/** What is kept of a METS document once it is read. */
export interface MetsDocument {
	/** Path in the package. */
	path: string;
	/** The root element; of its children, the header, the sections' shells and the structural maps. */
	root?: MetsElement;
	/** The name of the element that bears each ID. */
	ids: ReadonlyMap<string, string>;
	groups: FileGroup[];
	sections: SectionOutline[];
	descriptions: FileDescription[];
	/** Whether any file tells its format's name, version, registry or key (SIP32–35). */
	formatAttributes: ReadonlySet<string>;
}

/** Where in its document a file is described: an XPath-like text. */
export function locationOfDescription({ within, step }: FileDescription): string {
	return `${within}/${step}`;
}

/** What a `file`, `mdRef` or `mptr` says of the file that it names. */
export function describe(
	by: FileDescription['by'],
	element: MetsElement,
	locator: MetsElement | undefined,
	group?: FileGroup,
): FileDescription {
	const size = element.attributes.get('SIZE')?.trim();
	const id = element.attributes.get('ID');
	return {
		by,
		href: locator?.attributes.get('xlink:href'),
		size: size !== undefined && /^\d{1,19}$/.test(size) ? Number(size) : undefined,
		checksum: element.attributes.get('CHECKSUM')?.trim().toLowerCase(),
		checksumType: element.attributes.get('CHECKSUMTYPE'),
		line: element.line,
		group,
		within: group?.location ?? (element.parent ? locationOf(element.parent) : ''),
		step: id === undefined ? element.name : `${element.name}[@ID='${id}']`,
	};
}
