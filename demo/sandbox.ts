import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

import type { SandboxInfo, WebhookRegistration } from '../sandbox/messages';

const ROOT = path.join(__dirname, '..');
const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 5_000;

/** How fast the sandbox is. */
export interface SandboxOptions {
	stepMs: number;
	webhookRetryMs?: number;
	/** Whether packages are checked on arrival; default: no. */
	validatePackages?: boolean;
}

/** A running sandbox. */
export interface Sandbox extends SandboxInfo {
	/** Has a client's messages sent to a URL, in place of the URL that it had. */
	registerWebhook(registration: WebhookRegistration): Promise<void>;
	/** Ends it and waits until it is gone; what it holds is gone too. */
	stop(): Promise<void>;
}

/**
 * Starts the sandbox in a process of its own, on free ports; it ends with this process at the latest.
 *
 * @param options.stepMs milliseconds between two statuses of a submission or a dissemination
 * @param options.webhookRetryMs milliseconds before a message that was not taken is sent again, doubled each time
 * @param options.validatePackages whether what has a METS.xml is checked by the rules for packages when it arrives
 * @throws Error with what it wrote when it does not come up within a minute
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
	const child = spawn(
		process.execPath,
		[
			...['--import', 'tsx', path.join('sandbox', 'cli.ts')],
			...['--json', '--exit-with-parent', '--port=0', '--store-port=0'],
			`--step-ms=${options.stepMs}`,
			...(options.webhookRetryMs === undefined
				? []
				: [`--webhook-retry-ms=${options.webhookRetryMs}`]),
			...(options.validatePackages ? ['--validate-packages'] : []),
		],
		{ cwd: ROOT, stdio: ['pipe', 'pipe', 'pipe'] },
	);
	let complaints = '';
	child.stderr.on('data', (chunk: Buffer) => {
		complaints = (complaints + chunk.toString('utf8')).slice(-4_000);
	});
	const timer = setTimeout(() => child.kill('SIGKILL'), START_WITHIN_MS);
	const firstLine = await Promise.race([
		once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line)),
		once(child, 'exit').then(() => undefined),
	]);
	clearTimeout(timer);
	if (firstLine === undefined) throw new Error(`the sandbox did not come up:\n${complaints}`);
	const info = JSON.parse(firstLine) as SandboxInfo;

	return {
		...info,
		registerWebhook: async (registration) => await registerWebhook(info, registration),
		stop: async () => {
			if (child.exitCode !== null || child.signalCode !== null) return;
			const exited = once(child, 'exit');
			child.kill('SIGTERM');
			const kill = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
			await exited;
			clearTimeout(kill);
		},
	};
}

/** Registers a URL with a running sandbox, as the library registers one with each partner. */
export async function registerWebhook(
	sandbox: Pick<SandboxInfo, 'controlUrl'>,
	registration: WebhookRegistration,
): Promise<void> {
	const response = await fetch(`${sandbox.controlUrl}/webhooks`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(registration),
	});
	if (!response.ok) throw new Error(`the sandbox refused the URL: ${await response.text()}`);
}
