import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { Depositor, md5, until } from '../sandbox/depositor';

import { NodeBench } from './node-bench';

const mets = (href: string, content: Buffer) =>
	`<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink"><fileSec><fileGrp>` +
	`<file ID="f" SIZE="${content.length}" CHECKSUM="${md5(content)}" CHECKSUMTYPE="MD5">` +
	`<FLocat LOCTYPE="URL" xlink:type="simple" xlink:href="${href}"/></file></fileGrp></fileSec></mets>`;

const SCAN = Buffer.alloc(2_000_000, 'a scan of a page ');
const REPRESENTATION_METS = Buffer.from(mets('data/side%201%20%C3%A5.tif', SCAN));
const FILES: Record<string, Buffer> = {
	'METS.xml': Buffer.from(mets('representations/primary_20250217/METS.xml', REPRESENTATION_METS)),
	'representations/primary_20250217/METS.xml': REPRESENTATION_METS,
	'representations/primary_20250217/data/side 1 å.tif': SCAN,
};
const DEPOSITED = Object.entries(FILES).map(([filePath, bytes]) => ({
	filePath,
	checksum: md5(bytes),
	size: bytes.length,
}));

describe.each(['filesystem', 'default'] as const)('dissemination: download, %s mode', (mode) => {
	let bench: NodeBench;
	let message: IDataObject;

	beforeAll(async () => {
		bench = await NodeBench.start({ webhookUrl: 'http://127.0.0.1:9/nowhere' }, mode);
		const depositor = await Depositor.of(bench.sandbox);
		const submission = await depositor.deposit(FILES);
		const { archiveId } = await depositor.reaches(submission, 'PRESERVED');
		await depositor.call('POST', '/disseminations', { archiveId });
		message = await until(async () => {
			const deliveries = await bench.sandbox.control.deliveries();
			return deliveries.find(({ type }) => type === 'dissemination.delivered')?.body as
				IDataObject | undefined;
		});
	});

	afterAll(async () => await bench.stop());

	beforeEach(async () => {
		await bench.sandbox.control.clearFaults();
		await bench.sandbox.control.clearRequests();
	});

	const parameters = (more: IDataObject = {}) => ({
		deliveredMessage: '={{ $json }}',
		binaryPropertyName: 'data',
		...more,
	});
	const download = async (
		more: IDataObject = {},
		items: INodeExecutionData[] = [{ json: message }],
	) => await bench.run('dissemination', 'download', parameters(more), { items });
	const failure = async (more: IDataObject) =>
		await bench.failure('dissemination', 'download', parameters(more), {
			items: [{ json: message }],
		});
	const named = (output: INodeExecutionData[], filename: string) => {
		const found = output.find(({ json }) => json.filename === filename);
		if (!found) throw new Error(`There is no ${filename}`);
		return found;
	};

	it('continues a transfer that is cut five times in mid-file, and the bytes are right', async () => {
		for (let times = 0; times < 5; times++) {
			await bench.sandbox.control.fault({
				side: 'store',
				method: 'GET',
				pathPattern: 'primary_20250217\\.tar$',
				action: { kind: 'reset-mid-body', afterBytes: 300_000 },
			});
		}
		const { json, binary } = named(await download(), 'primary_20250217.tar');
		const bytes = await bench.n8n.read(binary?.data as never);
		expect(md5(bytes)).toBe(json.checksum);
		const requests = await bench.sandbox.control.requests('store');
		const cut = requests.filter(({ path }) => path.endsWith('primary_20250217.tar'));
		expect(cut).toHaveLength(6);
		expect(cut[5].status).toBe(206);
	}, 60_000);

	it('sends no token to the store', async () => {
		await download();
		const requests = await bench.sandbox.control.requests('store');
		expect(requests.length).toBeGreaterThan(1);
		expect(requests.filter(({ hasAuthorization }) => hasAuthorization)).toEqual([]);
	});

	it('unpacks what came back, and compares it with METS and with what was deposited', async () => {
		const output = await download({
			verifyAgainst: 'list',
			depositedFiles: JSON.stringify(DEPOSITED),
		});
		const lines = output.flatMap(
			({ json }) => (json.verification as { files: IDataObject[] }).files,
		);
		expect(lines.map(({ filePath, status }) => [filePath, status]).sort()).toEqual(
			DEPOSITED.map(({ filePath }) => [filePath, 'same']).sort(),
		);
		expect(named(output, 'metadata.tar').json.verification).toMatchObject({ verified: true });
		const byMets = await download({ verifyAgainst: 'mets' });
		expect(byMets[0].json.verification).toMatchObject({ verified: true });
	});

	it('passes nothing on when what came back is not what was deposited', async () => {
		const list = DEPOSITED.map((file) =>
			file.filePath.endsWith('.tif') ? { ...file, checksum: md5('the scan as it was') } : file,
		);
		const more = { verifyAgainst: 'list', depositedFiles: JSON.stringify(list) };
		const error = await failure(more);
		expect(error.message).toBe('What came back is not what was deposited: 1 file differs');
		expect(error.description).toContain('side 1 å.tif');
		expect(error.description).toContain(md5('the scan as it was'));

		const passedOn = await download({ ...more, options: { passOnDifferent: true } });
		expect(passedOn.map(({ json }) => (json.verification as IDataObject).verified)).toEqual([
			false,
			false,
		]);
	});

	it('says that it is not verified wherever a workflow may look', async () => {
		const list = [{ ...DEPOSITED[0], checksum: md5('as it was') }, ...DEPOSITED.slice(1)];
		const output = await download({
			verifyAgainst: 'list',
			depositedFiles: JSON.stringify(list),
			options: { passOnDifferent: true },
		});
		expect(output.map(({ json }) => json.verified)).toEqual([false, false]);
	});

	it('takes a list as other programs write it', async () => {
		const list = DEPOSITED.map(({ filePath, checksum, size }) => ({
			filePath,
			checksum: checksum.toUpperCase(),
			size: String(size),
		}));
		const output = await download({
			verifyAgainst: 'list',
			depositedFiles: JSON.stringify(list),
		});
		expect(output.map(({ json }) => json.verified)).toEqual([true, true]);
	});

	const changed = (change: (file: IDataObject) => void) => {
		const copy = JSON.parse(JSON.stringify(message)) as { data: { files: IDataObject[] } };
		copy.data.files.forEach(change);
		return { json: copy as unknown as IDataObject };
	};

	it('gives files names that lead nowhere', async () => {
		const output = await download({}, [
			changed((file) => (file.filename = `../../\u202E${String(file.filename)}`)),
		]);
		expect(output.map(({ binary }) => binary?.data.fileName).sort()).toEqual([
			'_metadata.tar',
			'_primary_20250217.tar',
		]);
	});

	it('goes on with the next delivery on Continue on Fail, and keeps nothing of the failed one', async () => {
		const output = await bench.run('dissemination', 'download', parameters(), {
			items: [changed((file) => (file.filesize = Number(file.filesize) - 1)), { json: message }],
			continueOnFail: true,
		});
		const [failed, ...others] = output;
		expect(failed.json).toMatchObject({
			error: expect.stringContaining('instead of'),
			description: expect.stringContaining('Order the object again'),
			code: 'DOWNLOAD_DIFFERS',
		});
		expect(failed.binary).toBeUndefined();
		expect(JSON.stringify(output)).not.toContain('X-Amz');
		expect(others.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }, { item: 1 }]);
	});

	it.each([
		['no list', '', 'Deposited Files'],
		['an empty list', '[]', 'Deposited Files'],
		['a list without checksums', '[{"filePath":"a"}]', 'Deposited Files 1: checksum'],
		['a file twice', JSON.stringify([DEPOSITED[0], DEPOSITED[0]]), 'in the list twice'],
		['no SHA-256', JSON.stringify([{ ...DEPOSITED[0], sha256: 'x' }]), '1: sha256'],
		['no size', JSON.stringify([{ ...DEPOSITED[0], size: -1 }]), '1: size'],
	])('refuses to verify against %s, before anything is fetched', async (_name, list, expected) => {
		const error = await failure({ verifyAgainst: 'list', depositedFiles: list });
		expect(`${error.message} ${error.description}`).toContain(expected);
		await expect(bench.sandbox.control.requests('store')).resolves.toEqual([]);
	});
});
