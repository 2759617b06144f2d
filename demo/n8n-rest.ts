import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { NodeHelpers, type INode, type INodeTypeDescription } from 'n8n-workflow';

import { readExecutionData, type ExecutionData } from './execution-data';

/** The person that n8n's first set-up makes the owner of the instance. */
export interface Owner {
	email: string;
	firstName: string;
	lastName: string;
	password: string;
}

/** A node of a workflow, as n8n writes it when a workflow is downloaded. */
export interface WorkflowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
	webhookId?: string;
	[other: string]: unknown;
}

/** A workflow, as n8n writes it when it is downloaded. */
export interface Workflow {
	name: string;
	nodes: WorkflowNode[];
	connections: Record<string, unknown>;
	settings?: Record<string, unknown>;
}

/** A workflow that n8n has stored. */
export interface StoredWorkflow extends Workflow {
	id: string;
	versionId: string;
}

/** A stored credential; n8n never gives its secrets back. */
export interface StoredCredential {
	id: string;
	name: string;
	type: string;
}

/** What the person sees after 'Test' in the credential form. */
export interface CredentialTest {
	status: 'OK' | 'Error';
	message: string;
}

/** An execution in a list. */
export interface ExecutionSummary {
	id: string;
	workflowId: string;
	status: string;
	mode: string;
	/** ISO 8601; absent while it waits for its turn. */
	startedAt?: string | null;
	/** ISO 8601; absent while it runs. */
	stoppedAt?: string | null;
}

/** An execution with what each node gave out. */
export interface Execution extends ExecutionSummary {
	data: ExecutionData;
}

/** Publishing goes on after n8n has answered: this is how far it has come. */
interface PublicationStatus {
	status: 'in_progress' | 'not_published' | 'published' | 'partial' | 'failed';
	triggers: Array<{ nodeId: string; status: string; errorMessage?: string | null }>;
}

const POLL_MS = 300;
const FINAL_STATUSES = new Set(['success', 'error', 'crashed', 'canceled']);

/** A login; n8n ties it to the browser that made it, by an id in a header. */
export interface Session {
	cookie: string;
	browserId: string;
}

/** An answer of n8n that says no. */
export class N8nRestError extends Error {
	constructor(
		readonly method: string,
		readonly path: string,
		readonly status: number,
		message: string,
	) {
		super(`n8n answered ${method} ${path} with ${status}: ${message}`);
		this.name = 'N8nRestError';
	}
}

/** n8n's own interface, the one that its editor uses (`/rest`), as far as the demo and the tests need it. */
export class N8nRest {
	/** @param session a login made before, to go on with it; absent for a new one */
	constructor(
		private readonly baseUrl: string,
		readonly session: Session = { cookie: '', browserId: randomUUID() },
	) {}

	/** Makes that person the owner of a new n8n, or logs in to one that has its owner already. */
	async logInAsOwner(owner: Owner): Promise<void> {
		const { userManagement } = await this.call<{
			userManagement: { showSetupOnFirstLoad?: boolean };
		}>('GET', '/rest/settings');
		if (userManagement.showSetupOnFirstLoad) {
			await this.call('POST', '/rest/owner/setup', owner);
		} else {
			await this.call('POST', '/rest/login', {
				emailOrLdapLoginId: owner.email,
				password: owner.password,
			});
		}
	}

	/** Stores a credential of that type. */
	async createCredential(
		name: string,
		type: string,
		data: Record<string, unknown>,
	): Promise<StoredCredential> {
		return await this.call('POST', '/rest/credentials', { name, type, data });
	}

	/** Does what the button 'Test' of the credential form does. */
	async testCredential(
		credential: StoredCredential,
		data: Record<string, unknown>,
	): Promise<CredentialTest> {
		return await this.call('POST', '/rest/credentials/test', {
			credentials: { ...credential, data },
		});
	}

	/** Deletes a credential, also one that workflows use. */
	async deleteCredential(credential: StoredCredential): Promise<void> {
		await this.call('DELETE', `/rest/credentials/${credential.id}`);
	}

	/** Stores a workflow; it runs by itself only after `activate`. */
	async createWorkflow(workflow: Workflow): Promise<StoredWorkflow> {
		return await this.call('POST', '/rest/workflows', { settings: {}, ...workflow });
	}

	/**
	 * Publishes a workflow, and waits until n8n has registered its triggers.
	 *
	 * @throws Error with n8n's own words when a trigger cannot be registered
	 */
	async activate(workflow: StoredWorkflow, withinMs = 30_000): Promise<void> {
		await this.call('POST', `/rest/workflows/${workflow.id}/activate`, {
			versionId: workflow.versionId,
		});
		await until(`the triggers of '${workflow.name}'`, withinMs, async () => {
			const { status, triggers } = await this.call<PublicationStatus>(
				'GET',
				`/rest/workflows/${workflow.id}/publication-status`,
			);
			if (status === 'failed' || status === 'partial') {
				const messages = triggers.map(({ errorMessage }) => errorMessage ?? '').filter(Boolean);
				throw new Error(`'${workflow.name}' cannot be published: ${messages.join('; ')}`);
			}
			return status === 'published' ? true : undefined;
		});
	}

	/** Takes a workflow out of service. */
	async deactivate(workflow: StoredWorkflow): Promise<void> {
		await this.call('POST', `/rest/workflows/${workflow.id}/deactivate`, {});
	}

	/**
	 * Does what 'Execute workflow' in the editor does, from the given trigger node on.
	 *
	 * @returns the id of the execution, which goes on by itself
	 */
	async runManually(workflow: StoredWorkflow, triggerName: string): Promise<string> {
		const { executionId } = await this.call<{ executionId?: string }>(
			'POST',
			`/rest/workflows/${workflow.id}/run`,
			{ triggerToStartFrom: { name: triggerName } },
		);
		if (executionId === undefined) throw new Error(`'${triggerName}' waits for a call to its URL`);
		return executionId;
	}

	/** The executions of a workflow, the newest first. */
	async executions(workflow: StoredWorkflow): Promise<ExecutionSummary[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId: workflow.id }));
		const { results } = await this.call<{ results: ExecutionSummary[] }>(
			'GET',
			`/rest/executions?limit=100&filter=${filter}`,
		);
		return results;
	}

	/** The executions of a workflow, all of them, the newest first. */
	async allExecutions(workflow: StoredWorkflow): Promise<ExecutionSummary[]> {
		const query = new URLSearchParams({
			limit: '100',
			filter: JSON.stringify({ workflowId: workflow.id }),
		});
		const executions: ExecutionSummary[] = [];
		for (;;) {
			const { results, nextCursor } = await this.call<{
				results: ExecutionSummary[];
				nextCursor?: string | null;
			}>('GET', `/rest/executions?${query.toString()}`);
			executions.push(...results);
			if (!nextCursor) return executions;
			query.set('cursor', nextCursor);
		}
	}

	/** Does what 'Retry' in the list of executions does, and gives how that has ended. */
	async retry(executionId: string): Promise<ExecutionSummary> {
		return await this.call('POST', `/rest/executions/${executionId}/retry`, {
			loadWorkflow: false,
		});
	}

	/** One execution with its data. */
	async execution(executionId: string): Promise<Execution> {
		const found = await this.call<ExecutionSummary & { data: string }>(
			'GET',
			`/rest/executions/${executionId}`,
		);
		return { ...found, data: readExecutionData(found.data) };
	}

	/**
	 * Waits until an execution has ended, well or badly.
	 *
	 * @throws Error when it has not ended within the given time, in milliseconds
	 */
	async waitForExecution(executionId: string, withinMs: number): Promise<Execution> {
		return await until(`execution ${executionId}`, withinMs, async () => {
			const execution = await this.execution(executionId);
			return FINAL_STATUSES.has(execution.status) ? execution : undefined;
		});
	}

	/**
	 * Waits for the first ended execution of a workflow that satisfies a condition.
	 *
	 * @throws Error when there is none within the given time, in milliseconds
	 */
	async waitForExecutionOf(
		workflow: StoredWorkflow,
		withinMs: number,
		isWanted: (execution: Execution) => boolean = () => true,
	): Promise<Execution> {
		const refused = new Set<string>();
		return await until(`an execution of '${workflow.name}'`, withinMs, async () => {
			const ended = (await this.executions(workflow)).filter(
				({ id, status }) => FINAL_STATUSES.has(status) && !refused.has(id),
			);
			for (const { id } of ended.reverse()) {
				const execution = await this.execution(id);
				if (isWanted(execution)) return execution;
				refused.add(id);
			}
			return undefined;
		});
	}

	/** The description of a node type, as n8n loaded it. */
	async nodeType(name: string, version: number): Promise<INodeTypeDescription> {
		const [description] = await this.call<INodeTypeDescription[]>('POST', '/rest/node-types', {
			nodeInfos: [{ name, version }],
		});
		if (description === undefined) throw new Error(`n8n has no node type ${name}`);
		return description;
	}

	/** The URLs at which n8n takes production calls for the webhooks of a workflow's trigger nodes. */
	async webhookUrls(workflow: StoredWorkflow): Promise<string[]> {
		const urls: string[] = [];
		for (const node of workflow.nodes) {
			const { webhooks = [] } = await this.nodeType(node.type, node.typeVersion);
			for (const webhook of webhooks.filter(({ restartWebhook }) => !restartWebhook)) {
				const path = webhook.path.startsWith('=')
					? String(node.parameters.path ?? '')
					: webhook.path;
				urls.push(
					NodeHelpers.getNodeWebhookUrl(
						`${this.baseUrl}/webhook`,
						workflow.id,
						node as unknown as INode,
						path,
						Boolean(webhook.isFullPath),
					),
				);
			}
		}
		return urls;
	}

	/**
	 * The rows of a data table of the owner's own, at most 100; none when there is no such table.
	 *
	 * @param name the table's name
	 */
	async dataTableRows(name: string): Promise<Array<Record<string, unknown>>> {
		const { id: projectId } = await this.call<{ id: string }>('GET', '/rest/projects/personal');
		const tables = `/rest/projects/${projectId}/data-tables`;
		const filter = encodeURIComponent(JSON.stringify({ name }));
		const { data: found } = await this.call<{ data: Array<{ id: string; name: string }> }>(
			'GET',
			`${tables}?filter=${filter}`,
		);
		const table = found.find((candidate) => candidate.name === name);
		if (table === undefined) return [];
		const { data } = await this.call<{ data: Array<Record<string, unknown>> }>(
			'GET',
			`${tables}/${table.id}/rows?take=100`,
		);
		return data;
	}

	private async call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
		const response = await fetch(this.baseUrl + path, {
			method,
			headers: {
				'browser-id': this.session.browserId,
				...(this.session.cookie === '' ? {} : { cookie: this.session.cookie }),
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const session = response.headers
			.getSetCookie()
			.find((cookie) => cookie.startsWith('n8n-auth='));
		if (session !== undefined) this.session.cookie = session.split(';')[0];
		const text = await response.text();
		if (!response.ok) throw new N8nRestError(method, path, response.status, messageOf(text));
		return (JSON.parse(text) as { data: Answer }).data;
	}
}

function messageOf(body: string): string {
	try {
		const { message } = JSON.parse(body) as { message?: string };
		return message ?? body;
	} catch {
		return body;
	}
}

async function until<Found>(
	what: string,
	withinMs: number,
	look: () => Promise<Found | undefined>,
): Promise<Found> {
	const deadline = Date.now() + withinMs;
	for (;;) {
		const found = await look();
		if (found !== undefined) return found;
		if (Date.now() > deadline) throw new Error(`waited ${withinMs / 1000} s in vain for ${what}`);
		await wait(POLL_MS);
	}
}
