import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { fixityOfTar } from '../../demo/delivered';
import { outputOf } from '../../demo/execution-data';
import type { Execution, StoredCredential, StoredWorkflow } from '../../demo/n8n-rest';
import { startSandbox, type Sandbox } from '../../demo/sandbox';
import { apiCredential, writableContract } from '../../demo/stage';
import { CANONICAL_SCHEMAS } from '../../dps/sip/build/schemas';
import type { SandboxState, SubmissionState } from '../../sandbox/messages';
import { findServicePrograms, startPostgres, type Service } from '../../scale/services';
import { submitDamagedFile } from './damaged-submission';
import { exampleFiles, readExample, type Setting } from './example-workflows';
import { sharedStage } from './shared-stage';

jest.setTimeout(240_000);

const { rest, filesFolder: sharedFolder } = sharedStage();
const filesFolder = path.join(sharedFolder, 'examples');
const REGISTER = 'dps_register';
const DRILLS = 'dps_restore_drills';
const RUN_WITHIN_MS = 120_000;
/** Slow enough that a submission can be rejected before it is preserved. */
const STEP_MS = 700;

let sandbox: Sandbox;
let credentials: StoredCredential[];
const inService: StoredWorkflow[] = [];

beforeAll(async () => {
	// a DPS that rejects what is no package, as NB's does
	sandbox = await startSandbox({ stepMs: STEP_MS, webhookRetryMs: 100, validatePackages: true });
	credentials = [
		await rest.createCredential(
			'DPS of the examples',
			'digitalPreservationApi',
			apiCredential(sandbox),
		),
		await rest.createCredential('DPS of the examples, messages', 'digitalPreservationWebhookApi', {
			signingSecret: sandbox.webhookSecret,
		}),
	];
	for (const { name } of CANONICAL_SCHEMAS) {
		await file(`schemas/${name}`, `<schema><!-- stands for ${name} --></schema>`);
	}
	for (const folder of ['reports', 'delivered', 'register']) {
		await mkdir(path.join(filesFolder, folder), { recursive: true });
	}
});

afterEach(async () => {
	for (const workflow of inService.splice(0)) await rest.deactivate(workflow);
});

afterAll(async () => await sandbox?.stop());

/** Writes a file that an example reads. */
async function file(name: string, content: string | Buffer = randomBytes(20_000)): Promise<void> {
	const target = path.join(filesFolder, name);
	await mkdir(path.dirname(target), { recursive: true });
	await writeFile(target, content);
}

async function text(name: string): Promise<string> {
	return await readFile(path.join(filesFolder, name), 'utf8');
}

/** The lines of a CSV file without quotes, its first line being the names of the columns. */
async function csv(name: string): Promise<Array<Record<string, string>>> {
	const [head, ...lines] = (await text(name)).replace('\uFEFF', '').trim().split(/\r?\n/);
	const names = head.split(',');
	return lines.map((line) =>
		Object.fromEntries(line.split(',').map((value, index) => [names[index], value])),
	);
}

async function imported(
	example: string,
	settings?: Record<string, Setting>,
): Promise<StoredWorkflow> {
	return await rest.createWorkflow(
		await readExample(example, { filesFolder, credentials, settings }),
	);
}

/** Runs an imported example from a trigger that a person starts, and gives how it ended. */
async function runFrom(workflow: StoredWorkflow, start = 'Start'): Promise<Execution> {
	return await rest.waitForExecution(await rest.runManually(workflow, start), RUN_WITHIN_MS);
}

/** Imports and runs an example, which must end well. */
async function run(
	example: string,
	settings?: Record<string, Setting>,
	start?: string,
): Promise<Execution> {
	return succeeded(await runFrom(await imported(example, settings), start));
}

function succeeded(execution: Execution): Execution {
	const { error, lastNodeExecuted } = execution.data.resultData;
	const description = [lastNodeExecuted, error?.message, error?.description].join(' | ');
	if (execution.status !== 'success') throw new Error(`${execution.status}: ${description}`);
	return execution;
}

/** Puts an imported example in service, and has DPS's messages sent to it. */
async function follow(workflow: StoredWorkflow): Promise<void> {
	await rest.activate(workflow);
	inService.push(workflow);
	const [url] = await rest.webhookUrls(workflow);
	await sandbox.registerWebhook({ url });
}

/** Waits for an execution in which a node gave out an item that is wanted. */
async function executionWith(
	workflow: StoredWorkflow,
	node: string,
	isWanted: (json: Record<string, unknown>) => boolean,
): Promise<Execution> {
	return succeeded(
		await rest.waitForExecutionOf(workflow, RUN_WITHIN_MS, ({ data }) =>
			outputOf(data, node).some(({ json }) => isWanted(json)),
		),
	);
}

async function stateOfDps(): Promise<SandboxState> {
	return (await (await fetch(`${sandbox.controlUrl}/state`)).json()) as SandboxState;
}

/** The only submission of an object that was not rejected. */
async function submissionOf(objectId: string): Promise<SubmissionState> {
	const found = (await stateOfDps()).submissions.filter(
		(submission) => submission.objectId === objectId && submission.status !== 'REJECTED',
	);
	expect(found.map(({ status }) => status)).toHaveLength(1);
	return found[0];
}

async function preserved(objectId: string): Promise<SubmissionState> {
	for (let tries = 0; tries < 100; tries++) {
		const submission = await submissionOf(objectId);
		if (submission.status === 'PRESERVED') return submission;
		await wait(100);
	}
	throw new Error(`${objectId} was not preserved`);
}

/** The paths of an object's content files in the package, without the folder of the representation. */
function contentOf({ files }: SubmissionState): string[] {
	return files
		.flatMap(({ filePath }) => /^representations\/primary_\d{8}\/data\/(.+)$/.exec(filePath) ?? [])
		.filter((_, index) => index % 2 === 1)
		.sort();
}

/** Submits a photograph by the first example, without waiting for more than its submission. */
async function submitPhotograph(objectId: string, content?: Buffer): Promise<SubmissionState> {
	await file(`one-photograph/${objectId}.tif`, content);
	await run('one-photograph.json', {
		objectId,
		photograph: path.join(filesFolder, 'one-photograph', `${objectId}.tif`),
		secondsBetweenLooks: 0.3,
	});
	return await submissionOf(objectId);
}

async function registered(objectId: string): Promise<Record<string, unknown>> {
	const rows = await rest.dataTableRows(REGISTER);
	const found = rows.filter((row) => row.objectId === objectId);
	expect(found).toHaveLength(1);
	return found[0];
}

/** Deposits a folder by the example with the register, and waits until its archive id is there. */
async function deposit(objectId: string): Promise<SubmissionState> {
	await file(`${objectId}/page 1.tif`);
	await file(`${objectId}/back/page 2.tif`);
	const workflow = await imported('deposit-register.json', {
		objectId,
		folder: path.join(filesFolder, objectId),
	});
	await follow(workflow);
	succeeded(await runFrom(workflow, 'Deposit'));
	const { submissionId } = await submissionOf(objectId);
	await executionWith(
		workflow,
		'Register the Archive ID',
		(json) => json.submissionId === submissionId,
	);
	return await submissionOf(objectId);
}

async function reject(submissionId: string, message: string): Promise<void> {
	const answer = await fetch(`${sandbox.controlUrl}/submissions/${submissionId}/reject`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ reasons: [{ code: 'FILE_FORMAT_UNKNOWN', message }] }),
	});
	expect(answer.status).toBeLessThan(300);
}

/** What each example is to do, by its file. */
const RUNS: Record<string, () => Promise<void>> = {
	'one-photograph.json': async () => {
		const content = randomBytes(50_000);
		const submission = await submitPhotograph('photograph-0001', content);
		expect(submission.status).toBe('PRESERVED');
		expect(contentOf(submission)).toEqual(['photograph-0001.tif']);
		const md5 = createHash('md5').update(content).digest('hex');
		expect(submission.files.map(({ stored }) => stored?.md5)).toContain(md5);
		expect(submission.metadata).toMatchObject({
			type: 'Bilde',
			title: { value: 'Example photograph', lang: 'nob' },
		});
	},

	'folder-of-objects.json': async () => {
		await file('folder-of-objects/box-1/page 1.tif');
		await file('folder-of-objects/box-1/back/page 2.tif');
		await file('folder-of-objects/box-2/Ærfugl.tif');
		await file('folder-of-objects/box.3/page 1.tif');
		await run('folder-of-objects.json');
		expect(contentOf(await submissionOf('box-1'))).toEqual(['back/page 2.tif', 'page 1.tif']);
		expect((await preserved('box-2')).status).toBe('PRESERVED');
		const submitted = await csv('reports/submitted.csv');
		expect(submitted.map(({ objectId }) => objectId).sort()).toEqual(['box-1', 'box-2']);
		expect(submitted.map(({ submissionId }) => submissionId)).toContain(
			(await submissionOf('box-1')).submissionId,
		);
		expect(await text('reports/not-submitted.csv')).toContain('box_3');
	},

	'spreadsheet-of-objects.json': async () => {
		await file('spreadsheet/a.tif');
		await file('spreadsheet/b.tif');
		await file('spreadsheet/c.tif');
		const at = (name: string) => path.join(filesFolder, 'spreadsheet', name);
		await file(
			'spreadsheet/objects.csv',
			[
				'objectId,file,title,creator,date,description',
				`sheet-1,${at('a.tif')},Første,"Fotograf, Eksempel",1938~,"Forside, med påskrift"`,
				`sheet-1,${at('b.tif')},Første,"Fotograf, Eksempel",1938~,"Forside, med påskrift"`,
				`sheet-2,${at('c.tif')},Andre,,1940,`,
			].join('\n'),
		);
		await run('spreadsheet-of-objects.json');
		const first = await preserved('sheet-1');
		expect(contentOf(first)).toEqual(['a.tif', 'b.tif']);
		expect(first.metadata).toMatchObject({
			title: { value: 'Første', lang: 'nob' },
			creator: [{ name: 'Fotograf, Eksempel', type: 'person', role: 'Fotograf' }],
			date: [{ type: 'created', value: '1938~' }],
			description: [{ value: 'Forside, med påskrift', lang: 'nob' }],
		});
		const second = await preserved('sheet-2');
		expect(contentOf(second)).toEqual(['c.tif']);
		expect(second.metadata).toMatchObject({ date: [{ type: 'created', value: '1940' }] });
	},

	'catalogue-export.json': async () => {
		await file('catalogue/images/0123.tif');
		await file('catalogue/images/0124.tif');
		await file(
			'catalogue/export.csv',
			[
				'Inventory number;Object name;Title;Maker;Maker role;Date;Place;Keywords;Description;Image',
				'EX.1992-0123;Photograph;Havnen;Eksempel, Fotograf;Fotograf;1938;Mo i Rana;havner | båter;Utsikt;0123.tif',
				'EX.1992-0124;Map;Kart over havnen;;;1901/1905;;;;0124.tif',
			].join('\n'),
		);
		await run('catalogue-export.json');
		const photograph = await preserved('EX_1992-0123');
		expect(photograph.metadata).toMatchObject({
			type: 'Bilde',
			identifier: [{ type: 'inventory number', value: 'EX.1992-0123' }],
			creator: [{ name: 'Eksempel, Fotograf', role: 'Fotograf' }],
			spatial: [{ name: 'Mo i Rana' }],
			subject: [{ value: 'havner' }, { value: 'båter' }],
			source: [{ URI: 'https://example.org/catalogue/EX.1992-0123' }],
		});
		expect((await preserved('EX_1992-0124')).metadata).toMatchObject({
			type: 'Kart',
			date: [{ type: 'created', value: '1901/1905' }],
		});
	},

	'preserved-to-data-table.json': async () => {
		const workflow = await imported('preserved-to-data-table.json');
		succeeded(await runFrom(workflow, 'Set Up Once'));
		await follow(workflow);
		const { submissionId, archiveId } = await submitPhotograph('written-back');
		await executionWith(
			workflow,
			'Write the Archive ID Back',
			(json) => json.submissionId === submissionId,
		);
		expect(archiveId).toBeDefined();
		expect(await registered('written-back')).toMatchObject({
			archiveId,
			submissionId,
			contractId: writableContract(sandbox),
			status: 'preserved',
		});

		const rejected = await submitDamagedFile(sandbox, 'written-back-rejected', 'page 1.tif');
		await executionWith(
			workflow,
			'Write the Reasons Back',
			(json) => json.submissionId === rejected,
		);
		const rows = await rest.dataTableRows(REGISTER);
		const row = rows.find((candidate) => candidate.submissionId === rejected);
		expect(row).toMatchObject({ status: 'rejected' });
		expect(JSON.parse(String(row?.reasons))).toEqual([
			expect.objectContaining({ code: 'FILE_CHECKSUM_MISMATCH', filePath: 'page 1.tif' }),
		]);
	},

	'preserved-to-postgresql.json': async () => {
		const programs = findServicePrograms();
		const postgres =
			'missing' in programs
				? undefined
				: await startPostgres(programs, path.join(sharedFolder, '..', 'postgres'));
		try {
			await writeBackToPostgresql(postgres);
		} finally {
			await postgres?.stop();
		}
	},

	'keep-the-archive-id.json': async () => {
		const workflow = await imported('keep-the-archive-id.json');
		await follow(workflow);
		const { submissionId, archiveId } = await submitPhotograph('kept');
		await executionWith(workflow, 'Entry', (json) => json.submissionId === submissionId);
		const names = await readdir(path.join(filesFolder, 'register'));
		const entry = await text(`register/${names.find((name) => name.includes('kept'))}`);
		expect(entry).toContain(archiveId);
	},

	'order-and-collect.json': async () => {
		const content = randomBytes(70_000);
		const { archiveId } = await submitPhotograph('collected', content);
		const workflow = await imported('order-and-collect.json', { archiveId: String(archiveId) });
		await follow(workflow);
		succeeded(await runFrom(workflow));
		await executionWith(workflow, 'Write to Disk', (json) => json.archiveId === archiveId);
		const folder = path.join(filesFolder, 'delivered');
		const tars = (await readdir(folder)).filter((name) => name.startsWith('collected-'));
		const files = (
			await Promise.all(tars.map((tar) => fixityOfTar(path.join(folder, tar))))
		).flat();
		expect(files.map(({ md5 }) => md5)).toContain(createHash('md5').update(content).digest('hex'));
		expect(files.map(({ filePath }) => filePath)).toContain('METS.xml');
	},

	'reconcile-list.json': async () => {
		await submitPhotograph('reconciled');
		await submitPhotograph('reconciled-unlisted');
		await file('reconcile/list.csv', 'objectId,title\nreconciled,One\nreconciled-missing,Two\n');
		await run('reconcile-list.json');
		const report = await csv('reports/reconciliation.csv');
		const findingOf = (objectId: string) =>
			report.filter((line) => line.objectId === objectId).map(({ finding }) => finding);
		expect(findingOf('reconciled')).toEqual(['preserved']);
		expect(await text('reports/reconciliation.csv')).toMatch(
			/reconciled-missing,.*in the list, not in DPS/,
		);
		expect(await text('reports/reconciliation.csv')).toMatch(
			/reconciled-unlisted,PRESERVED,.*in DPS, not in the list/,
		);
	},

	'deposit-register.json': async () => {
		const { submissionId, archiveId, files } = await deposit('register-0001');
		const row = await registered('register-0001');
		expect(row).toMatchObject({ submissionId, archiveId, status: 'preserved' });
		const list = JSON.parse(String(row.files)) as Array<{ filePath: string; checksum: string }>;
		expect(new Map(list.map(({ filePath, checksum }) => [filePath, checksum]))).toEqual(
			new Map(files.map(({ filePath, stored }) => [filePath, stored?.md5])),
		);
	},

	'resubmit-after-rejection.json': async () => {
		await file('resubmit/page 1.tif');
		const workflow = await imported('resubmit-after-rejection.json');
		await follow(workflow);
		succeeded(await runFrom(workflow, 'Submit'));
		const first = await submissionOf('resubmit-0001');
		await reject(first.submissionId, 'this format is not taken');
		await executionWith(
			workflow,
			'Keep the Reasons',
			(json) => json.submissionId === first.submissionId,
		);

		const unchanged = await runFrom(workflow, 'Submit');
		expect(unchanged.status).toBe('error');
		expect(unchanged.data.resultData.error?.message).toContain('this format is not taken');

		await file('resubmit/page 1.tif');
		succeeded(await runFrom(workflow, 'Submit'));
		const second = await submissionOf('resubmit-0001');
		expect(second.submissionId).not.toBe(first.submissionId);
		expect(await registered('resubmit-0001')).toMatchObject({
			submissionId: second.submissionId,
			status: 'submitted',
		});
	},

	'better-scan-replaces.json': async () => {
		const old = await submitPhotograph('scan');
		await file('better-scan/scan.tif', randomBytes(90_000));
		await run('better-scan-replaces.json', {
			oldSubmissionId: old.submissionId,
			newObjectId: 'scan-v2',
		});
		expect((await preserved('scan-v2')).metadata).toMatchObject({
			title: { value: 'Example photograph' },
			identifier: [{ type: 'local', value: 'scan-v2' }],
			relation: [{ type: 'replaces', id: 'scan' }],
		});
	},

	'nightly-batch.json': async () => {
		await file('nightly/night-1/page 1.tif');
		await file('nightly/night-2/page 1.tif');
		const workflow = await imported('nightly-batch.json');
		const first = succeeded(await runFrom(workflow, 'Try It Now'));
		expect(outputOf(first.data, 'May Be Deleted')).toEqual([]);
		expect(outputOf(first.data, 'Keep Until Another Night')).toHaveLength(2);

		await Promise.all([preserved('night-1'), preserved('night-2')]);
		succeeded(await runFrom(workflow, 'Try It Now'));
		const folders = (await csv('reports/may-be-deleted.csv')).map(({ folder }) => folder);
		expect(folders.sort()).toEqual(
			['night-1', 'night-2'].map((name) => path.join(filesFolder, 'nightly', name)),
		);
		expect(await registered('night-1')).toMatchObject({ status: 'preserved' });
	},

	'restore-drill.json': async () => {
		await deposit('drilled');
		const workflow = await imported('restore-drill.json', { sample: 1 });
		await follow(workflow);
		succeeded(await runFrom(workflow, 'Try It Now'));
		await executionWith(workflow, 'Note the Result', (json) => json.result !== 'ordered');
		const drills = await rest.dataTableRows(DRILLS);
		expect(drills).toEqual([expect.objectContaining({ result: 'whole', differences: '[]' })]);
	},

	'large-batch.json': async () => {
		const lines = ['contractId,objectId,title,folder,files'];
		for (const name of ['batch-1', 'batch-2']) {
			await file(`batch/${name}/page 1.tif`);
			await file(`batch/${name}/page 2.tif`);
			const folder = path.join(filesFolder, 'batch', name);
			lines.push(`${writableContract(sandbox)},${name},Title of ${name},${folder},2`);
		}
		await file('batch.csv', lines.join('\n'));
		const execution = await run('large-batch.json');
		expect(outputOf(execution.data, 'Submitted').map(({ json }) => json.objectId)).toEqual([
			'batch-1',
			'batch-2',
		]);
		expect((await preserved('batch-1')).files).toHaveLength(2);
	},
};

/** @param postgres where there is none, the nodes that would write into it do nothing */
async function writeBackToPostgresql(postgres: Service | undefined): Promise<void> {
	const DATABASE = 'n8n-nodes-base.postgres';
	const credential = await rest.createCredential('Database of the examples', 'postgres', {
		host: '127.0.0.1',
		port: postgres?.port ?? 1,
		database: 'postgres',
		user: 'postgres',
		password: postgres?.password ?? '',
		ssl: 'disable',
	});
	const definition = await readExample('preserved-to-postgresql.json', {
		filesFolder,
		credentials: [...credentials, credential],
	});
	if (postgres === undefined) {
		definition.nodes = definition.nodes.map((node) =>
			node.type === DATABASE
				? { ...node, type: 'n8n-nodes-base.noOp', typeVersion: 1, parameters: {}, credentials: {} }
				: node,
		);
	}
	const workflow = await rest.createWorkflow(definition);
	succeeded(await runFrom(workflow, 'Set Up Once'));
	await follow(workflow);
	const { submissionId, archiveId } = await submitPhotograph('in-database');
	const rejected = await submitDamagedFile(sandbox, 'in-database-rejected', 'page 1.tif');
	await executionWith(workflow, 'Write the Archive ID Back', () => true);
	await executionWith(workflow, 'Write the Reasons Back', () => true);
	if (postgres === undefined) return;

	const reader = await rest.createWorkflow({
		name: 'Read the table',
		nodes: definition.nodes
			.filter(({ name }) => ['Set Up Once', 'Make the Table'].includes(name))
			.map((node) =>
				node.type === DATABASE
					? {
							...node,
							parameters: {
								...node.parameters,
								query: 'SELECT * FROM dps_register ORDER BY status',
							},
						}
					: node,
			),
		connections: { 'Set Up Once': definition.connections['Set Up Once'] },
		settings: { executionOrder: 'v1' },
	});
	const { data } = succeeded(await runFrom(reader, 'Set Up Once'));
	expect(outputOf(data, 'Make the Table').map(({ json }) => json)).toEqual([
		expect.objectContaining({
			submission_id: submissionId,
			object_id: 'in-database',
			archive_id: archiveId,
			status: 'preserved',
		}),
		expect.objectContaining({
			submission_id: rejected,
			status: 'rejected',
			reasons: [expect.objectContaining({ code: 'FILE_CHECKSUM_MISMATCH' })],
		}),
	]);
}

describe('the examples', () => {
	it('all have a run here', async () => {
		expect(Object.keys(RUNS).sort()).toEqual(await exampleFiles());
	});
});

describe('imported and run in n8n, the example', () => {
	it.each(Object.entries(RUNS))('%s does what its notes say', async (_, runExample) => {
		await runExample();
	});
});
