import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import { AdvisedError, assertNoErrors } from '../../../../dps/advised-error';
import { checkObjectId, checkSubmissionId } from '../../../../dps/identifiers';
import { fixityOf } from '../../../../dps/submit/fixity';
import type {
	ExpectedFile,
	ExpectedObject,
	Verification,
} from '../../../../dps/verify/verification';
import { verifyObjects } from '../../../../dps/verify/verification';
import { apiFor } from '../../n8n/api';
import { binaryOf, sourceOf } from '../../n8n/binary';
import { toNodeError } from '../../n8n/errors';
import type { Operation } from '../../n8n/operation';
import { parameter, refuse } from '../../n8n/operation';
import {
	contractIdOf,
	fieldsFor,
	filePathField,
	inputBinaryField,
	readableContractField,
} from '../fields';

const fields: INodeProperties[] = [
	{
		displayName:
			"Items leave by the output 'Preserved' only when DPS says PRESERVED and every path and checksum is the same. Whatever is unclear leaves by 'Not Preserved', with the reason. Delete sources on the first output only.",
		name: 'verifyNotice',
		type: 'notice',
		default: '',
	},
	readableContractField,
	{
		displayName: 'Submission ID',
		name: 'submissionId',
		type: 'string',
		default: '={{ $json.submissionId }}',
		placeholder: 'e.g. 8Z7x1T9rN0Xc2B5Yq4L3zP',
		description: "The ID that 'Submit Package' gave. Leave empty to look by Object ID alone.",
	},
	{
		displayName: 'Object ID',
		name: 'objectId',
		type: 'string',
		default: '={{ $json.objectId }}',
		placeholder: 'e.g. NF_1992-0123',
		description:
			'Your own ID of the object. With a Submission ID too, both must belong to the same submission.',
	},
	{
		displayName: 'Compare With',
		name: 'compareWith',
		type: 'options',
		options: [
			{
				name: 'Files of the Items',
				value: 'binary',
				description: 'Each item carries one file; items of one object are compared together',
			},
			{
				name: 'List of Checksums',
				value: 'list',
				description: "Each item is one object, and has the list that 'Submit Package' gave",
			},
		],
		default: 'list',
		description: 'Where the paths and checksums of the files come from that ought to be preserved',
	},
	{
		displayName: 'Files',
		name: 'files',
		type: 'json',
		default: '={{ $json.files }}',
		description:
			"The files that ought to be preserved, each with filePath and checksum (MD5): the field 'files' of Submit Package",
		displayOptions: { show: { compareWith: ['list'] } },
	},
	{ ...inputBinaryField, displayOptions: { show: { compareWith: ['binary'] } } },
	{ ...filePathField, displayOptions: { show: { compareWith: ['binary'] } } },
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Allow More Files',
				name: 'allowMoreFiles',
				type: 'boolean',
				default: false,
				description:
					'Whether the submission may hold files beside those given, such as a METS that was made for it',
			},
		],
	},
];

/** An object and the items that speak of it, or why it cannot be looked for. */
interface Asked {
	object: ExpectedObject;
	items: number[];
	unclear?: string;
}

function listedFiles(value: unknown): ExpectedFile[] {
	let list = value;
	if (typeof list === 'string') {
		try {
			list = JSON.parse(list);
		} catch {
			return refuse('Files', 'is not valid JSON');
		}
	}
	if (!Array.isArray(list)) return refuse('Files', 'is not a list of files');
	return list.map((entry: unknown, index) => {
		const { filePath, checksum } = (entry ?? {}) as Record<string, unknown>;
		if (typeof filePath !== 'string' || typeof checksum !== 'string') {
			return refuse(`Files, entry ${index + 1}`, 'has no filePath or no checksum');
		}
		return { filePath, checksum };
	});
}

async function filesOf(context: IExecuteFunctions, index: number): Promise<ExpectedFile[]> {
	const run = { context, index };
	if (parameter<string>(run, 'compareWith', 'list') === 'list') {
		return listedFiles(context.getNodeParameter('files', index, []));
	}
	const filePath = String(parameter<string | undefined>(run, 'filePath', '') ?? '');
	const property = parameter<string>(run, 'binaryPropertyName', 'data');
	const source = sourceOf(context, await binaryOf(context, index, property), filePath);
	const { md5 } = await fixityOf(source, context.getExecutionCancelSignal());
	return [{ filePath, checksum: md5 }];
}

function textOf(context: IExecuteFunctions, name: string, index: number): string | undefined {
	const value = context.getNodeParameter(name, index, '') as unknown;
	return value === undefined || value === null || value === '' ? undefined : String(value);
}

function identityOf(context: IExecuteFunctions, index: number): Omit<ExpectedObject, 'files'> {
	const contractId = contractIdOf({ context, index });
	const submissionId = textOf(context, 'submissionId', index);
	const objectId = textOf(context, 'objectId', index);
	if (!submissionId && !objectId) {
		return refuse('Object ID', 'is empty, and so is the Submission ID; one of them is needed');
	}
	assertNoErrors('It cannot be looked for', [
		...(submissionId ? checkSubmissionId(submissionId, 'Submission ID') : []),
		...(objectId ? checkObjectId(objectId, 'Object ID') : []),
	]);
	return { contractId, submissionId, objectId };
}

/** Gathers items of one object; one that cannot be read makes its whole object unclear. */
async function gather(context: IExecuteFunctions): Promise<Asked[]> {
	const asked = new Map<string, Asked>();
	for (let index = 0; index < context.getInputData().length; index++) {
		let key = `item ${index}`;
		try {
			const identity = identityOf(context, index);
			key = JSON.stringify(identity);
			const entry = asked.get(key) ?? { object: { ...identity, files: [] }, items: [] };
			asked.set(key, entry);
			entry.items.push(index);
			entry.object.files.push(...(await filesOf(context, index)));
		} catch (error) {
			const entry = asked.get(key) ?? {
				object: { contractId: '', files: [] },
				items: [index],
			};
			const reason = error instanceof Error ? error.message : 'the item cannot be read';
			entry.unclear ??= error instanceof AdvisedError ? reason : `item ${index}: ${reason}`;
			asked.set(key, entry);
		}
	}
	return [...asked.values()];
}

function verdictOf({ object, unclear }: Asked, verification?: Verification): Verification {
	if (verification && unclear === undefined) return verification;
	const { contractId, objectId, submissionId } = object;
	const reason = unclear ?? 'it was not looked for';
	return { contractId, objectId, submissionId, preserved: false, reason, differences: [] };
}

/**
 * Answers whether DPS holds exactly these files preserved. The items leave as they came, with the
 * answer added, by the first output when they are preserved and by the second when not.
 */
export const verify: Operation = {
	fields: fieldsFor('submission', 'verify', fields),
	async execute(context) {
		const api = await apiFor(context);
		try {
			const { allowMoreFiles = false } = context.getNodeParameter('options', 0, {}) as {
				allowMoreFiles?: boolean;
			};
			const asked = await gather(context);
			const clear = asked.filter(({ unclear }) => unclear === undefined);
			const objects = clear.map(({ object }) => object);
			const verifications = await verifyObjects(api, objects, { allowMoreFiles });
			const verdicts = new Map(clear.map((entry, index) => [entry, verifications[index]]));

			const items = context.getInputData();
			const outputs: [INodeExecutionData[], INodeExecutionData[]] = [[], []];
			for (const entry of asked) {
				const verification = verdictOf(entry, verdicts.get(entry));
				for (const item of entry.items) {
					outputs[verification.preserved ? 0 : 1].push({
						...items[item],
						json: { ...items[item].json, verification: verification as unknown as IDataObject },
						pairedItem: { item },
					});
				}
			}
			for (const output of outputs) output.sort((a, b) => itemOf(a) - itemOf(b));
			return outputs;
		} catch (error) {
			throw toNodeError(context.getNode(), error, {});
		}
	},
};

function itemOf({ pairedItem }: INodeExecutionData): number {
	return (pairedItem as { item: number }).item;
}
