import type { Metadata } from '../../metadata/types';

import { attribute, xmlText } from './xml-text';

/** The description in the form of the DPS API, under the name of the National Library's example. */
export const JSON_DESCRIPTION = 'nb_dublincore.json';
/** The description as Dublin Core XML. */
export const XML_DESCRIPTION = 'dublincore.xml';

/** The metadata of the submission, unchanged, as a JSON text. */
export function jsonDescription(metadata: unknown): string {
	return `${JSON.stringify(metadata, null, 2)}\n`;
}

type Element = [name: string, text: unknown, language?: unknown];

function* elementsOf(metadata: Metadata): Generator<Element> {
	yield ['dc:type', metadata.type];
	for (const { value } of metadata.identifier) yield ['dc:identifier', value];
	yield ['dc:title', metadata.title.value, metadata.title.lang];
	for (const { value, lang } of metadata.alternative ?? []) {
		yield ['dcterms:alternative', value, lang];
	}
	for (const { name } of metadata.creator ?? []) yield ['dc:creator', name];
	for (const { name } of metadata.contributor ?? []) yield ['dc:contributor', name];
	for (const { name } of metadata.publisher ?? []) yield ['dc:publisher', name];
	for (const { name, lang } of metadata.spatial ?? []) yield ['dcterms:spatial', name, lang];
	for (const { value } of metadata.date ?? []) yield ['dc:date', value];
	for (const { value } of metadata.language ?? []) yield ['dc:language', value];
	for (const { title, id, URI, lang } of metadata.relation ?? []) {
		yield ['dc:relation', title ?? id ?? URI, title === undefined ? undefined : lang];
	}
	for (const { identifier } of metadata.source ?? []) {
		for (const { value } of identifier) yield ['dc:source', value];
	}
	for (const { value, lang } of metadata.provenance ?? []) {
		yield ['dcterms:provenance', value, lang];
	}
	for (const { value, lang } of metadata.subject ?? []) yield ['dc:subject', value, lang];
	for (const { value, lang } of metadata.description ?? []) yield ['dc:description', value, lang];
}

/** The texts that the XML form would hold, to be checked before it is written. */
export function xmlTexts(metadata: Metadata): string[] {
	return [...elementsOf(metadata)].flat().filter((part) => typeof part === 'string');
}

/**
 * The metadata of the submission as Dublin Core in XML. Dublin Core has no place for roles, types of
 * titles and dates, authorities and coordinates: they are left out here.
 *
 * @param metadata checked (`dps/metadata/check`)
 * @throws {RangeError} when XML cannot hold one of the texts
 */
export function xmlDescription(metadata: Metadata): string {
	const lines = [...elementsOf(metadata)]
		.filter(([, text]) => typeof text === 'string')
		.map(([name, text, language]) => {
			const lang = typeof language === 'string' ? attribute('xml:lang', language) : '';
			return `  <${name}${lang}>${xmlText(String(text))}</${name}>\n`;
		});
	return `<?xml version="1.0" encoding="UTF-8"?>
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">
${lines.join('')}</metadata>
`;
}
