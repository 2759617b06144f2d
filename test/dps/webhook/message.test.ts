import {
	type WebhookMessage,
	checkFilter,
	contractIdsIn,
	parseMessage,
	passes,
} from '../../../dps/webhook/message';
import {
	MAX_REMEMBERED,
	type Remembered,
	WINDOW_MS,
	isRemembered,
	remember,
} from '../../../dps/webhook/repetition';

const preserved: WebhookMessage = {
	type: 'submission.preserved',
	timestamp: '2026-11-20T10:00:00+01:00',
	data: { contractId: 'EF23', submissionId: '8Z7x1T9rN0Xc2B5Yq4L3zP', archiveId: 'a' },
};

describe('a message', () => {
	it('is read with the fields that may come', () => {
		const body = { ...preserved, version: 2, data: { ...preserved.data, extra: ['å'] } };
		expect(parseMessage(Buffer.from(JSON.stringify(body)))).toEqual(body);
	});

	it.each([
		'',
		'x',
		'null',
		'[]',
		'"text"',
		'{}',
		'{"type":1,"data":{}}',
		'{"type":"a","data":[]}',
		'{"type":"a"}',
	])('is not %j', (body) => {
		expect(parseMessage(Buffer.from(body))).toBeUndefined();
	});

	it('is not bytes that are no UTF-8', () => {
		const bytes = Buffer.concat([
			Buffer.from('{"type":"'),
			Buffer.from([0xff]),
			Buffer.from('","data":{}}'),
		]);
		expect(parseMessage(bytes)).toBeUndefined();
	});
});

describe('the filter', () => {
	it.each([
		[['submission.preserved'], [], true],
		[['submission.rejected'], [], false],
		[['*'], [], true],
		[['submission.preserved'], ['ef23'], true],
		[['*'], ['1234', 'eF23'], true],
		[['*'], ['1234'], false],
	])('events %j, contracts %j: %j', (events, contractIds, expected) => {
		expect(passes(preserved, { events, contractIds })).toBe(expected);
	});

	it('lets unknown events pass under * only', () => {
		const unknown = { ...preserved, type: 'submission.queued' };
		expect(passes(unknown, { events: ['*'], contractIds: [] })).toBe(true);
		expect(passes(unknown, { events: ['submission.preserved'], contractIds: [] })).toBe(false);
	});

	it('holds back a message without a contract when contracts are chosen', () => {
		const anonymous = { ...preserved, data: {} };
		expect(passes(anonymous, { events: ['*'], contractIds: ['ef23'] })).toBe(false);
	});

	it('names what is wrong with it', () => {
		expect(checkFilter({ events: ['*'], contractIds: ['ef23'] })).toEqual([]);
		const findings = checkFilter({ events: ['submission.lost'], contractIds: ['xyz'] });
		expect(findings.map(({ field }) => field)).toEqual(['Events', 'Contracts']);
		expect(findings[0].message).toContain('submission.lost');
		expect(checkFilter({ events: [], contractIds: [] })).toHaveLength(1);
	});

	it('takes contracts separated by commas or spaces', () => {
		expect(contractIdsIn(' ef23,1234  2d17;, ')).toEqual(['ef23', '1234', '2d17']);
	});
});

describe('remembering messages', () => {
	const now = Date.UTC(2026, 10, 23);

	it('knows a message for as long as the DPS repeats it, and not for ever', () => {
		const remembered = remember({}, 'msg_1', now);
		expect(isRemembered(remembered, 'msg_1', now)).toBe(true);
		expect(isRemembered(remembered, 'msg_1', now + WINDOW_MS)).toBe(true);
		expect(isRemembered(remembered, 'msg_1', now + WINDOW_MS + 120_000)).toBe(false);
		expect(isRemembered(remembered, 'msg_2', now)).toBe(false);
	});

	it('does not take names of JavaScript for messages', () => {
		expect(isRemembered({}, '__proto__', now)).toBe(false);
		expect(isRemembered(remember({}, '__proto__', now), '__proto__', now)).toBe(true);
	});

	it('forgets what is past the window', () => {
		const later = remember(remember({}, 'old', now), 'new', now + WINDOW_MS + 120_000);
		expect(Object.keys(later)).toHaveLength(1);
	});

	it('stays bounded, and keeps the newest', () => {
		const full: Remembered = Object.fromEntries(
			Array.from({ length: MAX_REMEMBERED }, (_, index) => [
				`digest${index}`,
				Math.floor(now / 60_000) - 100,
			]),
		);
		const more = remember(remember(full, 'a', now), 'b', now);
		expect(Object.keys(more)).toHaveLength(MAX_REMEMBERED);
		expect(isRemembered(more, 'a', now) && isRemembered(more, 'b', now)).toBe(true);
	});

	it('keeps nothing of what the sender wrote', () => {
		expect(JSON.stringify(remember({}, 'msg_secret', now))).not.toContain('secret');
	});
});
