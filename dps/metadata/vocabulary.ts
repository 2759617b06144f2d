/** The terms of NB's metadata documentation, with what they mean in English. */

export interface TypeTerm {
	/** What is sent. */
	term: string;
	medium: 'Audio' | 'Images' | 'Moving Images' | 'Text';
	english: string;
}

/** Types of object (DPS metadata documentation: type). NB adds terms on request. */
export const TYPE_TERMS: readonly TypeTerm[] = [
	{ term: 'Bok', medium: 'Text', english: 'book' },
	{ term: 'Avis', medium: 'Text', english: 'newspaper' },
	{ term: 'Tidsskrift', medium: 'Text', english: 'periodical' },
	{ term: 'Artikkel', medium: 'Text', english: 'article' },
	{ term: 'Småtrykk', medium: 'Text', english: 'ephemera' },
	{ term: 'Brev', medium: 'Text', english: 'letter' },
	{ term: 'Epost', medium: 'Text', english: 'e-mail' },
	{ term: 'Manuskript', medium: 'Text', english: 'manuscript' },
	{ term: 'Musikkmanuskript', medium: 'Text', english: 'music manuscript' },
	{ term: 'Noter', medium: 'Text', english: 'sheet music' },
	{ term: 'Programrapport', medium: 'Text', english: 'programme report' },
	{ term: 'Programstatistikk', medium: 'Text', english: 'programme statistics' },
	{ term: 'Bilde', medium: 'Images', english: 'picture' },
	{ term: 'Kart', medium: 'Images', english: 'map' },
	{ term: 'Plakat', medium: 'Images', english: 'poster' },
	{ term: 'Postkort', medium: 'Images', english: 'postcard' },
	{ term: 'Referansemateriale', medium: 'Images', english: 'reference material' },
	{ term: 'Lydbok', medium: 'Audio', english: 'audiobook' },
	{ term: 'Musikk', medium: 'Audio', english: 'music' },
	{ term: 'Radio', medium: 'Audio', english: 'radio' },
	{ term: 'Dokumentasjonslyd', medium: 'Audio', english: 'documentary sound' },
	{ term: 'Film', medium: 'Moving Images', english: 'film' },
	{ term: 'Fjernsyn', medium: 'Moving Images', english: 'television' },
];

/** Type terms of the 2025 OpenAPI document that have another form now. */
export const FORMER_TYPE_TERMS: ReadonlyMap<string, string> = new Map([
	['Plakater', 'Plakat'],
	['Programrapporter', 'Programrapport'],
	['Kort', 'Postkort'],
]);

export interface AgentType {
	/** What is sent. */
	term: string;
	english: string;
}

/** What a creator, contributor or publisher is (DPS metadata documentation: creator). */
export const AGENT_TYPES: readonly AgentType[] = [
	{ term: 'konferanse', english: 'conference' },
	{ term: 'korporasjon', english: 'corporate body' },
	{ term: 'person', english: 'person' },
	{ term: 'standardtittel', english: 'uniform title' },
];

/** Agent types of the 2025 OpenAPI document, and the terms in use now. */
export const FORMER_AGENT_TYPES: ReadonlyMap<string, string> = new Map([
	['Person', 'person'],
	['Organization', 'korporasjon'],
	['Personal Name', 'person'],
	['Corporate Name', 'korporasjon'],
	['Meeting Name', 'konferanse'],
	['Uniform Title', 'standardtittel'],
]);

export interface RelationTerm {
	/** What is sent. */
	term: string;
	/** Its name in words. */
	english: string;
	/** What it says of the object that is described. */
	meaning: string;
}

/** The relations of DCMI Metadata Terms, which NB recommends. */
export const RELATION_TERMS: readonly RelationTerm[] = [
	{
		term: 'conformsTo',
		english: 'Conforms To',
		meaning: 'The object follows the related standard',
	},
	{
		term: 'hasFormat',
		english: 'Has Format',
		meaning: 'The object came first, the related one is the same content in another format',
	},
	{
		term: 'hasPart',
		english: 'Has Part',
		meaning: 'The related resource is a part of the object',
	},
	{
		term: 'hasVersion',
		english: 'Has Version',
		meaning: 'The related resource is a version, edition or adaptation of the object',
	},
	{
		term: 'isFormatOf',
		english: 'Is Format Of',
		meaning: 'The object is the same content as the related resource, in another format',
	},
	{
		term: 'isPartOf',
		english: 'Is Part Of',
		meaning: 'The object is a part of the related resource, such as a series or a collection',
	},
	{
		term: 'isReferencedBy',
		english: 'Is Referenced By',
		meaning: 'The related resource cites or points to the object',
	},
	{
		term: 'isReplacedBy',
		english: 'Is Replaced By',
		meaning: 'The related resource takes the place of the object',
	},
	{
		term: 'isRequiredBy',
		english: 'Is Required By',
		meaning: 'The related resource needs the object to work or to be understood',
	},
	{
		term: 'isVersionOf',
		english: 'Is Version Of',
		meaning: 'The object is a version, edition or adaptation of the related resource',
	},
	{
		term: 'references',
		english: 'References',
		meaning: 'The object cites or points to the related resource',
	},
	{
		term: 'replaces',
		english: 'Replaces',
		meaning: 'The object takes the place of the related resource',
	},
	{
		term: 'requires',
		english: 'Requires',
		meaning: 'The object needs the related resource to work or to be understood',
	},
];

export interface LanguageCode {
	/** ISO 639-3. */
	code: string;
	english: string;
}

/** Languages to choose from. Any other ISO 639-3 code is as good. */
export const LANGUAGES: readonly LanguageCode[] = [
	{ code: 'ara', english: 'Arabic' },
	{ code: 'dan', english: 'Danish' },
	{ code: 'nld', english: 'Dutch' },
	{ code: 'eng', english: 'English' },
	{ code: 'fao', english: 'Faroese' },
	{ code: 'fin', english: 'Finnish' },
	{ code: 'fra', english: 'French' },
	{ code: 'deu', english: 'German' },
	{ code: 'isl', english: 'Icelandic' },
	{ code: 'ita', english: 'Italian' },
	{ code: 'kal', english: 'Kalaallisut' },
	{ code: 'fkv', english: 'Kven' },
	{ code: 'lat', english: 'Latin' },
	{ code: 'smj', english: 'Lule Sámi' },
	{ code: 'mul', english: 'Multiple Languages' },
	{ code: 'zxx', english: 'No Linguistic Content' },
	{ code: 'sme', english: 'Northern Sámi' },
	{ code: 'nob', english: 'Norwegian Bokmål' },
	{ code: 'nno', english: 'Norwegian Nynorsk' },
	{ code: 'non', english: 'Old Norse' },
	{ code: 'pol', english: 'Polish' },
	{ code: 'por', english: 'Portuguese' },
	{ code: 'rus', english: 'Russian' },
	{ code: 'sms', english: 'Skolt Sámi' },
	{ code: 'sma', english: 'Southern Sámi' },
	{ code: 'spa', english: 'Spanish' },
	{ code: 'swe', english: 'Swedish' },
	{ code: 'rmu', english: 'Tavringer Romani' },
	{ code: 'ukr', english: 'Ukrainian' },
	{ code: 'und', english: 'Undetermined' },
];

/** ISO 639-1 codes that are often written by mistake, and their ISO 639-3 codes. */
export const TWO_LETTER_LANGUAGES: ReadonlyMap<string, string> = new Map([
	['da', 'dan'],
	['de', 'deu'],
	['en', 'eng'],
	['es', 'spa'],
	['fi', 'fin'],
	['fo', 'fao'],
	['fr', 'fra'],
	['is', 'isl'],
	['it', 'ita'],
	['la', 'lat'],
	['nb', 'nob'],
	['nl', 'nld'],
	['nn', 'nno'],
	['no', 'nob or nno'],
	['pl', 'pol'],
	['pt', 'por'],
	['ru', 'rus'],
	['se', 'sme'],
	['sv', 'swe'],
	['uk', 'ukr'],
]);
