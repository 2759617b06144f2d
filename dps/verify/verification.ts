import type { DpsApi } from '../client/api';
import { DpsError } from '../client/error';
import { getSubmission, listSubmissions } from '../client/submissions';
import type { RegisteredFile, Submission } from '../client/types';
import { CancelledError } from '../ports';

/** A file that ought to be preserved. */
export interface ExpectedFile {
	filePath: string;
	/** MD5, 32 hex digits. */
	checksum: string;
}

/** An object that ought to be preserved, and how to find it. */
export interface ExpectedObject {
	contractId: string;
	/** At least one of the two ids. */
	objectId?: string;
	submissionId?: string;
	files: ExpectedFile[];
}

/** Whether DPS holds exactly these files preserved. */
export interface Verification {
	preserved: boolean;
	/** Why not; absent when they are preserved. */
	reason?: string;
	submissionId?: string;
	objectId?: string;
	contractId: string;
	/** The submission's status by the DPS's own word, if it was found. */
	status?: string;
	/** The files that differ, one by one. */
	differences: string[];
}

export interface VerifyOptions {
	/** Accepts a submission that holds files beside those expected, such as a METS made later. */
	allowMoreFiles: boolean;
}

const PRESERVED = 'PRESERVED';
const MD5 = /^[0-9a-f]{32}$/;
/** Up to so many objects of a contract are read one by one; for more, the list is quicker. */
const FEW = 20;
/** Rows asked for at once; a service that grants fewer says so. */
const LARGE_PAGE = 500;

type Found = Submission | { unclear: string } | undefined;

function isUnclear(found: Found): found is { unclear: string } {
	return found !== undefined && 'unclear' in found;
}

/** @throws whatever is no answer about a submission: a cancelled run, a credential that is refused */
async function orUnclear(work: Promise<Found>): Promise<Found> {
	return await work.catch((error: unknown) => {
		if (error instanceof CancelledError || !(error instanceof DpsError)) throw error;
		if (error.code === 'NO_TOKEN' || error.status === 401) throw error;
		if (error.status === 404) return undefined;
		return { unclear: `it could not be read: ${error.message} (${error.code})` };
	});
}

/** The rows of a contract's list that are asked for, by the id that they are asked by. */
async function rowsOf(
	api: DpsApi,
	contractId: string,
	objects: ExpectedObject[],
): Promise<Map<ExpectedObject, Found>> {
	const bySubmission = new Map<string, ExpectedObject[]>();
	const byObject = new Map<string, ExpectedObject[]>();
	for (const object of objects) {
		const [map, id] = object.submissionId
			? [bySubmission, object.submissionId]
			: [byObject, object.objectId ?? ''];
		map.set(id, [...(map.get(id) ?? []), object]);
	}
	const found = new Map<ExpectedObject, Found>();
	const take = (object: ExpectedObject, row: Submission) => {
		const other = found.get(object);
		const isOther = other && !isUnclear(other) && other.submissionId !== row.submissionId;
		found.set(object, isOther ? { unclear: 'more than one submission has this objectId' } : row);
	};
	for await (const page of listSubmissions(api, contractId, LARGE_PAGE)) {
		for (const row of page) {
			for (const object of bySubmission.get(row.submissionId) ?? []) take(object, row);
			for (const object of byObject.get(row.objectId) ?? []) take(object, row);
		}
	}
	return found;
}

async function findAll(
	api: DpsApi,
	contractId: string,
	objects: ExpectedObject[],
): Promise<Map<ExpectedObject, Found>> {
	const read = async ({ submissionId }: { submissionId: string }) =>
		await orUnclear(getSubmission(api, contractId, submissionId));
	const isDirect = objects.length <= FEW && objects.every(({ submissionId }) => submissionId);
	if (isDirect) {
		const found = new Map<ExpectedObject, Found>();
		for (const object of objects) {
			found.set(object, await read(object as { submissionId: string }));
		}
		return found;
	}
	const listed = await rowsOf(api, contractId, objects).catch(async (error: unknown) => {
		const unclear = await orUnclear(Promise.reject(error));
		return new Map<ExpectedObject, Found>(objects.map((object) => [object, unclear]));
	});
	for (const [object, row] of listed) {
		// a row tells the status; the files, to compare, are in the submission itself
		if (row && !isUnclear(row) && row.status === PRESERVED && !Array.isArray(row.files)) {
			listed.set(object, await read(row));
		}
	}
	return listed;
}

function differencesOf(
	expected: ExpectedFile[],
	held: RegisteredFile[],
	{ allowMoreFiles }: VerifyOptions,
): string[] {
	const checksums = new Map(held.map(({ filePath, checksum }) => [filePath, checksum]));
	const differences: string[] = [];
	const seen = new Map<string, string>();
	for (const { filePath, checksum } of expected) {
		const md5 = checksum.toLowerCase();
		const there = checksums.get(filePath);
		if (!MD5.test(md5)) differences.push(`${filePath}: no MD5 was given to compare`);
		else if (seen.has(filePath) && seen.get(filePath) !== md5)
			differences.push(`${filePath}: was given twice, with different checksums`);
		else if (there === undefined) differences.push(`${filePath}: is not in the submission`);
		else if (there.toLowerCase() !== md5)
			differences.push(`${filePath}: MD5 ${md5} was expected, ${there} is held`);
		seen.set(filePath, md5);
	}
	if (!allowMoreFiles) {
		for (const { filePath } of held) {
			if (!seen.has(filePath)) differences.push(`${filePath}: is held, but was not expected`);
		}
	}
	return differences;
}

function judge(object: ExpectedObject, found: Found, options: VerifyOptions): Verification {
	const { contractId, objectId, submissionId } = object;
	const asked = { contractId, objectId, submissionId };
	const not = (reason: string, fields: Partial<Verification> = {}): Verification => ({
		...asked,
		differences: [],
		...fields,
		preserved: false,
		reason,
	});
	if (found === undefined) return not('no such submission is there; it may have been rejected');
	if (isUnclear(found)) return not(found.unclear);

	const known = {
		contractId: found.contractId ?? contractId,
		objectId: found.objectId,
		submissionId: found.submissionId,
		status: found.status,
	};
	if (found.status !== PRESERVED) return not(`its status is ${found.status}, not PRESERVED`, known);
	if (known.contractId.toLowerCase() !== contractId.toLowerCase()) {
		return not(`it belongs to the contract ${known.contractId}, not ${contractId}`, known);
	}
	if (objectId !== undefined && found.objectId !== objectId) {
		return not(`it holds the object ${found.objectId}, not ${objectId}`, known);
	}
	if (object.files.length === 0) return not('no files were given to compare its content', known);
	if (!Array.isArray(found.files)) {
		return not('the service does not tell which files it holds, so they cannot be compared', known);
	}
	const differences = differencesOf(object.files, found.files, options);
	if (differences.length > 0) {
		const reason = `${differences.length} file(s) are not as expected; the first: ${differences[0]}`;
		return not(reason, { ...known, differences });
	}
	return { ...known, preserved: true, differences: [] };
}

/**
 * Answers for each object whether DPS holds exactly these files preserved: the status `PRESERVED`,
 * the same contract and object, and every path and MD5 the same. Whatever is unclear is not
 * preserved, since sources are deleted on this word.
 *
 * A contract's submissions are read by pages, and only the preserved ones one by one, for their
 * files.
 *
 * @returns in the objects' order
 * @throws {DpsError} when the credential is refused
 */
export async function verifyObjects(
	api: DpsApi,
	objects: ExpectedObject[],
	options: VerifyOptions,
): Promise<Verification[]> {
	const byContract = new Map<string, ExpectedObject[]>();
	for (const object of objects) {
		const others = byContract.get(object.contractId) ?? [];
		byContract.set(object.contractId, [...others, object]);
	}
	const found = new Map<ExpectedObject, Found>();
	for (const [contractId, group] of byContract) {
		for (const [object, submission] of await findAll(api, contractId, group)) {
			found.set(object, submission);
		}
	}
	return objects.map((object) => judge(object, found.get(object), options));
}
