import { parseArgs } from 'node:util';
import type { SandboxClient, SandboxInfo } from './messages';
import { defaultClients, type SandboxOptions } from './options';
import { startSandbox } from './server';

const DEFAULT_PORT = 8090;
const DEFAULT_STORE_PORT = 8091;

const OPTIONS = {
	port: { type: 'string' },
	'store-port': { type: 'string' },
	'step-ms': { type: 'string' },
	'upload-url-seconds': { type: 'string' },
	'download-url-seconds': { type: 'string' },
	'token-seconds': { type: 'string' },
	data: { type: 'string' },
	client: { type: 'string', multiple: true },
	'client-secret': { type: 'string' },
	'webhook-url': { type: 'string' },
	'webhook-secret': { type: 'string' },
	'webhook-retry-ms': { type: 'string' },
	'webhook-timeout-ms': { type: 'string' },
	'webhook-attempts': { type: 'string' },
	'keep-rejected': { type: 'boolean' },
	'validate-packages': { type: 'boolean' },
	'show-archive-id': { type: 'boolean' },
	json: { type: 'boolean' },
	'exit-with-parent': { type: 'boolean' },
	help: { type: 'boolean', short: 'h' },
} as const;

const HELP = `A stand-in for the Digital Preservation Services (DPS) of the National Library of Norway,
for this machine only.

  npm run sandbox -- [options]

  --port <n>                  API and token endpoint; default ${DEFAULT_PORT}, 0 for any free port
  --store-port <n>            S3 store; default ${DEFAULT_STORE_PORT}, 0 for any free port
  --step-ms <n>               milliseconds between two statuses; default 1500
  --upload-url-seconds <n>    how long an upload URL is good for; default 3600
  --download-url-seconds <n>  how long a download URL is good for; default 86400
  --token-seconds <n>         how long an access token is good for; default 300
  --data <folder>             keep the stored bytes there; default: a temporary folder
  --client-secret <text>      secret of the default client; default: a random one
  --client <json>             a client in place of the default ones, may be repeated:
                              {"clientId":"…","clientSecret":"…","roles":["ef23_R","ef23_W"]}
  --webhook-url <url>         where messages to the default client go
  --webhook-secret <text>     signs messages; default: a random one (whsec_…)
  --webhook-retry-ms <n>      wait before a failed message is sent again, doubled each time;
                              default 1000
  --webhook-timeout-ms <n>    how long a receiver has to answer; default 10000
  --webhook-attempts <n>      how often a message is sent in all; default 12
  --keep-rejected             a rejected submission still answers, with status REJECTED
  --validate-packages         reject a submission with a METS.xml that is no package by NB-SIP 1.0
  --show-archive-id           a preserved submission shows its archiveId
  --json                      print one line of JSON when ready, and nothing else
  --exit-with-parent          stop when standard input is closed
  -h, --help                  this text
`;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

async function main(): Promise<void> {
	const { values } = parseArgs({ options: OPTIONS });
	if (values.help) {
		process.stdout.write(HELP);
		return;
	}
	const { stop, ...info } = await startSandbox(optionsFrom(values));
	const stopOnce = once(stop);
	process.on('SIGINT', stopOnce);
	process.on('SIGTERM', stopOnce);
	if (values['exit-with-parent']) {
		process.stdin.on('end', stopOnce).on('error', stopOnce).resume();
	}
	process.stdout.write(values.json ? `${JSON.stringify(info)}\n` : introduction(info, values));
}

function once(stop: () => Promise<void>): () => void {
	let stopping = false;
	return () => {
		if (stopping) return;
		stopping = true;
		void stop().then(() => process.exit(0));
	};
}

function optionsFrom(values: Values): SandboxOptions {
	const url = values['webhook-url'];
	return {
		apiPort: numberFrom(values, 'port') ?? DEFAULT_PORT,
		storePort: numberFrom(values, 'store-port') ?? DEFAULT_STORE_PORT,
		stepMs: numberFrom(values, 'step-ms'),
		uploadUrlSeconds: numberFrom(values, 'upload-url-seconds'),
		downloadUrlSeconds: numberFrom(values, 'download-url-seconds'),
		tokenSeconds: numberFrom(values, 'token-seconds'),
		dataFolder: values.data,
		clients: values.client?.map(clientFrom) ?? defaultClients(values['client-secret']),
		webhooks: url === undefined ? [] : [{ url }],
		webhookSecret: values['webhook-secret'],
		webhookRetryMs: numberFrom(values, 'webhook-retry-ms'),
		webhookTimeoutMs: numberFrom(values, 'webhook-timeout-ms'),
		webhookAttempts: numberFrom(values, 'webhook-attempts'),
		keepRejected: values['keep-rejected'],
		validatePackages: values['validate-packages'],
		showArchiveId: values['show-archive-id'],
	};
}

function numberFrom(values: Values, name: keyof Values): number | undefined {
	const text = values[name];
	if (text === undefined) return undefined;
	if (typeof text !== 'string' || !/^\d+$/.test(text)) {
		throw new RangeError(`--${name} must be a whole number`);
	}
	return Number(text);
}

function clientFrom(text: string): SandboxClient {
	const client: unknown = JSON.parse(text);
	const { clientId, clientSecret, roles } = (client ?? {}) as Record<string, unknown>;
	if (
		typeof clientId !== 'string' ||
		typeof clientSecret !== 'string' ||
		!Array.isArray(roles) ||
		!roles.every((role): role is string => typeof role === 'string')
	) {
		throw new TypeError('--client must be {"clientId":"…","clientSecret":"…","roles":["…"]}');
	}
	return { clientId, clientSecret, roles };
}

function introduction(info: SandboxInfo, values: Values): string {
	const [client, ...others] = info.clients;
	return `
A DPS sandbox is running on this machine. It keeps nothing: everything is gone when it stops.

In n8n, credential "Digital Preservation API":

  Client ID       ${client.clientId}
  Client Secret   ${client.clientSecret}
  Environment     Custom
  Base URL        ${info.apiUrl}
  Token URL       ${info.tokenUrl}

Its contracts: ${contractsOf(client)}
${others.map(otherClient).join('')}
In n8n, credential "Digital Preservation Webhook API":

  Signing Secret  ${info.webhookSecret}

${
	values['webhook-url'] === undefined
		? 'Tell the sandbox where its webhooks go (the URL that the trigger node shows):'
		: `Webhooks go to ${values['webhook-url']}. To send them elsewhere:`
}

  curl -X POST ${info.controlUrl}/webhooks -H 'Content-Type: application/json' \\
    -d '{"url":"http://localhost:5678/webhook/…"}'

To look inside:

  curl ${info.controlUrl}/state
  curl ${info.controlUrl}/requests
  curl ${info.controlUrl}/deliveries

What it imitates: the token exchange, roles by contract, submissions, upload URLs, preservation
events, the statuses up to PRESERVED or REJECTED, signed webhooks, disseminations as TAR files, and
the requests that S3 refuses. Metadata and checksums are checked, with --validate-packages folders
and METS too; the formats of files are not, and a TAR or ZIP sent with isPackaged is stored as it is.

Stop with Ctrl-C.
`;
}

function otherClient(client: SandboxClient): string {
	return `Another client: ${client.clientId}, secret ${client.clientSecret}, contracts: ${contractsOf(client)}\n`;
}

function contractsOf({ roles }: SandboxClient): string {
	const access = new Map<string, string[]>();
	for (const role of roles) {
		const [, contractId, letter] = /^(.+)_([RW])$/.exec(role) ?? [];
		if (contractId === undefined) continue;
		const words = access.get(contractId) ?? [];
		access.set(contractId, [...words, letter === 'R' ? 'read' : 'write']);
	}
	const texts = [...access].map(([contractId, words]) => `${contractId} (${words.join(' and ')})`);
	return texts.join(', ') || 'none';
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
