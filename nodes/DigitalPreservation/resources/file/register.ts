import type { INodeProperties } from 'n8n-workflow';

import { registerFile } from '../../../../dps/client/files';
import { checkChecksum, checkFilePath, checkSubmissionId } from '../../../../dps/identifiers';
import { asOutput } from '../../n8n/answers';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem, parameter } from '../../n8n/operation';
import {
	contractIdOf,
	fieldsFor,
	filePathField,
	isPackagedField,
	submissionIdField,
	writableContractField,
} from '../fields';

const fields: INodeProperties[] = [
	writableContractField,
	submissionIdField,
	filePathField,
	{
		displayName: 'Checksum (MD5)',
		name: 'checksum',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 9e107d9d372bb6826bd81d3542a419d6',
		description:
			"The MD5 of the file's bytes, 32 lower-case hex digits. DPS rejects the submission when other bytes arrive.",
	},
	isPackagedField,
];

/** Registers a file and gives its upload URL, for a transfer made outside n8n. */
export const register: Operation = {
	fields: fieldsFor('file', 'register', fields),
	execute: eachItem(async (run) => {
		const contractId = contractIdOf(run);
		const submissionId = checkedText(run, 'submissionId', 'Submission ID', checkSubmissionId);
		const { value } = await registerFile(run.api, contractId, submissionId, {
			filePath: checkedText(run, 'filePath', 'File Path', checkFilePath),
			checksum: checkedText(run, 'checksum', 'Checksum (MD5)', checkChecksum),
			isPackaged: parameter<boolean>(run, 'isPackaged', false),
		});
		return asOutput(value);
	}),
};
