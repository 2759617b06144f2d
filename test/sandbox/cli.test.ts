import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { until } from './depositor';
import { startSandboxProcess } from './sandbox-process';

const ROOT = resolve(__dirname, '../..');

/** A run of the command line, with its temporary files in a folder of its own. */
async function run(
	parameters: string[],
	act: (child: ReturnType<typeof spawn>, out: () => string, folder: string) => Promise<void>,
) {
	const folder = await mkdtemp(join(tmpdir(), 'dps-sandbox-cli-'));
	const child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/cli.ts', ...parameters], {
		cwd: ROOT,
		env: { ...process.env, TMPDIR: folder },
	});
	let stdout = '';
	let stderr = '';
	child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
	const exited = new Promise<number | null>((done) => child.once('close', done));
	try {
		await act(child, () => stdout, folder);
		const code = await exited;
		// What tsx keeps between runs is its own.
		const left = (await readdir(folder)).filter((name) => name.startsWith('dps-sandbox-'));
		return { code, stdout, stderr, left };
	} finally {
		child.kill('SIGKILL');
		await rm(folder, { recursive: true, force: true });
	}
}

const FREE_PORTS = ['--port=0', '--store-port=0'];
const ready = (out: () => string) => until(async () => (out().includes('\n') ? true : undefined));

test('with --json it prints one line when it is ready, and ends on SIGTERM', async () => {
	const { code, stdout, left } = await run(
		[...FREE_PORTS, '--json'],
		async (child, out, folder) => {
			await ready(out);
			expect((await readdir(folder)).some((name) => name.startsWith('dps-sandbox-'))).toBe(true);
			child.kill('SIGTERM');
		},
	);
	expect(code).toBe(0);
	expect(stdout.trimEnd().split('\n')).toHaveLength(1);
	expect(JSON.parse(stdout)).toEqual({
		apiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/dps-submission$/) as unknown,
		tokenUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/authn\/realms\/dps\//) as unknown,
		storeUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as unknown,
		controlUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/_sandbox$/) as unknown,
		clients: [
			{
				clientId: 'sandbox-client',
				clientSecret: expect.stringMatching(/^\S{32}$/) as unknown,
				roles: ['ef23_R', 'ef23_W', '1234_R', '2d17_W'],
			},
			{
				clientId: 'sandbox-client-without-contract',
				clientSecret: expect.any(String) as unknown,
				roles: [],
			},
		],
		webhookSecret: expect.stringMatching(/^whsec_/) as unknown,
	});
	expect(left).toEqual([]);
});

test('with --exit-with-parent it ends when standard input is closed', async () => {
	const { code, left } = await run([...FREE_PORTS, '--exit-with-parent'], async (child, out) => {
		await ready(out);
		child.stdin?.end();
	});
	expect(code).toBe(0);
	expect(left).toEqual([]);
});

test('for a person it prints what the credentials in n8n need', async () => {
	const { stdout } = await run(
		[...FREE_PORTS, '--client-secret=my-secret', '--webhook-secret=whsec_bXkgc2VjcmV0'],
		async (child, out) => {
			await ready(out);
			child.kill('SIGINT');
		},
	);
	expect(stdout).toMatch(/Client ID\s+sandbox-client\n/);
	expect(stdout).toMatch(/Client Secret\s+my-secret\n/);
	expect(stdout).toMatch(/Environment\s+Custom\n/);
	expect(stdout).toMatch(/Base URL\s+http:\/\/127\.0\.0\.1:\d+\/dps-submission\n/);
	expect(stdout).toMatch(/Token URL\s+http:\/\/127\.0\.0\.1:\d+\/authn\/realms\/dps\/.*\/token\n/);
	expect(stdout).toMatch(/Signing Secret\s+whsec_bXkgc2VjcmV0\n/);
	expect(stdout).toContain('ef23 (read and write), 1234 (read), 2d17 (write)');
});

test('--help lists every option', async () => {
	const { code, stdout } = await run(['--help'], async () => undefined);
	expect(code).toBe(0);
	for (const option of ['--port', '--store-port', '--step-ms', '--webhook-url', '--json']) {
		expect(stdout).toContain(option);
	}
});

test.each([
	['an unknown option', ['--colour']],
	['a port that is none', ['--port=web']],
	['a port beyond the last', ['--port=70000']],
	['a client that is none', ['--client={}']],
	['a client without a secret', ['--client={"clientId":"a","clientSecret":"","roles":[]}']],
	['a webhook URL that is none', ['--webhook-url=nowhere']],
	[
		'a webhook secret that is not base64',
		['--webhook-url=http://127.0.0.1/', '--webhook-secret=whsec_!'],
	],
])('%s ends it with code 1 and a message', async (_name, parameters) => {
	const { code, stdout, stderr } = await run(
		[...FREE_PORTS, ...parameters, '--json'],
		async () => undefined,
	);
	expect(code).toBe(1);
	expect(stdout).toBe('');
	expect(stderr).not.toBe('');
});

test('a port that is taken ends it with code 1', async () => {
	const taken = createServer();
	await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
	const { port } = taken.address() as AddressInfo;
	const { code, stderr, left } = await run(
		['--port=0', `--store-port=${port}`, '--json'],
		async () => undefined,
	);
	await new Promise((closed) => taken.close(closed));
	expect(code).toBe(1);
	expect(stderr).toContain('EADDRINUSE');
	expect(left).toEqual([]);
});

test('a data folder of its own is made, and stays', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'dps-sandbox-data-'));
	const dataFolder = join(folder, 'a', 'b');
	const sandbox = await startSandboxProcess({ dataFolder });
	await sandbox.stop();
	expect(existsSync(dataFolder)).toBe(true);
	await rm(folder, { recursive: true });
});

test('both servers listen on the loopback address only', async () => {
	const sandbox = await startSandboxProcess();
	for (const url of [sandbox.apiUrl, sandbox.storeUrl]) {
		expect(new URL(url).hostname).toBe('127.0.0.1');
		const elsewhere = url.replace('127.0.0.1', '127.0.0.2');
		await expect(fetch(elsewhere)).rejects.toThrow('fetch failed');
	}
	await sandbox.stop();
});
