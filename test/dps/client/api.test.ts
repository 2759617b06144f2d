import { type ApiCall, callForObject, callOnce } from '../../../dps/client/api';
import { createDissemination } from '../../../dps/client/disseminations';
import { DpsError } from '../../../dps/client/error';
import { addEvent } from '../../../dps/client/events';
import { registerFile } from '../../../dps/client/files';
import { delayBeforeRetry } from '../../../dps/client/retry';
import {
	createSubmission,
	deleteSubmission,
	finalizeSubmission,
	findSubmission,
	listSubmissions,
} from '../../../dps/client/submissions';
import { CancelledError } from '../../../dps/ports';
import { ScriptedServer, answer, breakOff } from '../scripted-server';

const ID = '8Z7x1T9rN0Xc2B5Yq4L3zP';
const submission = (fields: object = {}) => ({
	contractId: 'ef23',
	submissionId: ID,
	objectId: 'object_1',
	status: 'REGISTERED',
	...fields,
});
const envelope = (code: string, message: string, details?: unknown) => ({
	error: { code, message, details },
});
const page = (content: object[], number: number, totalPages: number) => ({
	content,
	page: { size: 100, number, totalElements: totalPages * 100, totalPages },
});

let server: ScriptedServer;

beforeAll(async () => {
	server = await ScriptedServer.start();
});

afterAll(async () => await server.stop());

async function failureOf(work: Promise<unknown>): Promise<DpsError> {
	const error: unknown = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(DpsError);
	return error as DpsError;
}

const read = () =>
	callForObject(server.api(), { method: 'GET', path: ['v1', 'thing'], repeat: 'freely' });

describe('the error of a failed call', () => {
	it("holds the DPS's own code, message and details", async () => {
		server.play(answer(403, envelope('ACCESS_DENIED', 'Role ef23_W is missing', 'ask NB')));
		const error = await failureOf(read());
		expect(error).toMatchObject({
			status: 403,
			code: 'ACCESS_DENIED',
			message: 'Role ef23_W is missing',
			details: 'ask NB',
			retryable: false,
			request: 'GET /v1/thing',
		});
	});

	it('takes details that are an object', async () => {
		server.play(answer(400, envelope('INVALID', 'Wrong', { field: 'objectId' })));
		expect((await failureOf(read())).details).toBe('{"field":"objectId"}');
	});

	it('names the status when a proxy answers with a page of HTML', async () => {
		server.play(
			...Array.from({ length: 4 }, () => answer(502, '<html><h1>Bad Gateway</h1></html>')),
		);
		const error = await failureOf(read());
		expect(error).toMatchObject({ status: 502, code: 'HTTP_502', retryable: true });
		expect(error.message).toContain('502 Bad Gateway');
		expect(error.message).not.toContain('<');
	});

	it('says so when a success is not what the API documents', async () => {
		server.play(answer(200, '<html>Welcome</html>'));
		expect(await failureOf(read())).toMatchObject({ code: 'UNREADABLE_ANSWER', retryable: false });
	});

	it('shows neither tokens nor signed addresses that an answer repeats', async () => {
		const token = 'eyJhbGciOiJSUzI1NiJ9.eyJyb2xlcyI6W119.c2lnbmF0dXJl';
		const url = 'https://s3.nb.no/bucket/key?X-Amz-Signature=abcdef0123456789';
		server.play(answer(400, envelope('X', `Bearer ${token} ${url}`, { url, token })));
		const error = await failureOf(read());
		const shown = JSON.stringify({ ...error, text: String(error), stack: error.stack });
		expect(shown).not.toContain('c2lnbmF0dXJl');
		expect(shown).not.toContain('abcdef0123456789');
	});

	it('tells a service that cannot be reached from one that did not answer', async () => {
		const gone = await ScriptedServer.start();
		await gone.stop();
		const call: ApiCall = { method: 'GET', path: ['v1'], repeat: 'freely' };
		expect(await failureOf(callForObject(gone.api(), call))).toMatchObject({
			code: 'NOT_REACHED',
			details: 'ECONNREFUSED',
			mayHaveActed: false,
		});
		server.play(breakOff, breakOff, breakOff, breakOff);
		expect(await failureOf(read())).toMatchObject({ code: 'NO_ANSWER', mayHaveActed: true });
	});

	it('sends the token to the origin of the API only', async () => {
		const elsewhere = server.api({ baseUrl: 'http://127.0.0.1:9/dps-submission' });
		const call: ApiCall = { method: 'GET', path: ['v1'], repeat: 'freely' };
		server.play();
		expect(await failureOf(callForObject(elsewhere, call))).toMatchObject({
			details: 'ERR_INVALID_ORIGIN',
		});
		expect(server.received).toHaveLength(0);
	});
});

describe('repeating', () => {
	it.each([429, 500, 502, 503, 504])('repeats reading after %d', async (status) => {
		server.play(answer(status, 'later'), answer(200, { ok: true }));
		await expect(read()).resolves.toEqual({ ok: true });
	});

	it.each([400, 401, 403, 404, 409, 422])('does not repeat after %d', async (status) => {
		server.play(answer(status, envelope('NO', 'no')), answer(401, envelope('NO', 'no')));
		await failureOf(read());
		// a 401 is repeated once with a renewed token
		expect(server.received).toHaveLength(status === 401 ? 2 : 1);
	});

	it('repeats reading after a broken connection, with growing pauses', async () => {
		const api = server.api();
		server.play(breakOff, breakOff, breakOff, answer(200, { ok: true }));
		await callForObject(api, { method: 'GET', path: ['v1'], repeat: 'freely' });
		expect(api.pauses).toEqual([75, 150, 300]);
	});

	it('waits as long as Retry-After asks, in seconds or as a date', async () => {
		const api = server.api();
		const date = new Date(Date.now() + 20_000).toUTCString();
		server.play(
			answer(429, 'slow down', { 'retry-after': '7' }),
			answer(503, 'later', { 'retry-after': date }),
			answer(200, {}),
		);
		await callForObject(api, { method: 'GET', path: ['v1'], repeat: 'freely' });
		expect(api.pauses[0]).toBe(7000);
		expect(api.pauses[1]).toBeGreaterThan(15_000);
		expect(api.pauses[1]).toBeLessThanOrEqual(20_000);
	});

	it('gives up when Retry-After asks for longer than anyone would wait', async () => {
		server.play(answer(503, 'tomorrow', { 'retry-after': '86400' }));
		await failureOf(read());
		expect(server.received).toHaveLength(1);
	});

	it('keeps between half and the whole of the doubled delay, and under the ceiling', () => {
		const policy = { attempts: 20, baseDelayMs: 100, maxDelayMs: 5000, maxRetryAfterMs: 0 };
		for (let attempt = 1; attempt < 20; attempt++) {
			const whole = Math.min(5000, 100 * 2 ** (attempt - 1));
			expect(delayBeforeRetry(policy, attempt, { retryable: true }, 0)).toBe(whole / 2);
			expect(delayBeforeRetry(policy, attempt, { retryable: true }, 0.999)).toBeLessThan(whole);
		}
		expect(delayBeforeRetry(policy, 20, { retryable: true }, 0)).toBeUndefined();
	});

	it('stops at once when it is cancelled', async () => {
		const stop = new AbortController();
		stop.abort();
		server.play(answer(503, 'later'), answer(200, {}));
		await expect(
			callForObject(server.api({ signal: stop.signal }), {
				method: 'GET',
				path: ['v1'],
				repeat: 'freely',
			}),
		).rejects.toBeInstanceOf(CancelledError);
	});
});

describe('creating a submission', () => {
	const create = () =>
		createSubmission(server.api(), 'ef23', { objectId: 'object_1', metadata: {} });

	it('sends it once when the answer arrives', async () => {
		server.play(answer(201, submission()));
		await expect(create()).resolves.toMatchObject({ recovered: false });
		expect(server.received).toHaveLength(1);
		expect(JSON.parse(server.received[0].body)).toEqual({ objectId: 'object_1', metadata: {} });
	});

	it.each([
		['a broken connection', breakOff],
		['a 504 of a proxy', answer(504, 'timeout')],
		['a 503', answer(503, 'busy')],
	])('looks whether it took after %s, and does not create it again', async (_name, lost) => {
		server.play(
			lost,
			answer(200, page([submission()], 0, 1)),
			answer(200, submission({ files: [] })),
		);
		const { value, recovered } = await create();
		expect(value.submissionId).toBe(ID);
		expect(recovered).toBe(true);
		expect(server.received.filter(({ method }) => method === 'POST')).toHaveLength(1);
	});

	it('creates it again when the look finds nothing', async () => {
		server.play(breakOff, answer(200, page([], 0, 0)), answer(201, submission()));
		await expect(create()).resolves.toMatchObject({ recovered: false });
	});

	it('looks again when the repeat meets a conflict: the first call took effect late', async () => {
		server.play(
			breakOff,
			answer(200, page([], 0, 0)),
			answer(409, envelope('DUPLICATE', 'exists')),
			answer(200, page([submission()], 0, 1)),
			answer(200, submission({ files: [] })),
		);
		await expect(create()).resolves.toMatchObject({ recovered: true });
	});

	it('is a conflict at once when the objectId was taken before', async () => {
		server.play(answer(409, envelope('DUPLICATE', 'exists')));
		expect(await failureOf(create())).toMatchObject({ status: 409, code: 'DUPLICATE' });
		expect(server.received).toHaveLength(1);
	});

	it('does not take a submission with files for its own', async () => {
		server.play(
			breakOff,
			answer(200, page([submission()], 0, 1)),
			answer(200, submission({ files: [{ filePath: 'a' }] })),
			answer(409, envelope('DUPLICATE', 'exists')),
			answer(200, page([submission()], 0, 1)),
			answer(200, submission({ files: [{ filePath: 'a' }] })),
		);
		expect(await failureOf(create())).toMatchObject({ status: 409 });
	});

	it('is simply repeated after a 429, which is a refusal', async () => {
		server.play(answer(429, 'slow down'), answer(201, submission()));
		await create();
		expect(server.received.map(({ method }) => method)).toEqual(['POST', 'POST']);
	});
});

describe('registering a file', () => {
	const file = { filePath: 'a å#%+.txt', checksum: 'a'.repeat(32), isPackaged: false };
	const register = () => registerFile(server.api(), 'ef23', ID, file);
	const registered = { fileId: '1M0x4T9rN8Xc7B2Yq5L3zK', ...file, uploadUrl: 'http://store/1' };

	it('sends the path as given', async () => {
		server.play(answer(201, registered));
		await register();
		expect(JSON.parse(server.received[0].body)).toEqual(file);
	});

	it('finds its registration after a lost answer', async () => {
		server.play(breakOff, answer(200, submission({ files: [registered] })));
		await expect(register()).resolves.toEqual({ value: registered, recovered: true });
	});

	it('does not take a registration with another checksum for its own', async () => {
		const other = { ...registered, checksum: 'b'.repeat(32) };
		server.play(
			breakOff,
			answer(200, submission({ files: [other] })),
			answer(409, envelope('DUPLICATE', 'exists')),
			answer(200, submission({ files: [other] })),
		);
		expect(await failureOf(register())).toMatchObject({ status: 409 });
	});
});

describe('finalizing', () => {
	const finalize = () => finalizeSubmission(server.api(), 'ef23', ID);

	it('counts as done when the submission has left REGISTERED after a lost answer', async () => {
		server.play(breakOff, answer(200, submission({ status: 'VALIDATING' })));
		const { value, recovered } = await finalize();
		expect(value.status).toBe('VALIDATING');
		expect(recovered).toBe(true);
		expect(server.received.map(({ method }) => method)).toEqual(['POST', 'GET']);
	});

	it('is sent again when the submission is still REGISTERED', async () => {
		server.play(
			breakOff,
			answer(200, submission()),
			answer(200, submission({ status: 'UPLOAD_COMPLETED' })),
		);
		await expect(finalize()).resolves.toMatchObject({ recovered: false });
	});
});

describe('deleting', () => {
	it('succeeds when a lost first try had deleted already', async () => {
		server.play(breakOff, answer(404, envelope('NOT_FOUND', 'gone')));
		await expect(deleteSubmission(server.api(), 'ef23', ID)).resolves.toBeUndefined();
	});

	it('fails when there was nothing to delete', async () => {
		server.play(answer(404, envelope('NOT_FOUND', 'none')));
		expect(await failureOf(deleteSubmission(server.api(), 'ef23', ID))).toMatchObject({
			status: 404,
		});
	});
});

describe('adding an event', () => {
	const add = () => addEvent(server.api(), 'ef23', ID, { agent: {}, event: {} });

	it.each([
		['a broken connection', breakOff],
		['a 500', answer(500, envelope('INTERNAL', 'oops'))],
		['a 504', answer(504, 'timeout')],
	])('is never sent twice after %s', async (_name, lost) => {
		server.play(lost, answer(201, {}));
		expect(await failureOf(add())).toMatchObject({
			code: 'EVENT_MAY_BE_RECORDED',
			retryable: false,
		});
		expect(server.received).toHaveLength(1);
	});

	it('is sent again after a 429, which is a refusal', async () => {
		server.play(answer(429, 'slow down'), answer(201, { eventId: '1' }));
		await expect(add()).resolves.toEqual({ eventId: '1' });
	});
});

describe('paging', () => {
	it('reads page after page, from 0, until the last', async () => {
		server.play(
			answer(200, page([submission({ objectId: 'a' })], 0, 3)),
			answer(200, page([submission({ objectId: 'b' })], 1, 3)),
			answer(200, page([submission({ objectId: 'c' })], 2, 3)),
		);
		const seen: string[] = [];
		for await (const rows of listSubmissions(server.api(), 'ef23')) {
			seen.push(...rows.map(({ objectId }) => objectId));
		}
		expect(seen).toEqual(['a', 'b', 'c']);
		expect(
			server.received.map(({ path }) => new URL(path, 'http://x').searchParams.get('page')),
		).toEqual(['0', '1', '2']);
	});

	it('ends at an empty page when the answer does not count its pages', async () => {
		const full = Array.from({ length: 100 }, (_, index) => submission({ objectId: `o${index}` }));
		server.play(answer(200, { content: full }), answer(200, { content: [] }));
		let rows = 0;
		for await (const some of listSubmissions(server.api(), 'ef23')) rows += some.length;
		expect(rows).toBe(100);
	});

	it('compares every row when it looks for an objectId', async () => {
		server.play(
			answer(200, page([submission({ objectId: 'object_10' })], 0, 2)),
			answer(200, page([submission({ objectId: 'object_1' })], 1, 2)),
		);
		await expect(findSubmission(server.api(), 'ef23', 'object_1')).resolves.toMatchObject({
			objectId: 'object_1',
		});
	});
});

describe('ordering a dissemination', () => {
	const archiveId = '019e404e-60ab-7457-b7c9-94c453242c69';
	const dissemination = { disseminationId: ID, archiveId, status: 'QUEUED' };

	it('gives back the one under way that a 409 names', async () => {
		server.play(
			answer(409, { error: { code: 'CONFLICT', message: 'x', details: { disseminationId: ID } } }),
			answer(200, dissemination),
		);
		await expect(createDissemination(server.api(), { archiveId })).resolves.toEqual({
			dissemination,
			alreadyUnderWay: true,
		});
	});

	it('gives back the one whose id the caller knows', async () => {
		server.play(answer(409, envelope('CONFLICT', 'x')), answer(200, dissemination));
		await expect(createDissemination(server.api(), { archiveId }, ID)).resolves.toMatchObject({
			dissemination,
			alreadyUnderWay: true,
		});
		expect(server.received[1].path).toBe(`/dps-submission/v1/disseminations/${ID}`);
	});

	it.each([
		['for another object', answer(200, { ...dissemination, archiveId: 'another' })],
		['that the service does not know', answer(404, envelope('DISSEMINATION_NOT_FOUND', 'x'))],
	])('is not misled by the id of an order %s', async (_which, known) => {
		server.play(answer(409, envelope('CONFLICT', 'x')), known);
		const order = await createDissemination(server.api(), { archiveId }, ID);
		expect(order).toEqual({ dissemination: undefined, alreadyUnderWay: true });
	});

	it('says that one is under way when nobody knows its id', async () => {
		server.play(answer(409, envelope('CONFLICT', 'x')));
		await expect(createDissemination(server.api(), { archiveId })).resolves.toEqual({
			alreadyUnderWay: true,
		});
	});
});

describe('a call that must not be repeated blindly', () => {
	it('is not made again when looking fails', async () => {
		server.play();
		let calls = 0;
		const api = server.api();
		const lost = new DpsError({
			request: 'POST /x',
			code: 'NO_ANSWER',
			message: 'lost',
			retryable: true,
			mayHaveActed: true,
		});
		const work = callOnce(
			api,
			async () => {
				calls += 1;
				throw lost;
			},
			async () => {
				throw new DpsError({
					request: 'GET /x',
					status: 403,
					code: 'ACCESS_DENIED',
					message: 'may not look',
					retryable: false,
					mayHaveActed: false,
				});
			},
		);
		await expect(work).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
		expect(calls).toBe(1);
	});
});
