import { error, warning } from '../../../dps/finding';
import { PackageDates } from '../../../dps/submit/package-dates';

import { CONTRACT_ID, Deposit, TestFile } from './deposit';

let deposit: Deposit;

beforeAll(async () => {
	deposit = await Deposit.start();
});

afterAll(async () => {
	await deposit.sandbox.stop();
});

describe('a judgement before anything is sent', () => {
	it('keeps a package with an error from being sent', async () => {
		await deposit.forget();
		const objectId = deposit.newObjectId();
		const files = [new TestFile('a.txt', 'a')];
		const options = { preflight: async () => [error('METS.xml', 'is not there', 'CSIPSTR4')] };
		await expect(deposit.submit({ files, objectId, options })).rejects.toThrow('is not valid');
		await expect(deposit.sandbox.control.requests('api')).resolves.toEqual([]);
	});

	it('sees every file with its fixity, and lets warnings pass into the result', async () => {
		const objectId = deposit.newObjectId();
		const files = [new TestFile('a.txt', 'a'), new TestFile('b.txt', 'b')];
		const seen: unknown[] = [];
		const { warnings } = await deposit.submit({
			files,
			objectId,
			options: {
				preflight: async (input, fixities) => {
					for (const { source } of input.files) {
						seen.push([source.path, fixities.get(source.path)?.md5]);
					}
					return [warning('documentation', 'there is none', 'NBSIPSTR19')];
				},
			},
		});
		expect(seen).toEqual(files.map(({ path, md5 }) => [path, md5]));
		expect(warnings).toEqual(['documentation: there is none']);
	});
});

describe('the day of a package that DPS knows', () => {
	const dates = (...objectIds: string[]) =>
		new PackageDates(
			deposit.api(),
			objectIds.map((objectId) => ({ contractId: CONTRACT_ID, objectId })),
		);
	const day = async (objectId: string, ...others: string[]) =>
		await dates(objectId, ...others).of({ contractId: CONTRACT_ID, objectId });

	it('is that of its registered files, finalized or not', async () => {
		const objectId = deposit.newObjectId();
		const path = 'representations/primary_20250217/data/a.txt';
		await deposit.submit({ files: [new TestFile(path, 'a')], objectId });
		await expect(day(objectId, 'another_object')).resolves.toBe('2025-02-17');
	});

	it('is open when DPS does not know the object, or no file of a representation', async () => {
		const objectId = deposit.newObjectId();
		await deposit.submit({ files: [new TestFile('a.txt', 'a')], objectId });
		await expect(day(objectId)).resolves.toBeUndefined();
		await expect(day('an_unknown_object')).resolves.toBeUndefined();
	});

	it('is asked for once a contract', async () => {
		const objectIds = [deposit.newObjectId(), deposit.newObjectId()];
		await deposit.forget();
		const asked = dates(...objectIds);
		for (const objectId of objectIds) await asked.of({ contractId: CONTRACT_ID, objectId });
		const requests = await deposit.sandbox.control.requests('api');
		expect(requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
	});
});
