import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';

import type { Contract } from '../../../dps/client/token';
import { contractsOf } from '../n8n/api';
import { toNodeError } from '../n8n/errors';

/** 'read, write', as the contract picker and the output show it. */
export function accessOf({ read, write }: Contract): string {
	return [read ? 'read' : undefined, write ? 'write' : undefined].filter(Boolean).join(', ');
}

/**
 * The contracts in the token, for the contract picker. Only those that the chosen operation can
 * use: reading needs the role `_R`, everything else `_W` (DPS API documentation).
 */
async function searchContracts(
	context: ILoadOptionsFunctions,
	usable: (contract: Contract) => boolean,
	filter: string | undefined,
): Promise<INodeListSearchResult> {
	try {
		const contracts = await contractsOf(context);
		return {
			results: contracts
				.filter(usable)
				.filter(({ contractId }) => contractId.includes((filter ?? '').trim().toLowerCase()))
				.map((contract) => ({
					name: `${contract.contractId} · ${accessOf(contract)}`,
					value: contract.contractId,
				})),
		};
	} catch (error) {
		throw toNodeError(context.getNode(), error, {});
	}
}

export async function searchReadableContracts(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	return await searchContracts(this, ({ read }) => read, filter);
}

export async function searchWritableContracts(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	return await searchContracts(this, ({ write }) => write, filter);
}
