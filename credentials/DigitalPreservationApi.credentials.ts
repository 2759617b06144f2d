import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestHelper,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';

import { exchangeToken } from '../dps/client/token';
import { checkReachable, serviceAddresses } from '../dps/client/addresses';
import { anonymousTransport } from '../nodes/DigitalPreservation/n8n/transport';

export class DigitalPreservationApi implements ICredentialType {
	name = 'digitalPreservationApi';

	displayName = 'Digital Preservation API';

	icon = {
		light: 'file:../nodes/DigitalPreservation/digitalPreservation.svg',
		dark: 'file:../nodes/DigitalPreservation/digitalPreservation.dark.svg',
	} as const;

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-digital-preservation#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Access Token',
			name: 'accessToken',
			type: 'hidden',
			typeOptions: { expirable: true, password: true },
			default: '',
		},
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. my-archive',
			description:
				'The name of your client, given by the National Library of Norway together with the secret',
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description:
				'The secret that belongs to the Client ID. It is sent to the token endpoint only, never to the API or the file store.',
		},
		{
			displayName: 'Environment',
			name: 'environment',
			type: 'options',
			options: [
				{
					name: 'Production',
					value: 'production',
					description:
						'The National Library of Norway at api.nb.no. What is preserved there stays.',
				},
				{
					name: 'Custom',
					value: 'custom',
					description: 'A staging service, or the sandbox on your own machine',
				},
			],
			default: 'production',
			description: 'Which preservation service this client belongs to',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'https://api.nb.no/dps-submission',
			description:
				'Where the API is, without /v1 at the end. Must start with https://; http:// is accepted only for localhost.',
			displayOptions: { show: { environment: ['custom'] } },
		},
		{
			displayName: 'Token URL',
			name: 'tokenUrl',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'https://www.nb.no/authn/realms/dps/protocol/openid-connect/token',
			description:
				'Where the client exchanges its secret for a token. Must start with https://; http:// is accepted only for localhost.',
			displayOptions: { show: { environment: ['custom'] } },
		},
	];

	/**
	 * Fills `accessToken` by the token exchange; n8n calls it when there is no token yet, when the
	 * API answered 401, and when the credential is tested. What it throws is what the user reads.
	 */
	async preAuthentication(this: IHttpRequestHelper, credentials: ICredentialDataDecryptedObject) {
		const addresses = serviceAddresses(credentials);
		const transport = anonymousTransport(this.helpers);
		const accessToken = await exchangeToken(transport, {
			clientId: String(credentials.clientId ?? '').trim(),
			clientSecret: String(credentials.clientSecret ?? ''),
			tokenUrl: addresses.tokenUrl,
		});
		// n8n's own test says no more than 'ENOTFOUND' of a host that is not there
		await checkReachable(transport, addresses.baseUrl);
		return { accessToken };
	}

	/** A function, since n8n would evaluate an expression anew for each of thousands of requests. */
	async authenticate(
		{ accessToken }: ICredentialDataDecryptedObject,
		options: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		return { ...options, headers: { ...options.headers, Authorization: `Bearer ${accessToken}` } };
	}

	test: ICredentialTestRequest = {
		request: {
			baseURL:
				'={{$credentials.environment === "custom" ? $credentials.baseUrl.replace(/\\/+$/, "") : "https://api.nb.no/dps-submission"}}',
			url: '/v1/api-docs',
			timeout: 30_000,
		},
		rules: [
			{
				type: 'responseCode',
				properties: {
					value: 404,
					message:
						'A token was issued, but the Base URL is not that of the DPS API: nothing is found under /v1. It should end in /dps-submission.',
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 401,
					message:
						'A token was issued, but the API does not accept it. Do Base URL and Token URL belong to the same environment?',
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 403,
					message:
						'A token was issued, but the API refuses it. Do Base URL and Token URL belong to the same environment?',
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 502,
					message:
						'A token was issued, but the API does not answer at the moment (502 Bad Gateway).',
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 503,
					message:
						'A token was issued, but the API does not answer at the moment (503 Service Unavailable).',
				},
			},
		],
	};
}
