import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';

import { contractsOf } from '../n8n/api';
import { toNodeError } from '../n8n/errors';

import { accessOf } from './listSearch';

/** The contracts in the token that can be read, for a picker of several. */
export async function getReadableContracts(
	this: ILoadOptionsFunctions,
): Promise<INodePropertyOptions[]> {
	try {
		const contracts = await contractsOf(this);
		return contracts
			.filter(({ read }) => read)
			.map((contract) => ({
				name: `${contract.contractId} · ${accessOf(contract)}`,
				value: contract.contractId,
			}));
	} catch (error) {
		throw toNodeError(this.getNode(), error, {});
	}
}
