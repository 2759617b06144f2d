/** What an event is about: the whole package (in PREMIS an intellectual entity) or one file. */
export type EventScope = 'package' | 'file';

export interface EventType {
	/** What is sent. */
	term: string;
	/** What the event may be about. */
	scopes: readonly EventScope[];
	/** When to record it; a sentence without its full stop. */
	use: string;
	/** Whether the file that came of it belongs in `outcomeDetail`. */
	namesResult?: true;
}

/** The event types that DPS takes; it refuses others (DPS documentation of preservation events). */
export const EVENT_TYPES: readonly EventType[] = [
	{
		term: 'capture',
		scopes: ['package', 'file'],
		use: 'Content was taken from a source that goes on living, such as a website that was harvested or a broadcast that was recorded',
	},
	{
		term: 'creation',
		scopes: ['file'],
		use: 'A new file was made, for example by digitising one page; for the digitising of a whole object use imaging instead',
	},
	{
		term: 'filename change',
		scopes: ['file'],
		use: 'A file got another name; put the old and the new name in the details',
	},
	{
		term: 'fixity check',
		scopes: ['package', 'file'],
		use: 'A checksum that came with the content was compared with a fresh one; not together with message digest calculation',
	},
	{
		term: 'imaging',
		scopes: ['package'],
		use: 'The object was digitised as images; instead of creation events on its files, not beside them',
	},
	{
		term: 'information package creation',
		scopes: ['package'],
		use: 'The files and their metadata were put together as the package that is submitted',
	},
	{
		term: 'message digest calculation',
		scopes: ['package', 'file'],
		use: 'Checksums were made here for the first time; to compare a given checksum use fixity check instead',
	},
	{
		term: 'metadata extraction',
		scopes: ['file'],
		use: 'Metadata was read out of a file; name the source file as the file, and the resulting file in the outcome detail',
		namesResult: true,
	},
	{
		term: 'migration',
		scopes: ['package', 'file'],
		use: 'Content was converted to another format; name the resulting file in the outcome detail',
		namesResult: true,
	},
	{
		term: 'transfer',
		scopes: ['package'],
		use: 'The content was handed over from one keeper or system to another before DPS; DPS records the transfer into DPS itself',
	},
	{
		term: 'validation',
		scopes: ['package', 'file'],
		use: 'The content was checked against the specification of its format or of its package',
	},
	{
		term: 'virus check',
		scopes: ['package', 'file'],
		use: 'The content was scanned for malicious software',
	},
];

/** Kinds of agent that DPS takes. */
export const EVENT_AGENT_TYPES = ['hardware', 'organization', 'person', 'software'] as const;

/** Outcomes that DPS takes. */
export const EVENT_OUTCOMES = ['failure', 'success', 'warning'] as const;
