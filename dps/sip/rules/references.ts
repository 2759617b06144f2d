import { quote } from '../../finding';
import type { FileFacts, FileQuestions } from '../contents';
import { ALGORITHMS } from '../contents';
import type { FileDescription, MetsDocument } from '../mets/document';
import { locationOfDescription } from '../mets/document';
import type { PackageIndex } from '../package-index';
import type { Level, Severity } from '../report';

import type { MetsScope, Requirement } from './ruleset';
import { must, should } from './ruleset';

/** The requirements on where a file is, its size and its checksum, by the part of METS that says it. */
const REQUIREMENTS: Readonly<
	Record<FileDescription['by'], { href: string; size: string; checksum: string; type: string }>
> = {
	file: { href: 'CSIP79', size: 'CSIP69', checksum: 'CSIP71', type: 'CSIP72' },
	dmdSec: { href: 'CSIP24', size: 'CSIP27', checksum: 'CSIP29', type: 'CSIP30' },
	digiprovMD: { href: 'CSIP38', size: 'CSIP41', checksum: 'CSIP43', type: 'CSIP44' },
	rightsMD: { href: 'CSIP51', size: 'CSIP54', checksum: 'CSIP56', type: 'CSIP57' },
	sourceMD: { href: 'NBSIP13', size: 'NBSIP10', checksum: 'NBSIP23', type: 'NBSIP23' },
	techMD: { href: 'NBSIP21', size: 'NBSIP18', checksum: 'NBSIP23', type: 'NBSIP23' },
	mptr: { href: 'CSIP110', size: 'CSIP110', checksum: 'CSIP110', type: 'CSIP110' },
};

/** Requirement ids of NB stand for CSIP31 where NB's rules do not apply. */
function requirementFor(scope: MetsScope, id: string): Requirement {
	return scope.nb || !id.startsWith('NB') ? must(id) : should('CSIP31');
}

function noteDescription(
	scope: MetsScope,
	requirement: Requirement,
	description: FileDescription,
	attribute: string,
	found: string,
	wanted: string,
	target?: string,
): void {
	scope.findings.add({
		...requirement,
		file: scope.file,
		location: `${locationOfDescription(description)}/@${attribute}`,
		line: description.line,
		...(target === undefined ? {} : { target }),
		found,
		wanted,
	});
}

/** A file of the package, and where METS says what of it. */
export interface Described {
	scope: MetsScope;
	description: FileDescription;
}

/** What all METS documents together say of the package's files, by path. */
export class Descriptions {
	private readonly byPath = new Map<string, Described[]>();
	/** Files that a broken link nearly names. */
	private readonly nearlyNamed = new Set<string>();

	/** The places where a file is described. */
	of(path: string): readonly Described[] {
		return this.byPath.get(path) ?? [];
	}

	/** Whether a file is described, or was meant by a link that is told to be broken. */
	has(path: string): boolean {
		if (this.nearlyNamed.has(path)) return true;
		// a pointer of the structural map is no description
		return this.of(path).some(({ description }) => description.by !== 'mptr');
	}

	/** Paths that some METS document describes. */
	get paths(): Iterable<string> {
		return this.byPath.keys();
	}

	/**
	 * Follows every link of a document, and notes those that lead nowhere, and sizes that are not
	 * the file's.
	 */
	add(scope: MetsScope, document: MetsDocument, index: PackageIndex): void {
		const seen = new Set<string>();
		for (const description of document.descriptions) {
			checkForm(scope, description);
			const { path, near } = follow(scope, description, index);
			if (near !== undefined) this.nearlyNamed.add(near);
			if (path === undefined) continue;
			const places = this.byPath.get(path) ?? [];
			places.push({ scope, description });
			this.byPath.set(path, places);
			checkSize(scope, description, path, index.files.get(path) ?? 0);
			if (description.by !== 'file') continue;
			if (seen.has(path)) {
				const found = `${quote(path)} is described a second time`;
				noteDescription(
					scope,
					should('CSIP58'),
					description,
					'xlink:href',
					found,
					'one file element for each file',
					path,
				);
			}
			seen.add(path);
		}
	}
}

/** The file that a link leads to, or that was meant; what is wrong with the link is noted. */
function follow(
	scope: MetsScope,
	description: FileDescription,
	index: PackageIndex,
): { path?: string; near?: string } {
	const { href } = description;
	if (href === undefined || href.trim() === '') return {};
	const requirement = requirementFor(scope, REQUIREMENTS[description.by].href);
	const say = (found: string, wanted: string, severity?: Severity) =>
		noteDescription(scope, { ...requirement, severity }, description, 'xlink:href', found, wanted);
	const target = index.follow(scope.file, href);
	switch (target.kind) {
		case 'file':
			if (scope.nb && target.bareplus) {
				say(`is ${quote(href)}, whose + is read as a space`, '%2B for a + in the name of a file');
			}
			return { path: target.path };
		case 'elsewhere':
			say(
				`is ${quote(href)}, on another host`,
				'the path of a file of the package',
				scope.nb ? undefined : 'warning',
			);
			return {};
		case 'outside':
			say(`is ${quote(href)}, which leads out of the package`, 'the path of a file of the package');
			return {};
		default: {
			const near =
				target.near === undefined
					? ''
					: `; ${quote(target.near)} differs by case or by the Unicode form of its letters`;
			say(
				`is ${quote(href)}, and there is no such file${near}`,
				'the path of a file of the package',
			);
			return { near: target.near };
		}
	}
}

function checkSize(
	scope: MetsScope,
	description: FileDescription,
	path: string,
	size: number,
): void {
	if (description.size === undefined || description.size === size) return;
	const requirement = requirementFor(scope, REQUIREMENTS[description.by].size);
	noteDescription(
		scope,
		requirement,
		description,
		'SIZE',
		`is ${description.size}`,
		`${size}, the size of ${quote(path)}`,
		path,
	);
}

/** What must be computed of each file, so that its checksums can be compared. */
export function questionsOf(descriptions: Descriptions): Map<string, FileQuestions> {
	const questions = new Map<string, FileQuestions>();
	for (const path of descriptions.paths) {
		const algorithms = new Set<string>();
		for (const { description } of descriptions.of(path)) {
			const { checksum, checksumType = '' } = description;
			if (checksum && ALGORITHMS.has(checksumType)) algorithms.add(checksumType);
		}
		if (algorithms.size > 0) questions.set(path, { algorithms, text: false });
	}
	return questions;
}

/** Hex digits of a checksum, by METS's name of the algorithm. */
const DIGITS: ReadonlyMap<string, number> = new Map([
	['CRC32', 8],
	['MD5', 32],
	['SHA-1', 40],
	['SHA-256', 64],
	['SHA-384', 96],
	['SHA-512', 128],
]);

/** A checksum has the form that its algorithm gives; whether it is the file's is seen elsewhere. */
function checkForm(scope: MetsScope, description: FileDescription): void {
	const { checksum, checksumType = '' } = description;
	const digits = DIGITS.get(checksumType);
	if (!checksum || digits === undefined) return;
	if (checksum.length === digits && /^[0-9a-f]+$/.test(checksum)) return;
	const { checksum: requirement, type } = REQUIREMENTS[description.by];
	const wanted = `${digits} hex digits, since CHECKSUMTYPE is ${quote(checksumType)}`;
	noteDescription(
		scope,
		requirementFor(scope, requirement),
		description,
		'CHECKSUM',
		`is ${quote(checksum)}`,
		wanted,
	);
	const other = [...DIGITS].find(([, length]) => length === checksum.length)?.[0];
	if (other === undefined || other === checksumType) return;
	// a checksum of another length is one of another algorithm
	noteDescription(
		scope,
		{ ...requirementFor(scope, type), severity: 'warning' },
		description,
		'CHECKSUMTYPE',
		`is ${quote(checksumType)}, and the checksum has the length of ${other}`,
		'the algorithm of the checksum',
	);
}

/** Compares a file's checksums with what METS says. */
export function checkFixity(places: readonly Described[], path: string, facts: FileFacts): void {
	for (const { scope, description } of places) {
		const { checksum, checksumType = '' } = description;
		const digest = facts.digests.get(checksumType);
		// one that is malformed has been told already
		if (digest === undefined || digest === checksum || digest.length !== checksum?.length) continue;
		const requirement = requirementFor(scope, REQUIREMENTS[description.by].checksum);
		noteDescription(
			scope,
			requirement,
			description,
			'CHECKSUM',
			`is ${quote(checksum)}`,
			`${digest}, the ${checksumType} of ${quote(path)}`,
			path,
		);
	}
}

/** Whose fault it is when a file is described nowhere: by where it is. */
function undescribed(
	path: string,
	hasMets: (representation: string) => boolean,
	nb: boolean,
): Requirement[] {
	const [, representation, rest] = /^(?:representations\/([^/]+)\/)?(.*)$/.exec(path) ?? [];
	const severe = (requirement: string, level: Level = 'SHOULD'): Requirement => ({
		requirement,
		level,
		severity: 'error',
	});
	if (/^schemas\//.test(rest)) return [must('CSIP113')];
	if (/^documentation\//.test(rest)) return [must('CSIP60')];
	// CSIP17 and CSIP31 are SHOULDs whose texts say that metadata that is there must be described
	if (/^metadata\/descriptive\//.test(rest)) {
		return nb ? [severe('CSIP17'), must('NBSIP4')] : [severe('CSIP17')];
	}
	if (/^metadata\/preservation\//.test(rest)) return [severe('CSIP31'), severe('CSIP32')];
	if (/^metadata\/technical\//.test(rest)) return [nb ? must('NBSIP15') : severe('CSIP31')];
	if (/^metadata\/source\//.test(rest)) return [nb ? must('NBSIP7') : severe('CSIP31')];
	const described = nb ? [must(representation === undefined ? 'NBSIPSTR4' : 'NBSIPSTR14')] : [];
	if (/^metadata\//.test(rest)) return [should('CSIP58'), ...described];
	if (representation === undefined) return [should('CSIP58'), ...described];
	if (rest === 'METS.xml' || !hasMets(representation)) return [must('CSIP114')];
	return [should('CSIP58'), ...described];
}

/**
 * Notes every file that no METS document describes.
 *
 * @param scopeOf the METS document that should describe a file
 */
export function checkEachFileIsDescribed(
	index: PackageIndex,
	descriptions: Descriptions,
	scopeOf: (path: string) => MetsScope,
): void {
	const hasMets = (representation: string) =>
		index.files.has(`representations/${representation}/METS.xml`);
	for (const path of index.files.keys()) {
		if (path === 'METS.xml' || descriptions.has(path)) continue;
		const scope = scopeOf(path);
		for (const requirement of undescribed(path, hasMets, scope.nb)) {
			scope.findings.add({
				...requirement,
				file: path,
				location: '',
				found: `${scope.file} does not describe this file`,
				wanted: 'a description of each file of the package',
			});
		}
	}
}
