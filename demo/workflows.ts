import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { StoredCredential, Workflow } from './n8n-rest';

/** The folder that the workflow files name; it is replaced by the real one when a workflow is read. */
const FOLDER_IN_FILE = '/files/';

/** The node whose values say what is to be sent. */
export const WHAT_TO_SEND = 'What to Send';

/** What one submission is made of; the values of the node 'What to Send'. */
export interface WhatToSend {
	contractId: string;
	objectId: string;
	title: string;
	/** Everything in this folder, with its path relative to the folder. */
	folder: string;
}

/**
 * Reads one of the workflow files beside this module, and fills in what a person fills in after importing it: the
 * credentials, the folder with the files, and what is to be sent.
 *
 * @throws Error when the workflow uses a credential type that is not given
 */
export async function readWorkflow(
	file: 'send-to-dps.json' | 'follow-dps.json',
	fill: { filesFolder: string; credentials: StoredCredential[]; whatToSend?: WhatToSend },
): Promise<Workflow> {
	const text = await readFile(path.join(__dirname, 'workflows', file), 'utf8');
	const folder = JSON.stringify(`${fill.filesFolder}/`).slice(1, -1);
	const workflow = JSON.parse(text.replaceAll(FOLDER_IN_FILE, () => folder)) as Workflow;
	for (const node of workflow.nodes) {
		for (const type of Object.keys(node.credentials ?? {})) {
			const credential = fill.credentials.find((candidate) => candidate.type === type);
			if (credential === undefined) throw new Error(`'${node.name}' needs a credential ${type}`);
			node.credentials = { [type]: { id: credential.id, name: credential.name } };
		}
		if (node.name === WHAT_TO_SEND && fill.whatToSend !== undefined) {
			node.parameters.assignments = {
				assignments: Object.entries(fill.whatToSend).map(([name, value]) => ({
					id: name,
					name,
					type: 'string',
					value,
				})),
			};
		}
	}
	return workflow;
}
