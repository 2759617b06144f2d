import type { ContractState, Wish } from '../../../dps/watch/contract';
import { MAX_LOOKS, exampleOf, pollContract } from '../../../dps/watch/contract';

import { FakeContract, idOf } from './fake-contract';

const WISH: Wish = {
	events: ['submission.preserved', 'submission.rejected'],
	tellAlreadyFinal: false,
};
const SEEN_AT = Date.UTC(2026, 0, 5, 9, 0, 0);
const TIME = { now: () => SEEN_AT, until: Infinity };

/** Polls that follow each other, with what is remembered written and read as n8n does. */
class Watch {
	state: ContractState | undefined;
	isWorthStoring = false;

	constructor(
		private readonly contract: FakeContract,
		private readonly wish: Partial<Wish> = {},
	) {}

	async poll(time = TIME) {
		const { messages, next, isWorthStoring } = await pollContract(
			this.state,
			this.contract,
			{ ...WISH, ...this.wish },
			time,
		);
		this.state = JSON.parse(JSON.stringify(next)) as ContractState;
		this.isWorthStoring = isWorthStoring;
		return messages;
	}

	async ids() {
		return (await this.poll()).map(({ webhookId }) => webhookId);
	}
}

let contract: FakeContract;

beforeEach(() => {
	contract = new FakeContract();
});

describe('the first poll of a contract', () => {
	it('passes over what is at its end already, on whatever page', async () => {
		for (let number = 0; number < 10; number++) {
			contract.set(number, number % 2 === 0 ? 'PRESERVED' : 'REJECTED');
		}
		const watch = new Watch(contract);
		expect(await watch.poll()).toEqual([]);
		expect(await watch.poll()).toEqual([]);
		expect(contract.reads).toEqual([]);
	});

	it('tells it when that is wished, and only once', async () => {
		contract.set(1, 'PRESERVED');
		contract.set(2, 'REJECTED');
		contract.set(3, 'ARCHIVING');
		const watch = new Watch(contract, { tellAlreadyFinal: true });
		expect(await watch.ids()).toEqual([`poll_${idOf(1)}_PRESERVED`, `poll_${idOf(2)}_REJECTED`]);
		expect(await watch.poll()).toEqual([]);
	});

	it('is worth storing even when there is nothing yet', async () => {
		const watch = new Watch(contract);
		await watch.poll();
		expect(watch.isWorthStoring).toBe(true);
		contract.set(1, 'PRESERVED');
		expect(await watch.poll()).toHaveLength(1);
	});
});

describe('a submission that comes to its end', () => {
	it('is told once, in the shape of the webhook', async () => {
		contract.set(1, 'ARCHIVING');
		const watch = new Watch(contract);
		await watch.poll();
		contract.set(1, 'PRESERVED');
		expect(await watch.poll()).toEqual([
			{
				type: 'submission.preserved',
				timestamp: '2026-01-05T09:00:00.000Z',
				data: {
					contractId: 'ef23',
					submissionId: idOf(1),
					objectId: 'object_1',
					status: 'PRESERVED',
				},
				webhookId: `poll_${idOf(1)}_PRESERVED`,
			},
		]);
		expect(await watch.poll()).toEqual([]);
	});

	it('is told although it was never seen before', async () => {
		const watch = new Watch(contract);
		await watch.poll();
		contract.set(1, 'PRESERVED');
		contract.set(2, 'REJECTED');
		expect(await watch.ids()).toEqual([`poll_${idOf(1)}_PRESERVED`, `poll_${idOf(2)}_REJECTED`]);
	});

	it('brings archive id and reasons where the API gives them, in the list or by itself', async () => {
		const reasons = [{ code: 'FILE_CHECKSUM_MISMATCH', message: 'differs', filePath: 'a.tif' }];
		const watch = new Watch(contract);
		await watch.poll();
		contract.set(1, 'PRESERVED', { archiveId: 'listed' });
		contract.set(2, 'PRESERVED');
		contract.details.set(idOf(2), { archiveId: 'read' });
		contract.set(3, 'REJECTED');
		contract.details.set(idOf(3), { reasons });
		contract.set(4, 'PRESERVED', { archiveId: { not: 'an id' } });
		const messages = await watch.poll();
		expect(messages.map(({ data }) => data.archiveId)).toEqual([
			'listed',
			'read',
			undefined,
			undefined,
		]);
		expect(messages[2].data.reasons).toEqual(reasons);
		expect(messages[3].data).not.toHaveProperty('archiveId');
		expect(contract.reads).toEqual([idOf(2), idOf(3)]);
	});

	it('is told again only for another final status', async () => {
		const watch = new Watch(contract);
		await watch.poll();
		contract.set(1, 'REJECTED');
		expect(await watch.ids()).toEqual([`poll_${idOf(1)}_REJECTED`]);
		contract.set(1, 'VALIDATING');
		expect(await watch.ids()).toEqual([]);
		contract.set(1, 'REJECTED');
		expect(await watch.ids()).toEqual([]);
		contract.set(1, 'PRESERVED');
		expect(await watch.ids()).toEqual([`poll_${idOf(1)}_PRESERVED`]);
	});

	it('is not told when its event is not wished, nor when it is wished later', async () => {
		const wish = { events: ['submission.rejected' as const] };
		const watch = new Watch(contract, wish);
		await watch.poll();
		contract.set(1, 'PRESERVED');
		expect(await watch.poll()).toEqual([]);
		wish.events.push('submission.preserved' as never);
		expect(await watch.poll()).toEqual([]);
	});
});

describe('a status that is not final', () => {
	it.each(['REGISTERED', 'ARCHIVING', 'SOMETHING_NEW', 'preserved', '', 'toString'])(
		'%p counts as not finished',
		async (status) => {
			const watch = new Watch(contract);
			await watch.poll();
			contract.set(1, status);
			expect(await watch.poll()).toEqual([]);
			contract.set(1, 'PRESERVED');
			expect(await watch.poll()).toHaveLength(1);
		},
	);

	it('is worth storing when it is first seen, and not again', async () => {
		const watch = new Watch(contract);
		await watch.poll();
		contract.set(1, 'REGISTERED');
		await watch.poll();
		expect(watch.isWorthStoring).toBe(true);
		contract.set(1, 'ARCHIVING');
		await watch.poll();
		expect(watch.isWorthStoring).toBe(false);
	});
});

describe('a submission that was unfinished and is not listed', () => {
	it('is told once as rejected, gone, when it is not found by itself either', async () => {
		contract.set(1, 'VALIDATING');
		const watch = new Watch(contract);
		await watch.poll();
		contract.remove(1);
		const [message, ...others] = await watch.poll();
		expect(others).toEqual([]);
		expect(message).toMatchObject({
			type: 'submission.rejected',
			data: {
				contractId: 'ef23',
				submissionId: idOf(1),
				objectId: 'object_1',
				status: 'GONE',
				reasons: [{ code: 'GONE', message: expect.stringMatching(/^gone, probably rejected/) }],
			},
			webhookId: `poll_${idOf(1)}_REJECTED`,
		});
		expect(message.data).not.toHaveProperty('archiveId');
		expect(await watch.poll()).toEqual([]);
	});

	it('may have been deleted, when it was never finalized: the reason says so', async () => {
		contract.set(1, 'REGISTERED');
		const watch = new Watch(contract);
		await watch.poll();
		contract.remove(1);
		const [message] = await watch.poll();
		expect(JSON.stringify(message.data.reasons)).toContain('deleted before it was finalized');
	});

	it('stays unfinished while it is found by itself', async () => {
		contract.set(1, 'VALIDATING');
		const watch = new Watch(contract);
		await watch.poll();
		contract.unlisted.add(idOf(1));
		expect(await watch.poll()).toEqual([]);
		contract.set(1, 'PRESERVED');
		expect(await watch.ids()).toEqual([`poll_${idOf(1)}_PRESERVED`]);
		contract.unlisted.clear();
		expect(await watch.poll()).toEqual([]);
	});

	it('is told as preserved when it was gone and is there again', async () => {
		contract.set(1, 'VALIDATING');
		const watch = new Watch(contract);
		await watch.poll();
		contract.remove(1);
		expect(await watch.ids()).toEqual([`poll_${idOf(1)}_REJECTED`]);
		contract.set(1, 'VALIDATING');
		expect(await watch.ids()).toEqual([]);
		contract.remove(1);
		expect(await watch.ids()).toEqual([]);
		contract.set(1, 'PRESERVED');
		expect(await watch.ids()).toEqual([`poll_${idOf(1)}_PRESERVED`]);
	});

	it('is not taken for gone when the list breaks off, or it cannot be read', async () => {
		for (let number = 0; number < 7; number++) contract.set(number, 'VALIDATING');
		const watch = new Watch(contract);
		await watch.poll();
		const before = watch.state;
		contract.remove(6);
		for (const failing of ['page 0', 'page 1', 'page 2', `read ${idOf(6)}`]) {
			contract.beforeCall = (call) => {
				if (call === failing) throw new Error('no answer');
			};
			await expect(watch.poll()).rejects.toThrow('no answer');
			expect(watch.state).toBe(before);
		}
		contract.beforeCall = () => undefined;
		expect(await watch.ids()).toEqual([`poll_${idOf(6)}_REJECTED`]);
	});

	it('is no message of its own when a whole list is empty by mistake', async () => {
		for (let number = 0; number < 5; number++) {
			contract.set(number, 'VALIDATING');
			contract.unlisted.add(idOf(number));
		}
		contract.unlisted.clear();
		const watch = new Watch(contract);
		await watch.poll();
		for (let number = 0; number < 5; number++) contract.unlisted.add(idOf(number));
		expect(await watch.poll()).toEqual([]);
		expect(watch.state?.unfinished).toHaveLength(5);
	});
});

describe('very many changes at once', () => {
	const COUNT = MAX_LOOKS * 2 + 50;

	async function idsOfAllPolls(watch: Watch, polls: number): Promise<string[]> {
		const ids: string[] = [];
		for (let poll = 0; poll < polls; poll++) {
			const found = await watch.ids();
			expect(found.length).toBeLessThanOrEqual(MAX_LOOKS);
			ids.push(...found);
		}
		return ids;
	}

	it('are told over several polls, each once', async () => {
		const watch = new Watch(contract);
		await watch.poll();
		for (let number = 0; number < COUNT; number++) contract.set(number, 'PRESERVED');
		const ids = await idsOfAllPolls(watch, 4);
		expect(ids).toHaveLength(COUNT);
		expect(new Set(ids).size).toBe(COUNT);
	});

	it('are not missed when those that wait are removed meanwhile', async () => {
		const watch = new Watch(contract);
		await watch.poll();
		for (let number = 0; number < COUNT; number++) contract.set(number, 'REJECTED');
		const ids = await watch.ids();
		for (let number = 0; number < COUNT; number++) contract.remove(number);
		ids.push(...(await idsOfAllPolls(watch, 3)));
		expect(new Set(ids).size).toBe(COUNT);
		expect(ids).toHaveLength(COUNT);
	});

	it('do not keep a vanished one waiting for ever behind those that are only unlisted', async () => {
		for (let number = 0; number < COUNT; number++) contract.set(number, 'VALIDATING');
		const watch = new Watch(contract);
		await watch.poll();
		for (let number = 0; number < COUNT; number++) contract.unlisted.add(idOf(number));
		contract.remove(COUNT - 1);
		expect(await idsOfAllPolls(watch, 3)).toEqual([`poll_${idOf(COUNT - 1)}_REJECTED`]);
	});

	it('are told one a poll when the service takes all the time there is', async () => {
		const watch = new Watch(contract);
		await watch.poll();
		contract.set(1, 'PRESERVED');
		contract.set(2, 'PRESERVED');
		const overdue = { now: () => SEEN_AT, until: SEEN_AT };
		expect(await watch.poll(overdue)).toHaveLength(1);
		expect(await watch.poll(overdue)).toHaveLength(1);
		expect(await watch.poll(overdue)).toHaveLength(0);
	});
});

describe('what cannot be a list of submissions', () => {
	it.each([undefined, 7, '', '../../x', 'a/b', '8Z7x1T9rN0Xc2B5Yq4L3z?'])(
		'is an error: the submission id %p',
		async (submissionId) => {
			contract.submissions.set('x', { submissionId, objectId: 'o', status: 'PRESERVED' } as never);
			await expect(new Watch(contract).poll()).rejects.toThrow(/proper submissionId/);
		},
	);

	it('keeps a strange object id and status from doing harm', async () => {
		contract.submissions.set('x', {
			submissionId: '__proto__',
			objectId: 7,
			status: { PRESERVED: true },
		} as never);
		const watch = new Watch(contract);
		await watch.poll();
		expect(watch.state?.unfinished).toEqual([['__proto__', '', '']]);
		contract.submissions.clear();
		expect(await watch.ids()).toEqual(['poll___proto___REJECTED']);
	});
});

describe('an example', () => {
	it('is the last at its end, in the same shape, and nothing without one', async () => {
		contract.set(1, 'VALIDATING');
		const example = async (pages = 9) => await exampleOf(contract, WISH.events, SEEN_AT, pages);
		expect(await example()).toBeUndefined();
		for (let number = 2; number < 8; number++) contract.set(number, 'PRESERVED');
		contract.details.set(idOf(7), { archiveId: 'a' });
		expect(await example()).toMatchObject({
			webhookId: `poll_${idOf(7)}_PRESERVED`,
			data: { archiveId: 'a' },
		});
		expect(await example(1)).toMatchObject({ webhookId: `poll_${idOf(3)}_PRESERVED` });
		const rejected = await exampleOf(contract, ['submission.rejected'], SEEN_AT, 9);
		expect(rejected).toBeUndefined();
	});
});
