import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import type { DeliveredFile } from '../../../../dps/collect/delivery';
import { readDelivery } from '../../../../dps/collect/delivery';
import type { Store } from '../../../../dps/collect/download';
import { downloadFile } from '../../../../dps/collect/download';
import type { StoredBinary } from '../../n8n/binary';
import { sourceOf } from '../../n8n/binary';
import type { Operation } from '../../n8n/operation';
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
];

type StreamForN8n = Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0];

/** n8n's binary store, which takes streams and gives them back. */
function binaryStore(context: IExecuteFunctions): Store<StoredBinary> {
	return {
		async put(file, bytes) {
			const mimeType = file.filename.endsWith('.tar')
				? 'application/x-tar'
				: 'application/octet-stream';
			const binary = await context.helpers.prepareBinaryData(
				bytes as unknown as StreamForN8n,
				file.filename,
				mimeType,
			);
			return { binary, size: file.filesize };
		},
		async read(stored) {
			return await sourceOf(context, stored, '').open();
		},
	};
}

function facts(file: DeliveredFile): IDataObject {
	return {
		filename: file.filename,
		filesize: file.filesize,
		checksum: file.checksum,
		checksumAlgorithm: file.algorithm.toUpperCase(),
		verified: true,
	};
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

		const items: INodeExecutionData[] = [];
		for (const file of files) {
			const { binary } = await downloadFile(run.api, file, binaryStore(run.context));
			items.push({
				json: { ...(dissemination as IDataObject), ...facts(file) },
				binary: { [property]: binary },
				pairedItem: { item: run.index },
			});
		}
		return items;
	}),
};
