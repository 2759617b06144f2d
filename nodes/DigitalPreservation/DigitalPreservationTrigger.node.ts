import type {
	IDataObject,
	IHookFunctions,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { testSigningSecrets } from './methods/credentialTest';
import { assertReady } from './trigger/readiness';
import { receive } from './trigger/receive';

export class DigitalPreservationTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Digital Preservation Trigger',
		name: 'digitalPreservationTrigger',
		icon: { light: 'file:digitalPreservation.svg', dark: 'file:digitalPreservation.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description:
			'Starts the workflow when the Digital Preservation Services (DPS) say that an object is preserved, was rejected, or has been delivered',
		defaults: { name: 'Digital Preservation Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'digitalPreservationWebhookApi',
				required: true,
				testedBy: 'testSigningSecrets',
			},
		],
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode:
					'={{ $parameter["options"]["acknowledge"] === "ended" ? "lastNode" : "onReceived" }}',
				responseData: 'noData',
				path: 'dps',
			},
		],
		properties: [
			{
				displayName:
					'The National Library of Norway registers the address by hand: send it the production URL above and, by a safe channel, the signing secret of the credential. The URL must be reachable from the internet over https.',
				name: 'registrationNotice',
				type: 'notice',
				default: '',
			},
			{
				displayName: 'Events',
				name: 'events',
				type: 'multiOptions',
				required: true,
				options: [
					{
						name: 'Any',
						value: '*',
						description: 'Every message, also of kinds that DPS may add later',
					},
					{
						name: 'Dissemination Delivered',
						value: 'dissemination.delivered',
						description: 'An order is ready to download, for about a day',
					},
					{
						name: 'Submission Preserved',
						value: 'submission.preserved',
						description:
							'An object is preserved; the message brings the archive ID to keep for ever',
					},
					{
						name: 'Submission Rejected',
						value: 'submission.rejected',
						description: 'A package was refused; the message says why. Keep the source material.',
					},
				],
				default: ['submission.preserved', 'submission.rejected'],
				description: 'Which messages start the workflow. Others are acknowledged and dropped.',
			},
			{
				displayName: 'Contracts',
				name: 'contractIds',
				type: 'string',
				default: '',
				placeholder: 'e.g. ef23, 1234',
				description:
					'Only messages about these contracts start the workflow. Leave empty for all contracts.',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				// n8n then leaves the request's body alone, and the signature is verified before
				// anything is parsed; see the option of this name
				default: { binaryData: true },
				options: [
					{
						displayName: 'Accept Bearer Token',
						name: 'acceptBearerToken',
						type: 'boolean',
						default: false,
						description:
							'Whether to accept messages without a signature that carry the bearer token of the credential, as deployments of 2025 sent them. Weaker: whoever sees one such message can send others.',
					},
					{
						displayName: 'Acknowledge',
						name: 'acknowledge',
						type: 'options',
						options: [
							{
								name: 'When the Execution Has Started',
								value: 'started',
								description:
									'Once each. In queue mode a message is lost if the worker dies that has it: n8n keeps nothing of it.',
							},
							{
								name: 'When the Workflow Has Ended Well',
								value: 'ended',
								description:
									'At least once: if the workflow fails or its worker dies, DPS sends the message again. For short workflows whose steps may be repeated.',
							},
						],
						default: 'started',
						description:
							'When DPS is told that the message has arrived, and need not be sent again',
					},
					{
						// not for people: n8n reads this name from the options of every trigger of version 1
						displayName: 'Binary Data',
						name: 'binaryData',
						type: 'hidden',
						default: true,
					},
					{
						displayName: 'Ignore Repeated Messages',
						name: 'deduplicate',
						type: 'boolean',
						default: true,
						description:
							'Whether a message that was handled already starts nothing when it comes again. DPS repeats what it thinks was not received, for up to five days.',
					},
					{
						displayName: 'Tolerance (Seconds)',
						name: 'toleranceSeconds',
						type: 'number',
						typeOptions: { minValue: 1 },
						default: 300,
						description:
							"How old a message may be, or how far ahead of this machine's clock. Repeated messages carry a new time.",
					},
				],
			},
		],
	};

	methods = { credentialTest: { testSigningSecrets } };

	/**
	 * The address is registered by the library's staff, so there is nothing to create or delete at
	 * the service; a trigger that could accept no message is refused when it is activated.
	 */
	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				await assertReady(this);
				return true;
			},
			async create(this: IHookFunctions): Promise<boolean> {
				await assertReady(this);
				return true;
			},
			async delete(this: IHookFunctions): Promise<boolean> {
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		const message = await receive(this);
		if (!message) return { noWebhookResponse: true };
		return { workflowData: [this.helpers.returnJsonArray(message as unknown as IDataObject)] };
	}
}
