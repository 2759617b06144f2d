import type { INodeProperties } from 'n8n-workflow';
import { updateDisplayOptions } from 'n8n-workflow';

import { normalizeContractId, checkContractId } from '../../../dps/identifiers';
import type { ItemRun } from '../n8n/operation';
import { refuse } from '../n8n/operation';

/** Fields that belong to one operation of a resource: shown only when both are chosen. */
export function fieldsFor(
	resource: string,
	operation: string,
	fields: INodeProperties[],
): INodeProperties[] {
	return updateDisplayOptions(
		{ show: { resource: [resource], operation: [operation] } },
		fields,
	) as INodeProperties[];
}

function contractField(searchListMethod: string, role: string): INodeProperties {
	return {
		displayName: 'Contract',
		name: 'contractId',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		description: `The contract with the National Library of Norway that the object belongs to. The list shows the contracts that your client has ${role} access to.`,
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a contract…',
				typeOptions: { searchListMethod, searchable: true },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. ef23',
				hint: 'Four hexadecimal digits',
				validation: [
					{
						type: 'regex',
						properties: {
							regex: '^[0-9a-fA-F]{4}$',
							errorMessage: 'A contract id has four hexadecimal digits, such as ef23',
						},
					},
				],
			},
		],
	};
}

export const readableContractField = contractField('searchReadableContracts', 'reading');
export const writableContractField = contractField('searchWritableContracts', 'writing');

export const submissionIdField: INodeProperties = {
	displayName: 'Submission ID',
	name: 'submissionId',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. 8Z7x1T9rN0Xc2B5Yq4L3zP',
	description:
		"The ID that 'Submission: Create' or 'Submit Package' gave: 22 letters and digits, upper and lower case matter",
};

export const objectIdField: INodeProperties = {
	displayName: 'Object ID',
	name: 'objectId',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. NF_1992-0123',
	description:
		'Your own ID for the object, 3 to 200 of A–Z a–z 0–9 - and _. It must be unique under the contract and can never be changed.',
};

export const filePathField: INodeProperties = {
	displayName: 'File Path',
	name: 'filePath',
	type: 'string',
	required: true,
	default: '={{ $json.filePath }}',
	placeholder: 'e.g. representations/primary_20250217/data/page1.tif',
	description:
		"Where the file is in the package: relative to the package's root, parts separated by /, at most 900 characters",
};

export const isPackagedField: INodeProperties = {
	displayName: 'Is Packaged',
	name: 'isPackaged',
	type: 'boolean',
	default: false,
	description:
		'Whether the file is a ZIP or TAR made only for the transfer, which DPS unpacks on arrival. Leave off for content that is a ZIP or TAR itself: unpacked, its original bytes would be lost.',
};

export const inputBinaryField: INodeProperties = {
	displayName: 'Input Binary Field',
	name: 'binaryPropertyName',
	type: 'string',
	required: true,
	default: 'data',
	placeholder: 'e.g. data',
	hint: 'The name of the input field that holds the file',
	description: "Which of the item's binary fields is the file to send",
};

export const priorityOption: INodeProperties = {
	displayName: 'Priority',
	name: 'priority',
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 100, numberPrecision: 0 },
	default: 50,
	description:
		'From 1 (first) to 100 (last). Values above 50 are for work that can wait, such as archiving again what is archived.',
};

export const expectedFileCountOption: INodeProperties = {
	displayName: 'Expected File Count',
	name: 'expectedFileCount',
	type: 'number',
	typeOptions: { minValue: 0, numberPrecision: 0 },
	default: 0,
	description:
		'How many files the object must be given, each an item. With another number nothing is sent: a folder that was read half is noticed. 0 for any number.',
};

export const knownChecksumOption: INodeProperties = {
	displayName: 'Known Checksum (MD5)',
	name: 'checksum',
	type: 'string',
	default: '',
	placeholder: 'e.g. ={{ $json.md5 }}',
	description:
		'The MD5 that you have on record for the file. The file is not sent when its bytes do not match.',
};

export const returnAllFields: INodeProperties[] = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 50,
		description: 'Max number of results to return',
		displayOptions: { show: { returnAll: [false] } },
	},
];

/**
 * The chosen contract in lower case, as the API wants it.
 *
 * @throws {InputError} when it is malformed or missing
 */
export function contractIdOf(run: Pick<ItemRun, 'context' | 'index'>): string {
	const value = run.context.getNodeParameter('contractId', run.index, '', { extractValue: true });
	const [finding] = checkContractId(value, 'Contract');
	if (finding) return refuse(finding.field, finding.message);
	return normalizeContractId(String(value));
}
