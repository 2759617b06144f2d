import path from 'node:path';

import { ensureN8n } from '../demo/n8n-runtime';
import type { Execution, N8nRest, StoredCredential, WorkflowNode } from '../demo/n8n-rest';
import { type N8nServer, startN8n } from '../demo/n8n-server';
import { buildPackage, packPackage } from '../demo/packed-package';
import type { Log } from '../demo/processes';
import { apiCredential } from '../demo/stage';
import type { SandboxProcess } from '../test/sandbox/sandbox-process';

import { METADATA, type Measured } from './measured';

const EXECUTION_WITHIN_MS = 600_000;
const READ = 'Read Files';

/** One of the two ways, in a running n8n. */
export type Way = 'ours' | 'own-nodes';

/** An n8n with this package installed, which runs one workflow at a time. */
export interface N8nStage {
	/**
	 * Submits all files of a folder in a new workflow.
	 *
	 * @returns the time from the end of reading the files to the end of the last node, as n8n
	 * recorded it
	 */
	measure(way: Way, sandbox: SandboxProcess, filesFolder: string): Promise<Measured>;
	stop(): Promise<void>;
}

/**
 * Builds and packs this package and starts n8n with it, installing n8n first where there is none.
 *
 * @param fileFolders n8n's file nodes may read in these
 * @param cpuProfiles folder for a CPU profile of n8n, if one is wanted
 */
export async function startBenchN8n(
	folder: string,
	fileFolders: string[],
	log: Log,
	cpuProfiles?: string,
): Promise<N8nServer> {
	const runtime = await ensureN8n(log);
	await buildPackage();
	return await startN8n({
		runtime,
		packageTarball: await packPackage(path.join(folder, 'package')),
		userFolder: path.join(folder, 'n8n'),
		fileFolders,
		env:
			cpuProfiles === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${cpuProfiles}` },
	});
}

/**
 * Starts n8n, installing it first where there is none.
 *
 * @param filesFolder n8n's file nodes may read in here
 * @param cpuProfiles folder for a CPU profile of n8n, if one is wanted
 */
export async function startN8nStage(
	folder: string,
	filesFolder: string,
	contractId: string,
	log: Log,
	cpuProfiles?: string,
): Promise<N8nStage> {
	const n8n = await startBenchN8n(folder, [filesFolder], log, cpuProfiles);
	let runs = 0;
	return {
		async measure(way, sandbox, jobFolder) {
			const objectId = `bench_n8n_${++runs}`;
			const read = readFilesNode(jobFolder);
			const nodes =
				way === 'ours'
					? [
							read,
							submitNode(await credentialFor(n8n.rest, sandbox, objectId), contractId, objectId),
						]
					: ownNodes(
							await oAuth2CredentialFor(n8n.rest, sandbox, objectId),
							sandbox,
							contractId,
							objectId,
							read,
						);
			return await measureWorkflow(n8n.rest, way, nodes);
		},
		stop: async () => await n8n.stop(),
	};
}

async function credentialFor(
	rest: N8nRest,
	sandbox: SandboxProcess,
	name: string,
): Promise<StoredCredential> {
	return await rest.createCredential(name, 'digitalPreservationApi', apiCredential(sandbox));
}

async function oAuth2CredentialFor(
	rest: N8nRest,
	sandbox: SandboxProcess,
	name: string,
): Promise<StoredCredential> {
	const [{ clientId, clientSecret }] = sandbox.clients;
	return await rest.createCredential(name, 'oAuth2Api', {
		grantType: 'clientCredentials',
		accessTokenUrl: sandbox.tokenUrl,
		clientId,
		clientSecret,
		authentication: 'body',
		scope: '',
		useDynamicClientRegistration: false,
		serverUrl: '',
		authUrl: '',
		authQueryParameters: '',
		sendAdditionalBodyProperties: false,
		additionalBodyProperties: {},
		ignoreSSLIssues: false,
		tokenExpiredStatusCode: 401,
	});
}

async function measureWorkflow(
	rest: N8nRest,
	name: string,
	nodes: WorkflowNode[],
): Promise<Measured> {
	const start = node('Start', 'n8n-nodes-base.manualTrigger', 1, {});
	const workflow = await rest.createWorkflow({
		name,
		nodes: [start, ...nodes],
		connections: connections(name === 'ours' ? CHAIN_OF_OURS : CHAIN_OF_OWN_NODES),
		settings: { executionOrder: 'v1' },
	});
	const executionId = await rest.runManually(workflow, 'Start');
	const execution = await rest.waitForExecution(executionId, EXECUTION_WITHIN_MS);
	if (execution.status !== 'success') {
		const { error, lastNodeExecuted } = execution.data.resultData;
		throw new Error(`'${lastNodeExecuted ?? name}' failed in n8n: ${error?.message ?? ''}`);
	}
	return { seconds: secondsAfterReading(execution) };
}

/** What n8n records of each run of a node, in milliseconds. */
interface Timing {
	startTime: number;
	executionTime: number;
}

function secondsAfterReading({ data }: Execution): number {
	const { runData } = data.resultData;
	const endOf = (name: string) => {
		const run = runData[name].at(-1) as unknown as Timing;
		return run.startTime + run.executionTime;
	};
	const last = Math.max(...Object.keys(runData).map(endOf));
	return (last - endOf(READ)) / 1000;
}

/** A node of a workflow that nobody looks at. */
export function node(
	name: string,
	type: string,
	typeVersion: number,
	parameters: Record<string, unknown>,
): WorkflowNode {
	return { id: name, name, type, typeVersion, position: [0, 0], parameters };
}

function readFilesNode(folder: string): WorkflowNode {
	return node(READ, 'n8n-nodes-base.readWriteFile', 1.1, {
		operation: 'read',
		fileSelector: `${folder}/*`,
		options: {},
	});
}

const FOLDER_IN_PACKAGE = 'representations/primary_20250101/data/';

function submitNode(
	credential: StoredCredential,
	contractId: string,
	objectId: string,
): WorkflowNode {
	return {
		...node('Submit Package', 'n8n-nodes-digital-preservation.digitalPreservation', 1, {
			resource: 'submission',
			operation: 'submit',
			contractId: { __rl: true, mode: 'id', value: contractId },
			objectId,
			metadataMode: 'json',
			metadataJson: JSON.stringify(METADATA),
			binaryPropertyName: 'data',
			filePath: `=${FOLDER_IN_PACKAGE}{{ $binary.data.fileName }}`,
		}),
		credentials: { [credential.type]: { id: credential.id, name: credential.name } },
	};
}

const CHAIN_OF_OURS: Connection[] = [
	['Start', READ],
	[READ, 'Submit Package'],
];

/** One node's output into another's input, the first unless another is named. */
export type Connection = [from: string, to: string, input?: number];

const CHAIN_OF_OWN_NODES: Connection[] = [
	['Start', 'Create'],
	['Create', READ],
	[READ, 'MD5'],
	['MD5', 'Register'],
	[READ, 'Files and URLs', 0],
	['Register', 'Files and URLs', 1],
	['Files and URLs', 'Upload'],
	['Upload', 'Finalize'],
];

/** The connections of a workflow, as n8n stores them. */
export function connections(chain: Connection[]): Record<string, unknown> {
	const result: Record<string, { main: [Array<Record<string, unknown>>] }> = {};
	for (const [from, to, index = 0] of chain) {
		result[from] ??= { main: [[]] };
		result[from].main[0].push({ node: to, type: 'main', index });
	}
	return result;
}

/**
 * The job as it is built from n8n's own nodes, the token by n8n's OAuth2 credential, so that the
 * secret stands in no workflow and a token that ends is renewed.
 */
function ownNodes(
	credential: StoredCredential,
	sandbox: SandboxProcess,
	contractId: string,
	objectId: string,
	read: WorkflowNode,
): WorkflowNode[] {
	const submissions = `${sandbox.apiUrl}/v1/contracts/${contractId}/submissions`;
	const submission = `${submissions}/{{ $('Create').first().json.submissionId }}`;
	const http = (name: string, url: string, parameters: Record<string, unknown>) =>
		node(name, 'n8n-nodes-base.httpRequest', 4.2, {
			method: 'POST',
			url,
			options: {},
			...parameters,
		});
	const withCredential = (request: WorkflowNode): WorkflowNode => ({
		...request,
		parameters: {
			...request.parameters,
			authentication: 'genericCredentialType',
			genericAuthType: 'oAuth2Api',
		},
		credentials: { oAuth2Api: { id: credential.id, name: credential.name } },
	});
	const jsonBody = (value: string) => ({ sendBody: true, specifyBody: 'json', jsonBody: value });
	return [
		withCredential(
			http('Create', submissions, jsonBody(JSON.stringify({ objectId, metadata: METADATA }))),
		),
		{ ...read, executeOnce: true },
		node('MD5', 'n8n-nodes-base.crypto', 1, {
			action: 'hash',
			type: 'MD5',
			binaryData: true,
			binaryPropertyName: 'data',
			dataPropertyName: 'checksum',
			encoding: 'hex',
		}),
		withCredential(
			http(
				'Register',
				`=${submission}/files`,
				jsonBody(
					`={{ JSON.stringify({ filePath: '${FOLDER_IN_PACKAGE}' + $json.fileName, checksum: $json.checksum, isPackaged: false }) }}`,
				),
			),
		),
		node('Files and URLs', 'n8n-nodes-base.merge', 3.2, {
			mode: 'combine',
			combineBy: 'combineByPosition',
			options: {},
		}),
		http('Upload', '={{ $json.uploadUrl }}', {
			method: 'PUT',
			sendBody: true,
			contentType: 'binaryData',
			inputDataFieldName: 'data',
		}),
		{ ...withCredential(http('Finalize', `=${submission}/finalize`, {})), executeOnce: true },
	];
}
