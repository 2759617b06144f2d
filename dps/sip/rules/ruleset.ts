import type { Findings, Level, Severity } from '../report';
import type { MetsElement } from '../mets/element';
import { locationOf } from '../mets/element';

/** What a package is checked against; stands in saved workflows. */
export type RulesetName = 'nb-sip-1.0' | 'e-ark-sip-2.2.0';

/** The rulesets in words, as reports name them. */
export const RULESETS: Readonly<Record<RulesetName, string>> = {
	'nb-sip-1.0': 'NB-SIP 1.0 (on E-ARK SIP 2.2.0)',
	'e-ark-sip-2.2.0': 'E-ARK SIP 2.2.0',
};

/** The METS document that rules look at, and where their findings go. */
export interface MetsScope {
	/** Path of the document in the package. */
	file: string;
	/** The root METS, not a representation's. */
	isRoot: boolean;
	/** Name of the folder that the document stands in, where it is known. */
	folderName?: string;
	/** Rules of the National Library of Norway apply too. */
	nb: boolean;
	findings: Findings;
}

/** A requirement and how binding it is. */
export interface Requirement {
	requirement: string;
	level: Level;
	/** Where it is not what follows from the level. */
	severity?: Severity;
}

/** A requirement on the way to a finding: `must('CSIP2')`. */
export const must = (requirement: string): Requirement => ({ requirement, level: 'MUST' });
export const should = (requirement: string, severity?: Severity): Requirement => ({
	requirement,
	level: 'SHOULD',
	severity,
});
export const may = (requirement: string, severity?: Severity): Requirement => ({
	requirement,
	level: 'MAY',
	severity,
});

/** Notes that a requirement is not met at an element, or at one of its attributes. */
export function note(
	scope: MetsScope,
	requirement: Requirement,
	at: MetsElement | undefined,
	found: string,
	wanted: string,
	attribute?: string,
): void {
	scope.findings.add({
		...requirement,
		file: scope.file,
		location: at ? locationOf(at, attribute) : '/mets',
		line: at?.line,
		found,
		wanted,
	});
}
