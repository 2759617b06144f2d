import type { INodeProperties } from 'n8n-workflow';

import { deleteSubmission } from '../../../../dps/client/submissions';
import { checkSubmissionId } from '../../../../dps/identifiers';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem } from '../../n8n/operation';
import { contractIdOf, fieldsFor, submissionIdField, writableContractField } from '../fields';

const fields: INodeProperties[] = [writableContractField, submissionIdField];

/** Deletes a submission that is not finalized; what is finalized stays. */
export const remove: Operation = {
	fields: fieldsFor('submission', 'delete', fields),
	execute: eachItem(async (run) => {
		const contractId = contractIdOf(run);
		const submissionId = checkedText(run, 'submissionId', 'Submission ID', checkSubmissionId);
		await deleteSubmission(run.api, contractId, submissionId);
		return { contractId, submissionId, deleted: true };
	}),
};
