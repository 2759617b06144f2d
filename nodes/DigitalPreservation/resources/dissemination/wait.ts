import { AdvisedError } from '../../../../dps/advised-error';
import { waitForDissemination } from '../../../../dps/client/waiting';
import { checkDisseminationId } from '../../../../dps/identifiers';
import { asOutput } from '../../n8n/answers';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem } from '../../n8n/operation';
import { fieldsFor } from '../fields';
import { waitOptionsField, waitOptionsOf } from '../waitOptions';

import { disseminationIdField } from './disseminationIdField';

/** Waits until an order is delivered, has failed or was rejected. */
export const wait: Operation = {
	fields: fieldsFor('dissemination', 'wait', [disseminationIdField, waitOptionsField]),
	execute: eachItem(async (run) => {
		const id = checkedText(run, 'disseminationId', 'Dissemination ID', checkDisseminationId);
		const { limits, returnFailures } = waitOptionsOf(run);
		const dissemination = await waitForDissemination(run.api, id, limits);
		if (dissemination.status !== 'DISSEMINATED' && !returnFailures) {
			throw new AdvisedError(
				`The dissemination ${id} ended with the status ${dissemination.status}`,
				"Order the object again with 'Dissemination: Create'. If that fails too, give the id to the National Library of Norway.",
			);
		}
		return asOutput(dissemination);
	}),
};
