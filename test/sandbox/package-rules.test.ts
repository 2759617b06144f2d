import { createHash } from 'node:crypto';

import type { Specimen } from '../../conformance/specimen';
import { copyOf, validSpecimen } from '../../conformance/specimen';
import { brokenPackageRules } from '../../sandbox/package-rules';

import { Depositor } from './depositor';
import { startSandboxProcess } from './sandbox-process';

let valid: Specimen;

beforeAll(async () => {
	valid = await validSpecimen();
});

const PRIMARY = 'representations/primary_20250217';

function reasonsFor(change: (specimen: Specimen) => void) {
	const specimen = copyOf(valid);
	change(specimen);
	const arrived = [...specimen.files].map(([filePath, bytes]) => ({
		filePath,
		checksum: createHash('md5').update(bytes).digest('hex'),
		read: () => bytes,
	}));
	return brokenPackageRules(specimen.rootName, arrived);
}

function edit(path: string, from: string | RegExp, to: string) {
	return ({ files }: Specimen) => {
		const before = files.get(path)?.toString() ?? '';
		files.set(path, Buffer.from(before.replace(from, to)));
	};
}

describe('what the sandbox asks of a package', () => {
	it('is met by a valid package, and not asked of files without METS.xml', () => {
		expect(reasonsFor(() => {})).toEqual([]);
		expect(
			brokenPackageRules('any', [{ filePath: 'a.txt', checksum: '', read: () => Buffer.alloc(0) }]),
		).toEqual([]);
	});

	it.each<[string, (specimen: Specimen) => void, string]>([
		[
			'a folder of another name',
			({ files }) => files.set('content/a.tif', Buffer.from('a')),
			'NBSIPSTR20',
		],
		[
			'no schemas',
			({ files }) =>
				[...files.keys()]
					.filter((path) => path.startsWith('schemas/'))
					.forEach((path) => files.delete(path)),
			'NBSIPSTR18',
		],
		[
			'two primary representations',
			({ files }) => files.set('representations/primary_20250218/data/a', Buffer.from('a')),
			'NBSIPSTR11',
		],
		[
			'a representation without METS',
			({ files }) => files.delete(`${PRIMARY}/METS.xml`),
			'NBSIPSTR14',
		],
		[
			'a file that nobody describes',
			({ files }) => files.set(`${PRIMARY}/data/stray.tif`, Buffer.from('a')),
			'no METS document describes',
		],
		[
			'a file that is not there',
			({ files }) => files.delete(`${PRIMARY}/data/page 1.tif`),
			'is not among the files',
		],
		[
			'another checksum',
			({ files }) => files.set(`${PRIMARY}/data/page 1.tif`, Buffer.from('changed')),
			'another checksum',
		],
		['another OBJID', edit('METS.xml', /OBJID="[^"]*"/, 'OBJID="x"'), 'OBJID is x'],
		['METS that is no XML', edit('METS.xml', '</metsHdr>', ''), 'unexpected close tag'],
		['a DOCTYPE', edit('METS.xml', '<mets ', '<!DOCTYPE mets><mets '), 'DOCTYPE'],
		[
			'a link that is badly escaped',
			edit('METS.xml', 'href="schemas/', 'href="%zz/'),
			'is not among the files',
		],
	])('refuses %s', (_, change, message) => {
		const reasons = reasonsFor(change);
		expect(reasons.map((reason) => reason.message).join('\n')).toContain(message);
		expect(reasons.every(({ code }) => /^(?:PACKAGE_STRUCTURE|METS)_INVALID$/.test(code))).toBe(
			true,
		);
	});

	it('is asked on arrival when the sandbox is told to', async () => {
		const sandbox = await startSandboxProcess({ validatePackages: true });
		try {
			const depositor = await Depositor.of(sandbox);
			const files = Object.fromEntries(valid.files);
			const good = await depositor.deposit(files, { objectId: valid.rootName });
			await depositor.reaches(good, 'PRESERVED');

			const { [`${PRIMARY}/data/page 1.tif`]: lost, ...rest } = files;
			expect(lost).toBeDefined();
			const bad = await depositor.deposit(rest, { objectId: 'another' });
			const { reasons } = await depositor.reaches(bad, 'REJECTED');
			expect(reasons?.map(({ code }) => code)).toContain('METS_INVALID');

			await depositor.reaches(await depositor.deposit(), 'PRESERVED');
		} finally {
			await sandbox.stop();
		}
	});
});
