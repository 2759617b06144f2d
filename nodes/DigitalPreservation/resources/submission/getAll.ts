import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { PAGE_SIZE } from '../../../../dps/client/paging';
import { listSubmissions } from '../../../../dps/client/submissions';
import { withoutUploadUrls } from '../../n8n/answers';
import type { Operation } from '../../n8n/operation';
import { eachItem, parameter } from '../../n8n/operation';
import { contractIdOf, fieldsFor, readableContractField, returnAllFields } from '../fields';

const fields: INodeProperties[] = [
	readableContractField,
	...returnAllFields,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Status',
				name: 'status',
				type: 'string',
				default: '',
				placeholder: 'e.g. REGISTERED',
				description:
					'Give only submissions with this status. The service has no such filter, so every page is read and the rows are compared here.',
			},
		],
	},
];

/** Lists the submissions under a contract. */
export const getAll: Operation = {
	fields: fieldsFor('submission', 'getAll', fields),
	execute: eachItem(async (run) => {
		const contractId = contractIdOf(run);
		const returnAll = parameter<boolean>(run, 'returnAll', false);
		const limit = returnAll ? Infinity : parameter<number>(run, 'limit', 50);
		const { status } = parameter<{ status?: string }>(run, 'options', {});
		const wanted = status?.trim().toUpperCase();
		const pageSize = wanted ? PAGE_SIZE : Math.min(PAGE_SIZE, limit);

		const rows: IDataObject[] = [];
		for await (const page of listSubmissions(run.api, contractId, pageSize)) {
			for (const row of page) {
				if (!wanted || row.status === wanted) rows.push(withoutUploadUrls(row));
			}
			if (rows.length >= limit) break;
		}
		return rows.slice(0, limit);
	}),
};
