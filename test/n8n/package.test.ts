import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { outputOf } from '../../demo/execution-data';
import type { StoredCredential, WorkflowNode } from '../../demo/n8n-rest';
import { startSandbox, type Sandbox } from '../../demo/sandbox';
import { apiCredential, writableContract } from '../../demo/stage';
import { CANONICAL_SCHEMAS } from '../../dps/sip/build/schemas';
import type { SandboxState } from '../../sandbox/messages';
import { sharedStage } from './shared-stage';

jest.setTimeout(240_000);

const { rest, filesFolder } = sharedStage();
const folder = path.join(filesFolder, 'photographs');
const NODE = 'n8n-nodes-digital-preservation.digitalPreservation';
const IMAGES = ['side 1.tif', 'side 2.tif', 'baksiden på 3.tif'];

let sandbox: Sandbox;
let credential: StoredCredential;

beforeAll(async () => {
	// a DPS that rejects what is no package, as NB's does
	sandbox = await startSandbox({ stepMs: 50, validatePackages: true });
	credential = await rest.createCredential(
		'DPS that validates',
		'digitalPreservationApi',
		apiCredential(sandbox),
	);
	await mkdir(folder, { recursive: true });
	for (const name of IMAGES) {
		await writeFile(path.join(folder, name), Buffer.alloc(50_000, name));
	}
	for (const { name } of CANONICAL_SCHEMAS) {
		await writeFile(path.join(folder, name), `<schema><!-- stands for ${name} --></schema>`);
	}
});

afterAll(async () => await sandbox?.stop());

function dpsNode(
	name: string,
	resource: string,
	operation: string,
	parameters: Record<string, unknown>,
): WorkflowNode {
	return {
		...plainNode(name, NODE, 1, { resource, operation, ...parameters }),
		credentials: { [credential.type]: { id: credential.id, name: credential.name } },
	};
}

function plainNode(
	name: string,
	type: string,
	typeVersion: number,
	parameters: Record<string, unknown>,
): WorkflowNode {
	return { id: randomUUID(), name, type, typeVersion, position: [0, 0], parameters };
}

/** As a form in the editor gives it. */
const description = {
	metadataMode: 'form',
	metadataType: 'Bilde',
	metadataTitle: 'Tre fotografier',
	metadataLanguage: 'nob',
	metadataIdentifiers: { identifier: [{ type: 'local', value: 'NF.1992-0123' }] },
};

const contract = () => ({
	contractId: { __rl: true, mode: 'id', value: writableContract(sandbox) },
});

const content = {
	contentPath: '={{ $binary.data.fileName }}',
	fileRole: "={{ $binary.data.fileName.endsWith('.xsd') ? 'schema' : 'content' }}",
	contentCategory: 'photographsPrint',
	organisationName: 'Example Archive',
	organisationNumber: '974760673',
	packagingOptions: { missingSchemas: 'error' },
};

const start = () => [
	plainNode('Start', 'n8n-nodes-base.manualTrigger', 1, {}),
	plainNode('Read Files', 'n8n-nodes-base.readWriteFile', 1.1, {
		operation: 'read',
		fileSelector: `${folder}/*`,
		options: {},
	}),
];

const toItems = {
	objectId: '={{ $json.objectId }}',
	filePath: '={{ $json.filePath }}',
	binaryPropertyName: 'data',
};

/** Nodes one after the other, by their first outputs. */
async function run(name: string, nodes: WorkflowNode[]) {
	const connections = Object.fromEntries(
		nodes
			.slice(1)
			.map((next, index) => [
				nodes[index].name,
				{ main: [[{ node: next.name, type: 'main', index: 0 }]] },
			]),
	);
	const workflow = await rest.createWorkflow({
		name,
		nodes,
		connections,
		settings: { executionOrder: 'v1' },
	});
	return await rest.waitForExecution(await rest.runManually(workflow, 'Start'), 120_000);
}

async function submissionOf(objectId: string) {
	const state = (await (await fetch(`${sandbox.controlUrl}/state`)).json()) as SandboxState;
	return state.submissions.filter((submission) => submission.objectId === objectId);
}

const wait = () =>
	dpsNode('Wait', 'submission', 'wait', {
		...contract(),
		submissionId: '={{ $json.submissionId }}',
		options: { firstDelay: 0.1, maxDelay: 0.5 },
	});

describe('three images and a form', () => {
	it('become a package, are found valid, submitted and preserved', async () => {
		const objectId = 'e2e_built_step_by_step';
		const execution = await run('Build, validate, submit', [
			...start(),
			dpsNode('Build', 'package', 'build', {
				...contract(),
				objectId,
				binaryPropertyName: 'data',
				...content,
				...description,
				options: {},
			}),
			dpsNode('Submit', 'submission', 'submit', {
				...contract(),
				...toItems,
				packaging: 'ready',
				isPackaged: false,
				metadataMode: 'json',
				metadataJson: '={{ $json.metadata }}',
				options: {},
			}),
			wait(),
		]);
		expect(execution.data.resultData.error?.message).toBeUndefined();
		expect(execution.status).toBe('success');
		expect(outputOf(execution.data, 'Wait')[0].json).toMatchObject({
			objectId,
			status: 'PRESERVED',
		});
		const [submission, ...others] = await submissionOf(objectId);
		expect(others).toEqual([]);
		const paths = submission.files.map(({ filePath }) => filePath.replace(/\d{8}/, 'DATE'));
		expect(paths).toEqual(
			expect.arrayContaining([
				'METS.xml',
				'metadata/descriptive/nb_dublincore.json',
				'representations/primary_DATE/METS.xml',
				...IMAGES.map((name) => `representations/primary_DATE/data/${name}`),
				...CANONICAL_SCHEMAS.map(({ name }) => `schemas/${name}`),
			]),
		);
	});

	it('are a valid package by Package: Validate, and an invalid one without one of the images', async () => {
		const build = dpsNode('Build', 'package', 'build', {
			...contract(),
			objectId: 'e2e_validated',
			binaryPropertyName: 'data',
			...content,
			...description,
			options: {},
		});
		const validate = dpsNode('Validate', 'package', 'validate', {
			packageForm: 'files',
			...toItems,
			ruleset: 'nb-sip-1.0',
			options: {},
		});
		const valid = await run('Build, validate', [...start(), build, validate]);
		expect(valid.data.resultData.error?.message).toBeUndefined();
		expect(outputOf(valid.data, 'Validate')[0].json).toMatchObject({ valid: true });

		const drop = plainNode('Drop One', 'n8n-nodes-base.filter', 2.2, {
			conditions: {
				options: { caseSensitive: true, typeValidation: 'loose', version: 2 },
				combinator: 'and',
				conditions: [
					{
						id: randomUUID(),
						leftValue: '={{ $json.filePath }}',
						rightValue: 'side 2.tif',
						operator: { type: 'string', operation: 'notContains' },
					},
				],
			},
			options: {},
		});
		const invalid = await run('Build, drop one, validate', [...start(), build, drop, validate]);
		expect(outputOf(invalid.data, 'Validate')).toEqual([]);
		const { main } = invalid.data.resultData.runData.Validate[0].data ?? {};
		const report = main?.[1]?.[0].json;
		expect(report).toMatchObject({ valid: false, summary: { errors: 1 } });
		expect(JSON.stringify(report?.findings)).toContain('side%202.tif');
	});

	it('are built and submitted by two nodes', async () => {
		const objectId = 'e2e_built_by_submit';
		const execution = await run('Read, submit', [
			...start(),
			dpsNode('Submit', 'submission', 'submit', {
				...contract(),
				objectId,
				packaging: 'build',
				binaryPropertyName: 'data',
				...content,
				...description,
				options: {},
			}),
			wait(),
		]);
		expect(execution.data.resultData.error?.message).toBeUndefined();
		expect(outputOf(execution.data, 'Wait')[0].json).toMatchObject({ status: 'PRESERVED' });
		expect(await submissionOf(objectId)).toHaveLength(1);
	});
});
