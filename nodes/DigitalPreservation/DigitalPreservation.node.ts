import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';

import { searchReadableContracts, searchWritableContracts } from './methods/listSearch';
import { operations, outputs, properties } from './resources';

export class DigitalPreservation implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Digital Preservation',
		name: 'digitalPreservation',
		icon: { light: 'file:digitalPreservation.svg', dark: 'file:digitalPreservation.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description:
			"Send digital objects to the National Library of Norway's Digital Preservation Services (DPS), and get them back",
		defaults: { name: 'Digital Preservation' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs,
		credentials: [{ name: 'digitalPreservationApi', required: true }],
		properties,
	};

	methods = { listSearch: { searchReadableContracts, searchWritableContracts } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const resource = this.getNodeParameter('resource', 0);
		const operation = this.getNodeParameter('operation', 0);
		const chosen = operations[resource]?.[operation];
		if (!chosen) {
			throw new NodeOperationError(
				this.getNode(),
				`The operation '${operation}' of '${resource}' is not known to this version of the node`,
				{ description: 'Update the package, or choose another operation.' },
			);
		}
		return await chosen.execute(this);
	}
}
