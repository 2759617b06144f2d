import { createHash } from 'node:crypto';

import { pack } from 'tar-stream';

import type { ContentReport } from '../../../dps/collect/members';
import { compareContent, differencesIn, notComparedIn } from '../../../dps/collect/members';
import { TarError } from '../../../dps/package/tar';
import type { FileSource } from '../../../dps/ports';

const digest = (algorithm: string, content: string) =>
	createHash(algorithm).update(content).digest('hex');

function mets(files: Record<string, string>, type = 'MD5', checksumOf = digest.bind(null, 'md5')) {
	const locations = Object.entries(files).map(
		([href, content]) =>
			`<file ID="i" SIZE="${Buffer.byteLength(content)}" CHECKSUM="${checksumOf(content)}" CHECKSUMTYPE="${type}">` +
			`<FLocat LOCTYPE="URL" xlink:type="simple" xlink:href="${href}"/></file>`,
	);
	return `<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink"><fileSec><fileGrp>${locations.join('')}</fileGrp></fileSec></mets>`;
}

async function archive(path: string, files: Record<string, string>): Promise<FileSource> {
	const tar = pack();
	const chunks: Buffer[] = [];
	const all = (async () => {
		for await (const chunk of tar) chunks.push(chunk as Buffer);
	})();
	for (const [name, content] of Object.entries(files)) {
		if (content === 'LINK') tar.entry({ name, type: 'symlink', linkname: '/etc/passwd' });
		else tar.entry({ name }, content);
	}
	tar.finalize();
	await all;
	const bytes = Buffer.concat(chunks);
	return {
		path,
		size: bytes.length,
		open: async () =>
			(async function* () {
				for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
			})(),
	};
}

const REPRESENTATION = {
	'METS.xml': mets({ 'data/page%201.tif': 'one', 'data/page2.tif': 'two' }),
	'data/page 1.tif': 'one',
	'data/page2.tif': 'two',
};
const ROOT = {
	'METS.xml': mets({
		'representations/primary_20250217/METS.xml': REPRESENTATION['METS.xml'],
		'metadata/descriptive/dc.json': '{}',
	}),
	'metadata/descriptive/dc.json': '{}',
};
const within = (folder: string, files: Record<string, string>) =>
	Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}${path}`, content]));
const IN_PACKAGE = { ...ROOT, ...within('representations/primary_20250217/', REPRESENTATION) };

const listOf = (files: Record<string, string>) =>
	Object.entries(files).map(([filePath, content]) => ({
		filePath,
		checksum: digest('md5', content),
		size: Buffer.byteLength(content),
	}));

const statuses = ({ files }: ContentReport) =>
	Object.fromEntries(files.map(({ filePath, status }) => [filePath, status]));
const ALL_SAME = {
	'METS.xml': 'same',
	'metadata/descriptive/dc.json': 'same',
	'representations/primary_20250217/METS.xml': 'same',
	'representations/primary_20250217/data/page 1.tif': 'same',
	'representations/primary_20250217/data/page2.tif': 'same',
};

/** How the members may be named: DPS documents the names of the archives only. */
const FORMS: Array<[string, () => Promise<FileSource[]>]> = [
	[
		'paths from the root, an archive a representation',
		async () => [
			await archive('metadata.tar', ROOT),
			await archive(
				'primary_20250217.tar',
				within('representations/primary_20250217/', REPRESENTATION),
			),
		],
	],
	[
		'paths within the representation',
		async () => [
			await archive('primary_20250217.tar', REPRESENTATION),
			await archive('metadata.tar', ROOT),
		],
	],
	[
		"the representation's folder at the top",
		async () => [
			await archive('primary_20250217.tar', within('primary_20250217/', REPRESENTATION)),
			await archive('metadata.tar', within('object_1/', ROOT)),
		],
	],
	[
		'folders around folders',
		async () => [
			await archive('primary_20250217.tar', within('aip_1/primary_20250217/', REPRESENTATION)),
			await archive('metadata.tar', within('aip_1/sip/object_1/', ROOT)),
		],
	],
	[
		'one archive with a root folder',
		async () => [await archive('content.tar', within('./object_1/', IN_PACKAGE))],
	],
];

describe.each(FORMS)('delivered as %s', (_form, archives) => {
	it('is verified by METS, except METS itself', async () => {
		const report = await compareContent(await archives(), []);
		expect(report.verified).toBe(true);
		expect(statuses(report)).toEqual({ ...ALL_SAME, 'METS.xml': 'notCompared' });
		expect(differencesIn(report)).toEqual([]);
	});

	it('is verified by a list to the last file', async () => {
		const report = await compareContent(await archives(), listOf(IN_PACKAGE));
		expect(report.verified).toBe(true);
		expect(statuses(report)).toEqual(ALL_SAME);
	});

	it('tells what is missing', async () => {
		const list = listOf({ ...IN_PACKAGE, 'documentation/readme.txt': 'read me' });
		const report = await compareContent(await archives(), list);
		expect(report.verified).toBe(false);
		expect(differencesIn(report)).toMatchObject([
			{
				field: 'documentation/readme.txt',
				message: 'is on the list of deposited files, and was not delivered',
			},
		]);
	});
});

const report = async (files: Record<string, string>, list: Record<string, string> = {}) =>
	await compareContent([await archive('content.tar', files)], listOf(list));

describe('what came back', () => {
	it('with other bytes than METS says is different, and names both', async () => {
		const result = await report({ ...IN_PACKAGE, 'metadata/descriptive/dc.json': '[]' });
		expect(result.verified).toBe(false);
		const [finding] = differencesIn(result);
		expect(finding.field).toBe('metadata/descriptive/dc.json');
		expect(finding.message).toBe(
			`has MD5 ${digest('md5', '[]')}, METS says ${digest('md5', '{}')}`,
		);
	});

	it('with a METS to match, but other bytes than were deposited, is different', async () => {
		const forged = { ...IN_PACKAGE, 'metadata/descriptive/dc.json': '[]' };
		forged['METS.xml'] = mets({ 'metadata/descriptive/dc.json': '[]' });
		const result = await report(forged, IN_PACKAGE);
		expect(differencesIn(result).map(({ field }) => field)).toEqual([
			'METS.xml',
			'metadata/descriptive/dc.json',
		]);
	});

	it('without a file that METS names is not verified', async () => {
		const result = await report(ROOT);
		expect(result.verified).toBe(false);
		expect(differencesIn(result)[0].message).toBe('is named by METS, and was not delivered');
	});

	it('with nothing to compare is not verified', async () => {
		expect(await report({ 'a.txt': 'a' })).toMatchObject({
			verified: false,
			files: [{ filePath: 'a.txt', status: 'notExpected' }],
		});
	});

	it('with more than was deposited is verified, and says so', async () => {
		const result = await report({ 'a.txt': 'a', 'premis.xml': '<premis/>' }, { 'a.txt': 'a' });
		expect(result.verified).toBe(true);
		expect(statuses(result)).toEqual({ 'a.txt': 'same', 'premis.xml': 'notExpected' });
	});

	it('is compared by SHA-256 where METS has that', async () => {
		const sha256 = digest.bind(null, 'sha256');
		const files = { 'a.txt': 'a' };
		const right = await report({ 'METS.xml': mets(files, 'SHA-256', sha256), ...files });
		expect(statuses(right)['a.txt']).toBe('same');
		const wrong = await report({
			'METS.xml': mets(files, 'SHA-256', () => 'f'.repeat(64)),
			...files,
		});
		expect(statuses(wrong)['a.txt']).toBe('different');
	});

	it('is not compared by an algorithm that is not known here', async () => {
		const files = { 'a.txt': 'a' };
		const result = await report({ 'METS.xml': mets(files, 'Adler-32', () => '1'), ...files });
		expect(result.verified).toBe(false);
		expect(statuses(result)['a.txt']).toBe('notCompared');
	});

	it('is not verified by METS alone when one of its files has no such checksum', async () => {
		const files = { 'a.txt': 'a', 'b.txt': 'b' };
		const inMets = mets({ 'a.txt': 'a' }).replace(
			'</fileGrp>',
			'<file ID="b" SIZE="1" CHECKSUM="1" CHECKSUMTYPE="SHA-512"><FLocat xlink:href="b.txt"/></file></fileGrp>',
		);
		const all = { 'METS.xml': inMets, ...files };
		const result = await report(all);
		expect(result.verified).toBe(false);
		expect(notComparedIn(result.files).map(({ filePath }) => filePath)).toEqual(['b.txt']);
		expect((await report(all, all)).verified).toBe(true);
	});

	it('may have more members than a call has room for', async () => {
		const count = 150_000;
		const blocks: Uint8Array[] = [];
		for await (const chunk of await (await archive('a.tar', { 'a.txt': '' })).open()) {
			blocks.push(chunk);
		}
		const block = Buffer.concat(blocks).subarray(0, 512);
		const many: FileSource = {
			path: 'many.tar',
			size: 0,
			open: async () =>
				(async function* () {
					for (let member = 0; member < count; member++) yield block;
					yield Buffer.alloc(1024);
				})(),
		};
		expect((await compareContent([many], [])).files).toHaveLength(count);
	}, 60_000);

	it('once is not taken for two files that were deposited', async () => {
		const result = await report(
			{ 'x/data/a.txt': 'a' },
			{ 'x/data/a.txt': 'a', 'data/a.txt': 'a' },
		);
		expect(result.verified).toBe(false);
		expect(statuses(result)).toEqual({ 'x/data/a.txt': 'same', 'data/a.txt': 'missing' });
	});

	it('as another METS, further down, is content', async () => {
		const inner = mets({ 'pages/1.tif': 'not here' });
		const files = { 'o/METS.xml': mets({ 'scans/METS.xml': inner }), 'o/scans/METS.xml': inner };
		for (const list of [files, Object.fromEntries(Object.entries(files).reverse())]) {
			expect(statuses(await report(list))).toEqual({
				'METS.xml': 'notCompared',
				'scans/METS.xml': 'same',
			});
		}
	});

	it('with links or paths that lead elsewhere is not trusted', async () => {
		const result = await report(
			{ '../../etc/passwd': 'x', link: 'LINK', 'a.txt': 'a' },
			{ 'a.txt': 'a' },
		);
		expect(result.verified).toBe(false);
		expect(statuses(result)).toEqual({
			'../../etc/passwd': 'different',
			link: 'different',
			'a.txt': 'same',
		});
	});

	it('with a METS that cannot be read is not verified, and the rest is still compared', async () => {
		const files = { 'METS.xml': `<mets><!DOCTYPE x>${'x'.repeat(5000)}`, 'a.txt': 'a' };
		const result = await report(files, files);
		expect(result.verified).toBe(false);
		expect(result.files[0]).toMatchObject({
			status: 'different',
			checksum: digest('md5', files['METS.xml']),
			differences: [expect.stringContaining('cannot be read as METS')],
		});
		expect(statuses(result)['a.txt']).toBe('same');
	});

	it('cut short is an error that names the archive', async () => {
		const whole = await archive('primary.tar', { 'a.txt': 'a' });
		const cut: FileSource = {
			...whole,
			open: async () =>
				(async function* () {
					for await (const chunk of await whole.open()) {
						yield chunk.subarray(0, 700);
						return;
					}
				})(),
		};
		const error: unknown = await compareContent([cut], []).catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(TarError);
		expect((error as Error).message).toContain('primary.tar cannot be unpacked');
	});

	it('is not read on when it is cancelled', async () => {
		const source = await archive('content.tar', IN_PACKAGE);
		const work = compareContent([source], [], AbortSignal.abort());
		await expect(work).rejects.toMatchObject({ name: 'CancelledError' });
	});
});
