import type { SaxesTagNS } from 'saxes';

import { CSIP_NAMESPACE, METS_NAMESPACE, SIP_NAMESPACE, XLINK_NAMESPACE } from './model';

const PREFIXES: Readonly<Record<string, string>> = {
	'': '',
	[CSIP_NAMESPACE]: 'csip:',
	[SIP_NAMESPACE]: 'sip:',
	[XLINK_NAMESPACE]: 'xlink:',
};
const XMLNS = 'http://www.w3.org/2000/xmlns/';

/** An element of a METS document, with what was kept of its children. */
export interface MetsElement {
	/** Local name. */
	name: string;
	/** Names from the root down: `mets/metsHdr/agent`. File groups within file groups count as one. */
	path: string;
	/** By name; those of the namespaces that METS uses with their usual prefix: `xlink:href`. */
	attributes: ReadonlyMap<string, string>;
	children: MetsElement[];
	/** Text directly inside, of elements that hold text only. */
	text: string;
	/** From 1. */
	line: number;
	parent?: MetsElement;
}

/** Whether a tag is METS's own. */
export function isMets(tag: SaxesTagNS): boolean {
	return tag.uri === METS_NAMESPACE;
}

/** An attribute's name as {@link MetsElement} keys it; foreign ones in braces: `{uri}local`. */
export function attributesOf(tag: SaxesTagNS): Map<string, string> {
	const attributes = new Map<string, string>();
	for (const name in tag.attributes) {
		const { uri, local, value } = tag.attributes[name];
		if (uri === XMLNS) continue;
		const prefix = PREFIXES[uri];
		attributes.set(prefix === undefined ? `{${uri}}${local}` : prefix + local, value);
	}
	return attributes;
}

/** Children of a name, in the order of the document. */
export function childrenOf(element: MetsElement | undefined, name: string): MetsElement[] {
	return element?.children.filter((child) => child.name === name) ?? [];
}

/** The element and all that is kept below it, from the top down. */
export function* withDescendants(element: MetsElement): Generator<MetsElement> {
	yield element;
	for (const child of element.children) yield* withDescendants(child);
}

/** Attributes by which a person tells elements of a name apart, the best first. */
const TELLING = ['ID', 'USE', 'LABEL', 'ROLE', 'TYPE'] as const;

function step(element: MetsElement): string {
	const telling = element.parent && TELLING.find((name) => element.attributes.has(name));
	if (telling === undefined) return element.name;
	const value = element.attributes.get(telling) ?? '';
	const shown = value.length > 60 ? `${value.slice(0, 60)}…` : value;
	return `${element.name}[@${telling}='${shown}']`;
}

/** Where an element is, as an XPath-like text: `/mets/fileSec/fileGrp[@USE='Data']/file[@ID='f1']`. */
export function locationOf(element: MetsElement, attribute?: string): string {
	const steps: string[] = [];
	for (let at: MetsElement | undefined = element; at; at = at.parent) steps.push(step(at));
	const path = `/${steps.reverse().join('/')}`;
	return attribute === undefined ? path : `${path}/@${attribute}`;
}
