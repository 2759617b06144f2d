import { SaxesParser, type SaxesTagNS } from 'saxes';

/** The file is no XML that may be read here; the message says what and where. */
export class XmlError extends Error {
	override readonly name = 'XmlError';
}

/** Elements within elements; no METS comes near it, a document made to exhaust the reader does. */
const MAX_DEPTH = 200;
/** Bytes; a METS of 50,000 files has about 70 MB. */
const MAX_BYTES = 200 * 1024 * 1024;

/** Called in the order of the document; `line` counts from 1. */
export interface ElementHandlers {
	onOpen(tag: SaxesTagNS, line: number): void;
	onClose?(tag: SaxesTagNS, line: number): void;
	/** Text between tags, also CDATA, in one piece or several. */
	onText?(text: string, line: number): void;
}

/**
 * Reads XML as a stream, element by element, in bounded memory. Refuses a DOCTYPE altogether, so
 * that neither external nor nested entities can do anything.
 *
 * @param handlers called for each element, with namespaces resolved
 * @throws {XmlError} not well-formed, not UTF-8, a DOCTYPE, too deep or too large
 */
export async function readXml(
	bytes: AsyncIterable<Uint8Array>,
	handlers: ElementHandlers,
): Promise<void> {
	const parser = new SaxesParser({ xmlns: true });
	let failure: string | undefined;
	let depth = 0;
	parser.on('error', (error) => (failure ??= error.message));
	parser.on('doctype', () => {
		failure ??= `line ${parser.line}: a DOCTYPE is not accepted`;
	});
	parser.on('opentag', (tag) => {
		depth += 1;
		if (depth > MAX_DEPTH) failure ??= `line ${parser.line}: more than ${MAX_DEPTH} levels deep`;
		if (failure === undefined) handlers.onOpen(tag, parser.line);
	});
	parser.on('closetag', (tag) => {
		depth -= 1;
		if (failure === undefined) handlers.onClose?.(tag, parser.line);
	});
	if (handlers.onText) {
		const onText = (text: string) => {
			if (failure === undefined) handlers.onText?.(text, parser.line);
		};
		parser.on('text', onText);
		parser.on('cdata', onText);
	}

	const decoder = new TextDecoder('utf-8', { fatal: true });
	let size = 0;
	const write = (chunk?: Uint8Array) => {
		let text: string;
		try {
			text = decoder.decode(chunk, { stream: chunk !== undefined });
		} catch {
			failure ??= 'the text is not UTF-8';
			return;
		}
		parser.write(text);
	};
	for await (const chunk of bytes) {
		size += chunk.length;
		if (size > MAX_BYTES) failure ??= `it has more than ${MAX_BYTES} bytes`;
		if (failure === undefined) write(chunk);
		if (failure !== undefined) break;
	}
	if (failure === undefined) {
		write();
		parser.close();
	}
	if (failure !== undefined) throw new XmlError(failure);
}
