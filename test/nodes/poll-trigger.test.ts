import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { DigitalPreservationPollTrigger } from '../../nodes/DigitalPreservation/DigitalPreservationPollTrigger.node';
import { Depositor, idOf } from '../sandbox/depositor';

import type { NodeRun } from './n8n-context';
import { NodeBench } from './node-bench';

const node = new DigitalPreservationPollTrigger();
const EVENTS = ['submission.preserved', 'submission.rejected'];
const NEVER_MS = 3_600_000;

let bench: NodeBench;
let depositor: Depositor;

async function start(options: Parameters<typeof NodeBench.start>[0] = {}) {
	bench = await NodeBench.start({ stepMs: NEVER_MS, ...options });
	depositor = await Depositor.of(bench.sandbox);
}

afterEach(async () => {
	await bench.stop();
});

/** The trigger in a published workflow: its settings, and what n8n has stored for it. */
class Trigger {
	private staticData: IDataObject = {};

	constructor(private readonly parameters: IDataObject = {}) {}

	context(mode: 'trigger' | 'manual' = 'trigger') {
		return bench.n8n.pollContext(
			node,
			bench.credentialType,
			{
				parameters: {
					contractIds: ['ef23'],
					events: EVENTS,
					options: {},
					...this.parameters,
				} as NodeRun['parameters'],
				credential: bench.credential as NodeRun['credential'],
				staticData: this.staticData,
			},
			mode,
		);
	}

	async poll(): Promise<INodeExecutionData[][] | null> {
		return await node.poll.call(this.context());
	}

	async messages(): Promise<IDataObject[]> {
		const output = await this.poll();
		return (output ?? [[]])[0].map(({ json }) => json);
	}

	async example(): Promise<IDataObject> {
		const output = await node.poll.call(this.context('manual'));
		const [items] = output ?? [];
		expect(items).toHaveLength(1);
		return items[0].json;
	}

	async failure(): Promise<Error & { description?: string }> {
		const error: unknown = await this.poll().catch((reason: unknown) => reason);
		if (!(error instanceof Error)) throw new Error('The poll did not fail');
		return error;
	}

	/** What n8n would write to its database. */
	get stored(): string {
		return JSON.stringify(this.staticData);
	}

	/** Starts again from what was stored, as n8n does. */
	restart(): void {
		this.staticData = JSON.parse(this.stored) as IDataObject;
	}
}

async function rejectedAndGone(submission: string): Promise<void> {
	await bench.sandbox.control.reject(idOf(submission), [{ code: 'X', message: 'no' }]);
}

describe("the poll trigger in n8n's poll context", () => {
	it('tells what ends after the first poll, once each, in the shape of the webhook', async () => {
		await start();
		const old = await depositor.deposit();
		await bench.sandbox.control.advance(idOf(old));
		const trigger = new Trigger();
		expect(await trigger.poll()).toEqual([[]]);
		expect(await trigger.poll()).toBeNull();

		const preserved = await depositor.deposit({ a: 'a' }, { objectId: 'preserved_1' });
		const vanishing = await depositor.deposit({ a: 'a' }, { objectId: 'vanishing_1' });
		// nothing to tell yet, but to be stored: a list without items
		expect(await trigger.poll()).toEqual([[]]);
		expect(await trigger.poll()).toBeNull();
		trigger.restart();

		await bench.sandbox.control.advance(idOf(preserved));
		await rejectedAndGone(vanishing);
		const messages = await trigger.messages();
		expect(messages).toEqual([
			{
				type: 'submission.preserved',
				timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
				data: {
					contractId: 'ef23',
					submissionId: idOf(preserved),
					objectId: 'preserved_1',
					status: 'PRESERVED',
				},
				webhookId: `poll_${idOf(preserved)}_PRESERVED`,
			},
			{
				type: 'submission.rejected',
				timestamp: expect.any(String),
				data: {
					contractId: 'ef23',
					submissionId: idOf(vanishing),
					objectId: 'vanishing_1',
					status: 'GONE',
					reasons: [{ code: 'GONE', message: expect.stringContaining('UPLOAD_COMPLETED') }],
				},
				webhookId: `poll_${idOf(vanishing)}_REJECTED`,
			},
		]);
		trigger.restart();
		expect(await trigger.poll()).toBeNull();
		const { clientSecret } = bench.sandbox.clients[0];
		expect(trigger.stored + JSON.stringify(messages)).not.toContain(clientSecret);
		expect(trigger.stored).not.toMatch(/eyJ[\w-]+\.|X-Amz/);
	});

	it('gives archive id and reasons where the API shows them', async () => {
		await start({ showArchiveId: true, keepRejected: true });
		const trigger = new Trigger({ options: { emitAlreadyFinal: true } });
		const preserved = await depositor.deposit();
		await bench.sandbox.control.advance(idOf(preserved));
		const rejected = await depositor.deposit();
		await rejectedAndGone(rejected);
		const [first, second, ...others] = await trigger.messages();
		expect(others).toEqual([]);
		const { archiveId } = await depositor.stateOf(preserved);
		expect(first.data).toMatchObject({ submissionId: idOf(preserved), archiveId });
		expect(second).toMatchObject({
			type: 'submission.rejected',
			data: { submissionId: idOf(rejected), status: 'REJECTED' },
		});
		expect(second.data).not.toHaveProperty('archiveId');
		expect(await trigger.messages()).toEqual([]);
	});

	it('reads every page, and forgets nothing when one fails for good', async () => {
		await start();
		const trigger = new Trigger();
		await trigger.poll();
		const created: string[] = [];
		for (let number = 0; number < 505; number++) {
			created.push(idOf(await depositor.create({ objectId: `many_${number}` })));
		}
		await trigger.poll();
		trigger.restart();
		const before = trigger.stored;
		const last = depositor.sandbox.control;
		await last.reject(created[504], [{ code: 'X', message: 'no' }]);
		await last.reject(created[3], [{ code: 'X', message: 'no' }]);

		const listing = { side: 'api' as const, method: 'GET', pathPattern: 'ef23/submissions$' };
		const forbidden = { kind: 'status' as const, status: 403, body: '{}' };
		await last.fault({ ...listing, skip: 1, action: forbidden });
		expect((await trigger.failure()).message).toContain('ef23_R');
		await last.clearFaults();
		await last.fault({
			side: 'api',
			method: 'GET',
			pathPattern: `submissions/${created[504]}$`,
			action: forbidden,
		});
		await trigger.failure();
		await last.clearFaults();
		expect(trigger.stored).toBe(before);

		const told = (await trigger.messages()).map(({ webhookId }) => webhookId);
		expect(told.sort()).toEqual(
			[`poll_${created[3]}_REJECTED`, `poll_${created[504]}_REJECTED`].sort(),
		);
		expect(await trigger.messages()).toEqual([]);
	});

	it('does not tell the same twice when n8n begins a poll before the last has ended', async () => {
		await start();
		const context = new Trigger().context();
		await node.poll.call(context);
		const submission = await depositor.deposit();
		await bench.sandbox.control.advance(idOf(submission));
		const outputs = await Promise.all([node.poll.call(context), node.poll.call(context)]);
		expect(outputs.filter((output) => output !== null)).toHaveLength(1);
		await expect(node.poll.call(context)).resolves.toBeNull();
	});

	it('begins anew with another service', async () => {
		await start();
		const trigger = new Trigger();
		await trigger.poll();
		const submission = await depositor.deposit();
		await bench.sandbox.control.advance(idOf(submission));
		const { baseUrl } = bench.credential;
		bench.credential.baseUrl = String(baseUrl).replace('127.0.0.1', 'localhost');
		expect(await trigger.messages()).toEqual([]);
	});

	it("gives an example for 'Fetch Test Event', and remembers nothing of it", async () => {
		await start();
		const trigger = new Trigger();
		await expect(trigger.example()).rejects.toThrow(/There is no example/);
		await trigger.poll();
		const before = trigger.stored;
		const submission = await depositor.deposit();
		await bench.sandbox.control.advance(idOf(submission));
		const example = await trigger.example();
		expect(trigger.stored).toBe(before);
		const [message] = await trigger.messages();
		expect(example).toEqual({ ...message, timestamp: expect.any(String) });
	});
});

describe('the contracts that the poll trigger watches', () => {
	it('can be given as a list or as a text, in either case, and each counts once', async () => {
		await start();
		const trigger = new Trigger({ contractIds: '={{ "EF23, 1234 ef23" }}' });
		await trigger.poll();
		await bench.sandbox.control.clearRequests();
		await trigger.poll();
		const requests = await bench.sandbox.control.requests('api');
		expect(requests.map(({ path }) => path.split('/').at(-2))).toEqual(['ef23', '1234']);
	});

	it('are offered when they can be read', async () => {
		await start();
		const context = bench.n8n.loadOptionsContext(node, bench.credentialType, {
			credential: { ...bench.credential } as never,
			parameters: {},
		});
		await expect(node.methods.loadOptions.getReadableContracts.call(context)).resolves.toEqual([
			{ name: '1234 · read', value: '1234' },
			{ name: 'ef23 · read, write', value: 'ef23' },
		]);
	});

	it('are checked: a wrong id, one that cannot be read, and none at all are errors', async () => {
		await start();
		const failureOf = async (contractIds: unknown) =>
			await new Trigger({ contractIds: contractIds as string[] }).failure();
		expect((await failureOf(['ef23', 'xyz'])).message).toContain('"xyz" is not a contract id');
		expect((await failureOf([])).message).toContain('choose at least one contract');
		expect((await failureOf(['ef23', '2d17'])).message).toBe(
			'Contract 2d17 cannot be read: the client lacks the role 2d17_R',
		);
		expect((await new Trigger({ events: ['*'] }).failure()).message).toContain('choose from');
	});
});
