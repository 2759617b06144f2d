import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type RequestHandler } from 'express';
import { createApi } from './api/app';
import { createControl } from './control';
import { Disseminations } from './disseminations';
import { applyFault, FaultPlan } from './faults';
import type { SandboxInfo, SandboxSide } from './messages';
import { createAuthorizationServer, REALM_PATH, TOKEN_ROUTE } from './oauth';
import { settingsOf, type SandboxOptions, type SandboxSettings } from './options';
import { Preservation } from './preservation';
import { pathOf, RequestLog } from './request-log';
import { Bucket } from './store/bucket';
import { UrlSigner } from './store/signature';
import { createStore } from './store/store';
import { Submissions } from './submissions';
import { Webhooks } from './webhooks';

const KEEP_ALIVE_MS = 65_000;
const LOOPBACK = '127.0.0.1';
const API_PATH = '/dps-submission';
const CONTROL_PATH = '/_sandbox';

/** A running sandbox. */
export interface Sandbox extends SandboxInfo {
	/** Closes both servers, gives up what is still under way, and removes a temporary data folder. */
	stop(): Promise<void>;
}

/** What has to be undone, the latest first. */
type Undo = (() => void | Promise<void>)[];

/**
 * Starts a stand-in for the Digital Preservation Services on this machine: an OAuth server, the
 * API, an S3 store and a sender of webhooks, all on the loopback address.
 *
 * @throws {RangeError} when an option is out of its range
 * @throws when a port is taken, or a webhook registration or a client is not valid
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const settings = settingsOf(options);
	const undo: Undo = [];
	try {
		return { ...(await start(settings, undo)), stop: () => undoAll(undo) };
	} catch (error) {
		await undoAll(undo);
		throw error;
	}
}

async function start(settings: SandboxSettings, undo: Undo): Promise<SandboxInfo> {
	const { clients, webhookSecret } = settings;
	const webhooks = new Webhooks(
		settings,
		clients.map(({ clientId }) => clientId),
	);
	undo.push(() => webhooks.stop());
	for (const registration of settings.webhooks) webhooks.register(registration);

	const folder = await dataFolder(settings.dataFolder, undo);
	// The addresses are part of what is signed, so the servers listen before they can answer.
	const apiServer = await listen(settings.apiPort, undo);
	const storeServer = await listen(settings.storePort, undo);
	const apiOrigin = originOf(apiServer);
	const storeUrl = originOf(storeServer);

	const authorizationServer = await createAuthorizationServer(
		apiOrigin,
		clients,
		settings.tokenSeconds,
	);
	const bucket = new Bucket(folder);
	const signer = new UrlSigner(storeUrl);
	const submissions = new Submissions();
	const preservation = new Preservation(settings, submissions, bucket, webhooks);
	undo.push(() => preservation.stop());
	const disseminations = new Disseminations(settings, bucket, signer, webhooks);
	undo.push(() => disseminations.stop());
	const faults = new FaultPlan();
	const log = new RequestLog();
	const services = {
		settings,
		authorizationServer,
		bucket,
		signer,
		submissions,
		preservation,
		disseminations,
		webhooks,
		faults,
		log,
	};

	const api = observed(
		log,
		faults,
		(path) => (path.startsWith(REALM_PATH) ? 'token' : 'api'),
		application([
			[REALM_PATH, authorizationServer.handler],
			[API_PATH, createApi(services)],
		]),
	);
	const control = application([[CONTROL_PATH, createControl(services)]]);
	apiServer.on('request', (request, response) => {
		const handler = pathOf(request).startsWith(`${CONTROL_PATH}/`) ? control : api;
		handler(request, response);
	});

	const store = createStore(bucket, signer, folder);
	undo.push(() => store.close());
	storeServer.on(
		'request',
		observed(log, faults, () => 'store', store.handler),
	);

	return {
		apiUrl: `${apiOrigin}${API_PATH}`,
		tokenUrl: `${apiOrigin}${REALM_PATH}${TOKEN_ROUTE}`,
		storeUrl,
		controlUrl: `${apiOrigin}${CONTROL_PATH}`,
		clients,
		webhookSecret,
	};
}

/** An Express application of handlers, each below a path. */
function application(handlers: [path: string, handler: RequestHandler | RequestListener][]) {
	const app = express();
	app.disable('x-powered-by');
	for (const [path, handler] of handlers) app.use(path, handler);
	return app;
}

/** Logs each request, and lets a fault that is due have its way with it. */
function observed(
	log: RequestLog,
	faults: FaultPlan,
	sideOf: (path: string) => SandboxSide,
	act: RequestListener,
): RequestListener {
	return (request, response) => {
		const side = sideOf(pathOf(request));
		const entry = log.record(side, request, response);
		const action = faults.actionFor(side, request);
		if (!action) {
			act(request, response);
			return;
		}
		entry.fault = action.kind;
		void applyFault(action, request, response, act);
	};
}

async function undoAll(undo: Undo): Promise<void> {
	for (let step = undo.pop(); step; step = undo.pop()) await step();
}

async function listen(port: number, undo: Undo): Promise<Server> {
	// An upload of several GB takes longer than the five minutes that Node.js gives a request.
	const server = createServer({ requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS });
	await new Promise<void>((listening, failed) => {
		server.once('error', failed);
		server.listen(port, LOOPBACK, () => {
			server.off('error', failed);
			listening();
		});
	});
	undo.push(() => close(server));
	return server;
}

function originOf(server: Server): string {
	return `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
	await new Promise<void>((closed) => {
		server.close(() => closed());
		server.closeAllConnections();
	});
}

async function dataFolder(given: string | undefined, undo: Undo): Promise<string> {
	if (given !== undefined) {
		await mkdir(given, { recursive: true });
		return given;
	}
	const folder = await mkdtemp(join(tmpdir(), 'dps-sandbox-'));
	undo.push(() => rm(folder, { recursive: true, force: true }));
	return folder;
}
