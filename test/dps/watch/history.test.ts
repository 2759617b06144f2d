import type { ContractState } from '../../../dps/watch/contract';
import { pollContract } from '../../../dps/watch/contract';
import { random } from '../random';

import { FakeContract, idOf } from './fake-contract';

const HISTORIES = 300;
const STEPS = 60;
const EVENTS = ['submission.preserved', 'submission.rejected'] as const;
const COURSE = ['REGISTERED', 'UPLOAD_COMPLETED', 'SOMETHING_NEW', 'ARCHIVING'];

/**
 * One history of a contract and of an n8n that watches it: submissions come, advance, end, vanish
 * and reappear nowhere; polls fail at any call; n8n stops, and starts with what it had stored.
 */
async function live(seed: number) {
	const chance = random(seed);
	const contract = new FakeContract(chance.int(1, 5));
	const happens = (probability: number) => chance.next() < probability;
	let count = 0;
	let stored: ContractState | undefined;
	let inMemory: ContractState | undefined;
	const told: string[] = [];
	/** Seen unfinished by a poll that succeeded: only such a one can be told as gone. */
	const knownUnfinished = new Set<number>();
	const expected = new Set<string>();

	const shift = () => {
		const number = chance.int(0, Math.max(0, count - 1));
		const status = contract.submissions.get(idOf(number))?.status;
		if (happens(0.4) || status === undefined) {
			contract.set(count++, happens(0.2) ? 'PRESERVED' : 'REGISTERED');
		} else if (COURSE.includes(status)) {
			const end = chance.next();
			if (end < 0.2) contract.set(number, 'PRESERVED');
			else if (end < 0.3) contract.set(number, 'REJECTED');
			else if (end < 0.45) contract.remove(number);
			else contract.set(number, chance.pick(COURSE));
		}
	};

	const poll = async (failureRate: number) => {
		contract.beforeCall = () => {
			if (happens(failureRate)) throw new Error('no answer');
		};
		try {
			const wish = { events: EVENTS, tellAlreadyFinal: false };
			const time = { now: () => 0, until: Infinity };
			const { messages, next, isWorthStoring } = await pollContract(inMemory, contract, wish, time);
			const text = JSON.stringify(next);
			inMemory = JSON.parse(text) as ContractState;
			if (messages.length > 0 || isWorthStoring) stored = JSON.parse(text) as ContractState;
			told.push(...messages.map(({ webhookId }) => webhookId));
		} catch (error) {
			if ((error as Error).message !== 'no answer') throw error;
			return false;
		}
		for (const [submissionId] of inMemory.unfinished)
			knownUnfinished.add(Number(submissionId.slice(1)));
		return true;
	};

	for (let before = chance.int(0, 12); before > 0; before--) {
		contract.set(count++, chance.pick(['PRESERVED', 'REJECTED', 'VALIDATING']));
	}
	const passedOver = new Set(
		[...contract.submissions.values()]
			.filter(({ status }) => !['VALIDATING'].includes(status))
			.map(({ submissionId }) => submissionId),
	);
	while (!(await poll(0.2)));

	for (let step = 0; step < STEPS; step++) {
		for (let changes = chance.int(0, 3); changes > 0; changes--) shift();
		if (happens(0.5)) await poll(0.15);
		if (happens(0.1)) inMemory = stored && (JSON.parse(JSON.stringify(stored)) as ContractState);
	}
	for (const [submissionId, { status }] of contract.submissions) {
		const isFinal = status === 'PRESERVED' || status === 'REJECTED';
		if (isFinal && !passedOver.has(submissionId)) expected.add(`poll_${submissionId}_${status}`);
	}
	for (const number of knownUnfinished) {
		if (!contract.submissions.has(idOf(number))) expected.add(`poll_${idOf(number)}_REJECTED`);
	}
	while (!(await poll(0.1)));
	await poll(0);
	return { told, expected };
}

describe('seeded random histories', () => {
	it('end with every final change told exactly once, whatever polls fail and however often n8n stops', async () => {
		let total = 0;
		for (let seed = 1; seed <= HISTORIES; seed++) {
			const { told, expected } = await live(seed);
			expect({ seed, told: [...told].sort() }).toEqual({ seed, told: [...expected].sort() });
			total += told.length;
		}
		expect(total).toBeGreaterThan(HISTORIES * 5);
	});
});
