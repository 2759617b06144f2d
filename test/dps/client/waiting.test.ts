import type { DpsApi } from '../../../dps/client/api';
import {
	WaitTimeoutError,
	waitForDissemination,
	waitForSubmission,
} from '../../../dps/client/waiting';
import { CancelledError } from '../../../dps/ports';
import { ScriptedServer, answer, breakOff } from '../scripted-server';

const ID = '8Z7x1T9rN0Xc2B5Yq4L3zP';
const OPTIONS = { timeoutMs: 60_000, firstDelayMs: 1000, maxDelayMs: 4000 };
const submission = (status: string) =>
	answer(200, { contractId: 'ef23', submissionId: ID, objectId: 'object_1', status });
const dissemination = (status: string) =>
	answer(200, { disseminationId: ID, archiveId: 'a', status });

let server: ScriptedServer;

beforeAll(async () => {
	server = await ScriptedServer.start();
});

afterAll(async () => await server.stop());

/** A client whose clock goes on only when it sleeps. */
function api(fields: Partial<DpsApi> = {}): DpsApi & { pauses: number[] } {
	const client = server.api(fields);
	let now = 0;
	client.clock = {
		now: () => now,
		random: () => 0.999,
		sleep: async (ms) => {
			client.pauses.push(Math.round(ms));
			now += ms;
		},
	};
	return client;
}

describe('waiting for a submission', () => {
	it('looks at growing intervals until it is preserved, whatever unknown statuses come', async () => {
		const client = api();
		server.play(
			...['UPLOAD_COMPLETED', 'VALIDATING', 'A_STATUS_OF_2030', 'ARCHIVING', 'ARCHIVING'].map(
				submission,
			),
			submission('PRESERVED'),
		);
		await expect(waitForSubmission(client, 'ef23', ID, OPTIONS)).resolves.toMatchObject({
			status: 'PRESERVED',
		});
		expect(client.pauses).toEqual([1000, 1499, 2249, 3373, 3998]);
	});

	it('gives a rejected one back, for the caller to judge', async () => {
		server.play(submission('REJECTED'));
		await expect(waitForSubmission(api(), 'ef23', ID, OPTIONS)).resolves.toMatchObject({
			status: 'REJECTED',
		});
	});

	it('takes one that was there and is gone for rejected, never for preserved', async () => {
		server.play(submission('VALIDATING'), answer(404, { error: { code: 'NOT_FOUND' } }));
		await expect(waitForSubmission(api(), 'ef23', ID, OPTIONS)).rejects.toThrow(
			'It was probably rejected',
		);
	});

	it('says that there is none when there was none at the first look', async () => {
		server.play(answer(404, { error: { code: 'NOT_FOUND', message: 'No such submission' } }));
		await expect(waitForSubmission(api(), 'ef23', ID, OPTIONS)).rejects.toMatchObject({
			status: 404,
		});
	});

	it('survives looks that fail', async () => {
		server.play(submission('VALIDATING'), breakOff, answer(503, 'busy'), submission('PRESERVED'));
		await expect(waitForSubmission(api(), 'ef23', ID, OPTIONS)).resolves.toMatchObject({
			status: 'PRESERVED',
		});
	});

	it('gives up when the time is over, having looked once more at its end', async () => {
		const client = api();
		server.play(...Array.from({ length: 50 }, () => submission('ARCHIVING')));
		const error: unknown = await waitForSubmission(client, 'ef23', ID, {
			...OPTIONS,
			timeoutMs: 10_000,
		}).catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(WaitTimeoutError);
		expect(String(error)).toContain('ARCHIVING');
		expect(client.pauses.reduce((sum, pause) => sum + pause, 0)).toBeCloseTo(10_000, -1);
		expect(server.received).toHaveLength(client.pauses.length + 1);
	});

	it('stops when it is cancelled', async () => {
		const stop = new AbortController();
		const client = api({ signal: stop.signal });
		client.clock.sleep = async () => stop.abort();
		server.play(submission('ARCHIVING'), submission('PRESERVED'));
		await expect(waitForSubmission(client, 'ef23', ID, OPTIONS)).rejects.toBeInstanceOf(
			CancelledError,
		);
	});
});

describe('waiting for a dissemination', () => {
	it.each(['DISSEMINATED', 'FAILED', 'REJECTED'])('ends at %s', async (status) => {
		server.play(dissemination('RECEIVED'), dissemination('NEW_STEP'), dissemination(status));
		await expect(waitForDissemination(api(), ID, OPTIONS)).resolves.toMatchObject({ status });
	});
});
