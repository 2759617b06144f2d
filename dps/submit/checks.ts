import type { Finding } from '../finding';
import { error } from '../finding';
import {
	checkChecksum,
	checkContractId,
	checkFilePath,
	checkObjectId,
	checkPriority,
} from '../identifiers';
import { checkMetadata } from '../metadata/check';

import type { Package } from './package';
import { MAX_FILE_BYTES } from './upload';

const RULE = 'DPS submission documentation';

/** Paths that a file system or a person could take for the same: case and Unicode form folded. */
function fold(path: string): string {
	return path.normalize('NFC').toLowerCase();
}

/**
 * Paths that occur twice, or that differ only by case or Unicode form, so that one file may take
 * the other's place on a disk.
 */
export function checkDistinctPaths(paths: readonly string[]): Finding[] {
	const findings: Finding[] = [];
	const seen = new Map<string, string>();
	for (const path of paths) {
		const first = seen.get(fold(path));
		if (first === undefined) {
			seen.set(fold(path), path);
		} else {
			findings.push({
				level: 'error',
				field: `file ${path}`,
				message:
					first === path
						? 'two items have this path; each path may occur once in a submission'
						: `differs from "${first}" only by upper and lower case or by the Unicode form of its letters, so that one may overwrite the other where the package is unpacked`,
				rule: RULE,
			});
		}
	}
	return findings;
}

/** There must be as many files as the depositor knows of, if anything is known. */
export function checkFileCount(count: number, expected: number | undefined): Finding[] {
	if (expected === undefined || expected === count) return [];
	return [
		error(
			'files',
			`there are ${count}, but ${expected} were expected`,
			'option Expected File Count',
		),
	];
}

function checkFiles({ files, expectedFileCount }: Package): Finding[] {
	const findings = checkDistinctPaths(files.map(({ source }) => source.path));
	if (files.length === 0) {
		findings.push({
			level: 'error',
			field: 'files',
			message: 'a submission needs at least one file',
			rule: RULE,
		});
	}
	findings.push(...checkFileCount(files.length, expectedFileCount));
	for (const { source, expectedMd5 } of files) {
		const inFile = (finding: Finding): Finding => ({
			...finding,
			field: `file ${JSON.stringify(source.path)}`,
		});
		findings.push(...checkFilePath(source.path).map(inFile));
		if (expectedMd5 !== undefined) findings.push(...checkChecksum(expectedMd5).map(inFile));
		if (source.size > MAX_FILE_BYTES) {
			findings.push({
				level: 'error',
				field: `file ${source.path}`,
				message: `has ${source.size} bytes; an upload URL takes ${MAX_FILE_BYTES} (5 GB) at most. For larger files the National Library of Norway gives access to its bucket on request`,
				rule: RULE,
			});
		}
	}
	return findings;
}

/**
 * Object ids of one run that differ only by case. To the service they are two objects; to people,
 * spreadsheets and file systems they are one, so one of them is a typing mistake.
 *
 * @returns the findings of each package, in the order given
 */
export function checkObjectIdsTogether(inputs: Package[]): Finding[][] {
	const spellings = new Map<string, Set<string>>();
	const keyOf = ({ contractId, objectId }: Package) => `${contractId}/${objectId.toLowerCase()}`;
	for (const input of inputs) {
		const known = spellings.get(keyOf(input)) ?? new Set<string>();
		spellings.set(keyOf(input), known.add(input.objectId));
	}
	return inputs.map((input) => {
		const others = [...(spellings.get(keyOf(input)) ?? [])].filter((id) => id !== input.objectId);
		if (others.length === 0) return [];
		return [
			{
				level: 'error',
				field: 'object id',
				message: `${input.objectId} and ${others.join(', ')} differ only by upper and lower case; they would become separate submissions`,
				rule: RULE,
			},
		];
	});
}

/**
 * Everything about a package that can be known to be wrong before anything is sent.
 *
 * @returns all findings, not just the first
 */
export function checkPackage(input: Package): Finding[] {
	return [
		...checkContractId(input.contractId),
		...checkObjectId(input.objectId),
		...(input.priority === undefined ? [] : checkPriority(input.priority)),
		...checkMetadata(input.metadata),
		...checkFiles(input),
	];
}
