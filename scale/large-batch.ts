import { writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { StoredCredential, Workflow } from '../demo/n8n-rest';
import type { Log } from '../demo/processes';

import { forEachAtATime } from './at-a-time';
import { countSubmissions } from './counts';
import { makeObject, type ObjectToSend } from './objects';
import { figuresOf } from './process-figures';
import { comesToHold, type ScaleStage } from './stage';

const EXAMPLE = path.join(__dirname, '..', 'examples', 'large-batch.json');
/** The folder that the example names; a person replaces it after importing. */
const FOLDER_IN_EXAMPLE = '/files/';
/** Files in each submission that the list is cut into. */
export const FILES_IN_OBJECT = 100;
const FILE_BYTES = 1024;
const WITHIN_MS = 4 * 3600_000;
const PRESERVED_WITHIN_MS = 60_000;
const OBJECTS_AT_A_TIME = 8;

/** What one run of the workflow did with a batch. */
export interface LargeBatch {
	files: number;
	submissions: number;
	/** Submissions that are preserved, once each, with every file. */
	complete: number;
	seconds: number;
	filesPerSecond: number;
	/** The highest resident memory of the worker that ran it, during the run, in bytes. */
	peakBytes: number;
	/** The same before the run. */
	idleBytes: number;
}

/**
 * Runs the example workflow for large batches on one worker: one run, which cuts a list of objects into submissions
 * of 100 files of 1 KiB.
 *
 * @param files a multiple of 100
 */
export async function measureLargeBatch(
	stage: ScaleStage,
	files: number,
	log: Log,
): Promise<LargeBatch> {
	const objects: ObjectToSend[] = [];
	const folder = path.join(stage.filesFolder, `batch-${files}`);
	const numbers = Array.from({ length: files / FILES_IN_OBJECT }, (_, index) => index + 1);
	await forEachAtATime(numbers, OBJECTS_AT_A_TIME, async (number) => {
		objects.push(
			await makeObject(folder, `batch_${files}_${number}`, {
				files: FILES_IN_OBJECT,
				fileBytes: FILE_BYTES,
			}),
		);
	});
	const list = path.join(folder, 'batch.csv');
	await writeFile(list, listOf(objects, stage.contractId));
	const workflow = await stage.rest.createWorkflow(
		await readExample(`${folder}/`, stage.credentials.api),
	);
	const [worker] = stage.queueMode.workers;
	forgetPeak(worker.pid);
	const { peakBytes: idleBytes } = figuresOf(worker.pid);

	log(`sending ${files} files in one run, as ${objects.length} submissions`);
	const started = Date.now();
	const executionId = await stage.rest.runManually(workflow, 'Start');
	const { status } = await stage.rest.waitForExecution(executionId, WITHIN_MS);
	if (status !== 'success') throw new Error(`the run of ${files} files ended with ${status}`);
	const seconds = (Date.now() - started) / 1000;
	const { peakBytes } = figuresOf(worker.pid);

	const complete = async () =>
		countSubmissions(await stage.sandbox.control.state(), objects).complete;
	await comesToHold(PRESERVED_WITHIN_MS, async () => (await complete()) === objects.length);
	return {
		files,
		submissions: objects.length,
		complete: await complete(),
		seconds,
		filesPerSecond: files / seconds,
		peakBytes,
		idleBytes,
	};
}

/** The list that the example reads: a line an object. */
function listOf(objects: ObjectToSend[], contractId: string): string {
	const rows = objects.map(({ objectId, folder, files }) =>
		[contractId, objectId, `Batch ${objectId}`, folder, files.size].join(','),
	);
	return `contractId,objectId,title,folder,files\n${rows.join('\n')}\n`;
}

async function readExample(filesFolder: string, api: StoredCredential): Promise<Workflow> {
	const text = await readFile(EXAMPLE, 'utf8');
	const workflow = JSON.parse(text.replaceAll(FOLDER_IN_EXAMPLE, filesFolder)) as Workflow;
	for (const node of workflow.nodes) {
		if (node.credentials?.[api.type]) {
			node.credentials = { [api.type]: { id: api.id, name: api.name } };
		}
	}
	return workflow;
}

/** Makes the kernel count a process's highest memory anew (proc(5), clear_refs). */
function forgetPeak(pid: number): void {
	writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
