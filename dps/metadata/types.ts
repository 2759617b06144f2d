/**
 * Descriptive metadata as DPS takes it with a submission: Dublin Core elements with attributes
 * (DPS metadata documentation). Every object may carry further fields, which pass through.
 */

/** A reference to a record in an authority file, such as VIAF or NB's own. */
export interface Authority {
	source?: string;
	code?: string;
	uri?: string;
	[field: string]: unknown;
}

export interface Identifier {
	/** `URN`, `ISBN`, `inventory number`, … */
	type: string;
	value: string;
	[field: string]: unknown;
}

/** A text and the language that it is written in (ISO 639-3). */
export interface LocalizedText {
	value: string;
	lang?: string;
	[field: string]: unknown;
}

export interface TypedText extends LocalizedText {
	type: string;
}

export interface Agent {
	name: string;
	/** One of NB's terms: `person`, `korporasjon`, `konferanse`, `standardtittel`. */
	type?: string;
	/** What the agent did for the object; publishers have none. */
	role?: string;
	authority?: Authority;
	[field: string]: unknown;
}

export interface Spatial {
	name: string;
	type?: string;
	lang?: string;
	authority?: Authority;
	/** For example `EPSG:4326`, which DPS takes for granted when none is given. */
	coordinateReferenceSystem?: string;
	/** Degrees, -90 to 90. */
	latitude?: number;
	/** Degrees, -180 to 180. */
	longitude?: number;
	[field: string]: unknown;
}

export interface Relation {
	/** A Dublin Core relation, such as `isPartOf`. */
	type: string;
	title?: string;
	id?: string;
	lang?: string;
	URI?: string;
	[field: string]: unknown;
}

export interface Source {
	identifier: Identifier[];
	description?: string;
	URI?: string;
	[field: string]: unknown;
}

export interface Subject extends LocalizedText {
	authority?: Authority;
}

/** The whole of it; `checkMetadata` says whether a value is one. */
export interface Metadata {
	/** One of NB's Norwegian terms (`TYPE_TERMS`). */
	type: string;
	identifier: Identifier[];
	title: LocalizedText;
	alternative?: TypedText[];
	creator?: Agent[];
	contributor?: Agent[];
	publisher?: Agent[];
	spatial?: Spatial[];
	/** Each `value` in ISO 8601-2. */
	date?: TypedText[];
	/** Each `value` in ISO 639-3. */
	language?: TypedText[];
	relation?: Relation[];
	source?: Source[];
	provenance?: LocalizedText[];
	subject?: Subject[];
	description?: LocalizedText[];
	[element: string]: unknown;
}
