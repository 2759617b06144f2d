import type { INodeProperties } from 'n8n-workflow';

import { assertNoErrors } from '../../../../dps/advised-error';
import { createDissemination } from '../../../../dps/client/disseminations';
import { checkArchiveId, checkDisseminationId, checkPriority } from '../../../../dps/identifiers';
import { asOutput } from '../../n8n/answers';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem, parameter } from '../../n8n/operation';
import { fieldsFor, priorityOption } from '../fields';

const fields: INodeProperties[] = [
	{
		displayName: 'Archive ID',
		name: 'archiveId',
		type: 'string',
		required: true,
		default: '={{ $json.data?.archiveId ?? $json.archiveId }}',
		placeholder: 'e.g. 019e404e-60ab-7457-b7c9-94c453242c69',
		description:
			'The ID of the archived object, which came with the submission.preserved message. Keep it for ever: without it nothing can be ordered back.',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Known Dissemination ID',
				name: 'disseminationId',
				type: 'string',
				default: '',
				placeholder: 'e.g. 5kP2vQ8nLw3Zr7Tj1Xb4Ys',
				description:
					'The ID of an order that you placed before. When an order is still under way, the service may not say which; this one is then looked up.',
			},
			priorityOption,
		],
	},
];

/** Orders a preserved object back; download links come with the dissemination.delivered message. */
export const create: Operation = {
	fields: fieldsFor('dissemination', 'create', fields),
	execute: eachItem(async (run) => {
		const archiveId = checkedText(run, 'archiveId', 'Archive ID', checkArchiveId).trim();
		const { priority, disseminationId } = parameter<{
			priority?: number;
			disseminationId?: string;
		}>(run, 'options', {});
		assertNoErrors('Nothing was sent', [
			...(priority === undefined ? [] : checkPriority(priority, 'Priority')),
			...(disseminationId ? checkDisseminationId(disseminationId, 'Known Dissemination ID') : []),
		]);
		const { dissemination, alreadyUnderWay } = await createDissemination(
			run.api,
			{ archiveId, priority },
			disseminationId || undefined,
		);
		return { ...asOutput(dissemination ?? { archiveId }), alreadyUnderWay };
	}),
};
