import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { assertNoErrors } from '../../../../dps/advised-error';
import { createSubmission } from '../../../../dps/client/submissions';
import { checkObjectId, checkPriority } from '../../../../dps/identifiers';
import { checkMetadata } from '../../../../dps/metadata/check';
import { withoutUploadUrls } from '../../n8n/answers';
import type { Operation } from '../../n8n/operation';
import { checkedText, eachItem, parameter } from '../../n8n/operation';
import {
	contractIdOf,
	fieldsFor,
	objectIdField,
	priorityOption,
	writableContractField,
} from '../fields';

import { metadataFields } from './metadataFields';
import { metadataOf } from './metadataParameter';

const fields: INodeProperties[] = [
	writableContractField,
	objectIdField,
	...metadataFields,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [priorityOption],
	},
];

/** Creates an empty submission; files are registered, uploaded and finalized afterwards. */
export const create: Operation = {
	fields: fieldsFor('submission', 'create', fields),
	execute: eachItem(async (run) => {
		const contractId = contractIdOf(run);
		const objectId = checkedText(run, 'objectId', 'Object ID', checkObjectId);
		const { priority } = parameter<IDataObject>(run, 'options', {});
		const metadata = metadataOf(run);
		assertNoErrors('Nothing was sent', [
			...(priority === undefined ? [] : checkPriority(priority, 'Priority')),
			...checkMetadata(metadata),
		]);
		const { value } = await createSubmission(run.api, contractId, {
			objectId,
			priority: priority as number | undefined,
			metadata,
		});
		return withoutUploadUrls(value);
	}),
};
