import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { listEvents } from '../../../../dps/client/events';
import { checkSubmissionId } from '../../../../dps/identifiers';
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

/** Lists the preservation events of a submission, where the service gives them. */
export const getAll: Operation = {
	fields: fieldsFor('event', 'getAll', fields),
	execute: eachItem(async (run) => {
		const contractId = contractIdOf(run);
		const submissionId = checkedText(run, 'submissionId', 'Submission ID', checkSubmissionId);
		const returnAll = parameter<boolean>(run, 'returnAll', false);
		const limit = returnAll ? Infinity : parameter<number>(run, 'limit', 50);
		const events = await listEvents(run.api, contractId, submissionId);
		return events.slice(0, limit) as IDataObject[];
	}),
};
