import { randomUUID } from 'node:crypto';

import type { StoredCredential, Workflow, WorkflowNode } from '../demo/n8n-rest';

import { FOLDER_IN_PACKAGE } from './objects';

/** Objects whose id begins with this are ordered back as soon as they are preserved. */
export const ORDER_BACK = 'scale_back_';
/** The node that receives what the DPS says. */
export const MESSAGE = 'Message from DPS';
/** The node that is called to start a submission. */
export const CALL = 'Called';

const DPS = 'n8n-nodes-digital-preservation.digitalPreservation';

/** What one call asks for. */
export interface SubmitCall {
	objectId: string;
	/** The files of the object are in here. */
	folder: string;
}

type Connection = [from: string, to: string, output?: number];

function node(
	name: string,
	type: string,
	typeVersion: number,
	parameters: Record<string, unknown>,
	credential?: StoredCredential,
): WorkflowNode {
	return {
		id: randomUUID(),
		name,
		type,
		typeVersion,
		position: [0, 0],
		parameters,
		...(credential
			? { credentials: { [credential.type]: { id: credential.id, name: credential.name } } }
			: {}),
	};
}

function workflow(name: string, nodes: WorkflowNode[], connections: Connection[]): Workflow {
	const byNode: Record<string, { main: Array<Array<Record<string, unknown>>> }> = {};
	for (const [from, to, output = 0] of connections) {
		const { main } = (byNode[from] ??= { main: [] });
		while (main.length <= output) main.push([]);
		main[output].push({ node: to, type: 'main', index: 0 });
	}
	return { name, nodes, connections: byNode, settings: { executionOrder: 'v1' } };
}

/** Started by a call that names an object and its folder: reads the files and submits them. */
export function submitWorkflow(api: StoredCredential, contractId: string): Workflow {
	return workflow(
		'Submit an Object',
		[
			{
				...node(CALL, 'n8n-nodes-base.webhook', 2, {
					httpMethod: 'POST',
					path: 'scale-submit',
					responseMode: 'onReceived',
					options: {},
				}),
				webhookId: randomUUID(),
			},
			node('Read Files', 'n8n-nodes-base.readWriteFile', 1.1, {
				operation: 'read',
				fileSelector: `={{ $json.body.folder }}/${FOLDER_IN_PACKAGE}*`,
				options: {},
			}),
			node(
				'Submit Package',
				DPS,
				1,
				{
					resource: 'submission',
					operation: 'submit',
					contractId: { __rl: true, mode: 'id', value: contractId },
					objectId: `={{ $('${CALL}').first().json.body.objectId }}`,
					metadataMode: 'json',
					metadataJson: JSON.stringify({
						type: 'Bilde',
						identifier: [{ type: 'local', value: 'scale' }],
						title: { value: 'Scale', lang: 'eng' },
					}),
					binaryPropertyName: 'data',
					filePath: `=${FOLDER_IN_PACKAGE}{{ $binary.data.fileName }}`,
				},
				api,
			),
		],
		[
			[CALL, 'Read Files'],
			['Read Files', 'Submit Package'],
		],
	);
}

/**
 * Follows the DPS's messages: orders some objects back, and writes what is delivered to disk. A message counts as
 * taken when that is done, so that the DPS sends it again if the worker dies that has it; each step may be repeated.
 */
export function followWorkflow(
	api: StoredCredential,
	webhook: StoredCredential,
	deliveredFolder: string,
): Workflow {
	const isType = (type: string) => condition('={{ $json.type }}', type, 'equals');
	return workflow(
		'Follow DPS',
		[
			trigger(webhook, ['submission.preserved', 'submission.rejected', 'dissemination.delivered'], {
				acknowledge: 'ended',
			}),
			node('Preserved?', 'n8n-nodes-base.if', 2.2, isType('submission.preserved')),
			node(
				'Get Submission',
				DPS,
				1,
				{
					resource: 'submission',
					operation: 'get',
					contractId: { __rl: true, mode: 'id', value: '={{ $json.data.contractId }}' },
					submissionId: '={{ $json.data.submissionId }}',
				},
				api,
			),
			node(
				'To Order Back?',
				'n8n-nodes-base.if',
				2.2,
				condition('={{ $json.objectId }}', ORDER_BACK, 'startsWith'),
			),
			node(
				'Order It Back',
				DPS,
				1,
				{
					resource: 'dissemination',
					operation: 'create',
					archiveId: `={{ $('${MESSAGE}').first().json.data.archiveId }}`,
				},
				api,
			),
			node('Delivered?', 'n8n-nodes-base.if', 2.2, isType('dissemination.delivered')),
			node(
				'Download',
				DPS,
				1,
				{
					resource: 'dissemination',
					operation: 'download',
					deliveredMessage: '={{ $json }}',
					binaryPropertyName: 'data',
				},
				api,
			),
			node('Write to Disk', 'n8n-nodes-base.readWriteFile', 1.1, {
				operation: 'write',
				fileName: `=${deliveredFolder}/{{ $('${MESSAGE}').first().json.data.disseminationId }}-{{ $binary.data.fileName }}`,
				dataPropertyName: 'data',
				options: {},
			}),
		],
		[
			[MESSAGE, 'Preserved?'],
			['Preserved?', 'Get Submission', 0],
			['Get Submission', 'To Order Back?'],
			['To Order Back?', 'Order It Back', 0],
			['Preserved?', 'Delivered?', 1],
			['Delivered?', 'Download', 0],
			['Download', 'Write to Disk'],
		],
	);
}

/** Does nothing but note that a message came. */
export function noteWorkflow(name: string, webhook: StoredCredential): Workflow {
	return workflow(
		name,
		[trigger(webhook, ['submission.preserved']), node('Noted', 'n8n-nodes-base.noOp', 1, {})],
		[[MESSAGE, 'Noted']],
	);
}

function trigger(
	webhook: StoredCredential,
	events: string[],
	options: Record<string, unknown> = {},
): WorkflowNode {
	// as the editor fills it in
	const parameters = { events, options: { binaryData: true, ...options } };
	return {
		...node(MESSAGE, `${DPS}Trigger`, 1, parameters, webhook),
		webhookId: randomUUID(),
	};
}

function condition(leftValue: string, rightValue: string, operation: string) {
	return {
		conditions: {
			options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
			conditions: [
				{ id: randomUUID(), leftValue, rightValue, operator: { type: 'string', operation } },
			],
			combinator: 'and',
		},
		options: {},
	};
}
