import { createHash } from 'node:crypto';

import { pack } from 'tar-stream';
import { zipSync } from 'fflate';

import { playMutations } from '../../../conformance/mutations';
import type { Specimen } from '../../../conformance/specimen';
import { contentsOf, copyOf, validSpecimen } from '../../../conformance/specimen';
import type { FileSource } from '../../../dps/ports';
import { CancelledError } from '../../../dps/ports';
import { archiveForm, contentsOfArchive, isUnreadableArchive } from '../../../dps/sip/archive';
import type { ContentProfile } from '../../../dps/sip/content-category';
import { contentsOfFiles } from '../../../dps/sip/contents';
import type { PackageReport } from '../../../dps/sip/report';
import type { ValidationOptions } from '../../../dps/sip/validate';
import { validatePackage } from '../../../dps/sip/validate';

let valid: Specimen;

beforeAll(async () => {
	valid = await validSpecimen();
});

const NB: ValidationOptions = { ruleset: 'nb-sip-1.0' };
const EARK: ValidationOptions = { ruleset: 'e-ark-sip-2.2.0' };

const PRIMARY = 'representations/primary_20250217';

/** A valid package with one thing changed. */
async function reportOn(
	change: (specimen: Specimen) => void,
	options: ValidationOptions = NB,
): Promise<PackageReport> {
	const specimen = copyOf(valid);
	change(specimen);
	return await validatePackage(contentsOf(specimen), options);
}

/** Replaces text in a file; fails when the text is not there. */
function edit(path: string, from: string | RegExp, to: string) {
	return ({ files }: Specimen) => {
		const before = files.get(path)?.toString('utf8') ?? '';
		const after = before.replace(from, to);
		if (after === before) throw new Error(`${path} has no ${String(from)}`);
		files.set(path, Buffer.from(after));
	};
}

const root = (from: string | RegExp, to: string) => edit('METS.xml', from, to);
const inPrimary = (from: string | RegExp, to: string) => edit(`${PRIMARY}/METS.xml`, from, to);

function ids({ findings }: PackageReport, severity = 'error'): string[] {
	return [
		...new Set(
			findings.filter((each) => each.severity === severity).map(({ requirement }) => requirement),
		),
	];
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}

describe('a package as NB wants it', () => {
	it.each(['images', 'audio', 'text', 'movingImages', 'webArchive'] as ContentProfile[])(
		'of %s is valid, by NB-SIP and by E-ARK',
		async (profile) => {
			const specimen = await validSpecimen(profile);
			for (const options of [NB, EARK]) {
				const report = await validatePackage(contentsOf(specimen), options);
				expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
				expect(report.valid).toBe(true);
			}
		},
	);

	it('is reported with what it is', async () => {
		const report = await reportOn(() => {});
		expect(report).toMatchObject({
			valid: true,
			packageId: 'NF_1992-0123',
			profile: 'https://earksip.dilcis.eu/profile/E-ARK-SIP-v2-2-0.xml',
			ruleset: 'NB-SIP 1.0 (on E-ARK SIP 2.2.0)',
			fileCount: valid.files.size,
			representations: ['access_20250217', 'primary_20250217'],
			omitted: 0,
		});
		expect(report.summary.errors).toBe(0);
	});

	it('gives the same report every time, whatever the order of its files', async () => {
		const change = ({ files }: Specimen) => {
			files.delete('schemas/xlink.xsd');
			files.set(`${PRIMARY}/data/stray.tif`, Buffer.from('stray'));
			files.set('metadata/descriptive/mods.xml', Buffer.from('changed'));
		};
		const one = await reportOn(change);
		const other = await reportOn((specimen) => {
			change(specimen);
			specimen.files = new Map([...specimen.files].reverse());
		});
		expect(other).toEqual(one);
		expect(one.valid).toBe(false);
	});
});

describe('one thing wrong', () => {
	it.each<[string, (specimen: Specimen) => void, string[]]>([
		['OBJID is not the folder', root(/OBJID="[^"]*"/, 'OBJID="another"'), ['NBSIPSTR2', 'NBSIP1']],
		[
			'TYPE with a hyphen for the en dash',
			root(/TYPE="([^"]*) – /, 'TYPE="$1 - '),
			['CSIP2', 'NBIMAGESIP1'],
		],
		[
			'the namespace of CSIP in lower case',
			root('https://DILCIS.eu/XML/METS/CSIP', 'https://dilcis.eu/XML/METS/CSIP'),
			['METS', 'CSIP9', 'SIP4'],
		],
		[
			'two notes of the software',
			root(/(<note csip:NOTETYPE="SOFTWARE VERSION">[^<]*<\/note>)/, '$1$1'),
			['CSIP15'],
		],
		[
			'a second institution as creator',
			root(/(<agent ROLE="CREATOR" TYPE="ORGANIZATION">[\s\S]*?<\/agent>)/, '$1$1'),
			['SIP15'],
		],
		[
			'SHA-256 for a metadata file',
			root(
				/CHECKSUM="[0-9a-f]*" CHECKSUMTYPE="MD5"\/>/,
				`CHECKSUM="${'0'.repeat(64)}" CHECKSUMTYPE="SHA-256"/>`,
			),
			['CSIP29', 'NBSIP6'],
		],
		[
			'a media type that commons-ip lacks',
			inPrimary('MIMETYPE="image/tiff"', 'MIMETYPE="audio/wav"'),
			['CSIP68'],
		],
		[
			'metadata in METS itself',
			root(/<mdRef [^>]*\/>/, '<mdWrap MDTYPE="DC"><xmlData><a xmlns="urn:a"/></xmlData></mdWrap>'),
			['NBSIP5', 'NBSIP4'],
		],
		['an attribute that METS does not have', root('<fileSec ', '<fileSec COLOUR="red" '), ['METS']],
		[
			'a file in the folder metadata itself',
			({ files }) => files.set('metadata/x.xml', Buffer.from('x')),
			['NBSIPSTR6', 'NBSIPSTR4'],
		],
		[
			'no content at all',
			({ files }) =>
				[...files.keys()]
					.filter((path) => path.includes('/data/'))
					.forEach((path) => files.delete(path)),
			['NBSIPSTR13', 'CONTENT', 'CSIP79'],
		],
		[
			'a day that the calendar lacks',
			root('CREATEDATE="2025-02-17', 'CREATEDATE="2025-02-31'),
			['METS', 'CSIP7'],
		],
		['a + that is left as it is in a link', inPrimary('%2B', '+'), ['CSIP79']],
	])('%s is an error', async (_, change, expected) => {
		const report = await reportOn(change);
		expect(report.valid).toBe(false);
		expect(ids(report)).toEqual(expect.arrayContaining(expected));
	});

	it.each<[string, (specimen: Specimen) => void, string, string]>([
		['another LABEL than the title', () => {}, 'warning', 'NBSIP2'],
		['no LASTMODDATE, which only a changed package needs', () => {}, 'info', 'CSIP8'],
		[
			'a status that is not of the vocabulary',
			root('STATUS="CURRENT"', 'STATUS="TEST"'),
			'warning',
			'CSIP20',
		],
	])('%s is no error', async (_, change, severity, requirement) => {
		const report = await reportOn(change, { ...NB, title: 'Another title' });
		expect(ids(report, severity)).toContain(requirement);
	});

	it('tells file, place, line, what is there and what is wanted', async () => {
		const report = await reportOn(
			inPrimary('MIMETYPE="image/tiff" SIZE="10"', 'MIMETYPE="image/tiff" SIZE="11"'),
		);
		expect(report.findings.find(({ requirement }) => requirement === 'CSIP69')).toEqual({
			requirement: 'CSIP69',
			level: 'MUST',
			severity: 'error',
			file: `${PRIMARY}/METS.xml`,
			location: expect.stringMatching(
				/^\/mets\/fileSec\[@ID='[^']*'\]\/fileGrp\[@ID='[^']*'\]\/file\[@ID='[^']*'\]\/@SIZE$/,
			),
			line: expect.any(Number),
			target: `${PRIMARY}/data/page 1.tif`,
			found: 'is 11',
			wanted: '10, the size of "representations/primary_20250217/data/page 1.tif"',
		});
	});

	it('names the file that a link misses by case only', async () => {
		const report = await reportOn(root('href="schemas/xlink.xsd', 'href="schemas/XLINK.xsd'));
		const broken = report.findings.filter(({ requirement }) => requirement === 'CSIP79');
		expect(broken).toHaveLength(1);
		expect(broken[0].found).toContain('"schemas/xlink.xsd" differs by case');
		expect(ids(report)).not.toContain('CSIP113');
	});

	it('names the term that was meant', async () => {
		const report = await reportOn(root(/TYPE="([^"]*) – /, 'TYPE="$1 - '));
		const [finding] = report.findings.filter(({ requirement }) => requirement === 'CSIP2');
		expect(finding.wanted).toBe('"Other Graphic Images – Print", written exactly so');
	});

	it('lets E-ARK have what only NB forbids', async () => {
		const sha256 = createHash('sha256').update('first page').digest('hex');
		const md5 = createHash('md5').update('first page').digest('hex');
		const specimen = copyOf(valid);
		inPrimary(
			`CHECKSUM="${md5}" CHECKSUMTYPE="MD5"`,
			`CHECKSUM="${sha256}" CHECKSUMTYPE="SHA-256"`,
		)(specimen);
		const bytes = specimen.files.get(`${PRIMARY}/METS.xml`) ?? Buffer.alloc(0);
		root(
			new RegExp(
				`SIZE="\\d+"( CREATED="[^"]*") CHECKSUM="[0-9a-f]*"( CHECKSUMTYPE="MD5">\\s*<FLocat[^>]*${PRIMARY}/METS.xml)`,
			),
			`SIZE="${bytes.length}"$1 CHECKSUM="${createHash('md5').update(bytes).digest('hex')}"$2`,
		)(specimen);
		expect(ids(await validatePackage(contentsOf(specimen), NB))).toEqual(['NBSIP24']);
		expect((await validatePackage(contentsOf(specimen), EARK)).valid).toBe(true);
	});

	it('is told twenty times at most, and counted always', async () => {
		const report = await reportOn(({ files }) => {
			for (let number = 0; number < 50; number++)
				files.set(`${PRIMARY}/data/stray${number}`, Buffer.from('x'));
		});
		expect(report.findings.filter(({ requirement }) => requirement === 'NBSIPSTR14')).toHaveLength(
			20,
		);
		expect(report.summary.requirements).toContainEqual({
			requirement: 'NBSIPSTR14',
			severity: 'error',
			count: 50,
		});
		expect(report.omitted).toBe(60);
	});
});

describe('hostile METS', () => {
	it.each([
		[
			'a DOCTYPE with entities',
			(text: string) =>
				text.replace('<mets ', '<!DOCTYPE mets [<!ENTITY a SYSTEM "file:///etc/passwd">]><mets '),
		],
		[
			'thousands of levels',
			(text: string) => text.replace('<metsHdr ', `${'<a>'.repeat(5000)}<metsHdr `),
		],
		['an end that is missing', (text: string) => text.slice(0, 3000)],
	])('%s is reported and does no harm', async (_, change) => {
		const report = await reportOn(({ files }) => {
			files.set('METS.xml', Buffer.from(change(files.get('METS.xml')?.toString() ?? '')));
		});
		expect(ids(report)).toContain('XML');
	});

	it('that names files outside of the package, or on other hosts, is reported', async () => {
		const outside = await reportOn(root('href="schemas/xlink.xsd', 'href="../../secrets.txt'));
		expect(outside.findings.some(({ found }) => found.includes('leads out of the package'))).toBe(
			true,
		);
		const elsewhere = await reportOn(
			root('href="schemas/xlink.xsd', 'href="https://example.org/x?token=abc'),
		);
		expect(ids(elsewhere)).toContain('CSIP79');
		expect(JSON.stringify(elsewhere)).not.toContain('token=abc');
	});

	it('with names of JavaScript’s own as values does no harm', async () => {
		const report = await reportOn(root(/CHECKSUMTYPE="MD5"/g, 'CHECKSUMTYPE="constructor"'));
		expect(ids(report)).toContain('CSIP72');
		expect((await reportOn(root(/<fileSec /, '<constructor/><fileSec '))).valid).toBe(false);
	});
});

describe('reading the files', () => {
	function counting(specimen: Specimen) {
		const opened = new Map<string, number>();
		const files: FileSource[] = [...specimen.files].map(([path, bytes]) => ({
			path,
			size: bytes.length,
			open: async () => {
				opened.set(path, (opened.get(path) ?? 0) + 1);
				return once(bytes);
			},
		}));
		return { files, opened };
	}

	it('happens once a file, and METS.xml of representations twice', async () => {
		const { files, opened } = counting(valid);
		await validatePackage(contentsOfFiles(files, { rootName: valid.rootName }), NB);
		for (const [path, times] of opened) {
			expect([path, times]).toEqual([path, /\/METS\.xml$/.test(path) ? 2 : 1]);
		}
	});

	it('leaves out what nobody asks for: checksums that are known, or not wanted', async () => {
		const known = new Map(
			[...valid.files].map(([path, bytes]) => [
				path,
				new Map([['MD5', createHash('md5').update(bytes).digest('hex')]]),
			]),
		);
		const first = counting(valid);
		const report = await validatePackage(contentsOfFiles(first.files, { known }), NB);
		expect(report.valid).toBe(true);
		expect([...first.opened.keys()].filter((path) => path.includes('/data/'))).toEqual([]);

		const second = counting(valid);
		await validatePackage(contentsOfFiles(second.files), { ...EARK, checksums: false });
		expect([...second.opened.keys()].filter((path) => !path.endsWith('METS.xml'))).toEqual([]);
	});

	it('compares a known checksum too', async () => {
		const { files } = counting(valid);
		const known = new Map([[`${PRIMARY}/data/page 1.tif`, new Map([['MD5', '0'.repeat(32)]])]]);
		expect(ids(await validatePackage(contentsOfFiles(files, { known }), NB))).toEqual(['CSIP71']);
	});

	it('can be cancelled', async () => {
		const controller = new AbortController();
		controller.abort();
		const work = validatePackage(contentsOf(valid), { ...NB, signal: controller.signal });
		await expect(work).rejects.toThrow(CancelledError);
	});
});

describe('a package in an archive', () => {
	function archiveSource(bytes: Uint8Array): FileSource {
		return { path: 'package', size: bytes.length, open: async () => once(bytes) };
	}

	function zipOf(specimen: Specimen, rootName = `${specimen.rootName}/`): Uint8Array {
		const entries = [...specimen.files].map(([path, bytes]) => [
			rootName + path,
			Uint8Array.from(bytes),
		]);
		return zipSync(Object.fromEntries(entries) as Record<string, Uint8Array>);
	}

	async function tarOf(specimen: Specimen): Promise<Uint8Array> {
		const tar = pack();
		const chunks: Buffer[] = [];
		const all = (async () => {
			for await (const chunk of tar) chunks.push(chunk as Buffer);
		})();
		// METS last: what must be known of the files before it is read
		for (const [path, bytes] of [...specimen.files].reverse())
			tar.entry({ name: `./${specimen.rootName}/${path}` }, bytes);
		tar.finalize();
		await all;
		return Buffer.concat(chunks);
	}

	async function reportOnArchive(bytes: Uint8Array, options = NB): Promise<PackageReport> {
		const source = archiveSource(bytes);
		const form = await archiveForm(source);
		if (form === undefined) throw new Error('no archive');
		return await validatePackage(await contentsOfArchive(source, form), options);
	}

	it('gets the same report as its files, as a TAR and as a ZIP', async () => {
		const specimen = copyOf(valid);
		specimen.files.set(`${PRIMARY}/data/page 1.tif`, Buffer.from('other page'));
		const expected = await validatePackage(contentsOf(specimen), NB);
		expect(ids(expected)).toEqual(['CSIP71']);
		expect(await reportOnArchive(zipOf(specimen))).toEqual(expected);
		expect(await reportOnArchive(await tarOf(specimen))).toEqual(expected);
	});

	it('has checksums of other algorithms compared too', async () => {
		const specimen = copyOf(valid);
		const md5 = createHash('md5').update('first page').digest('hex');
		inPrimary(
			`CHECKSUM="${md5}" CHECKSUMTYPE="MD5"`,
			`CHECKSUM="${'0'.repeat(128)}" CHECKSUMTYPE="SHA-512"`,
		)(specimen);
		const report = await reportOnArchive(zipOf(specimen), EARK);
		const sha512 = createHash('sha512').update('first page').digest('hex');
		expect(
			report.findings.find(
				({ requirement, file }) => requirement === 'CSIP71' && file.startsWith(PRIMARY),
			)?.wanted,
		).toContain(sha512);
	});

	it('without a root folder, with two, or with paths that lead out of it, is invalid', async () => {
		expect(ids(await reportOnArchive(zipOf(valid, '')))).toContain('CSIPSTR1');
		const two = copyOf(valid);
		two.files.set('../other/file.txt', Buffer.from('x'));
		const report = await reportOnArchive(zipOf(two));
		expect(ids(report)).toContain('CSIPSTR1');
		expect(report.findings.some(({ found }) => found.includes('. or ..'))).toBe(true);
	});

	it('that is damaged is told from a fault of the program', async () => {
		const damaged = zipOf(valid).subarray(0, 4000);
		const failure = await contentsOfArchive(archiveSource(damaged), 'ZIP').catch(
			(error: unknown) => error,
		);
		expect(isUnreadableArchive(failure)).toBe(true);
		expect(isUnreadableArchive(new TypeError('a fault'))).toBe(false);
		expect(await archiveForm(archiveSource(Buffer.from('neither')))).toBeUndefined();
	});
});

describe('large packages', () => {
	it('of 20,000 files are read with what METS says held in memory, and nothing else', async () => {
		const specimen = copyOf(valid);
		const path = `${PRIMARY}/METS.xml`;
		const one =
			/<file ID="([^"]*)"[^>]*>\s*<FLocat[^>]*page%201\.tif"[^>]*\/>\s*<\/file>/.exec(
				specimen.files.get(path)?.toString() ?? '',
			)?.[0] ?? '';
		const many = Array.from({ length: 20_000 }, (_, number) =>
			one.replace(/ID="[^"]*"/, `ID="f${number}"`).replace('page%201', `scan%20${number}`),
		);
		inPrimary(one, one + many.join(''))(specimen);
		many.forEach((_, number) =>
			specimen.files.set(`${PRIMARY}/data/scan ${number}.tif`, Buffer.from('first page')),
		);
		const report = await validatePackage(contentsOf(specimen), NB);
		// only the METS of the representation is another than the root METS says
		expect(ids(report).sort()).toEqual(['CSIP69', 'CSIP71']);
		expect(report.summary.errors).toBe(2);
	});
});

describe('mutations', () => {
	it('that break a MUST are all reported (400 of them)', async () => {
		const { tried, missed } = await playMutations(20_250_217, 400);
		expect(missed).toEqual([]);
		expect(tried).toBe(400);
	});
});
