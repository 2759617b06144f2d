import { createHash } from 'crypto';

import type { Finding } from '../finding';
import { error as errorFinding, formatFinding } from '../finding';
import { checkFilePath } from '../identifiers';
import { TarError, readTar } from '../package/tar';
import type { FileSource } from '../ports';
import { CancelledError } from '../ports';
import type { MetsReference } from '../sip/mets-references';
import { metsReferences } from '../sip/mets-references';
import { XmlError } from '../sip/xml';

/** A file that was deposited, as the depositor has it on record. */
export interface ExpectedFile {
	/** Relative to the package's root. */
	filePath: string;
	/** MD5, 32 lower-case hex digits. */
	checksum?: string;
	/** 64 lower-case hex digits. */
	sha256?: string;
	/** Bytes. */
	size?: number;
}

/**
 * How a file that came back compares:
 *
 * - `same`: a checksum on record, or in METS, is that of the bytes;
 * - `different`: a checksum or a size is another, or the member is no file that can be trusted;
 * - `missing`: on record or in METS, and not delivered;
 * - `notCompared`: delivered and expected, but with no checksum to compare;
 * - `notExpected`: delivered, and neither on record nor in METS.
 */
export type MemberStatus = 'same' | 'different' | 'missing' | 'notCompared' | 'notExpected';

/** One line of the report. */
export interface MemberReport {
	/** Relative to the package's root, as far as that can be told. */
	filePath: string;
	status: MemberStatus;
	/** The delivered file that it is in; absent when it is missing. */
	archive?: string;
	/** MD5 of the bytes; absent when it is missing or no file. */
	checksum?: string;
	sha256?: string;
	/** Bytes. */
	size?: number;
	/** What is wrong, in words. */
	differences: string[];
}

export interface ContentReport {
	/**
	 * Nothing is different or missing, and something was compared: all that the list names or, where
	 * there is none, all that METS names.
	 */
	verified: boolean;
	/** In the order of the archives; what is missing comes last. */
	files: MemberReport[];
}

/** A member of an archive, read once. */
interface Member {
	/** What its path in the package can be, likeliest first. */
	paths: string[];
	/** What it says, if it is the METS of the package or of a representation. */
	mets?: Mets;
	archive: string;
	md5?: string;
	sha256?: string;
	size?: number;
	/** What keeps it from being trusted whatever its bytes are. */
	faults: string[];
}

/** A METS document, read. */
interface Mets {
	/** Where it is in the package. */
	path: string;
	/** What it names. */
	references: MetsReference[];
	/** Why it could not be read. */
	fault?: string;
}

const METS = /^(?:representations\/[^/]+\/)?METS\.xml$/;
/** DPS delivers a representation by the name of its folder: `primary_20250325.tar`. */
const REPRESENTATION = /^[^/]+_\d{8}$/;

/** The folders of a package (NB-SIP-STRUCTURE-1.0): what is around them is no part of its paths. */
const SKELETON = new Set(['metadata', 'representations', 'data', 'schemas', 'documentation']);

/** Where a member is in the package or, in an archive of one representation, in that. */
function placeOf(member: string): string {
	const parts = member.split('/');
	const name = parts.length - 1;
	const top = parts.findIndex((part, index) => index === name || SKELETON.has(part));
	return parts.slice(top).join('/');
}

/** The path and its ends, longest first: `a/b/c`, `b/c`, `c`. */
function endsOf(path: string): string[] {
	const parts = path.split('/');
	return parts.map((_, index) => parts.slice(index).join('/'));
}

/**
 * The paths in the package that a member can stand for, likeliest first. What is delivered may have
 * folders around the package or not, and a representation may stand alone; DPS documents only the
 * names of the archives.
 */
function pathsOf(member: string, archive: string): string[] {
	const place = placeOf(member);
	const ends = endsOf(member);
	if (place.startsWith('representations/')) return [place, ...ends];
	const stem = archive.replace(/\.(?:tar|zip)$/i, '');
	if (!REPRESENTATION.test(stem)) return ends;
	return [place, ...ends].map((path) => `representations/${stem}/${path}`).concat(ends);
}

/** Where a member is, if it is the METS of the package or of a representation. */
function metsPathOf(member: string, archive: string): string | undefined {
	const [likeliest] = pathsOf(placeOf(member), archive);
	return METS.test(likeliest) ? likeliest : undefined;
}

async function* chunksOf(
	iterator: AsyncIterator<Uint8Array>,
	onChunk: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
	for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
		onChunk(next.value);
		yield next.value;
	}
}

async function readMets(path: string, bytes: AsyncIterable<Uint8Array>): Promise<Mets> {
	return await metsReferences(path, bytes).then(
		(references) => ({ path, references }),
		(reason: unknown) => {
			if (!(reason instanceof XmlError)) throw reason;
			return { path, references: [], fault: `cannot be read as METS: ${reason.message}` };
		},
	);
}

/** Reads one file to its end, for its digests and, if it is METS, for what it names. */
async function readMember(
	path: string,
	archive: string,
	bytes: AsyncIterable<Uint8Array>,
	signal: AbortSignal | undefined,
): Promise<Member> {
	const md5 = createHash('md5');
	const sha256 = createHash('sha256');
	let size = 0;
	const chunks = () =>
		chunksOf(iterator, (chunk) => {
			if (signal?.aborted) throw new CancelledError();
			md5.update(chunk);
			sha256.update(chunk);
			size += chunk.length;
		});
	const iterator = bytes[Symbol.asyncIterator]();
	const metsPath = metsPathOf(path, archive);
	const mets = metsPath === undefined ? undefined : await readMets(metsPath, chunks());
	// all of it, or what a reader of METS that gave up has left
	const rest = chunks();
	while (!(await rest.next()).done);
	const digests = { md5: md5.digest('hex'), sha256: sha256.digest('hex'), size };
	return { paths: pathsOf(path, archive), mets, archive, ...digests, faults: [] };
}

async function membersOf(archive: FileSource, signal: AbortSignal | undefined): Promise<Member[]> {
	const name = archive.path;
	if (!/\.tar$/i.test(name)) {
		return [await readMember(name, name, await archive.open(), signal)];
	}
	const members: Member[] = [];
	const seen = new Set<string>();
	for await (const { path: raw, kind, bytes } of readTar(archive)) {
		if (kind === 'folder') continue;
		const path = raw.replace(/^(?:\.\/)+/, '');
		const faults = checkFilePath(path).map(formatFinding);
		if (kind === 'other') faults.push('is a link, a device or a sparse file, not a file');
		if (seen.has(path)) faults.push('is in the archive twice');
		seen.add(path);
		const safe = faults.length === 0;
		members.push(
			safe ? await readMember(path, name, bytes, signal) : { paths: [path], archive: name, faults },
		);
	}
	return members;
}

/** The METS nearest to the top is that of the package; what is below it can be content. */
function keepTopmostMets(members: readonly Member[]): void {
	const topmost = new Map<string, Member>();
	for (const member of members) {
		if (!member.mets) continue;
		const other = topmost.get(member.mets.path);
		const isAbove = !other || member.paths.length < other.paths.length;
		if (isAbove) topmost.set(member.mets.path, member);
		const below = isAbove ? other : member;
		if (below) below.mets = undefined;
	}
}

/** What is expected of one path. */
interface Expectation {
	listed?: ExpectedFile;
	described: MetsReference[];
}

/** Finds the member that a path stands for; each is found once. */
class Members {
	private readonly byPath = new Map<string, Member>();

	constructor(members: readonly Member[]) {
		const deepest = members.reduce((most, { paths }) => Math.max(most, paths.length), 0);
		for (let rank = 0; rank < deepest; rank++) {
			for (const member of members) {
				const path = member.paths[rank];
				if (path !== undefined && !this.byPath.has(path)) this.byPath.set(path, member);
			}
		}
	}

	find(path: string): Member | undefined {
		return this.byPath.get(path);
	}
}

function expectationsOf(
	members: readonly Member[],
	index: Members,
	list: readonly ExpectedFile[],
): Map<string, Expectation> {
	const expected = new Map<string, Expectation>();
	for (const listed of list) expected.set(listed.filePath, { listed, described: [] });
	for (const { mets } of members) {
		for (const reference of mets?.references ?? []) {
			const path =
				reference.paths.find((candidate) => expected.has(candidate)) ??
				reference.paths.find((candidate) => index.find(candidate)) ??
				reference.paths[0] ??
				reference.href;
			const expectation = expected.get(path) ?? { described: [] };
			expectation.described.push(reference);
			expected.set(path, expectation);
		}
	}
	return expected;
}

interface Comparison {
	differences: string[];
	/** Whether a checksum was among what was compared. */
	hasChecksum: boolean;
}

function compare(member: Member, { listed, described }: Expectation): Comparison {
	const differences: string[] = [];
	let hasChecksum = false;
	const check = (what: string, found: unknown, wanted: unknown, source: string) => {
		if (found !== wanted) {
			differences.push(`has ${what} ${String(found)}, ${source} says ${String(wanted)}`);
		}
	};
	const digests: Record<string, string | undefined> = {
		MD5: member.md5,
		'SHA-256': member.sha256,
	};
	const checkDigest = (type: string, wanted: string | undefined, source: string) => {
		if (wanted === undefined || !(type in digests)) return;
		hasChecksum = true;
		check(type, digests[type], wanted, source);
	};
	if (listed) {
		const source = 'the list of deposited files';
		checkDigest('MD5', listed.checksum, source);
		checkDigest('SHA-256', listed.sha256, source);
		if (listed.size !== undefined) check('a size of', member.size, listed.size, source);
	}
	for (const { size, checksum, checksumType } of described) {
		checkDigest(checksumType ?? '', checksum, 'METS');
		if (size !== undefined) check('a size of', member.size, size, 'METS');
	}
	return { differences, hasChecksum };
}

function reportOf(
	member: Member,
	filePath: string,
	expectation: Expectation | undefined,
	isListComplete: boolean,
): MemberReport {
	const { archive, md5, sha256, size } = member;
	const { differences, hasChecksum } = expectation
		? compare(member, expectation)
		: { differences: [], hasChecksum: false };
	const all = [
		...member.faults,
		...(member.mets?.fault ? [member.mets.fault] : []),
		...differences,
	];
	const status = (): MemberStatus => {
		if (all.length > 0) return 'different';
		if (hasChecksum) return 'same';
		// a root METS is named by none, and needs a list to be compared with
		const isKnown = expectation !== undefined || (!isListComplete && METS.test(filePath));
		return isKnown ? 'notCompared' : 'notExpected';
	};
	return { filePath, status: status(), archive, checksum: md5, sha256, size, differences: all };
}

/**
 * Unpacks what was delivered as a stream, and compares each file with the METS inside and with the
 * depositor's own record: an archive whose checksum is right can still hold something else than
 * what was deposited.
 *
 * @param archives the delivered files of one dissemination: TARs, by their file names
 * @param list what was deposited; empty to compare with METS alone
 * @throws {TarError} naming the archive that cannot be unpacked
 */
export async function compareContent(
	archives: readonly FileSource[],
	list: readonly ExpectedFile[],
	signal?: AbortSignal,
): Promise<ContentReport> {
	let members: Member[] = [];
	for (const archive of archives) {
		const more = await membersOf(archive, signal).catch((reason: unknown) => {
			if (!(reason instanceof TarError)) throw reason;
			throw new TarError(`${archive.path} cannot be unpacked: ${reason.message}`);
		});
		members = members.concat(more);
	}
	keepTopmostMets(members);
	const index = new Members(members);
	const expected = expectationsOf(members, index, list);
	const pathOf = new Map<Member, string>();
	// a member stands for one path only, and for its own before any that it could stand for as well
	for (const isOwn of [true, false]) {
		for (const path of expected.keys()) {
			const member = index.find(path);
			if (member && !pathOf.has(member) && (member.paths[0] === path) === isOwn) {
				pathOf.set(member, path);
			}
		}
	}
	const found = new Set(pathOf.values());
	const missing = [...expected]
		.filter(([path]) => !found.has(path))
		.map(([filePath, { listed }]): MemberReport => {
			const source = listed ? 'is on the list of deposited files' : 'is named by METS';
			return { filePath, status: 'missing', differences: [`${source}, and was not delivered`] };
		});
	const files = members.map((member) => {
		const path = pathOf.get(member) ?? member.mets?.path ?? member.paths[0];
		const expectation = pathOf.has(member) ? expected.get(path) : undefined;
		return reportOf(member, path, expectation, list.length > 0);
	});
	files.push(...missing);
	const isEnough = list.length > 0 || notComparedIn(files).length === 0;
	return {
		verified: isEnough && !files.some(isWrong) && files.some(({ status }) => status === 'same'),
		files,
	};
}

function isWrong({ status }: MemberReport): boolean {
	return status === 'different' || status === 'missing';
}

/** Content that METS names without a checksum to compare; METS itself is what it is measured by. */
export function notComparedIn(files: readonly MemberReport[]): MemberReport[] {
	return files.filter(({ filePath, status }) => status === 'notCompared' && !METS.test(filePath));
}

/** The files of a report that are wrong, one a line. */
export function differencesIn({ files }: ContentReport): Finding[] {
	return files
		.filter(isWrong)
		.map(({ filePath, differences }) =>
			errorFinding(
				filePath.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD'),
				differences.join('; '),
				'deposited and delivered must be the same',
			),
		);
}
