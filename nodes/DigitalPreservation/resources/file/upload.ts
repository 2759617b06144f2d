import type { INodeProperties } from 'n8n-workflow';

import { checkFilePath, checkSubmissionId } from '../../../../dps/identifiers';
import { addFile } from '../../../../dps/submit/send-file';
import { binaryOf, sourceOf } from '../../n8n/binary';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem, parameter } from '../../n8n/operation';
import {
	contractIdOf,
	fieldsFor,
	filePathField,
	inputBinaryField,
	isPackagedField,
	submissionIdField,
	writableContractField,
} from '../fields';

const fields: INodeProperties[] = [
	writableContractField,
	submissionIdField,
	inputBinaryField,
	filePathField,
	isPackagedField,
];

/** Takes the checksum of one file, registers and uploads it. */
export const upload: Operation = {
	fields: fieldsFor('file', 'upload', fields),
	execute: eachItem(async (run) => {
		const contractId = contractIdOf(run);
		const submissionId = checkedText(run, 'submissionId', 'Submission ID', checkSubmissionId);
		const path = checkedText(run, 'filePath', 'File Path', checkFilePath);
		const property = parameter<string>(run, 'binaryPropertyName', 'data');
		const stored = await binaryOf(run.context, run.index, property);
		const source = sourceOf(run.context, stored, path);
		const isPackaged = parameter<boolean>(run, 'isPackaged', false);
		const submission = { contractId, submissionId };
		const file = await addFile(run.api, submission, { source, isPackaged });
		return { contractId, submissionId, ...file };
	}),
};
