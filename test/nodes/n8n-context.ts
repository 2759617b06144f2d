import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Container } from '@n8n/di';
import type {
	IBinaryData,
	ICredentialDataDecryptedObject,
	ICredentialType,
	IDataObject,
	IExecuteData,
	IHttpRequestHelper,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
	INodeParameters,
	INodeType,
	INodeTypes,
	IRunExecutionData,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { Workflow } from 'n8n-workflow';

/** n8n's binary modes that need no database. */
export type BinaryMode = 'filesystem' | 'default';

export interface NodeRun {
	parameters: INodeParameters;
	items?: INodeExecutionData[];
	credential?: ICredentialDataDecryptedObject;
	continueOnFail?: boolean;
	signal?: AbortSignal;
	/** What n8n has stored for the workflow's nodes; a trigger changes it. */
	staticData?: IDataObject;
}

/** A stored credential, changed by the token exchange as n8n changes its own. */
class StoredCredential {
	constructor(
		private readonly type: ICredentialType,
		readonly data: ICredentialDataDecryptedObject,
	) {}

	/** n8n's rule: exchange when there is no token yet, or when the API answered 401. */
	async preAuthentication(helpers: IHttpRequestHelper, expired: boolean) {
		if (this.data.accessToken !== '' && !expired) return undefined;
		const output = await this.type.preAuthentication?.call(helpers, { ...this.data });
		return Object.assign(this.data, output);
	}

	async authenticate(options: IHttpRequestOptions, data: ICredentialDataDecryptedObject) {
		const { authenticate } = this.type;
		if (typeof authenticate !== 'function') throw new Error('The credential type has no function');
		return await authenticate(data, options);
	}
}

/** n8n's real contexts and binary store in this process, with no server and no database. */
export class N8nCore {
	private constructor(
		private readonly core: typeof import('n8n-core'),
		readonly storageFolder: string,
	) {}

	static async load(mode: BinaryMode = 'filesystem'): Promise<N8nCore> {
		const folder = mkdtempSync(join(tmpdir(), 'n8n-core-'));
		// read when n8n-core is loaded
		process.env.N8N_USER_FOLDER = folder;
		process.env.N8N_ENCRYPTION_KEY = 'a key for tests only';
		process.env.N8N_DEFAULT_BINARY_DATA_MODE = mode;
		process.env.N8N_BINARY_DATA_STORAGE_PATH = join(folder, 'binary');
		const core = await import('n8n-core');
		await Container.get(core.BinaryDataService).init();
		return new N8nCore(core, join(folder, 'binary'));
	}

	/** Puts bytes into the binary store, as a node before this one would have. */
	async store(bytes: Buffer, fileName: string): Promise<IBinaryData> {
		const location = {
			type: 'execution' as const,
			workflowId: 'workflow',
			executionId: 'execution',
		};
		return await Container.get(this.core.BinaryDataService).store(location, bytes, {
			data: '',
			mimeType: 'application/octet-stream',
			fileName,
		});
	}

	/** The bytes of a file that a node put out. */
	async read(binary: IBinaryData): Promise<Buffer> {
		return await Container.get(this.core.BinaryDataService).getAsBuffer(binary);
	}

	/** The context that n8n would give the node for this run. */
	executeContext(nodeType: INodeType, credentialType: ICredentialType, run: NodeRun) {
		const { workflow, node, additionalData, runData, executeData, items } = this.prepare(
			nodeType,
			credentialType,
			run,
		);
		return new this.core.ExecuteContext(
			workflow,
			node,
			additionalData,
			'manual',
			runData,
			0,
			items,
			{ main: [items] },
			executeData,
			[],
			run.signal,
		);
	}

	/** The context for a list search in the editor. */
	loadOptionsContext(nodeType: INodeType, credentialType: ICredentialType, run: NodeRun) {
		const { workflow, node, additionalData } = this.prepare(nodeType, credentialType, run);
		return new this.core.LoadOptionsContext(workflow, node, additionalData, '');
	}

	/** The context for a poll: one of a published workflow, or that of 'Fetch Test Event'. */
	pollContext(
		nodeType: INodeType,
		credentialType: ICredentialType,
		run: NodeRun,
		mode: 'trigger' | 'manual' = 'trigger',
	) {
		const { workflow, node, additionalData } = this.prepare(nodeType, credentialType, run);
		const activation = mode === 'manual' ? 'manual' : 'activate';
		return new this.core.PollContext(workflow, node, additionalData, mode, activation);
	}

	private prepare(nodeType: INodeType, credentialType: ICredentialType, run: NodeRun) {
		const stored = new StoredCredential(credentialType, run.credential ?? {});
		const node: INode = {
			id: 'node',
			name: 'Digital Preservation',
			type: 'n8n-nodes-digital-preservation.digitalPreservation',
			typeVersion: 1,
			position: [0, 0],
			parameters: run.parameters,
			credentials: { [credentialType.name]: { id: '1', name: 'DPS' } },
			onError: run.continueOnFail ? 'continueRegularOutput' : 'stopWorkflow',
		};
		const nodeTypes = {
			getByName: () => nodeType,
			getByNameAndVersion: () => nodeType,
			getKnownTypes: () => ({}),
		} as INodeTypes;
		const workflow = new Workflow({
			id: 'workflow',
			nodes: [node],
			connections: {},
			active: false,
			nodeTypes,
			staticData: run.staticData,
		});
		const additionalData = {
			executionId: 'execution',
			restApiUrl: '',
			instanceBaseUrl: '',
			formWaitingBaseUrl: '',
			webhookBaseUrl: '',
			webhookWaitingBaseUrl: '',
			webhookTestBaseUrl: '',
			variables: {},
			credentialsHelper: {
				getParentTypes: () => [],
				isCredentialUsableByNode: () => true,
				getDecrypted: async () => ({ ...stored.data }),
				preAuthentication: async (
					helpers: IHttpRequestHelper,
					_credentials: ICredentialDataDecryptedObject,
					_type: string,
					_node: INode,
					expired: boolean,
				) => await stored.preAuthentication(helpers, expired),
				authenticate: async (
					data: ICredentialDataDecryptedObject,
					_type: string,
					options: IHttpRequestOptions,
				) => await stored.authenticate(options, data),
			},
		} as unknown as IWorkflowExecuteAdditionalData;
		const items = run.items ?? [{ json: {} }];
		const runData = {
			resultData: { runData: {} },
			executionData: {
				contextData: {},
				nodeExecutionStack: [],
				metadata: {},
				waitingExecution: {},
				waitingExecutionSource: {},
			},
		} as unknown as IRunExecutionData;
		const executeData: IExecuteData = { node, data: { main: [items] }, source: null };
		return { workflow, node, additionalData, runData, executeData, items };
	}
}

/** The `json` of a node's first output. */
export function jsonOf(output: INodeExecutionData[][]): IDataObject[] {
	return output[0].map(({ json }) => json);
}
