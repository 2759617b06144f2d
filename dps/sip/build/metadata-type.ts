import type { FileSource } from '../../ports';
import { XmlError, readXml } from '../xml';

/** What METS says of the kind of a metadata file. */
export interface MetadataType {
	/** `@MDTYPE`, from the list of METS 1.12. */
	type: string;
	/** `@OTHERMDTYPE`, with the type OTHER. */
	otherType?: string;
}

/** `@MDTYPE` by the namespace of the document's root element. */
const BY_NAMESPACE: ReadonlyArray<[RegExp, string]> = [
	[/^http:\/\/www\.loc\.gov\/mods\/v\d/, 'MODS'],
	[/^http:\/\/www\.loc\.gov\/MARC21\/slim/, 'MARC'],
	[/^(?:urn:isbn:1-931666-22-9|https?:\/\/ead3\.archivists\.org\/schema)/, 'EAD'],
	[/^(?:urn:isbn:1-931666-33-4|https?:\/\/archivists\.org\/ns\/eac)/, 'EAC-CPF'],
	[/^(?:https?:\/\/www\.loc\.gov\/premis\/v3|info:lc\/xmlns\/premis-v2)/, 'PREMIS'],
	[/^http:\/\/www\.lido-schema\.org/, 'LIDO'],
	[/^http:\/\/www\.tei-c\.org\/ns/, 'TEIHDR'],
	[/^(?:ddi:|http:\/\/www\.icpsr\.umich\.edu\/DDI)/, 'DDI'],
	[/^http:\/\/www\.vraweb\.org\/vracore/, 'VRA'],
	[/^http:\/\/www\.loc\.gov\/mix\//, 'NISOIMG'],
	[/^info:lc\/xmlns\/textMD/, 'TEXTMD'],
	[/^http:\/\/cosimo\.stanford\.edu\/sdr\/metsrights/, 'METSRIGHTS'],
	[/^http:\/\/purl\.org\/dc\/(?:elements|terms)/, 'DC'],
	[/^http:\/\/www\.openarchives\.org\/OAI\/2\.0\/oai_dc/, 'DC'],
];

/** `@MDTYPE` by the root element's name, for documents that use no namespace. */
const BY_NAME: Readonly<Record<string, string>> = {
	ead: 'EAD',
	'eac-cpf': 'EAC-CPF',
	mods: 'MODS',
	modsCollection: 'MODS',
	simpledc: 'DC',
	dc: 'DC',
};

/** Thrown to stop reading where enough is known. */
class FirstElement extends Error {
	constructor(
		readonly namespace: string,
		readonly local: string,
	) {
		super();
	}
}

async function rootElement(source: FileSource): Promise<FirstElement | undefined> {
	const reading = readXml(await source.open(), {
		onOpen: (tag) => {
			throw new FirstElement(tag.uri, tag.local);
		},
	});
	return await reading.then(
		() => undefined,
		(reason: unknown) => {
			if (reason instanceof FirstElement) return reason;
			if (reason instanceof XmlError) return undefined;
			throw reason;
		},
	);
}

function extensionOf(path: string): string {
	return /\.([A-Za-z0-9]{1,20})$/.exec(path)?.[1].toLowerCase() ?? '';
}

/**
 * Recognises the kind of a metadata file: XML by its root element, JSON that is named after Dublin
 * Core by its name. What is not recognised is OTHER, named after its root element or its form.
 *
 * @param fallback names the kind where the file does not: the tool that made it, for example
 */
export async function recogniseMetadata(
	source: FileSource,
	fallback?: string,
): Promise<MetadataType> {
	const extension = extensionOf(source.path);
	const root = extension === 'xml' ? await rootElement(source) : undefined;
	const known =
		root &&
		(BY_NAMESPACE.find(([namespace]) => namespace.test(root.namespace))?.[1] ??
			(root.namespace === '' && Object.hasOwn(BY_NAME, root.local)
				? BY_NAME[root.local]
				: undefined));
	if (known) return { type: known };
	const name = source.path.split('/').pop() ?? '';
	if (extension === 'json' && /dublin_?-?core/i.test(name)) return { type: 'DC' };
	return { type: 'OTHER', otherType: fallback ?? root?.local ?? (extension || 'unknown') };
}
