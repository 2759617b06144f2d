import { createHmac } from 'node:crypto';

import { Webhook } from 'standardwebhooks';

import { checkSecret } from '../../../dps/webhook/secret';
import type { Headers } from '../../../dps/webhook/signature';
import { verifyBearerToken, verifySignature } from '../../../dps/webhook/signature';
import { random } from '../random';

/** The vector that the specification and its libraries publish. */
const VECTOR = {
	secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
	id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
	timestamp: 1614265330,
	body: '{"test": 2432232314}',
	signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const NOW = VECTOR.timestamp * 1000;

function verify(
	headers: Headers,
	body: string | Uint8Array = VECTOR.body,
	secrets = [VECTOR.secret],
	now = NOW,
) {
	const rawBody = typeof body === 'string' ? Buffer.from(body) : body;
	return verifySignature({ headers, rawBody, now, toleranceSeconds: 300 }, secrets);
}

function headers(fields: Headers = {}): Headers {
	return {
		'webhook-id': VECTOR.id,
		'webhook-timestamp': String(VECTOR.timestamp),
		'webhook-signature': VECTOR.signature,
		...fields,
	};
}

const accepted = { accepted: true, webhookId: VECTOR.id };

describe('a signature by Standard Webhooks', () => {
	it('accepts the published vector', () => {
		expect(verify(headers())).toEqual(accepted);
	});

	it('accepts it whatever the case of the header names', () => {
		expect(
			verify({
				'Webhook-Id': VECTOR.id,
				'WEBHOOK-TIMESTAMP': String(VECTOR.timestamp),
				'webhook-Signature': VECTOR.signature,
			}),
		).toEqual(accepted);
	});

	it('accepts one right signature among several, and skips unknown versions', () => {
		const several = `v1a,abc v1,bm90IHRoaXMgb25l v2,xyz ${VECTOR.signature}`;
		expect(verify(headers({ 'webhook-signature': several }))).toEqual(accepted);
		const repeated = ['v1,bm90IHRoaXMgb25l', VECTOR.signature];
		expect(verify(headers({ 'webhook-signature': repeated }))).toEqual(accepted);
	});

	it('accepts either secret during a rotation', () => {
		expect(verify(headers(), VECTOR.body, ['whsec_bmV3IHNlY3JldA==', VECTOR.secret])).toEqual(
			accepted,
		);
	});

	it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('wants %s', (name) => {
		const refused = { accepted: false, refusal: 'missing-header' };
		expect(verify(headers({ [name]: undefined }))).toEqual(refused);
		expect(verify(headers({ [name]: '' }))).toEqual(refused);
	});

	it.each(['', 'x', '-1', '1e9', '0x1', '1614265330.5', '1614265330abc', '9'.repeat(30)])(
		'refuses the timestamp %j',
		(timestamp) => {
			expect(verify(headers({ 'webhook-timestamp': timestamp })).accepted).toBe(false);
		},
	);

	it.each([
		['another body', () => verify(headers(), '{"test": 2432232315}')],
		['the same JSON written again', () => verify(headers(), '{"test":2432232314}')],
		['another id', () => verify(headers({ 'webhook-id': 'msg_other' }))],
		['another time', () => verify(headers({ 'webhook-timestamp': '1614265331' }))],
		['another secret', () => verify(headers(), VECTOR.body, ['whsec_b3RoZXIgc2VjcmV0IGtleQ=='])],
		['no secret', () => verify(headers(), VECTOR.body, [])],
		['an empty secret', () => verify(headers(), VECTOR.body, ['', 'whsec_'])],
		[
			'a version that is not v1',
			() => verify(headers({ 'webhook-signature': VECTOR.signature.replace('v1', 'v1a') })),
		],
		[
			'a shortened signature',
			() => verify(headers({ 'webhook-signature': VECTOR.signature.slice(0, -2) })),
		],
	])('refuses %s', (_name, check) => {
		expect(check()).toEqual({ accepted: false, refusal: 'wrong-signature' });
	});

	it('tells a right signature with a wrong age from a wrong one', () => {
		for (const seconds of [-301, 301, 86_400]) {
			const now = NOW + seconds * 1000;
			expect(verify(headers(), VECTOR.body, [VECTOR.secret], now)).toEqual({
				accepted: false,
				refusal: 'wrong-age',
				ageSeconds: seconds,
			});
		}
		for (const seconds of [-300, 0, 300]) {
			const now = NOW + seconds * 1000;
			expect(verify(headers(), VECTOR.body, [VECTOR.secret], now)).toEqual(accepted);
		}
	});

	it('takes a plain secret as text, and as base64', () => {
		const body = Buffer.from([0, 255, 10, 13, 128]);
		for (const [secret, key] of [
			['a shared key æøå', Buffer.from('a shared key æøå')],
			['c2hhcmVkIGtleQ==', Buffer.from('shared key')],
		] as const) {
			const signature = createHmac('sha256', key)
				.update(`${VECTOR.id}.${VECTOR.timestamp}.`)
				.update(body)
				.digest('base64');
			expect(verify(headers({ 'webhook-signature': `v1,${signature}` }), body, [secret])).toEqual(
				accepted,
			);
		}
	});
});

describe('agreement with the official library', () => {
	const CASES = 10_000;

	it(`is complete on ${CASES} generated messages, genuine and broken`, () => {
		const seed = 20261123;
		const { int, pick, bytes } = random(seed);
		const now = Math.floor(Date.now() / 1000);
		let genuine = 0;
		for (let index = 0; index < CASES; index++) {
			const key = bytes(int(16, 48));
			const secret = pick([`whsec_${key.toString('base64')}`, key.toString('base64')]);
			const webhook = new Webhook(secret);
			const id = pick([`msg_${int(0, 1e9)}`, `æ ${index}`, `a.b.${index}`, `${index}`]);
			const sent = now + int(-250, 250);
			const body = pick([
				() => JSON.stringify({ type: 'submission.preserved', n: index, s: 'Ålesund 文書' }),
				() => '',
				() => 'not JSON \u0000 \u2028 😀',
			])();
			const right = webhook.sign(id, new Date(sent * 1000), body);
			const other = new Webhook(`whsec_${bytes(24).toString('base64')}`);
			const wrong = other.sign(id, new Date(sent * 1000), body);
			const signature = pick([
				right,
				`${wrong} ${right}`,
				`v1a,${right.slice(3)} v2,x ${right}`,
				`${right} ${wrong}`,
				wrong,
				right.replace('v1,', 'v2,'),
				right.slice(3),
				`${right.slice(0, -3)}AA=`,
				`v1,,${right.slice(3)}`,
				'v1,',
				right.toLowerCase(),
			]);
			const name = (text: string) => pick([text, text.toUpperCase()]);
			const given: Record<string, string> = {
				[name('webhook-id')]: pick([id, id, id, id, `${id}x`]),
				[name('webhook-timestamp')]: String(pick([sent, sent, sent, sent, sent + 1, now - 4000])),
				[name('webhook-signature')]: signature,
			};
			const received = pick([body, body, body, body, `${body} `]);

			let official = true;
			try {
				webhook.verify(received, given);
			} catch (error) {
				// the library parses the body after the check; a body that is no JSON is verified still
				official = error instanceof SyntaxError;
			}
			const ours = verifySignature(
				{
					headers: given,
					rawBody: Buffer.from(received),
					now: Date.now(),
					toleranceSeconds: 300,
				},
				[secret],
			);
			if (ours.accepted !== official) {
				throw new Error(
					`Case ${index} of seed ${seed}: ${JSON.stringify({ given, official, ours })}`,
				);
			}
			if (official) genuine += 1;
		}
		expect(genuine).toBeGreaterThan(CASES / 10);
		expect(genuine).toBeLessThan(CASES * 0.9);
	});
});

describe('the scheme of older deployments', () => {
	const message = (fields: Headers) => ({
		headers: {
			'webhook-id': VECTOR.id,
			'webhook-timestamp': String(NOW),
			authorization: 'Bearer the-token',
			...fields,
		},
		rawBody: Buffer.from(VECTOR.body),
		now: NOW,
		toleranceSeconds: 300,
	});

	it('takes a bearer token and a time in milliseconds', () => {
		expect(verifyBearerToken(message({}), 'the-token')).toEqual(accepted);
	});

	it.each([
		['another token', { authorization: 'Bearer the-tokem' }, 'wrong-token'],
		['no token', { authorization: undefined }, 'wrong-token'],
		['no id', { 'webhook-id': undefined }, 'missing-header'],
		['an old time', { 'webhook-timestamp': String(NOW - 301_000) }, 'wrong-age'],
		['no time', { 'webhook-timestamp': undefined }, 'malformed-timestamp'],
	])('refuses %s', (_name, fields, refusal) => {
		expect(verifyBearerToken(message(fields), 'the-token')).toMatchObject({ refusal });
	});

	it('refuses everything while there is no token', () => {
		expect(verifyBearerToken(message({ authorization: 'Bearer ' }), '')).toMatchObject({
			refusal: 'wrong-token',
		});
	});
});

describe('the form of a secret', () => {
	it.each(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'a plain text of some length'])(
		'is right: %s',
		(secret) => {
			expect(checkSecret(secret, 'Signing Secret')).toEqual([]);
		},
	);

	it.each(['', '   ', 'whsec_', 'whsec_not base64!', 'short'])('is wrong: %j', (secret) => {
		const findings = checkSecret(secret, 'Signing Secret');
		expect(findings).toHaveLength(1);
		if (secret.trim()) expect(JSON.stringify(findings)).not.toContain(`"${secret}"`);
	});
});
