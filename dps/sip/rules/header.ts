import { quote } from '../../finding';
import type { MetsElement } from '../mets/element';
import { childrenOf } from '../mets/element';
import { CONTENT_CATEGORY_TERMS, CONTENT_INFORMATION_TYPES, nearTerm } from '../vocabulary';

import type { MetsScope, Requirement } from './ruleset';
import { may, must, note } from './ruleset';

/** A requirement on an agent, and whether it is met. */
type AgentTest = [requirement: string, attribute: string, value: string];

const SOFTWARE: readonly AgentTest[] = [
	['CSIP11', 'ROLE', 'CREATOR'],
	['CSIP12', 'TYPE', 'OTHER'],
	['CSIP13', 'OTHERTYPE', 'SOFTWARE'],
];
const ACTORS: ReadonlySet<string> = new Set(['ORGANIZATION', 'INDIVIDUAL']);

function missed(agent: MetsElement): AgentTest[] {
	return SOFTWARE.filter(([, attribute, value]) => agent.attributes.get(attribute) !== value);
}

function textOf(element: MetsElement | undefined): string {
	return element?.text.trim() ?? '';
}

function attributeInWords(element: MetsElement, attribute: string): string {
	const value = element.attributes.get(attribute);
	return value === undefined ? 'is missing' : `is ${quote(value)}`;
}

function checkName(scope: MetsScope, requirement: string, agent: MetsElement, whose: string): void {
	const [name] = childrenOf(agent, 'name');
	if (textOf(name) !== '') return;
	note(scope, must(requirement), name ?? agent, name ? 'name is empty' : 'there is no name', whose);
}

/** The note of the agent that made the package: one, with the version of the software. */
function checkSoftwareNote(scope: MetsScope, agent: MetsElement): void {
	const notes = childrenOf(agent, 'note');
	const wanted = 'exactly one note, with the version of the software';
	if (notes.length !== 1) {
		const found = notes.length === 0 ? 'there is no note' : `there are ${notes.length} notes`;
		note(scope, must('CSIP15'), agent, found, wanted);
	} else if (textOf(notes[0]) === '') {
		note(scope, must('CSIP15'), notes[0], 'the note is empty', wanted);
	}
	for (const version of notes) {
		if (version.attributes.get('csip:NOTETYPE') === 'SOFTWARE VERSION') continue;
		const found = attributeInWords(version, 'csip:NOTETYPE');
		note(scope, must('CSIP16'), version, found, '"SOFTWARE VERSION"', 'csip:NOTETYPE');
	}
}

/** CSIP10–16: the software that made the package. Returns the agents that are it. */
function checkSoftware(
	scope: MetsScope,
	header: MetsElement,
	agents: MetsElement[],
): MetsElement[] {
	if (agents.length === 0) {
		note(
			scope,
			// who made the package is said in the root METS; commons-ip does not say it again
			scope.isRoot ? must('CSIP10') : { ...must('CSIP10'), severity: 'warning' },
			header,
			'there is no agent',
			'an agent for the software that made the package',
		);
		return [];
	}
	const fewest = Math.min(...agents.map((agent) => missed(agent).length));
	// when no agent is the software, those that come nearest tell what is wrong with them; an agent
	// that meets nothing, or the role alone, is somebody else
	const nearest = agents.filter((agent) => missed(agent).length === fewest);
	if (fewest >= 2) {
		note(
			scope,
			must('CSIP10'),
			header,
			'no agent stands for the software that made the package',
			'an agent with ROLE "CREATOR", TYPE "OTHER" and OTHERTYPE "SOFTWARE"',
		);
	}
	for (const agent of nearest) {
		for (const [requirement, attribute, value] of missed(agent)) {
			const found = attributeInWords(agent, attribute);
			note(
				scope,
				must(requirement),
				agent,
				found,
				`${quote(value)} on the agent for the software`,
				attribute,
			);
		}
	}
	const software = nearest.filter(
		(agent) => fewest < 2 || agent.attributes.get('OTHERTYPE') === 'SOFTWARE',
	);
	for (const agent of software) {
		checkName(scope, 'CSIP14', agent, 'the name of the software that made the package');
		checkSoftwareNote(scope, agent);
	}
	return software;
}

/** The requirements on a person's or institution's note, and what it must be called. */
function checkIdentification(
	scope: MetsScope,
	agent: MetsElement,
	requirements: { note: string; type: string },
	whose: string,
): void {
	const notes = childrenOf(agent, 'note');
	if (notes.every((element) => textOf(element) === '')) {
		note(
			scope,
			may(requirements.note),
			agent,
			'there is no note',
			`an identification code of ${whose}, such as its organisation number`,
		);
	}
	// a contact person's notes say how to reach the person, and have no type
	if (agent.attributes.get('TYPE') === 'INDIVIDUAL') return;
	for (const element of notes) {
		if (element.attributes.get('csip:NOTETYPE') === 'IDENTIFICATIONCODE') continue;
		const found = attributeInWords(element, 'csip:NOTETYPE');
		note(scope, must(requirements.type), element, found, '"IDENTIFICATIONCODE"', 'csip:NOTETYPE');
	}
}

/** SIP15–25: who submits the package, and contact persons. */
function checkSubmitter(scope: MetsScope, header: MetsElement, others: MetsElement[]): void {
	const creators = others.filter((agent) => agent.attributes.get('ROLE') === 'CREATOR');
	const submitters = creators.filter((agent) => ACTORS.has(agent.attributes.get('TYPE') ?? ''));
	const wanted =
		'an agent with ROLE "CREATOR" and TYPE "ORGANIZATION" (or "INDIVIDUAL") for who submits the package';
	if (submitters.length === 0) {
		note(scope, must('SIP15'), header, 'no agent stands for who submits the package', wanted);
		for (const agent of creators) {
			note(
				scope,
				must('SIP17'),
				agent,
				attributeInWords(agent, 'TYPE'),
				'"ORGANIZATION" or "INDIVIDUAL"',
				'TYPE',
			);
		}
		const claimed = new Set(['ARCHIVIST', 'PRESERVATION']);
		for (const agent of others) {
			const role = agent.attributes.get('ROLE') ?? '';
			if (
				role === 'CREATOR' ||
				claimed.has(role) ||
				!ACTORS.has(agent.attributes.get('TYPE') ?? '')
			)
				continue;
			note(scope, must('SIP16'), agent, attributeInWords(agent, 'ROLE'), '"CREATOR"', 'ROLE');
		}
	}
	for (const agent of submitters) {
		const person = agent.attributes.get('TYPE') === 'INDIVIDUAL' && submitters.length > 1;
		checkName(scope, person ? 'SIP24' : 'SIP18', agent, 'the name of who submits the package');
		checkIdentification(
			scope,
			agent,
			{ note: person ? 'SIP25' : 'SIP19', type: 'SIP20' },
			'who submits the package',
		);
	}
	if (scope.nb && creators.length > 1) {
		note(
			scope,
			must('SIP15'),
			header,
			`${creators.length} creators that are no software`,
			"exactly one: NB's validator takes each of them for the submitter",
		);
	}
	if (!submitters.some((agent) => agent.attributes.get('TYPE') === 'INDIVIDUAL')) {
		note(
			scope,
			may('SIP21'),
			header,
			'there is no contact person',
			'an agent with ROLE "CREATOR" and TYPE "INDIVIDUAL"',
		);
	}
}

/** SIP9–14: who made what the package holds. */
function checkArchivalCreator(scope: MetsScope, header: MetsElement, others: MetsElement[]): void {
	const archivists = others.filter((agent) => agent.attributes.get('ROLE') === 'ARCHIVIST');
	const organisations = others.filter(
		({ attributes }) =>
			attributes.get('ROLE') === 'CREATOR' && attributes.get('TYPE') === 'ORGANIZATION',
	);
	if (archivists.length === 0 && organisations.length < 2) {
		note(
			scope,
			may('SIP9'),
			header,
			'there is no agent for the archival creator',
			'an agent for who made what the package holds',
		);
	}
	for (const agent of archivists) {
		if (!ACTORS.has(agent.attributes.get('TYPE') ?? '')) {
			note(
				scope,
				must('SIP11'),
				agent,
				attributeInWords(agent, 'TYPE'),
				'"ORGANIZATION" or "INDIVIDUAL"',
				'TYPE',
			);
		}
		checkName(scope, 'SIP12', agent, 'the name of the archival creator');
		checkIdentification(scope, agent, { note: 'SIP13', type: 'SIP14' }, 'the archival creator');
	}
}

/** SIP26–31: who preserves the package. */
function checkPreserver(scope: MetsScope, header: MetsElement, others: MetsElement[]): void {
	const preservers = others.filter((agent) => agent.attributes.get('ROLE') === 'PRESERVATION');
	if (preservers.length === 0) {
		note(
			scope,
			may('SIP26'),
			header,
			'there is no agent for who preserves the package',
			'an agent with ROLE "PRESERVATION" and TYPE "ORGANIZATION"',
		);
	}
	for (const agent of preservers) {
		if (agent.attributes.get('TYPE') !== 'ORGANIZATION') {
			note(scope, must('SIP28'), agent, attributeInWords(agent, 'TYPE'), '"ORGANIZATION"', 'TYPE');
		}
		checkName(scope, 'SIP29', agent, 'the name of who preserves the package');
		checkIdentification(
			scope,
			agent,
			{ note: 'SIP30', type: 'SIP31' },
			'who preserves the package',
		);
	}
}

/** SIP5–8: references to agreements and to the archive's own order. */
const ALTERNATIVE_IDS: ReadonlyArray<
	[requirement: string, type: string, once: boolean, what: string]
> = [
	['SIP5', 'SUBMISSIONAGREEMENT', true, 'the submission agreement'],
	['SIP6', 'PREVIOUSSUBMISSIONAGREEMENT', false, 'an earlier submission agreement'],
	['SIP7', 'REFERENCECODE', true, "the package's place in the archive"],
	['SIP8', 'PREVIOUSREFERENCECODE', false, 'an earlier place in an archive'],
];

function checkAlternativeIds(scope: MetsScope, header: MetsElement): void {
	const ids = childrenOf(header, 'altRecordID');
	for (const [requirement, type, once, what] of ALTERNATIVE_IDS) {
		const own = ids.filter((element) => element.attributes.get('TYPE') === type);
		const wanted = `altRecordID with TYPE ${quote(type)} and a reference to ${what}`;
		if (own.length === 0) note(scope, may(requirement), header, 'there is none', wanted);
		for (const element of own) {
			if (textOf(element) === '')
				note(scope, may(requirement, 'warning'), element, 'is empty', wanted);
		}
		if (once && own.length > 1) {
			note(scope, may(requirement, 'warning'), header, `there are ${own.length}`, `one ${wanted}`);
		}
	}
}

/**
 * The requirements on `metsHdr` that are about more than one attribute: CSIP10–16, SIP5–31.
 *
 * @param header with its agents and record ids inside
 */
export function checkHeader(scope: MetsScope, header: MetsElement): void {
	const agents = childrenOf(header, 'agent');
	const software = new Set(checkSoftware(scope, header, agents));
	const created = header.attributes.get('CREATEDATE');
	const modified = header.attributes.get('LASTMODDATE');
	if (created && modified && Date.parse(modified) < Date.parse(created)) {
		note(
			scope,
			{ requirement: 'CSIP8', level: 'SHOULD' },
			header,
			`is ${quote(modified)}, before the creation at ${quote(created)}`,
			'a moment after the creation',
			'LASTMODDATE',
		);
	}
	if (scope.nb && scope.isRoot && (header.attributes.get('RECORDSTATUS') ?? 'NEW') !== 'NEW') {
		note(
			scope,
			may('SIP3', 'warning'),
			header,
			attributeInWords(header, 'RECORDSTATUS'),
			'"NEW" for a package that is sent to NB',
			'RECORDSTATUS',
		);
	}
	// a representation's document need not say again who submits the package
	if (!scope.isRoot) return;
	const others = agents.filter((agent) => !software.has(agent));
	checkSubmitter(scope, header, others);
	checkPreserver(scope, header, others);
	checkArchivalCreator(scope, header, others);
	checkAlternativeIds(scope, header);
}

/** Where an `OTHER` wants a value of its own, and no value else: CSIP3, CSIP5, CSIP63. */
interface OtherRule {
	requirement: Requirement;
	attribute: string;
	other: string;
	terms: ReadonlySet<string>;
	isOther(value: string): boolean;
}

const OTHER_CATEGORY: OtherRule = {
	// CSIP3 is a SHOULD, CSIP5 and CSIP63 are MAYs; the texts say what then MUST be
	requirement: { requirement: 'CSIP3', level: 'SHOULD', severity: 'error' },
	attribute: 'TYPE',
	other: 'csip:OTHERTYPE',
	terms: CONTENT_CATEGORY_TERMS,
	isOther: (value) => value === 'Other' || value === 'OTHER',
};
const OTHER_TYPE: OtherRule = {
	requirement: { requirement: 'CSIP5', level: 'MAY', severity: 'error' },
	attribute: 'csip:CONTENTINFORMATIONTYPE',
	other: 'csip:OTHERCONTENTINFORMATIONTYPE',
	terms: CONTENT_INFORMATION_TYPES,
	isOther: (value) => value === 'OTHER',
};

function checkOther(scope: MetsScope, element: MetsElement, rule: OtherRule): void {
	const { requirement, attribute, other, terms, isOther } = rule;
	const value = element.attributes.get(attribute);
	const detail = element.attributes.get(other);
	if (value !== undefined && isOther(value)) {
		if (detail === undefined || detail.trim() === '') {
			const found = detail === undefined ? 'is missing' : 'is empty';
			note(
				scope,
				requirement,
				element,
				found,
				`a value, since ${attribute} is ${quote(value)}`,
				other,
			);
			return;
		}
		const term = nearTerm(terms, detail);
		if (term !== undefined && !isOther(term)) {
			note(
				scope,
				requirement,
				element,
				`is ${quote(detail)}, a term of the vocabulary`,
				`${quote(term)} as ${attribute}`,
				other,
			);
		}
	} else if (detail !== undefined) {
		const found = `is ${quote(detail)}, though ${attribute} ${value === undefined ? 'is missing' : `is ${quote(value)}`}`;
		note(scope, requirement, element, found, `${other} only where ${attribute} says other`, other);
	}
}

/** CSIP3 and CSIP5, on the root element. */
export function checkCategories(scope: MetsScope, root: MetsElement): void {
	checkOther(scope, root, OTHER_CATEGORY);
	checkOther(scope, root, OTHER_TYPE);
}

/** CSIP63, on a file group. */
export function checkGroupCategory(scope: MetsScope, group: MetsElement): void {
	checkOther(scope, group, {
		...OTHER_TYPE,
		requirement: { requirement: 'CSIP63', level: 'MAY', severity: 'error' },
	});
}
