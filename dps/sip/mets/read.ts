import { readXml } from '../xml';

import type { MetsElement } from './element';
import { attributesOf, isMets } from './element';
import type { SchemaViolation } from './schema';
import { SchemaCheck } from './schema';

export interface MetsReader {
	/** Called for each violation of the schema, in the order of the document. */
	onViolation(violation: SchemaViolation): void;
	/**
	 * Called when an element ends, its children inside.
	 *
	 * @returns false when it need not be kept inside its parent
	 */
	onElement(element: MetsElement): boolean;
	/** Whether attributes are required that only commons-ip's copy of the schema requires. */
	editedSchema: boolean;
}

/** What is left of a document when it has been read. */
export interface MetsOutline {
	/** The root element, with those inside that were kept; absent when it is not METS at all. */
	root?: MetsElement;
	/** The name of the element that bears each ID. */
	ids: ReadonlyMap<string, string>;
}

const TEXT_ELEMENTS: ReadonlySet<string> = new Set([
	'name',
	'note',
	'altRecordID',
	'metsDocumentID',
]);
/** Characters of an element's text that are kept; no name or note comes near it. */
const MAX_TEXT = 10_000;

function pathOf(name: string, parent: MetsElement | undefined): string {
	if (parent === undefined) return name;
	const nested = name === 'fileGrp' && parent.name === 'fileGrp';
	return nested ? parent.path : `${parent.path}/${name}`;
}

/**
 * Reads a METS document as a stream, checks it against the schema on the way, and gives its
 * elements as they end. Memory holds only what {@link MetsReader.onElement} asks to keep.
 *
 * @throws {XmlError} not well-formed, not UTF-8, a DOCTYPE, too deep or too large
 */
export async function readMets(
	bytes: AsyncIterable<Uint8Array>,
	reader: MetsReader,
): Promise<MetsOutline> {
	const schema = new SchemaCheck(reader.editedSchema, (violation) => reader.onViolation(violation));
	const paths = new Map<string, Map<string, string>>();
	let root: MetsElement | undefined;
	let current: MetsElement | undefined;
	/** Elements open inside one that is not looked into, that one included; 0: none. */
	let skipped = 0;

	const interned = (name: string): string => {
		// paths repeat for each file: one string serves all of them
		const parentPath = current?.path ?? '';
		const known = paths.get(parentPath) ?? new Map<string, string>();
		paths.set(parentPath, known);
		const path = known.get(name) ?? pathOf(name, current);
		known.set(name, path);
		return path;
	};

	await readXml(bytes, {
		onOpen(tag, line) {
			if (skipped > 0) {
				skipped += 1;
				return;
			}
			if (!isMets(tag)) {
				if (current) schema.foreign(current, tag.name, line);
				else reader.onViolation(notMets(tag.local, tag.uri, line));
				skipped = 1;
				return;
			}
			const element: MetsElement = {
				name: tag.local,
				path: interned(tag.local),
				attributes: attributesOf(tag),
				children: [],
				text: '',
				line,
				parent: current,
			};
			const isRoot = current === undefined;
			if (schema.open(element) === 'skip') {
				skipped = 1;
				return;
			}
			if (isRoot) root = element;
			current = element;
		},
		onText(text, line) {
			if (skipped > 0 || current === undefined) return;
			schema.text(text, line);
			if (TEXT_ELEMENTS.has(current.name) && current.text.length < MAX_TEXT) current.text += text;
		},
		onClose() {
			if (skipped > 0) {
				skipped -= 1;
				return;
			}
			if (current === undefined) return;
			schema.close();
			const { parent } = current;
			if (reader.onElement(current)) parent?.children.push(current);
			current = parent;
		},
	});
	schema.end();
	return { root, ids: schema.ids };
}

function notMets(name: string, uri: string, line: number): SchemaViolation {
	return {
		location: `/${name}`,
		line,
		found:
			uri === ''
				? `an element ${name} of no namespace`
				: `an element ${name} of the namespace ${uri}`,
		wanted: 'mets of the namespace http://www.loc.gov/METS/',
	};
}
