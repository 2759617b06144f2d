import { getDissemination } from '../../../../dps/client/disseminations';
import { checkDisseminationId } from '../../../../dps/identifiers';
import { asOutput } from '../../n8n/answers';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem } from '../../n8n/operation';
import { fieldsFor } from '../fields';

import { disseminationIdField } from './disseminationIdField';

/** Reads the status of an order. */
export const get: Operation = {
	fields: fieldsFor('dissemination', 'get', [disseminationIdField]),
	execute: eachItem(async (run) => {
		const id = checkedText(run, 'disseminationId', 'Dissemination ID', checkDisseminationId);
		return asOutput(await getDissemination(run.api, id));
	}),
};
