import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import type { StoredCredential, Workflow, WorkflowNode } from '../../demo/n8n-rest';

const FOLDER = path.join(__dirname, '..', '..', 'examples');
/** The folder that the examples name; it stands for a folder on the user's machine. */
const FOLDER_IN_FILE = '/files/';

/** The value of one of an example's settings. */
export type Setting = string | number;

/** The names of the example files, such as `one-photograph.json`. */
export async function exampleFiles(): Promise<string[]> {
	return (await readdir(FOLDER)).filter((name) => name.endsWith('.json')).sort();
}

/** The list of examples for people. */
export async function examplesReadme(): Promise<string> {
	return await readFile(path.join(FOLDER, 'README.md'), 'utf8');
}

/** An example as it is in the repository. */
export async function exampleAsWritten(file: string): Promise<Workflow> {
	return JSON.parse(await readFile(path.join(FOLDER, file), 'utf8')) as Workflow;
}

/**
 * Reads an example, and fills in what its notes tell a person to fill in after importing it: the credentials, and the
 * values of the nodes whose names begin with 'Settings'.
 *
 * @param fill.filesFolder takes the place of `/files`
 * @throws Error when a credential type is not given, or the example has no setting of that name
 */
export async function readExample(
	file: string,
	fill: {
		filesFolder: string;
		credentials: StoredCredential[];
		settings?: Record<string, Setting>;
	},
): Promise<Workflow> {
	const text = JSON.stringify(await exampleAsWritten(file));
	const folder = JSON.stringify(`${fill.filesFolder}/`).slice(1, -1);
	const workflow = JSON.parse(text.replaceAll(FOLDER_IN_FILE, () => folder)) as Workflow;
	for (const node of workflow.nodes) {
		for (const type of Object.keys(node.credentials ?? {})) {
			const credential = fill.credentials.find((candidate) => candidate.type === type);
			if (credential === undefined) throw new Error(`'${node.name}' needs a credential ${type}`);
			node.credentials = { [type]: { id: credential.id, name: credential.name } };
		}
	}
	const assignments = workflow.nodes.filter(isSettings).flatMap(assignmentsOf);
	for (const [name, value] of Object.entries(fill.settings ?? {})) {
		const found = assignments.filter((assignment) => assignment.name === name);
		if (found.length === 0) throw new Error(`${file} has no setting ${name}`);
		for (const assignment of found) assignment.value = value;
	}
	return workflow;
}

function isSettings({ name }: WorkflowNode): boolean {
	return name.startsWith('Settings');
}

function assignmentsOf({ parameters }: WorkflowNode) {
	const { assignments } = parameters.assignments as {
		assignments: Array<{ name: string; value: unknown }>;
	};
	return assignments;
}
