import type { Finding } from '../finding';
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

function* duplicates(paths: string[]): Generator<Finding> {
	const seen = new Map<string, string>();
	for (const path of paths) {
		const first = seen.get(fold(path));
		if (first === undefined) {
			seen.set(fold(path), path);
		} else {
			yield {
				level: 'error',
				field: `file ${path}`,
				message:
					first === path
						? 'two items have this path; each path may occur once in a submission'
						: `differs from "${first}" only by upper and lower case or by the Unicode form of its letters, so that one may overwrite the other where the package is unpacked`,
				rule: RULE,
			};
		}
	}
}

function checkFiles({ files }: Package): Finding[] {
	const findings: Finding[] = [...duplicates(files.map(({ source }) => source.path))];
	if (files.length === 0) {
		findings.push({
			level: 'error',
			field: 'files',
			message: 'a submission needs at least one file',
			rule: RULE,
		});
	}
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
