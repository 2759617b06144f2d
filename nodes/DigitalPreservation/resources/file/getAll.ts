import type { INodeProperties } from 'n8n-workflow';

import { listFiles } from '../../../../dps/client/files';
import { checkSubmissionId } from '../../../../dps/identifiers';
import { withoutUploadUrls } from '../../n8n/answers';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem, parameter } from '../../n8n/operation';
import {
	contractIdOf,
	fieldsFor,
	readableContractField,
	returnAllFields,
	submissionIdField,
} from '../fields';

const fields: INodeProperties[] = [readableContractField, submissionIdField, ...returnAllFields];

/** Lists the files that are registered in a submission; whether their bytes arrived is not known. */
export const getAll: Operation = {
	fields: fieldsFor('file', 'getAll', fields),
	execute: eachItem(async (run) => {
		const contractId = contractIdOf(run);
		const submissionId = checkedText(run, 'submissionId', 'Submission ID', checkSubmissionId);
		const returnAll = parameter<boolean>(run, 'returnAll', false);
		const limit = returnAll ? Infinity : parameter<number>(run, 'limit', 50);
		const files = await listFiles(run.api, contractId, submissionId);
		return files.slice(0, limit).map(withoutUploadUrls);
	}),
};
