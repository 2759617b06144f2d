// oidc-provider brings no types; these are the parts that the sandbox uses, as of version 9.

declare module 'oidc-provider' {
	import type { RequestListener } from 'node:http';

	interface Client {
		clientId: string;
	}

	interface Token {
		client?: Client;
	}

	interface ResourceServer {
		scope: string;
		audience?: string;
		accessTokenTTL?: number;
		accessTokenFormat: 'jwt' | 'opaque';
		jwt?: { sign: { alg: string } };
	}

	export interface Configuration {
		adapter: new (model: string) => {
			find(id: string): Promise<undefined>;
			upsert(id: string, payload: object, seconds: number): Promise<void>;
		};
		clients: {
			client_id: string;
			client_secret: string;
			grant_types: string[];
			redirect_uris: string[];
			response_types: string[];
			token_endpoint_auth_method: string;
		}[];
		jwks: { keys: object[] };
		routes: Record<string, string>;
		ttl: Record<string, number>;
		features: {
			devInteractions: { enabled: boolean };
			clientCredentials: { enabled: boolean };
			resourceIndicators: {
				enabled: boolean;
				defaultResource(): string;
				useGrantedResource(): boolean;
				getResourceServerInfo(): ResourceServer;
			};
		};
		extraTokenClaims(context: unknown, token: Token): Record<string, unknown>;
	}

	export default class Provider {
		constructor(issuer: string, configuration: Configuration);
		callback(): RequestListener;
		use(middleware: (context: { body: unknown }, next: () => Promise<void>) => Promise<void>): void;
	}
}
