import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { chromiumPath, photographEditor } from './editor';
import { isComplete, makeFiles, runMainJob, type MainJobReport } from './main-job';
import {
	createCredentials,
	followMessages,
	setUpStage,
	writableContract,
	type Stage,
} from './stage';

const ROOT = path.join(__dirname, '..');
const USAGE = `npm run demo [-- options]

Sends a handful of files to a DPS on this machine in a real n8n, hears that they are preserved, orders them back,
and compares the bytes. Then n8n stays open for the browser.

  --once               end after the run: exit code 0 when every file came back the same, else 1
  --screenshot <file>  a PNG of the run in n8n's editor (needs Chromium; CHROMIUM_PATH names it)
  --port <number>      n8n's port; default 5678, with --once a free one
  --help
`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** What a signal to this process does: until n8n is open, it ends the process, and with it all that it started. */
let leave = () => process.exit(130);

async function main(): Promise<number> {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => leave());
	const { values } = parseArgs({
		options: {
			once: { type: 'boolean', default: false },
			screenshot: { type: 'string' },
			port: { type: 'string' },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) {
		process.stdout.write(USAGE);
		return 0;
	}
	const port = portOf(values.port, values.once);
	if (values.screenshot !== undefined) chromiumPath();

	const stage = await setUpStage(path.join(ROOT, '.demo', 'run'), print, { stepMs: 500, port });
	try {
		const { report, followId } = await play(stage);
		if (values.screenshot !== undefined) {
			const file = path.resolve(values.screenshot);
			await mkdir(path.dirname(file), { recursive: true });
			const { preserved } = report.executions;
			await photographEditor(stage.n8n, [
				{ page: `/workflow/${followId}/executions/${preserved.id}`, file },
			]);
			print(`screenshot: ${file}`);
		}
		if (!values.once) await stayOpen(stage);
		return isComplete(report) ? 0 : 1;
	} finally {
		await stage.stop();
	}
}

async function play(stage: Stage): Promise<{ report: MainJobReport; followId: string }> {
	const { rest } = stage.n8n;
	print("storing the credentials and the workflows through n8n's own interface");
	const credentials = await createCredentials(rest, stage.sandbox);
	const { follow, url } = await followMessages(stage, rest, credentials);
	print(`  DPS sends its messages to ${url}`);

	const date = new Date().toISOString().slice(0, 10).replaceAll('-', '');
	const folder = path.join(stage.filesFolder, 'demo-object');
	await makeFiles(folder, date);
	print('running the main job');
	const started = Date.now();
	const report = await runMainJob(
		{ rest, credentials, follow, filesFolder: stage.filesFolder },
		{
			contractId: writableContract(stage.sandbox),
			objectId: `demo_${date}_${started.toString(36)}`,
			title: 'Demonstration object',
			folder,
		},
		print,
	);
	print('MD5 before                        MD5 after                         file');
	for (const { md5, md5Returned, filePath } of report.files) {
		const verdict = md5 === md5Returned ? 'the same' : 'NOT THE SAME';
		print(`${md5}  ${md5Returned ?? 'did not come back'.padEnd(32)}  ${filePath}: ${verdict}`);
	}
	for (const filePath of report.unexpected) print(`came back, but was never sent: ${filePath}`);
	const seconds = ((Date.now() - started) / 1000).toFixed(1);
	print(
		isComplete(report)
			? `All ${report.files.length} files came back with the bytes that were sent, after ${seconds} s.`
			: 'Not every file came back with the bytes that were sent.',
	);
	return { report, followId: follow.id };
}

function portOf(text: string | undefined, once: boolean): number | undefined {
	if (text === undefined) return once ? undefined : 5678;
	const port = Number(text);
	if (!Number.isInteger(port) || port < 1 || port > 65_535) {
		throw new Error(`--port ${text} is no port: a whole number from 1 to 65535`);
	}
	return port;
}

async function stayOpen({ n8n }: Stage): Promise<void> {
	print(`
n8n is open at ${n8n.url}
  email     ${n8n.owner.email}
  password  ${n8n.owner.password}
  log       ${n8n.logFile}
Ctrl-C ends it, and the sandbox with it.`);
	await new Promise<void>((resolve) => {
		leave = resolve as typeof leave;
	});
}

main().then(
	(exitCode) => {
		process.exitCode = exitCode;
	},
	(error: unknown) => {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
		process.exitCode = 1;
	},
);
