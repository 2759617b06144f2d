import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import { assertNoErrors } from '../../../../dps/advised-error';
import type { DpsApi } from '../../../../dps/client/api';
import { checkObjectIdsTogether, checkPackage } from '../../../../dps/submit/checks';
import { Slots, forEachConcurrently } from '../../../../dps/submit/concurrency';
import type { Package, PackageFile } from '../../../../dps/submit/package';
import { submitPackage } from '../../../../dps/submit/submit';
import { withoutUploadUrls } from '../../n8n/answers';
import { apiFor } from '../../n8n/api';
import { binaryOf, sourceOf } from '../../n8n/binary';
import { toNodeError } from '../../n8n/errors';
import { Progress } from '../../n8n/progress';
import type { Operation } from '../../n8n/operation';
import { failedItem, parameter, refuse } from '../../n8n/operation';
import {
	contractIdOf,
	fieldsFor,
	filePathField,
	inputBinaryField,
	isPackagedField,
	objectIdField,
	priorityOption,
	writableContractField,
} from '../fields';

import { metadataFields } from './metadataFields';
import { metadataOf } from './metadataParameter';

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
	inputBinaryField,
	filePathField,
	isPackagedField,
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
			{
				displayName: 'Expected File Count',
				name: 'expectedFileCount',
				type: 'number',
				typeOptions: { minValue: 0, numberPrecision: 0 },
				default: 0,
				description:
					'How many files the object must have. With another number nothing is sent: a folder that was read half is noticed. 0 for any number.',
			},
			{
				displayName: 'Files at a Time',
				name: 'concurrency',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 32, numberPrecision: 0 },
				default: DEFAULT_CONCURRENCY,
				description:
					'How many files are read, registered and uploaded at the same time, of all objects together',
			},
			{
				displayName: 'Known Checksum (MD5)',
				name: 'checksum',
				type: 'string',
				default: '',
				placeholder: 'e.g. ={{ $json.md5 }}',
				description:
					'The MD5 that you have on record for the file. The file is not sent when its bytes do not match.',
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
}

/** A package and the items it came from. */
interface Group {
	input: Package;
	items: number[];
	options: Options;
	metadataText: string;
	/** Why the package is not whole; it is not sent then. */
	failure?: unknown;
}

function groupOf(
	groups: Map<string, Group>,
	context: IExecuteFunctions,
	index: number,
	objectId: string,
): Group {
	const run = { context, index };
	const contractId = contractIdOf(run);
	const options = parameter<Options>(run, 'options', {});
	const metadata = metadataOf(run);
	const metadataText = JSON.stringify(metadata);

	const key = `${contractId}/${objectId}`;
	const group = groups.get(key);
	if (!group) {
		const input: Package = {
			contractId,
			objectId,
			priority: options.priority,
			metadata,
			files: [],
			expectedFileCount: options.expectedFileCount || undefined,
		};
		const created = { input, items: [], options, metadataText };
		groups.set(key, created);
		return created;
	}
	if (group.metadataText !== metadataText) {
		return refuse(
			`item ${index}: metadata`,
			`differs from that of item ${group.items[0]}, which has the same Object ID ${objectId}; one submission has one description`,
		);
	}
	return group;
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
	};
}

/**
 * Gathers the items into packages. An item that cannot be read spoils its whole object: without
 * one of its files it would be preserved as half an object, for ever.
 */
async function groupItems(context: IExecuteFunctions): Promise<Group[]> {
	const groups = new Map<string, Group>();
	const spoilt = new Map<string, { failure: unknown; items: number[] }>();
	for (let index = 0; index < context.getInputData().length; index++) {
		const objectId = String(context.getNodeParameter('objectId', index, ''));
		try {
			const group = groupOf(groups, context, index, objectId);
			group.items.push(index);
			group.input.files.push(await fileOf(context, index));
		} catch (error) {
			const { failure, items } = spoilt.get(objectId) ?? { failure: error, items: [] };
			spoilt.set(objectId, { failure, items: [...items, index] });
		}
	}
	const whole = [...groups.values()].filter(({ input }) => !spoilt.has(input.objectId));
	const together = checkObjectIdsTogether(whole.map(({ input }) => input));
	for (const [index, group] of whole.entries()) {
		try {
			const findings = [...checkPackage(group.input), ...together[index]];
			assertNoErrors(`Object ${group.input.objectId}`, findings);
		} catch (error) {
			group.failure = error;
		}
	}
	for (const [objectId, { failure, items }] of spoilt) {
		const siblings = [...groups.values()].filter(({ input }) => input.objectId === objectId);
		const all = new Set([...items, ...siblings.flatMap((group) => group.items)]);
		whole.push({
			input: { contractId: '', objectId, metadata: {}, files: [] },
			items: [...all].sort((a, b) => a - b),
			options: {},
			metadataText: '',
			failure,
		});
	}
	return whole;
}

async function submitGroup(
	context: IExecuteFunctions,
	api: DpsApi,
	group: Group,
	slots: Slots,
	progress: Progress,
): Promise<INodeExecutionData> {
	const { input, items, options } = group;
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
	const result = await submitPackage(counting, input, {
		slots,
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
			durationInSeconds: seconds,
			retries,
		},
		pairedItem: items.map((item) => ({ item })),
	};
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
		const groups = await groupItems(context);
		const failed = groups.find(({ failure }) => failure !== undefined);
		if (failed && !context.continueOnFail()) {
			// nothing is sent of any object while one of them is wrong
			throw toNodeError(context.getNode(), failed.failure, { itemIndex: failed.items[0] });
		}
		const slots = new Slots(slotCount(groups));
		const progress = new Progress(
			context,
			groups.flatMap(({ input }) => input.files.map(({ source }) => source.size)),
		);
		const output = new Map<Group, INodeExecutionData>();
		await forEachConcurrently(groups, new Slots(slots.size), api.signal, async (group, signal) => {
			const work =
				group.failure === undefined
					? submitGroup(context, { ...api, signal }, group, slots, progress)
					: Promise.reject(group.failure);
			const item = await work.catch((error: unknown) => {
				if (api.signal?.aborted || !context.continueOnFail()) {
					throw toNodeError(context.getNode(), error, { itemIndex: group.items[0] });
				}
				return failedItem(context, error, group.items);
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
