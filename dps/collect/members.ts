import { createHash } from 'crypto';

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
	/** Nothing is different or missing, and at least one file was compared. */
	verified: boolean;
	/** In the order of the archives; what is missing comes last. */
	files: MemberReport[];
}

/** A member of an archive, read once. */
interface Member {
	/** What its path in the package can be, likeliest first. */
	paths: string[];
	archive: string;
	md5?: string;
	sha256?: string;
	size?: number;
	/** What keeps it from being trusted whatever its bytes are. */
	faults: string[];
	/** What it names, when it is a METS document. */
	references: MetsReference[];
}

const METS = /^(?:representations\/[^/]+\/)?METS\.xml$/;
/** DPS delivers a representation by the name of its folder: `primary_20250325.tar`. */
const REPRESENTATION = /^[^/]+_\d{8}$/;

/**
 * The paths in the package that a member can stand for. What is delivered may have the package's
 * root folder around it or not, and a representation may stand alone; DPS documents only the names
 * of the archives.
 */
function pathsOf(member: string, archive: string): string[] {
	const inside = /(?:^|^[^/]+\/)(representations\/.+)$/.exec(member)?.[1];
	if (inside !== undefined) return [inside, member];
	const withoutRoot = member.includes('/') ? member.slice(member.indexOf('/') + 1) : undefined;
	const stem = archive.replace(/\.(?:tar|zip)$/i, '');
	const paths = [member, withoutRoot];
	if (REPRESENTATION.test(stem)) {
		const below = member.startsWith(`${stem}/`) ? [withoutRoot] : [member, withoutRoot];
		paths.unshift(...below.map((path) => path && `representations/${stem}/${path}`));
	}
	return paths.filter((path) => path !== undefined);
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

/** Reads one file to its end, for its digests and, if it is METS, for what it names. */
async function readMember(
	paths: string[],
	archive: string,
	bytes: AsyncIterable<Uint8Array>,
	signal: AbortSignal | undefined,
): Promise<Member> {
	const md5 = createHash('md5');
	const sha256 = createHash('sha256');
	const member: Member = { paths, archive, size: 0, faults: [], references: [] };
	let size = 0;
	const chunks = () =>
		chunksOf(iterator, (chunk) => {
			if (signal?.aborted) throw new CancelledError();
			md5.update(chunk);
			sha256.update(chunk);
			size += chunk.length;
		});
	const iterator = bytes[Symbol.asyncIterator]();
	const metsPath = paths.find((path) => METS.test(path));
	if (metsPath !== undefined) {
		const read = await metsReferences(metsPath, chunks()).catch((reason: unknown) => {
			if (reason instanceof XmlError) return reason;
			throw reason;
		});
		if (read instanceof XmlError) member.faults.push(`cannot be read as METS: ${read.message}`);
		else member.references = read;
	}
	// all of it, or what a reader of METS that gave up has left
	const rest = chunks();
	while (!(await rest.next()).done);
	return { ...member, md5: md5.digest('hex'), sha256: sha256.digest('hex'), size };
}

async function membersOf(archive: FileSource, signal: AbortSignal | undefined): Promise<Member[]> {
	const name = archive.path;
	if (!/\.tar$/i.test(name)) {
		return [await readMember([name], name, await archive.open(), signal)];
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
			safe
				? await readMember(pathsOf(path, name), name, bytes, signal)
				: { paths: [path], archive: name, faults, references: [] },
		);
	}
	return members;
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
		const deepest = Math.max(0, ...members.map(({ paths }) => paths.length));
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
	for (const { references } of members) {
		for (const reference of references) {
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
	const all = [...member.faults, ...differences];
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
	const members: Member[] = [];
	for (const archive of archives) {
		members.push(
			...(await membersOf(archive, signal).catch((reason: unknown) => {
				if (!(reason instanceof TarError)) throw reason;
				throw new TarError(`${archive.path} cannot be unpacked: ${reason.message}`);
			})),
		);
	}
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
		const { paths } = member;
		const path = pathOf.get(member) ?? paths.find((name) => METS.test(name)) ?? paths[0];
		const expectation = pathOf.has(member) ? expected.get(path) : undefined;
		return reportOf(member, path, expectation, list.length > 0);
	});
	files.push(...missing);
	const isWrong = ({ status }: MemberReport) => status === 'different' || status === 'missing';
	return {
		verified: !files.some(isWrong) && files.some(({ status }) => status === 'same'),
		files,
	};
}

/** The files of a report that are wrong, one a line. */
export function differencesIn({ files }: ContentReport) {
	return files
		.filter(({ status }) => status === 'different' || status === 'missing')
		.map(({ filePath, differences }) =>
			errorFinding(filePath, differences.join('; '), 'deposited and delivered must be the same'),
		);
}
