/** Any character that XML 1.0 cannot hold, not even escaped, and halves of characters. */
const NO_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Whether XML 1.0 can hold a text. */
export function isXmlText(text: string): boolean {
	return !NO_XML.test(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	'\t': '&#9;',
	'\n': '&#10;',
	'\r': '&#13;',
};

/**
 * A text as it stands in an element or between the double quotes of an attribute. White space is
 * written as references, since a reader would else make a line break in an attribute a space.
 *
 * @throws {RangeError} when XML cannot hold it; callers check with {@link isXmlText}
 */
export function xmlText(text: string): string {
	if (!isXmlText(text)) throw new RangeError('XML cannot hold this text');
	return text.replace(/[&<>"\t\n\r]/g, (character) => ESCAPES[character]);
}

/** One attribute with a space before it, nothing when there is no value. */
export function attribute(name: string, value: string | number | undefined): string {
	return value === undefined ? '' : ` ${name}="${xmlText(String(value))}"`;
}

const CHUNK_LENGTH = 64 * 1024;

/** Text as UTF-8, in chunks of about 64 KB, so that a long document is never whole in memory. */
export async function* utf8(text: Iterable<string>): AsyncGenerator<Uint8Array> {
	let waiting: string[] = [];
	let length = 0;
	for (const part of text) {
		waiting.push(part);
		length += part.length;
		if (length < CHUNK_LENGTH) continue;
		yield Buffer.from(waiting.join(''), 'utf8');
		waiting = [];
		length = 0;
	}
	if (length > 0) yield Buffer.from(waiting.join(''), 'utf8');
}
