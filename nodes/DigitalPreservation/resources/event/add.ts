import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { assertNoErrors } from '../../../../dps/advised-error';
import { addEvent } from '../../../../dps/client/events';
import { checkEvent } from '../../../../dps/event/check';
import { eventFromForm } from '../../../../dps/event/form';
import { checkSubmissionId } from '../../../../dps/identifiers';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem } from '../../n8n/operation';
import { contractIdOf, fieldsFor, submissionIdField, writableContractField } from '../fields';

import { eventFields } from './eventFields';

const fields: INodeProperties[] = [writableContractField, submissionIdField, ...eventFields];

/** Records one preservation event, which can never be changed or deleted. */
export const add: Operation = {
	fields: fieldsFor('event', 'add', fields),
	execute: eachItem(async (run) => {
		const contractId = contractIdOf(run);
		const submissionId = checkedText(run, 'submissionId', 'Submission ID', checkSubmissionId);
		const form = Object.fromEntries(
			eventFields.map(({ name }) => [name, run.context.getNodeParameter(name, run.index, '')]),
		);
		const event = eventFromForm(form);
		assertNoErrors('Nothing was sent', checkEvent(event));
		const answer = await addEvent(run.api, contractId, submissionId, event);
		const recorded = typeof answer === 'object' && answer !== null ? answer : event;
		return { contractId, submissionId, ...(recorded as IDataObject) };
	}),
};
