import type { IDataObject, INodeExecutionData, INodeProperties } from 'n8n-workflow';

import { AdvisedError, assertNoErrors } from '../../../../dps/advised-error';
import type { DeliveredFile } from '../../../../dps/collect/delivery';
import { readDelivery } from '../../../../dps/collect/delivery';
import { downloadFiles } from '../../../../dps/collect/download';
import type { ContentReport, ExpectedFile, MemberReport } from '../../../../dps/collect/members';
import { compareContent, differencesIn, notComparedIn } from '../../../../dps/collect/members';
import type { Finding } from '../../../../dps/finding';
import { error as errorFinding } from '../../../../dps/finding';
import { checkChecksum, checkFilePath } from '../../../../dps/identifiers';
import { TarError } from '../../../../dps/package/tar';
import { Slots } from '../../../../dps/submit/concurrency';
import type { StoredBinary } from '../../n8n/binary';
import { binaryStore, sourceOf } from '../../n8n/binary';
import type { ItemRun, Operation } from '../../n8n/operation';
import { eachItem, jsonParameter, parameter, refuse } from '../../n8n/operation';
import { fieldsFor } from '../fields';

const fields: INodeProperties[] = [
	{
		displayName: 'Delivered Message',
		name: 'deliveredMessage',
		type: 'json',
		required: true,
		default: '={{ $json }}',
		description:
			'The dissemination.delivered message as the Digital Preservation Trigger gives it. Its links are good for about a day; they come in no other way.',
	},
	{
		displayName: 'Put Output File in Field',
		name: 'binaryPropertyName',
		type: 'string',
		required: true,
		default: 'data',
		placeholder: 'e.g. data',
		hint: 'The name of the output field to put the file in',
		description: "Which of the output item's binary fields gets the file",
	},
	{
		displayName: 'Verify Against',
		name: 'verifyAgainst',
		type: 'options',
		options: [
			{
				name: 'Nothing More',
				value: 'nothing',
				description:
					'Each delivered file is compared with the size and checksum that the DPS gives for it, as always',
			},
			{
				name: 'METS in the Package',
				value: 'mets',
				description:
					'Also unpacks the delivered TAR files, without writing them anywhere, and compares each file in them with what METS says of it',
			},
			{
				name: 'METS and a List of Checksums',
				value: 'list',
				description:
					'Also compares with your own record of what was deposited: the surest, since the list never left your house',
			},
		],
		default: 'nothing',
		description:
			'With what to compare, beyond the checksum of the delivered file itself: that alone does not prove that what came back is what was deposited. Unpacking reads each delivered file once more.',
	},
	{
		displayName: 'Deposited Files',
		name: 'depositedFiles',
		type: 'json',
		required: true,
		default: '={{ $json.files }}',
		placeholder: 'e.g. [{"filePath": "METS.xml", "checksum": "0504dedc1251e87d7e85f9ff2dbadc0d"}]',
		description:
			"A list with filePath and checksum (MD5) of every file of the object, as 'Submit Package' gives it in <code>files</code>; size and sha256 are compared where they are given",
		displayOptions: { show: { verifyAgainst: ['list'] } },
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Files at a Time',
				name: 'concurrency',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 16, numberPrecision: 0 },
				default: 4,
				description: 'How many delivered files are on their way at the same time',
			},
			{
				displayName: 'Pass On Despite Differences',
				name: 'passOnDifferent',
				type: 'boolean',
				default: false,
				description:
					"Whether files come out although 'Verify Against' found differences in them, with <code>verification.verified</code> false, so that the workflow can decide. Off, differences are an error.",
			},
		],
	},
];

const VERIFY_AGAINST = ['nothing', 'mets', 'list'] as const;
type VerifyAgainst = (typeof VERIFY_AGAINST)[number];

function isGiven(value: unknown): boolean {
	return value !== undefined && value !== null && value !== '';
}

/** Other programs write checksums in upper case. */
function inLowerCase(value: unknown): unknown {
	return typeof value === 'string' ? value.trim().toLowerCase() : value;
}

/**
 * The depositor's record of what was deposited.
 *
 * @throws {InputError}
 */
function depositedFiles(run: ItemRun): ExpectedFile[] {
	const label = 'Deposited Files';
	const list = jsonParameter(run, 'depositedFiles', label);
	if (!Array.isArray(list) || list.length === 0) {
		return refuse(label, "is no list of files; give the files[] that 'Submit Package' gave");
	}
	const findings: Finding[] = [];
	const paths = new Set<string>();
	const files = (list as unknown[]).map((value, index): ExpectedFile => {
		const where = `${label} ${index + 1}`;
		const { filePath, checksum, sha256, size } = (value ?? {}) as Record<string, unknown>;
		findings.push(...checkFilePath(filePath, `${where}: filePath`));
		findings.push(...checkChecksum(inLowerCase(checksum), `${where}: checksum`));
		if (isGiven(sha256) && !/^[0-9a-f]{64}$/i.test(String(sha256))) {
			findings.push(errorFinding(`${where}: sha256`, 'is no SHA-256 in 64 hex digits', label));
		}
		if (isGiven(size) && !/^\d{1,15}$/.test(String(size))) {
			findings.push(errorFinding(`${where}: size`, 'is no whole number of bytes', label));
		}
		if (paths.has(String(filePath))) {
			findings.push(errorFinding(`${where}: filePath`, 'is in the list twice', label));
		}
		paths.add(String(filePath));
		return {
			filePath: String(filePath),
			checksum: String(inLowerCase(checksum)),
			sha256: isGiven(sha256) ? String(sha256).toLowerCase() : undefined,
			size: isGiven(size) ? Number(size) : undefined,
		};
	});
	assertNoErrors('Nothing was downloaded', findings);
	return files;
}

function facts(file: DeliveredFile): IDataObject {
	return {
		filename: file.filename,
		filesize: file.filesize,
		checksum: file.checksum,
		checksumAlgorithm: file.algorithm.toUpperCase(),
	};
}

/** Compares the content of all delivered files together: METS and what it names can be in two. */
async function verifyContent(
	run: ItemRun,
	files: DeliveredFile[],
	stored: StoredBinary[],
	deposited: ExpectedFile[],
): Promise<ContentReport> {
	const archives = files.map(({ filename }, index) =>
		sourceOf(run.context, stored[index], filename),
	);
	return await compareContent(archives, deposited, run.api.signal).catch((reason: unknown) => {
		if (!(reason instanceof TarError)) throw reason;
		return Promise.reject(
			new AdvisedError(
				`The content cannot be verified: ${reason.message}`,
				'Its size and checksum are those that the DPS gave. Tell the National Library of Norway, and keep what you have.',
			),
		);
	});
}

/** Files that an error names: it is read by people, and stored with each run. */
const MOST_NAMED = 50;

function counted(count: number, what: string): string {
	return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function assertVerified(report: ContentReport): void {
	if (report.verified) return;
	const differences = differencesIn(report);
	if (differences.length === 0) {
		const notCompared = notComparedIn(report.files).length;
		throw new AdvisedError(
			notCompared === 0
				? 'Nothing in the delivered files could be compared: they hold no METS that names files with checksums'
				: `${counted(notCompared, 'file')} could not be compared: METS names no MD5 or SHA-256 for them`,
			"Choose 'METS and a List of Checksums', and give the list that 'Submit Package' gave when the object was sent.",
		);
	}
	const more = differences.length - MOST_NAMED;
	throw new AdvisedError(
		`What came back is not what was deposited: ${counted(differences.length, 'file')} ${differences.length === 1 ? 'differs' : 'differ'}`,
		`The files were not passed on. Keep every other copy of this object, and tell the National Library of Norway.${more > 0 ? ` The first ${MOST_NAMED} are named here; 'Pass On Despite Differences' gives all.` : ''}`,
		differences.slice(0, MOST_NAMED),
	);
}

/** The lines of a delivered file; what was delivered in none stands with the first. */
function linesFor(report: ContentReport, filename: string, isFirst: boolean): MemberReport[] {
	return report.files.filter(({ archive }) =>
		archive === undefined ? isFirst : archive === filename,
	);
}

/** Downloads the files of a delivered dissemination, each checked against its size and checksum. */
export const download: Operation = {
	fields: fieldsFor('dissemination', 'download', fields),
	execute: eachItem(async (run) => {
		const { files, ...dissemination } = readDelivery(
			jsonParameter(run, 'deliveredMessage', 'Delivered Message'),
		);
		const property = parameter<string>(run, 'binaryPropertyName', 'data').trim();
		if (!property) return refuse('Put Output File in Field', 'is empty; enter a name such as data');
		const against = parameter<VerifyAgainst>(run, 'verifyAgainst', 'nothing');
		if (!VERIFY_AGAINST.includes(against)) {
			return refuse('Verify Against', `must be one of ${VERIFY_AGAINST.join(', ')}`);
		}
		const deposited = against === 'list' ? depositedFiles(run) : [];
		const { concurrency = 4, passOnDifferent = false } = parameter<{
			concurrency?: number;
			passOnDifferent?: boolean;
		}>(run, 'options', {});
		if (!(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 16)) {
			return refuse('Files at a Time', 'must be a whole number from 1 to 16');
		}

		const stored = await downloadFiles(
			run.api,
			files,
			binaryStore(run.context),
			new Slots(concurrency),
		);
		const report =
			against === 'nothing' ? undefined : await verifyContent(run, files, stored, deposited);
		if (report && !passOnDifferent) assertVerified(report);
		return files.map((file, index): INodeExecutionData => {
			const verification = report && {
				verified: report.verified,
				files: linesFor(report, file.filename, index === 0),
			};
			return {
				json: {
					...(dissemination as IDataObject),
					...facts(file),
					verified: report?.verified ?? true,
					...(verification ? { verification: verification as unknown as IDataObject } : {}),
				},
				binary: { [property]: stored[index].binary },
				pairedItem: { item: run.index },
			};
		});
	}),
};
