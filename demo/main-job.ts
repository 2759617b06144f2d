import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { fixityOfFolder, fixityOfTar, type FileFixity } from './delivered';
import { outputOf } from './execution-data';
import type { Execution, N8nRest, StoredCredential, StoredWorkflow } from './n8n-rest';
import type { Log } from './processes';
import { readWorkflow, type WhatToSend } from './workflows';

const SEND_WITHIN_MS = 120_000;
const MESSAGE_WITHIN_MS = 60_000;

/** One file of the package, before it was sent and after it came back. */
export interface ReturnedFile extends FileFixity {
	/** MD5 of the bytes that came back; absent when the file did not. */
	md5Returned?: string;
}

/** What the main job did. */
export interface MainJobReport {
	submissionId: string;
	archiveId: string;
	disseminationId: string;
	files: ReturnedFile[];
	/** Files that came back although they were never sent; none when all is well. */
	unexpected: string[];
	executions: { send: Execution; preserved: Execution; delivered: Execution };
	send: StoredWorkflow;
}

/** Where the main job runs. */
export interface MainJobStage {
	rest: N8nRest;
	credentials: StoredCredential[];
	/** The workflow that follows DPS's messages, in service. */
	follow: StoredWorkflow;
	filesFolder: string;
}

/**
 * Makes a handful of files such as an archive has: bytes of an image, text under a name with Norwegian letters, an
 * empty file, a few megabytes of noise, and a file in a folder of its own.
 *
 * @param folder the package root; it is made
 * @param date the day that names the representation, as `yyyymmdd`
 */
export async function makeFiles(folder: string, date: string): Promise<void> {
	const data = path.join(folder, 'representations', `primary_${date}`, 'data');
	await mkdir(path.join(data, 'vedlegg'), { recursive: true });
	const pngSignature = Buffer.from('89504e470d0a1a0a', 'hex');
	await writeFile(
		path.join(data, 'side-001.png'),
		Buffer.concat([pngSignature, randomBytes(64_000)]),
	);
	await writeFile(
		path.join(data, 'Håndskrevet brev, Ålesund – æøå.txt'),
		'Kjære leser,\nhilsen Åse\n',
	);
	await writeFile(path.join(data, 'tom.txt'), '');
	await writeFile(path.join(data, 'opptak.bin'), randomBytes(4 * 1024 * 1024 + 1));
	await writeFile(path.join(data, 'vedlegg', 'side 2 (kopi).csv'), 'nr;navn\n1;Ærfugl\n');
}

/**
 * Sends a folder to DPS, waits until DPS says that it is preserved, and until it has come back, all in n8n's
 * workflows; then compares every file with what came back.
 *
 * @param events.afterSubmission called when n8n has submitted the package, before DPS's first message is awaited
 * @throws Error when a workflow fails, with n8n's own words, or when a message does not come in time
 */
export async function runMainJob(
	stage: MainJobStage,
	whatToSend: WhatToSend,
	log: Log,
	events: { afterSubmission?: () => Promise<void> } = {},
): Promise<MainJobReport> {
	const { rest, follow } = stage;
	const before = await fixityOfFolder(whatToSend.folder);
	for (const file of before) log(`  to send      ${describe(file)}`);

	const send = await rest.createWorkflow(
		await readWorkflow('send-to-dps.json', {
			filesFolder: stage.filesFolder,
			credentials: stage.credentials,
			whatToSend,
		}),
	);
	const sendExecution = succeeded(
		await rest.waitForExecution(await rest.runManually(send, 'Start'), SEND_WITHIN_MS),
	);
	const submission = onlyItem(sendExecution, 'Submit Package');
	const submissionId = String(submission.submissionId);
	log(
		`  submitted    ${submissionId}: ${before.length} files, ${String(submission.sumSizeInBytes)} bytes, ` +
			`status ${String(submission.status)}`,
	);
	await events.afterSubmission?.();

	const preserved = succeeded(
		await rest.waitForExecutionOf(follow, MESSAGE_WITHIN_MS, (execution) => {
			const { type, data } = messageOf(execution);
			return type.startsWith('submission.') && data.submissionId === submissionId;
		}),
	);
	const message = messageOf(preserved);
	if (message.type !== 'submission.preserved') {
		throw new Error(`DPS answered ${message.type}: ${JSON.stringify(message.data.reasons)}`);
	}
	const archiveId = String(message.data.archiveId);
	log(`  preserved    ${submissionId}: archiveId ${archiveId} (message ${message.webhookId})`);

	const { disseminationId: ordered } = onlyItem(preserved, 'Order It Back');
	const disseminationId = String(ordered);
	log(`  ordered back ${disseminationId}`);

	const delivered = succeeded(
		await rest.waitForExecutionOf(follow, MESSAGE_WITHIN_MS, (execution) => {
			const { type, data } = messageOf(execution);
			return type === 'dissemination.delivered' && data.disseminationId === disseminationId;
		}),
	);
	log(`  delivered    ${disseminationId} (message ${messageOf(delivered).webhookId})`);

	const returned = await returnedFiles(
		path.join(stage.filesFolder, 'delivered'),
		disseminationId,
		log,
	);
	const files = before.map((file) => ({ ...file, md5Returned: returned.get(file.filePath) }));
	const sent = new Set(before.map(({ filePath }) => filePath));
	return {
		submissionId,
		archiveId,
		disseminationId,
		files,
		unexpected: [...returned.keys()].filter((filePath) => !sent.has(filePath)),
		executions: { send: sendExecution, preserved, delivered },
		send,
	};
}

/** Whether every file came back with the bytes that were sent, and nothing else did. */
export function isComplete(report: MainJobReport): boolean {
	return (
		report.files.length > 0 &&
		report.files.every(({ md5, md5Returned }) => md5 === md5Returned) &&
		report.unexpected.length === 0
	);
}

interface Message {
	type: string;
	webhookId: string;
	data: Record<string, unknown>;
}

function messageOf(execution: Execution): Message {
	const [item] = outputOf(execution.data, 'Message from DPS');
	if (item === undefined) throw new Error(`execution ${execution.id} has no message`);
	return item.json as unknown as Message;
}

function onlyItem(execution: Execution, nodeName: string): Record<string, unknown> {
	const items = outputOf(execution.data, nodeName);
	if (items.length !== 1)
		throw new Error(`'${nodeName}' gave ${items.length} items instead of one`);
	return items[0].json;
}

function succeeded(execution: Execution): Execution {
	if (execution.status !== 'success') {
		const { error, lastNodeExecuted } = execution.data.resultData;
		throw new Error(
			`'${lastNodeExecuted ?? 'the workflow'}' failed: ${[error?.message, error?.description]
				.filter(Boolean)
				.join(' ')}`,
		);
	}
	return execution;
}

/** MD5 of each file in the TARs that came back, by its path in the package. */
async function returnedFiles(
	folder: string,
	disseminationId: string,
	log: Log,
): Promise<Map<string, string>> {
	const returned = new Map<string, string>();
	const tars = (await readdir(folder)).filter((name) => name.startsWith(`${disseminationId}-`));
	for (const tar of tars.sort()) {
		const files = await fixityOfTar(path.join(folder, tar));
		log(`  came back    ${tar.slice(disseminationId.length + 1)}: ${files.length} files`);
		for (const { filePath, md5 } of files) returned.set(filePath, md5);
	}
	return returned;
}

function describe({ md5, size, filePath }: FileFixity): string {
	return `${md5}  ${String(size).padStart(9)}  ${filePath}`;
}
