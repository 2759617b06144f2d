import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { createApi } from './api/app';
import { createControl } from './control';
import { Disseminations } from './disseminations';
import { applyFault, FaultPlan } from './faults';
import type { SandboxInfo, SandboxSide } from './messages';
import { createAuthorizationServer, REALM_PATH, TOKEN_ROUTE } from './oauth';
import { settingsOf, type SandboxOptions } from './options';
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

/**
 * Starts a stand-in for the Digital Preservation Services on this machine: an OAuth server, the
 * API, an S3 store and a sender of webhooks, all on the loopback address.
 *
 * @throws {RangeError} when an option is out of its range
 * @throws when a port is taken, or a webhook registration is not valid
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const settings = settingsOf(options);
	const { clients, webhookSecret } = settings;
	const webhooks = new Webhooks(settings, clients[0].clientId);
	for (const registration of settings.webhooks) webhooks.register(registration);

	// The addresses are part of what is signed, so the servers listen before there is an answer.
	const apiServer = await listen(settings.apiPort);
	const storeServer = await listen(settings.storePort).catch(async (error: unknown) => {
		await close(apiServer);
		throw error;
	});
	const apiOrigin = originOf(apiServer);
	const storeUrl = originOf(storeServer);
	const folder = await dataFolder(settings.dataFolder);

	const authorizationServer = await createAuthorizationServer(
		apiOrigin,
		clients,
		settings.tokenSeconds,
	);
	const bucket = new Bucket(folder);
	const signer = new UrlSigner(storeUrl);
	const submissions = new Submissions();
	const preservation = new Preservation(settings, submissions, bucket, webhooks);
	const disseminations = new Disseminations(settings, bucket, signer, webhooks);
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

	const observed = (
		sideOf: (path: string) => SandboxSide,
		act: RequestListener,
	): RequestListener => {
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
	};

	const app = express();
	app.disable('x-powered-by');
	app.use(REALM_PATH, authorizationServer.handler);
	app.use(API_PATH, createApi(services));
	const api = observed((path) => (path.startsWith(REALM_PATH) ? 'token' : 'api'), app);
	const control = express();
	control.disable('x-powered-by');
	control.use(CONTROL_PATH, createControl(services));
	apiServer.on('request', (request, response) => {
		const handler = pathOf(request).startsWith(`${CONTROL_PATH}/`) ? control : api;
		handler(request, response);
	});

	const store = createStore(bucket, signer, folder);
	storeServer.on(
		'request',
		observed(() => 'store', store.handler),
	);

	return {
		apiUrl: `${apiOrigin}${API_PATH}`,
		tokenUrl: `${apiOrigin}${REALM_PATH}${TOKEN_ROUTE}`,
		storeUrl,
		controlUrl: `${apiOrigin}${CONTROL_PATH}`,
		clients,
		webhookSecret,
		stop: async () => {
			webhooks.stop();
			preservation.stop();
			disseminations.stop();
			await Promise.all([close(apiServer), close(storeServer)]);
			store.close();
			if (settings.dataFolder === undefined) await rm(folder, { recursive: true, force: true });
		},
	};
}

async function listen(port: number): Promise<Server> {
	// An upload of several GB takes longer than the five minutes that Node.js gives a request.
	const server = createServer({ requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS });
	await new Promise<void>((listening, failed) => {
		server.once('error', failed);
		server.listen(port, LOOPBACK, () => {
			server.off('error', failed);
			listening();
		});
	});
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

async function dataFolder(given: string | undefined): Promise<string> {
	if (given === undefined) return await mkdtemp(join(tmpdir(), 'dps-sandbox-'));
	await mkdir(given, { recursive: true });
	return given;
}
