import { accessOf } from '../../methods/listSearch';
import { contractsOf } from '../../n8n/api';
import type { Operation } from '../../n8n/operation';
import { eachItem } from '../../n8n/operation';

/** The contracts in the token, with the access that the client has. */
export const getAll: Operation = {
	fields: [],
	execute: eachItem(async ({ context }) =>
		(await contractsOf(context)).map((contract) => ({
			...contract,
			access: accessOf(contract),
		})),
	),
};
