import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { DigitalPreservationApi } from '../../credentials/DigitalPreservationApi.credentials';
import { DigitalPreservation } from '../../nodes/DigitalPreservation/DigitalPreservation.node';
import type { SandboxProcess, SandboxProcessOptions } from '../sandbox/sandbox-process';
import { startSandboxProcess } from '../sandbox/sandbox-process';

import { type BinaryMode, N8nCore, type NodeRun } from './n8n-context';

/** Metadata that meets every MUST of the DPS metadata documentation. */
export const METADATA = {
	type: 'Bilde',
	identifier: [{ type: 'inventory number', value: 'NF.1992-0123' }],
	title: { value: 'Rana Blad', lang: 'nob' },
};

/** The node in n8n's real context, its credential, and a DPS to talk to. */
export class NodeBench {
	readonly node = new DigitalPreservation();

	readonly credentialType = new DigitalPreservationApi();

	readonly credential: IDataObject;

	private constructor(
		readonly sandbox: SandboxProcess,
		readonly n8n: N8nCore,
	) {
		const [{ clientId, clientSecret }] = sandbox.clients;
		this.credential = {
			accessToken: '',
			clientId,
			clientSecret,
			environment: 'custom',
			baseUrl: sandbox.apiUrl,
			tokenUrl: sandbox.tokenUrl,
		};
	}

	static async start(
		options: SandboxProcessOptions = {},
		mode: BinaryMode = 'filesystem',
	): Promise<NodeBench> {
		const [sandbox, n8n] = await Promise.all([startSandboxProcess(options), N8nCore.load(mode)]);
		return new NodeBench(sandbox, n8n);
	}

	async stop(): Promise<void> {
		await this.sandbox.stop();
	}

	/** Runs the node as n8n does, and gives its first output. */
	async run(
		resource: string,
		operation: string,
		parameters: Record<string, unknown> = {},
		run: Partial<Omit<NodeRun, 'parameters'>> = {},
	): Promise<INodeExecutionData[]> {
		const context = this.n8n.executeContext(this.node, this.credentialType, {
			credential: this.credential as NodeRun['credential'],
			...run,
			parameters: { resource, operation, ...parameters } as NodeRun['parameters'],
		});
		const [output] = await this.node.execute.call(context);
		return output;
	}

	/** The error that the node stops with. */
	async failure(
		resource: string,
		operation: string,
		parameters: Record<string, unknown> = {},
		run: Partial<Omit<NodeRun, 'parameters'>> = {},
	): Promise<Error & { description?: string | null; context: IDataObject; httpCode?: string }> {
		const error: unknown = await this.run(resource, operation, parameters, run).then(
			() => undefined,
			(reason: unknown) => reason,
		);
		if (!(error instanceof Error)) throw new Error('The node did not fail');
		return error as never;
	}

	/** An item that carries a file, as a node before this one would have made it. */
	async fileItem(filePath: string, bytes: Buffer | string): Promise<INodeExecutionData> {
		const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
		const fileName = filePath.split('/').pop() ?? filePath;
		return {
			json: { filePath },
			binary: { data: await this.n8n.store(buffer, fileName) },
		};
	}
}

/** A receiver of webhooks on this machine: what it got, and a way to wait for it. */
export class Receiver {
	readonly messages: IDataObject[] = [];

	private waiting: Array<() => void> = [];

	private constructor(
		private readonly server: ReturnType<typeof createServer>,
		readonly url: string,
	) {}

	static async start(): Promise<Receiver> {
		const server = createServer();
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const { port } = server.address() as AddressInfo;
		const receiver = new Receiver(server, `http://127.0.0.1:${port}/webhook`);
		server.on('request', (request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				receiver.messages.push(JSON.parse(Buffer.concat(chunks).toString()) as IDataObject);
				response.writeHead(204).end();
				for (const wake of receiver.waiting.splice(0)) wake();
			});
		});
		return receiver;
	}

	/** The first message that `matches`, come or still to come. */
	async message(matches: (message: IDataObject) => boolean): Promise<IDataObject> {
		for (;;) {
			const found = this.messages.find(matches);
			if (found) return found;
			await new Promise<void>((wake) => this.waiting.push(wake));
		}
	}

	async stop(): Promise<void> {
		this.server.closeAllConnections();
		this.server.close();
		await once(this.server, 'close');
	}
}
