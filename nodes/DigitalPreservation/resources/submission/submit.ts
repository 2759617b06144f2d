import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';

import { assertNoErrors } from '../../../../dps/advised-error';
import type { DpsApi } from '../../../../dps/client/api';
import { formatFinding } from '../../../../dps/finding';
import { checkObjectIdsTogether, checkPackage } from '../../../../dps/submit/checks';
import { Slots, forEachConcurrently } from '../../../../dps/submit/concurrency';
import type { Fixity } from '../../../../dps/submit/fixity';
import type { Package, PackageFile } from '../../../../dps/submit/package';
import type { PreflightMode } from '../../../../dps/submit/preflight';
import { PREFLIGHT_MODES, preflightOf } from '../../../../dps/submit/preflight';
import { submitPackage } from '../../../../dps/submit/submit';
import { withoutUploadUrls } from '../../n8n/answers';
import { apiFor } from '../../n8n/api';
import { binaryOf, sourceOf } from '../../n8n/binary';
import { toNodeError } from '../../n8n/errors';
import { Progress } from '../../n8n/progress';
import type { Operation } from '../../n8n/operation';
import { failedItem, parameter, refuse } from '../../n8n/operation';
import {
	expectedFileCountOption,
	fieldsFor,
	filePathField,
	inputBinaryField,
	isPackagedField,
	knownChecksumOption,
	objectIdField,
	priorityOption,
	writableContractField,
} from '../fields';
import type { ItemFile } from '../package/packaging';
import { Packaging } from '../package/packaging';
import { itemFields, packageFields } from '../package/packagingFields';

import { metadataFields } from './metadataFields';
import type { DescribedObject } from './objects';
import { gatherObjects } from './objects';

/** Files in work at the same time, unless the user says otherwise. */
const DEFAULT_CONCURRENCY = 8;

const fields: INodeProperties[] = [
	{
		displayName:
			'Give this node one item a file. Items with the same contract and Object ID become one submission: created, checksummed, registered, uploaded and finalized. Run it again after any failure, and it goes on where it stopped.',
		name: 'submitNotice',
		type: 'notice',
		default: '',
	},
	writableContractField,
	objectIdField,
	{
		displayName: 'Packaging',
		name: 'packaging',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Build the Package',
				value: 'build',
				description:
					'The items are content files: METS, folders and names that DPS accepts are made for them',
			},
			{
				name: 'Items Are a Package Already',
				value: 'ready',
				description:
					"The items are the package's files, each with its path: from Package: Build or from a tool of yours",
			},
		],
		default: 'ready',
		description: 'Whether the package is made here',
	},
	inputBinaryField,
	...updateDisplayOptions({ show: { packaging: ['ready'] } }, [filePathField, isPackagedField]),
	...updateDisplayOptions({ show: { packaging: ['build'] } }, [...itemFields, ...packageFields]),
	...metadataFields,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Drop Unknown Files',
				name: 'dropUnknownFiles',
				type: 'boolean',
				default: false,
				description:
					'Whether to drop files that an unfinished submission of this object holds and the input does not. Off, they are an error, since an item may be missing.',
			},
			expectedFileCountOption,
			{
				displayName: 'Files at a Time',
				name: 'concurrency',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 32, numberPrecision: 0 },
				default: DEFAULT_CONCURRENCY,
				description:
					'How many files are read, registered and uploaded at the same time, of all objects together',
			},
			knownChecksumOption,
			{
				displayName: 'Preflight',
				name: 'preflight',
				type: 'options',
				options: [
					{
						name: 'Off',
						value: 'off',
						description: 'The package is not looked at, beyond what must hold for any submission',
					},
					{
						name: 'Strict',
						value: 'strict',
						description: 'A package that breaks a MUST is not sent; the error lists every finding',
					},
					{
						name: 'Warn',
						value: 'warn',
						description:
							'The package is sent all the same, and what is wrong is listed in <code>warnings</code>',
					},
				],
				default: 'strict',
				description:
					'What to do with a package (METS.xml at its root, or a TAR or ZIP made for the transfer) that is not valid by NB-SIP 1.0. DPS itself looks hours later and rejects it. Files without METS.xml are sent with a warning.',
			},
			priorityOption,
		],
	},
];

interface Options {
	priority?: number;
	concurrency?: number;
	dropUnknownFiles?: boolean;
	expectedFileCount?: number;
	checksum?: string;
	preflight?: PreflightMode;
}

/** An object, how it is to be sent, and why it cannot be. */
interface Group {
	object: DescribedObject<PackageFile> | DescribedObject<ItemFile>;
	options: Options;
	/** Its files as a package; building it is the first step where it is none yet. */
	packaged(slots: Slots, signal?: AbortSignal): Promise<{ input: Package; warnings: string[] }>;
	/** Bytes of its items' files. */
	sizes: number[];
	/** Why the package is not whole; it is not sent then. */
	failure?: unknown;
}

async function fileOf(context: IExecuteFunctions, index: number): Promise<PackageFile> {
	const run = { context, index };
	const path = String(parameter<string | undefined>(run, 'filePath', '') ?? '');
	const property = parameter<string>(run, 'binaryPropertyName', 'data');
	const { checksum } = parameter<Options>(run, 'options', {});
	return {
		source: sourceOf(context, await binaryOf(context, index, property), path),
		isPackaged: parameter<boolean>(run, 'isPackaged', false),
		expectedMd5: checksum || undefined,
		fixity: fixityOfItem(context, index),
	};
}

/** The fixity that 'Package: Build' took of the item's file. */
function fixityOfItem(context: IExecuteFunctions, index: number): Fixity | undefined {
	const { fixity } = context.getInputData()[index].json as { fixity?: Partial<Fixity> };
	if (typeof fixity !== 'object' || fixity === null) return undefined;
	const { md5, sha256, size } = fixity;
	const isWhole =
		typeof md5 === 'string' &&
		/^[0-9a-f]{32}$/.test(md5) &&
		typeof sha256 === 'string' &&
		/^[0-9a-f]{64}$/.test(sha256) &&
		typeof size === 'number';
	return isWhole ? { md5, sha256, size } : undefined;
}

function packageOf(
	{ contractId, objectId, metadata }: DescribedObject<unknown>,
	files: PackageFile[],
	{ priority, expectedFileCount }: Options,
): Package {
	return {
		contractId,
		objectId,
		priority,
		metadata,
		files,
		expectedFileCount: expectedFileCount || undefined,
	};
}

function optionsOf(context: IExecuteFunctions, { items }: DescribedObject<unknown>): Options {
	return parameter<Options>({ context, index: items[0] }, 'options', {});
}

/** Objects whose items are packages already. */
async function readyGroups(context: IExecuteFunctions): Promise<Group[]> {
	const objects = await gatherObjects(context, async (index) => await fileOf(context, index));
	const whole = objects.filter(({ failure }) => failure === undefined);
	const inputs = whole.map((object) => packageOf(object, object.files, optionsOf(context, object)));
	const together = checkObjectIdsTogether(inputs);
	return objects.map((object) => {
		const at = whole.indexOf(object);
		const options = optionsOf(context, object);
		const input = inputs[at];
		const failure =
			at < 0
				? object.failure
				: failureOf(() =>
						assertNoErrors(`Object ${object.objectId}`, [...checkPackage(input), ...together[at]]),
					);
		return {
			object,
			options,
			failure,
			sizes: object.files.map(({ source }) => source.size),
			packaged: async () => ({ input, warnings: [] }),
		};
	});
}

/** Objects whose items are content files, of which packages are built. */
async function buildingGroups(context: IExecuteFunctions, api: DpsApi): Promise<Group[]> {
	const packaging = await Packaging.of(context, api);
	const objects = await gatherObjects(
		context,
		async (index) => await packaging.fileOf(index),
		(index) => packaging.isShared(index),
	);
	const whole = objects.filter(({ failure }) => failure === undefined);
	const together = checkObjectIdsTogether(whole.map((object) => packageOf(object, [], {})));
	return objects.map((object) => {
		const at = whole.indexOf(object);
		const options = optionsOf(context, object);
		const packaged = async (slots: Slots, signal?: AbortSignal) => {
			const { files, warnings } = await packaging.build(object, whole, slots, signal);
			const sent = files.map(({ source, fixity }) => ({ source, fixity, isPackaged: false }));
			return {
				// the count is of the items, which have been counted
				input: packageOf(object, sent, { ...options, expectedFileCount: undefined }),
				warnings: warnings.map(formatFinding),
			};
		};
		const failure =
			at < 0
				? object.failure
				: failureOf(() => {
						packaging.check(object);
						assertNoErrors(`Object ${object.objectId}`, together[at]);
					});
		return {
			object,
			options,
			failure,
			sizes: object.files.map(({ source }) => source.size),
			packaged,
		};
	});
}

function failureOf(check: () => void): unknown {
	try {
		check();
		return undefined;
	} catch (error) {
		return error;
	}
}

function preflightMode({ preflight = 'strict' }: Options): PreflightMode {
	if (PREFLIGHT_MODES.includes(preflight)) return preflight;
	return refuse('Preflight', `must be one of ${PREFLIGHT_MODES.join(', ')}`);
}

async function submitGroup(
	context: IExecuteFunctions,
	api: DpsApi,
	group: Group,
	slots: Slots,
	progress: Progress,
): Promise<INodeExecutionData> {
	const { object, options } = group;
	let retries = 0;
	const started = api.clock.now();
	const counting: DpsApi = {
		...api,
		onRetry: (failure) => {
			retries += 1;
			progress.retried();
			api.onRetry?.(failure);
		},
	};
	const { input, warnings } = await group.packaged(slots, api.signal);
	const { preflight, warnings: unchecked } = preflightOf(input, preflightMode(options), api.signal);
	warnings.push(...unchecked);
	const result = await submitPackage(counting, input, {
		slots,
		preflight,
		dropUnknownFiles: options.dropUnknownFiles ?? false,
		onFileDone: ({ size }) => progress.fileDone(size),
	});
	const seconds = (api.clock.now() - started) / 1000;
	context.logger.info(`Digital Preservation: ${input.objectId} is uploaded and finalized`, {
		submissionId: result.submission.submissionId,
		files: result.files.length,
		bytes: result.sumSizeInBytes,
		seconds,
		retries,
	});
	const { submission, ...rest } = result;
	return {
		json: {
			...withoutUploadUrls(submission),
			...(rest as unknown as IDataObject),
			warnings: [...warnings, ...rest.warnings],
			durationInSeconds: seconds,
			retries,
		},
		pairedItem: object.items.map((item) => ({ item })),
	};
}

async function groupsOf(context: IExecuteFunctions, api: DpsApi): Promise<Group[]> {
	const packaging = parameter<string>({ context, index: 0 }, 'packaging', 'ready');
	try {
		return packaging === 'build' ? await buildingGroups(context, api) : await readyGroups(context);
	} catch (error) {
		throw toNodeError(context.getNode(), error, {});
	}
}

/**
 * Makes one complete submission of all the items that share contract and Object ID: 'Submit
 * Package'. One output item a submission, in the order of their first items. Submissions are made
 * side by side; all their files share the same places.
 */
export const submit: Operation = {
	fields: fieldsFor('submission', 'submit', fields),
	async execute(context) {
		const api = await apiFor(context);
		const groups = await groupsOf(context, api);
		const failed = groups.find(({ failure }) => failure !== undefined);
		if (failed && !context.continueOnFail()) {
			// nothing is sent of any object while one of them is wrong
			throw toNodeError(context.getNode(), failed.failure, { itemIndex: failed.object.items[0] });
		}
		const slots = new Slots(slotCount(groups));
		const progress = new Progress(
			context,
			groups.flatMap(({ sizes }) => sizes),
		);
		const output = new Map<Group, INodeExecutionData>();
		await forEachConcurrently(groups, new Slots(slots.size), api.signal, async (group, signal) => {
			const work =
				group.failure === undefined
					? submitGroup(context, { ...api, signal }, group, slots, progress)
					: Promise.reject(group.failure);
			const item = await work.catch((error: unknown) => {
				if (api.signal?.aborted || !context.continueOnFail()) {
					throw toNodeError(context.getNode(), error, { itemIndex: group.object.items[0] });
				}
				return failedItem(context, error, group.object.items);
			});
			output.set(group, item);
		}).catch((error: unknown) => {
			throw toNodeError(context.getNode(), error, {});
		});
		progress.finish();
		return [groups.map((group) => output.get(group) as INodeExecutionData)];
	},
};

/** Places for files in work: the option is set for all objects of a run by its first item. */
function slotCount(groups: Group[]): number {
	const { concurrency } = groups[0]?.options ?? {};
	return Math.min(32, Math.max(1, Math.trunc(concurrency ?? DEFAULT_CONCURRENCY)));
}
