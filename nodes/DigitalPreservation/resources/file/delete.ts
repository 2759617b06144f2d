import type { INodeProperties } from 'n8n-workflow';

import { deleteFile } from '../../../../dps/client/files';
import { checkFileId, checkSubmissionId } from '../../../../dps/identifiers';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem } from '../../n8n/operation';
import { contractIdOf, fieldsFor, submissionIdField, writableContractField } from '../fields';

const fields: INodeProperties[] = [
	writableContractField,
	submissionIdField,
	{
		displayName: 'File ID',
		name: 'fileId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 2XQ3lsRHSDAZbOD2MZoynf',
		description:
			"The ID that 'File: Register' or 'File: Get Many' gave: 22 letters and digits, upper and lower case matter",
	},
];

/** Drops a file's registration, so that it can be registered again. */
export const remove: Operation = {
	fields: fieldsFor('file', 'delete', fields),
	execute: eachItem(async (run) => {
		const contractId = contractIdOf(run);
		const submissionId = checkedText(run, 'submissionId', 'Submission ID', checkSubmissionId);
		const fileId = checkedText(run, 'fileId', 'File ID', checkFileId);
		await deleteFile(run.api, contractId, submissionId, fileId);
		return { contractId, submissionId, fileId, deleted: true };
	}),
};
