import type { INodeProperties } from 'n8n-workflow';

import { finalizeSubmission } from '../../../../dps/client/submissions';
import { checkSubmissionId } from '../../../../dps/identifiers';
import { withoutUploadUrls } from '../../n8n/answers';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem } from '../../n8n/operation';
import { contractIdOf, fieldsFor, submissionIdField, writableContractField } from '../fields';

const fields: INodeProperties[] = [writableContractField, submissionIdField];

/** Closes the upload and starts processing; whether the content is accepted is told later. */
export const finalize: Operation = {
	fields: fieldsFor('submission', 'finalize', fields),
	execute: eachItem(async (run) => {
		const contractId = contractIdOf(run);
		const submissionId = checkedText(run, 'submissionId', 'Submission ID', checkSubmissionId);
		const { value } = await finalizeSubmission(run.api, contractId, submissionId);
		return withoutUploadUrls(value);
	}),
};
