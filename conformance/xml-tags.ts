/** An attribute in the text of a document. */
export interface TextAttribute {
	name: string;
	value: string;
	/** Where it begins and ends in the text, quotes included. */
	start: number;
	end: number;
}

/** An element in the text of a document. */
export interface TextElement {
	name: string;
	/** Names from the root down: `mets/dmdSec/mdRef`. */
	path: string;
	attributes: TextAttribute[];
	/** From its first character to the one after its last. */
	start: number;
	end: number;
	/** The end of its start tag. */
	tagEnd: number;
	parent?: TextElement;
}

const TAG = /<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+="[^"]*")*)\s*(\/?)>/g;
const ATTRIBUTE = /([\w:.-]+)="([^"]*)"/g;

/**
 * The elements in the text of an XML document with where they stand, so that they can be cut out
 * and changed. Understands what the package builder writes: double quotes, no comments, no CDATA.
 */
export function elementsOf(text: string): TextElement[] {
	const elements: TextElement[] = [];
	const open: TextElement[] = [];
	for (const match of text.matchAll(TAG)) {
		const [tag, closing, name, attributeText, selfClosing] = match;
		const tagEnd = match.index + tag.length;
		if (closing) {
			const element = open.pop();
			if (element) element.end = tagEnd;
			continue;
		}
		const parent = open.at(-1);
		const offset = match.index + 1 + name.length;
		const element: TextElement = {
			name,
			path: parent ? `${parent.path}/${name}` : name,
			attributes: [...attributeText.matchAll(ATTRIBUTE)].map((attribute) => ({
				name: attribute[1],
				value: attribute[2],
				start: offset + attribute.index,
				end: offset + attribute.index + attribute[0].length,
			})),
			start: match.index,
			end: tagEnd,
			tagEnd,
			parent,
		};
		elements.push(element);
		if (!selfClosing) open.push(element);
	}
	return elements;
}
