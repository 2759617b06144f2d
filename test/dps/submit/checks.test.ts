import { createHash } from 'node:crypto';

import { checkObjectIdsTogether, checkPackage } from '../../../dps/submit/checks';
import { checkCompleteness, hasMets } from '../../../dps/submit/completeness';
import { Slots, forEachConcurrently } from '../../../dps/submit/concurrency';
import { fixityOf } from '../../../dps/submit/fixity';
import type { Package, PackageFile } from '../../../dps/submit/package';
import { MAX_FILE_BYTES } from '../../../dps/submit/upload';

const METADATA = {
	type: 'Bilde',
	identifier: [{ type: 'URN', value: 'urn:x' }],
	title: { value: 'T', lang: 'nob' },
};

function file(
	path: string,
	text = '',
	fields: Partial<PackageFile> = {},
	size?: number,
): PackageFile {
	const bytes = Buffer.from(text);
	return {
		isPackaged: false,
		source: {
			path,
			size: size ?? bytes.length,
			async open() {
				return (async function* () {
					yield bytes;
				})();
			},
		},
		...fields,
	};
}

function packageOf(files: PackageFile[], fields: Partial<Package> = {}): Package {
	return { contractId: 'ef23', objectId: 'object_1', metadata: METADATA, files, ...fields };
}

const errorsOf = (input: Package) =>
	checkPackage(input)
		.filter(({ level }) => level === 'error')
		.map(({ field, message }) => `${field}: ${message}`);

describe('a package before it is sent', () => {
	it('is in order', () => {
		expect(errorsOf(packageOf([file('a.txt'), file('data/b æøå #%+.txt')]))).toEqual([]);
	});

	it.each([
		['two equal paths', [file('a.txt'), file('a.txt')], 'two items have this path'],
		['paths that differ by case', [file('a.txt'), file('A.TXT')], 'differs from "a.txt" only by'],
		[
			'paths that differ by Unicode form',
			[file('\u00e5.txt'), file('a\u030a.txt')],
			'Unicode form',
		],
		['an absolute path', [file('/a.txt')], '/a.txt'],
		['a path that climbs', [file('a/../../b.txt')], '..'],
		['a backslash', [file('a\\b.txt')], 'backslash'],
		['a control character', [file('a\u0007.txt')], 'control'],
		['a path that is too long', [file('a'.repeat(901))], '900'],
		['a file over 5 GB', [file('a.tif', '', {}, MAX_FILE_BYTES + 1)], 'gives access to its bucket'],
		['no files', [], 'at least one file'],
		['a checksum that is none', [file('a.txt', '', { expectedMd5: 'XYZ' })], 'a.txt'],
	])('is refused for %s', (_name, files, expected) => {
		const errors = errorsOf(packageOf(files));
		expect(errors).toHaveLength(1);
		expect(errors[0]).toContain(expected);
	});

	it('is refused when it has not the number of files that was expected', () => {
		expect(errorsOf(packageOf([file('a')], { expectedFileCount: 2 }))).toEqual([
			'files: there are 1, but 2 were expected',
		]);
		expect(errorsOf(packageOf([file('a')], { expectedFileCount: 1 }))).toEqual([]);
	});

	it('lists all that is wrong, not just the first', () => {
		const input = packageOf([file('/a'), file('b/../c')], {
			contractId: 'xyz',
			objectId: 'NF.1',
			priority: 0,
			metadata: {},
		});
		expect(errorsOf(input).length).toBeGreaterThanOrEqual(7);
	});

	it('may not share its objectId with another, but for upper and lower case', () => {
		const inputs = ['Photo_1', 'photo_1', 'photo_2'].map((objectId) =>
			packageOf([file('a')], { objectId }),
		);
		const findings = checkObjectIdsTogether(inputs);
		expect(findings.map((list) => list.length)).toEqual([1, 1, 0]);
		expect(findings[0][0].message).toContain('photo_1');
		const otherContract = [inputs[0], { ...inputs[1], contractId: '1234' }];
		expect(checkObjectIdsTogether(otherContract)).toEqual([[], []]);
	});
});

describe('a package with a METS', () => {
	const md5 = (text: string) => createHash('md5').update(text).digest('hex');
	const entry = (href: string, text: string, fields = '') =>
		`<file SIZE="${text.length}" CHECKSUM="${md5(text)}" CHECKSUMTYPE="MD5" ${fields}><FLocat x:href="${href}"/></file>`;
	const mets = (body: string) =>
		`<mets xmlns="http://www.loc.gov/METS/" xmlns:x="http://www.w3.org/1999/xlink"><fileSec>${body}</fileSec></mets>`;

	const page = 'bytes of a page';
	const representation = mets(entry('data/page 1.tif', page).replace('page 1', 'page%201'));
	const root = mets(entry('representations/r/METS.xml', representation));
	const whole = () => [
		file('METS.xml', root),
		file('representations/r/METS.xml', representation),
		file('representations/r/data/page 1.tif', page),
	];

	async function messagesFor(files: PackageFile[]): Promise<string[]> {
		const input = packageOf(files);
		expect(hasMets(input)).toBe(true);
		const fixities = new Map<string, Awaited<ReturnType<typeof fixityOf>>>();
		for (const { source } of files) fixities.set(source.path, await fixityOf(source));
		const findings = await checkCompleteness(input, fixities);
		return findings.map((finding) => `${finding.field}: ${finding.message}`);
	}

	it('is complete when all that is named is there, with the same size and checksum', async () => {
		await expect(messagesFor(whole())).resolves.toEqual([]);
	});

	it('is a stump without a file that the root METS names', async () => {
		const [messages] = await messagesFor([whole()[0]]);
		expect(messages).toContain('representations/r/METS.xml');
		expect(messages).toContain('not among the items');
	});

	it("is a stump without a file that a representation's METS names", async () => {
		const [message] = await messagesFor(whole().slice(0, 2));
		expect(message).toContain('page%201.tif');
	});

	it('says when a file is there under another spelling', async () => {
		const files = [...whole().slice(0, 2), file('representations/r/data/Page 1.tif', page)];
		const [message] = await messagesFor(files);
		expect(message).toContain('"representations/r/data/Page 1.tif" is, which differs by case');
	});

	it('names a file of another size, and one with other bytes', async () => {
		const longer = [...whole().slice(0, 2), file('representations/r/data/page 1.tif', `${page}!`)];
		expect((await messagesFor(longer)).join()).toContain('METS says 15');
		const other = [
			...whole().slice(0, 2),
			file('representations/r/data/page 1.tif', page.replace('a', 'A')),
		];
		expect((await messagesFor(other)).join()).toContain(`METS says ${md5(page)}`);
	});

	it('is refused when its METS cannot be read', async () => {
		const [message] = await messagesFor([file('METS.xml', '<mets>')]);
		expect(message).toContain('METS.xml: cannot be read');
	});

	it('is refused when its METS names a file outside the package', async () => {
		const [message] = await messagesFor([file('METS.xml', mets(entry('../secret', '')))]);
		expect(message).toContain('leads out of the package');
	});

	it('is one only with a METS.xml at its root', () => {
		expect(hasMets(packageOf([file('data/METS.xml')]))).toBe(false);
		expect(hasMets(packageOf([file('METS.xml', '', { isPackaged: true })]))).toBe(false);
	});
});

describe('work side by side', () => {
	const pause = async () => await new Promise<void>((resolve) => setImmediate(resolve));

	it('never takes more places than there are, though several share them', async () => {
		const slots = new Slots(3);
		let busy = 0;
		let most = 0;
		const done: number[] = [];
		const work = async (item: number) => {
			busy += 1;
			most = Math.max(most, busy);
			await pause();
			busy -= 1;
			done.push(item);
		};
		const items = Array.from({ length: 50 }, (_, index) => index);
		await Promise.all([
			forEachConcurrently(items, slots, undefined, work),
			forEachConcurrently(items, slots, undefined, work),
		]);
		expect(most).toBe(3);
		expect(done).toHaveLength(100);
	});

	it('starts nothing more after a failure, tells those under way, and waits for them', async () => {
		const started: number[] = [];
		const told: number[] = [];
		let busy = 0;
		const work = forEachConcurrently(
			[0, 1, 2, 3, 4, 5, 6, 7],
			new Slots(2),
			undefined,
			async (item, signal) => {
				started.push(item);
				busy += 1;
				await pause();
				busy -= 1;
				if (item === 2) throw new Error('third');
				if (signal.aborted) told.push(item);
			},
		);
		await expect(work).rejects.toThrow('third');
		expect(busy).toBe(0);
		expect(Math.max(...started)).toBeLessThanOrEqual(4);
	});

	it('ends as cancelled when it is cancelled', async () => {
		const stop = new AbortController();
		let count = 0;
		const work = forEachConcurrently([1, 2, 3], new Slots(1), stop.signal, async () => {
			count += 1;
			stop.abort();
		});
		await expect(work).rejects.toThrow('Cancelled');
		expect(count).toBe(1);
	});
});
