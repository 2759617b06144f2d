import { quote } from '../../finding';

import type { MetsElement } from './element';
import { locationOf } from './element';
import type { ContentModel, ElementModel } from './model';
import { METS_MODEL } from './model';
import { collapsed, violation } from './simple-type';

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
/** Attributes that may stand on any element: they say where schemas are. */
const SCHEMA_HINTS: ReadonlySet<string> = new Set([
	`{${XSI}}schemaLocation`,
	`{${XSI}}noNamespaceSchemaLocation`,
]);

/** What breaks the schema, and where. */
export interface SchemaViolation {
	location: string;
	line: number;
	found: string;
	wanted: string;
}

/** What is known of an element while it is open. */
interface Open {
	element: MetsElement;
	model: ElementModel;
	/** Where in a sequence the last child stood. */
	at: number;
	/** Children of the particle at `at`. */
	count: number;
	/** Names of the children, where the model needs them. */
	names: Set<string>;
	children: number;
	/** Character data that is no white space was seen where none may be. */
	strayText: boolean;
}

/** A reference to an ID that had not been seen when it was met. */
interface Pending {
	id: string;
	location: string;
	line: number;
}

/**
 * Checks a METS document against METS 1.12 and its two DILCIS extensions while it is read, element
 * by element. Keeps the IDs, and nothing else that grows with the document.
 */
export class SchemaCheck {
	/** The name of the element that bears each ID. */
	readonly ids = new Map<string, string>();
	private readonly stack: Open[] = [];
	private pending: Pending[] = [];

	/**
	 * @param edited whether attributes are required that only commons-ip's copy of the schema
	 *   requires: `csip:NOTETYPE` on every note, `csip:OAISPACKAGETYPE`
	 * @param report called for each violation, in the order of the document
	 */
	constructor(
		private readonly edited: boolean,
		private readonly report: (violation: SchemaViolation) => void,
	) {}

	/**
	 * An element begins.
	 *
	 * @returns how its inside is to be read: `skip` when it is nothing that METS knows
	 */
	open(element: MetsElement): 'read' | 'skip' {
		const parent = this.stack.at(-1);
		if (!(parent ? this.fits(parent, element) : this.isRoot(element))) return 'skip';
		const model = METS_MODEL[element.name];
		this.checkAttributes(element, model);
		if (model.content.kind === 'any') return 'skip';
		this.stack.push({
			element,
			model,
			at: 0,
			count: 0,
			names: new Set(),
			children: 0,
			strayText: false,
		});
		return 'read';
	}

	/** An element of another namespace begins where METS expects its own. */
	foreign(parent: MetsElement, name: string, line: number): void {
		const location = locationOf(parent);
		this.report({
			location,
			line,
			found: `an element ${quote(name)} that is not of the METS namespace`,
			wanted: 'elements of METS only; others belong in mdWrap/xmlData',
		});
	}

	/** Text inside the innermost open element. */
	text(text: string, line: number): void {
		const open = this.stack.at(-1);
		if (!open || open.strayText || open.model.content.kind === 'text') return;
		if (text.trim() === '') return;
		open.strayText = true;
		this.report({
			location: locationOf(open.element),
			line,
			found: `text between the elements: ${quote(text.trim())}`,
			wanted: 'elements only',
		});
	}

	/** The innermost open element ends. */
	close(): void {
		const open = this.stack.pop();
		if (!open) return;
		const missing = missingChild(open);
		if (missing !== undefined) {
			this.report({
				location: locationOf(open.element),
				line: open.element.line,
				found: `${open.element.name} has no ${missing}, or too few`,
				wanted: `${missing} inside ${open.element.name}`,
			});
		}
	}

	/** The document has ended: what was referred to must be there. */
	end(): void {
		for (const { id, location, line } of this.pending) {
			if (this.ids.has(id)) continue;
			this.report({
				location,
				line,
				found: `refers to ${quote(id)}, which no element of the document bears as its ID`,
				wanted: 'a reference to an ID of the same document',
			});
		}
	}

	private isRoot(element: MetsElement): boolean {
		if (element.name === 'mets') return true;
		this.report({
			location: locationOf(element),
			line: element.line,
			found: `the root element is ${element.name}`,
			wanted: 'mets as the root element',
		});
		return false;
	}

	private fits(parent: Open, element: MetsElement): boolean {
		const { content } = parent.model;
		const name = element.name;
		const reject = (found: string, wanted: string) => {
			this.report({ location: locationOf(element), line: element.line, found, wanted });
			return false;
		};
		const inside = parent.element.name;
		parent.children += 1;
		switch (content.kind) {
			case 'sequence': {
				const { particles } = content;
				const next = particles.findIndex((particle) => particle.name === name);
				if (next < 0) return reject(`${name} inside ${inside}`, allowed(content));
				if (next < parent.at) {
					return reject(
						`${name} after ${particles[parent.at].name}`,
						`${allowed(content)}, in this order`,
					);
				}
				if (next > parent.at) {
					const skipped = particles
						.slice(parent.at, next)
						.find(({ min }, index) => (index === 0 ? parent.count : 0) < min);
					parent.at = next;
					parent.count = 0;
					if (skipped)
						reject(`${name} before ${skipped.name}`, `${allowed(content)}, in this order`);
				}
				parent.count += 1;
				if (parent.count > particles[next].max) {
					return reject(`more than one ${name} inside ${inside}`, `at most one ${name}`);
				}
				return true;
			}
			case 'all':
				if (!content.names.includes(name))
					return reject(`${name} inside ${inside}`, allowed(content));
				if (parent.names.has(name)) {
					return reject(`more than one ${name} inside ${inside}`, `at most one ${name}`);
				}
				parent.names.add(name);
				return true;
			case 'oneOf': {
				if (!content.names.includes(name))
					return reject(`${name} inside ${inside}`, allowed(content));
				const other = content.names.find(
					(sibling) => sibling !== name && parent.names.has(sibling),
				);
				if (other)
					return reject(`${name} beside ${other}`, `either ${name} or ${other} inside ${inside}`);
				if (!content.many && parent.names.has(name)) {
					return reject(`more than one ${name} inside ${inside}`, `at most one ${name}`);
				}
				parent.names.add(name);
				return true;
			}
			case 'mixedOf':
				return content.names.includes(name) || reject(`${name} inside ${inside}`, allowed(content));
			default:
				return reject(`${name} inside ${inside}`, allowed(content));
		}
	}

	private checkAttributes(element: MetsElement, model: ElementModel): void {
		const reject = (attribute: string | undefined, found: string, wanted: string) => {
			this.report({ location: locationOf(element, attribute), line: element.line, found, wanted });
		};
		for (const [name, value] of element.attributes) {
			const attribute = model.attributes[name];
			if (attribute === undefined) {
				if (SCHEMA_HINTS.has(name)) continue;
				const other = /[:}]/.test(name) && !name.startsWith(`{${XSI}}`);
				if (model.foreign && other) {
					this.checkStrayExtension(element, name, value);
				} else {
					reject(
						undefined,
						`an attribute ${quote(name)} on ${element.name}`,
						`only attributes that METS gives to ${element.name}`,
					);
				}
				continue;
			}
			const wanted = violation(attribute.type, value);
			if (wanted !== undefined) reject(name, `is ${quote(value)}`, wanted);
			else if (attribute.type === 'id') this.noteId(element, name, collapsed(value));
			else if (attribute.type === 'idref' || attribute.type === 'idrefs') {
				for (const id of collapsed(value).split(' ')) this.noteReference(element, name, id);
			}
		}
		for (const [name, { required }] of Object.entries(model.attributes)) {
			if (required === undefined || element.attributes.has(name)) continue;
			if (required === 'always' || this.edited)
				reject(name, 'is missing', `an attribute ${name} on ${element.name}`);
		}
	}

	/** An attribute of the extensions where METS doesn't place it is still held to its type. */
	private checkStrayExtension(element: MetsElement, name: string, value: string): void {
		const placed = EXTENSION_TYPES.get(name);
		const wanted = placed === undefined ? undefined : violation(placed, value);
		if (wanted === undefined) return;
		this.report({
			location: locationOf(element, name),
			line: element.line,
			found: `is ${quote(value)}`,
			wanted,
		});
	}

	private noteId(element: MetsElement, attribute: string, id: string): void {
		if (!this.ids.has(id)) {
			this.ids.set(id, element.name);
			return;
		}
		this.report({
			location: locationOf(element, attribute),
			line: element.line,
			found: `the ID ${quote(id)} occurs more than once`,
			wanted: 'IDs that are unique in the document',
		});
	}

	private noteReference(element: MetsElement, attribute: string, id: string): void {
		if (this.ids.has(id)) return;
		this.pending.push({ id, location: locationOf(element, attribute), line: element.line });
	}
}

const EXTENSION_TYPES = new Map(
	['mets', 'metsHdr', 'note'].flatMap((name) =>
		Object.entries(METS_MODEL[name].attributes)
			.filter(([attribute]) => attribute.startsWith('csip:'))
			.map(([attribute, { type }]) => [attribute, type] as const),
	),
);

function allowed(content: ContentModel): string {
	switch (content.kind) {
		case 'sequence':
			return `only ${content.particles.map(({ name }) => name).join(', ')}`;
		case 'all':
		case 'oneOf':
		case 'mixedOf':
			return `only ${content.names.join(', ')}`;
		case 'text':
			return 'text only';
		default:
			return 'nothing inside';
	}
}

/** The first child that the model asks for and that is not there. */
function missingChild({ model: { content }, at, count, children }: Open): string | undefined {
	if (content.kind === 'mixedOf')
		return children < content.min ? content.names.join(' or ') : undefined;
	if (content.kind !== 'sequence') return undefined;
	return content.particles.slice(at).find(({ min }, index) => (index === 0 ? count : 0) < min)
		?.name;
}
