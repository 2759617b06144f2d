import type { INodeProperties } from 'n8n-workflow';

import { getSubmission } from '../../../../dps/client/submissions';
import { checkSubmissionId } from '../../../../dps/identifiers';
import { withoutUploadUrls } from '../../n8n/answers';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem } from '../../n8n/operation';
import { contractIdOf, fieldsFor, readableContractField, submissionIdField } from '../fields';

const fields: INodeProperties[] = [readableContractField, submissionIdField];

/** Reads one submission, with its status and its files. */
export const get: Operation = {
	fields: fieldsFor('submission', 'get', fields),
	execute: eachItem(async (run) => {
		const contractId = contractIdOf(run);
		const submissionId = checkedText(run, 'submissionId', 'Submission ID', checkSubmissionId);
		return withoutUploadUrls(await getSubmission(run.api, contractId, submissionId));
	}),
};
