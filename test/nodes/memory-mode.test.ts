import { createHash } from 'node:crypto';

import { METADATA, NodeBench } from './node-bench';

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

let bench: NodeBench;

beforeAll(async () => {
	bench = await NodeBench.start({}, 'default');
});

afterAll(async () => await bench.stop());

describe("n8n's memory mode", () => {
	it('sends files that n8n holds as base64, the empty one too', async () => {
		const files = [
			{ path: 'data/a.bin', bytes: Buffer.alloc(200_001, 5) },
			{ path: 'data/empty', bytes: Buffer.alloc(0) },
			{ path: 'data/b', bytes: Buffer.from('å') },
		];
		const items = await Promise.all(
			files.map(async ({ path, bytes }) => await bench.fileItem(path, bytes)),
		);
		expect(items.every(({ binary }) => binary?.data.id === undefined)).toBe(true);
		const [{ json }] = await bench.run(
			'submission',
			'submit',
			{
				contractId: { __rl: true, mode: 'id', value: 'ef23' },
				objectId: 'object_memory',
				filePath: '={{ $json.filePath }}',
				binaryPropertyName: 'data',
				metadataMode: 'json',
				metadataJson: JSON.stringify(METADATA),
				options: {},
			},
			{ items },
		);
		expect(json.status).toBe('UPLOAD_COMPLETED');
		const { submissions } = await bench.sandbox.control.state();
		expect(submissions[0].files.map((file) => [file.filePath, file.stored])).toEqual(
			expect.arrayContaining(
				files.map(({ path, bytes }) => [path, { md5: md5(bytes), size: bytes.length }]),
			),
		);
	});
});
