import type { INodeProperties } from 'n8n-workflow';

import { AdvisedError } from '../../../../dps/advised-error';
import { waitForSubmission } from '../../../../dps/client/waiting';
import { checkSubmissionId } from '../../../../dps/identifiers';
import { withoutUploadUrls } from '../../n8n/answers';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem } from '../../n8n/operation';
import { contractIdOf, fieldsFor, readableContractField, submissionIdField } from '../fields';
import { waitOptionsField, waitOptionsOf } from '../waitOptions';

const fields: INodeProperties[] = [readableContractField, submissionIdField, waitOptionsField];

/** Waits until a submission is preserved or rejected. */
export const wait: Operation = {
	fields: fieldsFor('submission', 'wait', fields),
	execute: eachItem(async (run) => {
		const contractId = contractIdOf(run);
		const submissionId = checkedText(run, 'submissionId', 'Submission ID', checkSubmissionId);
		const { limits, returnFailures } = waitOptionsOf(run);
		const submission = await waitForSubmission(run.api, contractId, submissionId, limits);
		if (submission.status === 'REJECTED' && !returnFailures) {
			const { reasons } = submission;
			throw new AdvisedError(
				`The submission ${submissionId} (${submission.objectId}) was rejected${reasons ? `: ${JSON.stringify(reasons)}` : ''}`,
				'Keep the source material. The reasons come in the submission.rejected message of the Digital Preservation Trigger; correct the package and submit it again.',
			);
		}
		return withoutUploadUrls(submission);
	}),
};
