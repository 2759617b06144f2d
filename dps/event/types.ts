/** A preservation event as DPS takes it, after PREMIS (DPS documentation of preservation events). */
export interface PreservationEvent {
	agent: EventAgent;
	event: EventDescription;
}

/** Who or what acted. DPS tells agents apart by all of these texts. */
export interface EventAgent {
	agentName: string;
	agentType: 'software' | 'organization' | 'person' | 'hardware';
	agentVersion?: string;
	/** What the agent is in general, in the same words from event to event. */
	agentNotes?: string;
}

export interface EventDescription {
	/** ISO 8601 with time zone. */
	eventDateTime: string;
	/** One of `EVENT_TYPES`. */
	eventType: string;
	/** What was done, on what, by which method. */
	eventDetail?: string;
	/** The file that the event is about; absent when it is about the whole package. */
	fileRef?: { relativePath: string };
	outcome: 'success' | 'failure' | 'warning';
	/** What came of it. */
	outcomeDetail?: string;
}
