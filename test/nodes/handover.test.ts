import { EventEmitter } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

import { isRemembered } from '../../dps/webhook/repetition';
import type { TriggerMemory } from '../../nodes/DigitalPreservation/n8n/handover';
import {
	beginHandover,
	handedOverBy,
	handoverUnderWay,
} from '../../nodes/DigitalPreservation/n8n/handover';

/** n8n's answer to a sender, as far as the hand-over looks at it. */
class Answer extends EventEmitter {
	statusCode = 200;
	writableEnded = false;

	/** What n8n does at the end, whether or not the sender is still there. */
	end(statusCode: number): void {
		this.statusCode = statusCode;
		this.writableEnded = true;
		this.emit('finish');
	}

	/** The sender gives up. */
	close(): void {
		this.emit('close');
	}
}

let trigger: string;
let triggers = 0;

beforeEach(() => {
	trigger = `workflow node ${++triggers}`;
});

const isHandedOver = (webhookId: string) =>
	isRemembered(handedOverBy(trigger), webhookId, Date.now());

describe('a message that is being handed over', () => {
	it('counts as handed over when n8n has answered with success', async () => {
		const answer = new Answer();
		beginHandover(trigger, 'msg_1', answer, {});
		expect(isHandedOver('msg_1')).toBe(false);
		const underWay = handoverUnderWay(trigger, 'msg_1');
		answer.end(200);
		expect(await underWay).toBe(true);
		expect(isHandedOver('msg_1')).toBe(true);
		expect(handoverUnderWay(trigger, 'msg_1')).toBeUndefined();
	});

	it('is taken again when n8n has answered with an error', async () => {
		const answer = new Answer();
		beginHandover(trigger, 'msg_1', answer, {});
		const underWay = handoverUnderWay(trigger, 'msg_1');
		answer.end(500);
		expect(await underWay).toBe(false);
		expect(isHandedOver('msg_1')).toBe(false);
		expect(handoverUnderWay(trigger, 'msg_1')).toBeUndefined();
	});

	it('stays under way when the sender gives up, until n8n has answered all the same', async () => {
		const answer = new Answer();
		beginHandover(trigger, 'msg_1', answer, {});
		const underWay = handoverUnderWay(trigger, 'msg_1');
		answer.close();
		await turn();
		expect(handoverUnderWay(trigger, 'msg_1')).toBe(underWay);
		answer.end(200);
		expect(await underWay).toBe(true);
		expect(isHandedOver('msg_1')).toBe(true);
	});

	it('is noted in what the others under way will write, and not in what was written', async () => {
		const [first, second, third] = [new Answer(), new Answer(), new Answer()];
		const memories: TriggerMemory[] = [{}, {}, {}];
		beginHandover(trigger, 'msg_1', first, memories[0]);
		first.end(200);
		await turn();
		beginHandover(trigger, 'msg_2', second, memories[1]);
		beginHandover(trigger, 'msg_3', third, memories[2]);
		second.end(200);
		await turn();
		const noted = (memory: TriggerMemory) =>
			isRemembered(memory.handled ?? {}, 'msg_2', Date.now());
		expect(memories.map(noted)).toEqual([false, false, true]);
		third.end(200);
		await turn();
	});

	it('is marked as changed after n8n has taken the mark away, and not once it is answered', async () => {
		const answer = new Answer();
		let marks = 0;
		const memory: TriggerMemory = new Proxy(
			{ handled: {} },
			{ set: (target, name, value) => Reflect.set(target, name, value) && ++marks > 0 },
		);
		beginHandover(trigger, 'msg_1', answer, memory);
		while (marks < 2) await sleep(1);
		answer.end(200);
		await turn();
		const before = marks;
		await sleep(50);
		expect(marks).toBe(before);
	});

	it('is noted in nothing when it failed', async () => {
		const [failing, other] = [new Answer(), new Answer()];
		const memory: TriggerMemory = {};
		beginHandover(trigger, 'msg_1', failing, {});
		beginHandover(trigger, 'msg_2', other, memory);
		failing.end(500);
		await turn();
		expect(memory.handled).toBeUndefined();
		other.end(200);
		await turn();
	});
});
