import type { ICredentialType, INodeProperties } from 'n8n-workflow';

export class DigitalPreservationWebhookApi implements ICredentialType {
	name = 'digitalPreservationWebhookApi';

	displayName = 'Digital Preservation Webhook API';

	icon = {
		light: 'file:../nodes/DigitalPreservation/digitalPreservation.svg',
		dark: 'file:../nodes/DigitalPreservation/digitalPreservation.dark.svg',
	} as const;

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-digital-preservation#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Signing Secret',
			name: 'signingSecret',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			placeholder: 'whsec_…',
			description:
				'The secret that you and the National Library of Norway share, with which it signs its messages: whsec_ and base64, or a plain text',
		},
		{
			displayName: 'Previous Signing Secret',
			name: 'previousSigningSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'During a change of secrets, the one before. Messages signed with either are accepted. Empty it when the change is over.',
		},
		{
			displayName: 'Bearer Token (Older Deployments)',
			name: 'bearerToken',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				"Only for deployments that do not sign their messages, and only used when the trigger's option 'Accept Bearer Token' is on. Leave empty otherwise.",
		},
	];
}
