import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { getReadableContracts } from './methods/loadOptions';
import { poll } from './trigger/poll';

export class DigitalPreservationPollTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Digital Preservation Poll Trigger',
		name: 'digitalPreservationPollTrigger',
		icon: { light: 'file:digitalPreservation.svg', dark: 'file:digitalPreservation.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description:
			'Asks the Digital Preservation Services (DPS) at intervals, and starts the workflow when an object is preserved or was rejected. Needs no public URL.',
		defaults: { name: 'Digital Preservation Poll Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'digitalPreservationApi', required: true }],
		properties: [
			{
				displayName:
					"Where n8n has a public URL, use the Digital Preservation Trigger instead: only DPS's own messages are sure to bring the archive ID, without which nothing can be ordered back, and the reasons of a rejection. Deliveries are told only there.",
				name: 'archiveIdNotice',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Contract Names or IDs',
				name: 'contractIds',
				type: 'multiOptions',
				required: true,
				typeOptions: { loadOptionsMethod: 'getReadableContracts' },
				default: [],
				description:
					'The contracts whose submissions are watched. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			},
			{
				displayName: 'Events',
				name: 'events',
				type: 'multiOptions',
				required: true,
				options: [
					{
						name: 'Submission Preserved',
						value: 'submission.preserved',
						description: 'An object is preserved',
					},
					{
						name: 'Submission Rejected',
						value: 'submission.rejected',
						description:
							'A package was refused, or has vanished and was probably refused. Keep the source material.',
					},
				],
				default: ['submission.preserved', 'submission.rejected'],
				description:
					'Which changes start the workflow. The others are noted, and not told later either.',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Emit What Is Already Final',
						name: 'emitAlreadyFinal',
						type: 'boolean',
						default: false,
						description:
							'Whether the first poll of a contract also tells what is preserved or rejected already, 100 submissions a poll. Off, it is noted and not told.',
					},
				],
			},
		],
	};

	methods = { loadOptions: { getReadableContracts } };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return await poll(this);
	}
}
