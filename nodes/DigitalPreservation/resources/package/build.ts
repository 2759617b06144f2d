import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import { formatFinding } from '../../../../dps/finding';
import type { BuiltPackage } from '../../../../dps/sip/build/build';
import type { BuiltFile } from '../../../../dps/sip/build/input';
import { Slots } from '../../../../dps/submit/concurrency';
import { apiFor } from '../../n8n/api';
import { toNodeError } from '../../n8n/errors';
import type { Operation } from '../../n8n/operation';
import { failedItem, parameter } from '../../n8n/operation';
import {
	expectedFileCountOption,
	fieldsFor,
	inputBinaryField,
	knownChecksumOption,
	objectIdField,
	writableContractField,
} from '../fields';
import { metadataFields } from '../submission/metadataFields';
import type { DescribedObject } from '../submission/objects';
import { gatherObjects } from '../submission/objects';

import { itemFields, packageFields } from './packagingFields';
import type { ItemFile } from './packaging';
import { Packaging } from './packaging';

/** Files that are read at the same time. */
const CONCURRENCY = 8;
const PROPERTY = 'data';

const fields: INodeProperties[] = [
	{
		displayName:
			"Give this node one item a file. It makes a package that DPS accepts (NB-SIP 1.0) of the items with the same contract and Object ID: folders, names, METS, checksums. Its output goes to Submit Package, with File Path, Object ID and Metadata (JSON) from the item. Submit Package can also build by itself: choose 'Build the Package' there.",
		name: 'buildNotice',
		type: 'notice',
		default: '',
	},
	writableContractField,
	objectIdField,
	inputBinaryField,
	...itemFields,
	...packageFields,
	...metadataFields,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [expectedFileCountOption, knownChecksumOption],
	},
];

/** The file's bytes: the item's own binary as it is, or what was written here, which is small. */
async function binaryFor(context: IExecuteFunctions, file: BuiltFile) {
	const input = file.input as ItemFile | undefined;
	if (input?.item !== undefined) {
		const property = parameter<string>(
			{ context, index: input.item },
			'binaryPropertyName',
			PROPERTY,
		);
		return context.helpers.assertBinaryData(input.item, property);
	}
	const chunks: Uint8Array[] = [];
	for await (const chunk of await file.source.open()) chunks.push(chunk);
	const name = file.source.path.split('/').pop();
	return await context.helpers.prepareBinaryData(Buffer.concat(chunks), name, file.mediaType);
}

async function itemOf(
	context: IExecuteFunctions,
	{ contractId, objectId, metadata, items }: DescribedObject<ItemFile>,
	file: BuiltFile,
): Promise<INodeExecutionData> {
	const { md5, sha256, size } = file.fixity;
	const input = file.input as ItemFile | undefined;
	return {
		json: {
			contractId,
			objectId,
			filePath: file.source.path,
			checksum: md5,
			size,
			fixity: { md5, sha256, size },
			metadata: metadata as IDataObject,
		},
		binary: { [PROPERTY]: await binaryFor(context, file) },
		pairedItem: input?.item === undefined ? items.map((item) => ({ item })) : { item: input.item },
	};
}

async function outputOf(
	context: IExecuteFunctions,
	object: DescribedObject<ItemFile>,
	{ files, warnings }: BuiltPackage,
): Promise<INodeExecutionData[]> {
	const output: INodeExecutionData[] = [];
	for (const file of files) output.push(await itemOf(context, object, file));
	// the root METS speaks for the package
	output[0].json.warnings = warnings.map(formatFinding);
	return output;
}

/**
 * Builds a package of the items that share contract and Object ID. One output item a file of the
 * package, the root METS first; content is passed on, not copied.
 */
export const build: Operation = {
	fields: fieldsFor('package', 'build', fields),
	async execute(context) {
		const api = await apiFor(context);
		try {
			const packaging = await Packaging.of(context, api);
			const objects = await gatherObjects(
				context,
				async (index) => await packaging.fileOf(index),
				(index) => packaging.isShared(index),
			);
			const output: INodeExecutionData[] = [];
			const slots = new Slots(CONCURRENCY);
			for (const object of objects) {
				try {
					if (object.failure !== undefined) throw object.failure;
					packaging.check(object);
					const built = await packaging.build(object, objects, slots, api.signal);
					output.push(...(await outputOf(context, object, built)));
				} catch (error) {
					if (api.signal?.aborted || !context.continueOnFail()) {
						throw toNodeError(context.getNode(), error, { itemIndex: object.items[0] });
					}
					output.push(failedItem(context, error, object.items));
				}
			}
			return [output];
		} catch (error) {
			throw toNodeError(context.getNode(), error, {});
		}
	},
};
