import type { BuildInput } from '../../../../dps/sip/build/input';
import { CONTENT_CATEGORIES } from '../../../../dps/sip/content-category';
import { metsReferences } from '../../../../dps/sip/mets-references';
import { checkCompleteness } from '../../../../dps/submit/completeness';

import {
	METADATA,
	SCHEMA_FILES,
	build,
	bytesOf,
	content,
	md5,
	packageInput,
	paths,
	read,
	refusals,
	text,
} from './package-input';

const PREMIS = '<premis xmlns="http://www.loc.gov/premis/v3" version="3.0"/>';

const WHOLE: BuildInput['files'] = [
	content('page1.tif'),
	content('bind 1/side +2%.tif'),
	content('page1.jpg', 'access'),
	{ role: 'technical', source: text('mediainfo/page1.xml', '<MediaInfo/>') },
	{ role: 'technical', tool: 'exiftool', source: text('page1.json', '{}') },
	{ role: 'source', source: text('glass plate.xml', '<plate/>') },
	{ role: 'preservation', source: text('premis.xml', PREMIS) },
	{ role: 'preservation', representation: 'primary', source: text('premis.xml', PREMIS) },
	{ role: 'documentation', source: text('manual/read me.txt') },
	{
		role: 'descriptive',
		source: text('record.xml', '<mods xmlns="http://www.loc.gov/mods/v3"/>'),
	},
	...SCHEMA_FILES,
];

describe('the folders of a package (NB-SIP-STRUCTURE-1.0)', () => {
	it('are those of the simplest package', async () => {
		expect(paths(await build())).toEqual([
			'METS.xml',
			'representations/primary_20250217/METS.xml',
			'metadata/descriptive/nb_dublincore.json',
			'representations/primary_20250217/data/page1.tif',
			'schemas/DILCISExtensionMETS.xsd',
			'schemas/DILCISExtensionSIPMETS.xsd',
			'schemas/mets1_12.xsd',
			'schemas/xlink.xsd',
		]);
	});

	it('have a place for each role, and the date in the name of each representation', async () => {
		expect(paths(await build({ files: WHOLE }))).toEqual([
			'METS.xml',
			'representations/primary_20250217/METS.xml',
			'representations/access_20250217/METS.xml',
			'documentation/manual/read me.txt',
			'metadata/descriptive/nb_dublincore.json',
			'metadata/descriptive/record.xml',
			'metadata/preservation/premis.xml',
			'representations/access_20250217/data/page1.jpg',
			'representations/primary_20250217/data/bind 1/side +2%.tif',
			'representations/primary_20250217/data/page1.tif',
			'representations/primary_20250217/metadata/preservation/premis.xml',
			'representations/primary_20250217/metadata/source/glass plate.xml',
			'representations/primary_20250217/metadata/technical/exiftool/page1.json',
			'representations/primary_20250217/metadata/technical/mediainfo/page1.xml',
			'schemas/DILCISExtensionMETS.xsd',
			'schemas/DILCISExtensionSIPMETS.xsd',
			'schemas/mets1_12.xsd',
			'schemas/xlink.xsd',
		]);
	});

	it('keep the date that a representation already bears', async () => {
		const files = [content('a.tif'), content('a.jpg', 'access_20240101'), ...SCHEMA_FILES];
		expect(paths(await build({ files }))).toContain('representations/access_20240101/data/a.jpg');
	});
});

describe('METS', () => {
	it('names every file of the package but itself, with its size and checksum', async () => {
		const built = await build({ files: WHOLE });
		const fixities = new Map(built.files.map(({ source, fixity }) => [source.path, fixity]));
		const files = built.files.map(({ source }) => ({ source, isPackaged: false }));
		const input = { contractId: 'ef23', objectId: 'NF_1992-0123', metadata: METADATA, files };
		await expect(checkCompleteness(input, fixities)).resolves.toEqual([]);

		const named = new Set<string>();
		for (const path of paths(built).filter((each) => each.endsWith('METS.xml'))) {
			const mets = built.files.find(({ source }) => source.path === path);
			for (const reference of await metsReferences(path, await mets!.source.open())) {
				named.add(reference.paths[0]);
			}
		}
		expect([...named].sort()).toEqual(
			paths(built)
				.filter((path) => path !== 'METS.xml')
				.sort(),
		);
	});

	it('has the checksums and sizes that its files really have', async () => {
		const { files } = await build({ files: WHOLE });
		for (const { source, fixity } of files) {
			const bytes = await bytesOf(source);
			expect([source.path, bytes.length, source.size, md5(bytes)]).toEqual([
				source.path,
				fixity.size,
				fixity.size,
				fixity.md5,
			]);
		}
	});

	it.each(CONTENT_CATEGORIES.map((each) => [each.kind, each] as const))(
		'says of %s what its content profile wants, in every document',
		async (_kind, category) => {
			const built = await build({ category });
			for (const path of ['METS.xml', 'representations/primary_20250217/METS.xml']) {
				const mets = await read(built, path);
				const root = /<mets [^>]*>/.exec(mets)?.[0] ?? '';
				expect(root).toContain(` TYPE="${category.type}"`);
				expect(root).toContain(' csip:CONTENTINFORMATIONTYPE="OTHER"');
				expect(root).toContain(
					` csip:OTHERCONTENTINFORMATIONTYPE="${category.otherContentInformationType}"`,
				);
				expect(/ csip:OTHERTYPE="([^"]*)"/.exec(root)?.[1]).toBe(category.otherType);
			}
		},
	);

	it('names the object, the title, the contract, the institution and the software', async () => {
		const built = await build();
		const mets = await read(built, 'METS.xml');
		expect(mets).toContain(' OBJID="NF_1992-0123" LABEL="Rana Blad"');
		expect(mets).toContain('<altRecordID TYPE="SUBMISSIONAGREEMENT">ef23</altRecordID>');
		expect(mets).toContain('<note csip:NOTETYPE="SOFTWARE VERSION">1.2.3</note>');
		expect(mets).toContain('<note csip:NOTETYPE="IDENTIFICATIONCODE">974760673</note>');
		expect(mets.match(/<agent ROLE="CREATOR"/g)).toHaveLength(2);
		const representation = await read(built, 'representations/primary_20250217/METS.xml');
		expect(representation).toContain(' OBJID="primary_20250217"');
		expect(representation).toContain('csip:OAISPACKAGETYPE="SIP"');
	});

	it('escapes what XML gives a meaning to, wherever it comes from', async () => {
		const built = await build({
			metadata: { ...METADATA, title: { value: '"<Rana>" & \n\'Blad\'', lang: 'nob' } },
			organisation: { name: '</name><evil/>', identificationCode: '974760673' },
			software: { name: 'a & b', version: '<1>' },
			files: [content('<a> & "b".tif'), ...SCHEMA_FILES],
		});
		const mets = await read(built, 'METS.xml');
		expect(mets).toContain(' LABEL="&quot;&lt;Rana&gt;&quot; &amp; &#10;\'Blad\'"');
		expect(mets).not.toContain('<evil/>');
		for (const path of paths(built).filter((each) => each.endsWith('METS.xml'))) {
			await expect(
				metsReferences(
					path,
					(async function* () {
						yield Buffer.from(await read(built, path));
					})(),
				),
			).resolves.not.toHaveLength(0);
		}
	});

	it.each([
		['side 1.tif', 'side%201.tif'],
		['a+b.tif', 'a%2Bb.tif'],
		['100%.tif', '100%25.tif'],
		['blåbær.tif', 'bl%C3%A5b%C3%A6r.tif'],
		['bla\u030Aba\u0308r.tif', 'bla%CC%8Aba%CC%88r.tif'],
		['𝔘 🎞.tif', '%F0%9D%94%98%20%F0%9F%8E%9E.tif'],
		['ab:c?d#e;f.tif', 'ab%3Ac%3Fd%23e%3Bf.tif'],
		['bind 1/side 2.tif', 'bind%201/side%202.tif'],
	])('links to %s as a relative URL', async (name, href) => {
		const built = await build({ files: [content(name), ...SCHEMA_FILES] });
		const mets = await read(built, 'representations/primary_20250217/METS.xml');
		expect(mets).toContain(` xlink:href="data/${href}"`);
		expect(paths(built)).toContain(`representations/primary_20250217/data/${name}`);
	});

	it.each([
		['lyd.WAV', 'application/octet-stream'],
		['lyd.flac', 'application/octet-stream'],
		['film.mkv', 'application/octet-stream'],
		['raw.dng', 'application/octet-stream'],
		['crawl.warc', 'application/octet-stream'],
		['no extension', 'application/octet-stream'],
		['page.TIF', 'image/tiff'],
		['bok.pdf', 'application/pdf'],
	])('gives %s a media type that the receiving validator knows', async (name, mediaType) => {
		const built = await build({ files: [content(name), ...SCHEMA_FILES] });
		const mets = await read(built, 'representations/primary_20250217/METS.xml');
		expect(/<file [^>]* MIMETYPE="([^"]*)"/.exec(mets)?.[1]).toBe(mediaType);
	});

	it('recognises the standard of a metadata file, or takes what is said of it', async () => {
		const built = await build({
			files: [
				content('a.tif'),
				...SCHEMA_FILES,
				...(
					[
						['mods.xml', '<m:mods xmlns:m="http://www.loc.gov/mods/v3"/>'],
						['ead.xml', '<ead xmlns="urn:isbn:1-931666-22-9"/>'],
						['marc.xml', '<collection xmlns="http://www.loc.gov/MARC21/slim"/>'],
						['lido.xml', '<lido xmlns="http://www.lido-schema.org"/>'],
						['own.xml', '<record/>'],
						['broken.xml', '<record'],
						['katalog.txt', 'Et bilde'],
					] as const
				).map(([name, body]) => ({ role: 'descriptive' as const, source: text(name, body) })),
				{ role: 'descriptive', source: text('x.xml', '<x/>'), metadataType: 'VRA' },
				{
					role: 'descriptive',
					source: text('y.xml', '<y/>'),
					metadataType: 'OTHER',
					otherMetadataType: 'EBUCORE',
				},
			],
		});
		const mets = await read(built, 'METS.xml');
		const types = [
			...mets.matchAll(
				/<mdRef [^>]*descriptive\/([^"]+)" MDTYPE="([^"]+)"(?: OTHERMDTYPE="([^"]+)")?/g,
			),
		];
		expect(types.map(([, name, type, other]) => [name, type, other])).toEqual([
			['broken.xml', 'OTHER', 'xml'],
			['ead.xml', 'EAD', undefined],
			['katalog.txt', 'OTHER', 'txt'],
			['lido.xml', 'LIDO', undefined],
			['marc.xml', 'MARC', undefined],
			['mods.xml', 'MODS', undefined],
			['nb_dublincore.json', 'DC', undefined],
			['own.xml', 'OTHER', 'record'],
			['x.xml', 'VRA', undefined],
			['y.xml', 'OTHER', 'EBUCORE'],
		]);
	});

	it('has a Metadata division only where the folder is', async () => {
		const built = await build({ files: WHOLE });
		await expect(read(built, 'representations/access_20250217/METS.xml')).resolves.not.toContain(
			'LABEL="Metadata"',
		);
		await expect(read(built, 'representations/primary_20250217/METS.xml')).resolves.toContain(
			'LABEL="Metadata"',
		);
	});
});

describe('a package that is built again', () => {
	const fingerprint = async (input: Partial<BuildInput>) => {
		const { files } = await build(input);
		return await Promise.all(
			files.map(async ({ source }) => [source.path, md5(await bytesOf(source))]),
		);
	};

	it('has the same bytes', async () => {
		expect(await fingerprint({ files: WHOLE })).toEqual(await fingerprint({ files: WHOLE }));
	});

	it('has the same bytes when its files come in another order', async () => {
		expect(await fingerprint({ files: [...WHOLE].reverse() })).toEqual(
			await fingerprint({ files: WHOLE }),
		);
	});

	it('opens its own documents with the same bytes as often as is wanted', async () => {
		const { files } = await build({ files: WHOLE });
		const [mets] = files;
		expect(await bytesOf(mets.source)).toEqual(await bytesOf(mets.source));
	});

	it('has other ids when it is another object, and unique ones in each document', async () => {
		const idsOf = async (objectId: string) => {
			const mets = await read(await build({ objectId, files: WHOLE }), 'METS.xml');
			return [...mets.matchAll(/ ID="([^"]+)"/g)].map(([, id]) => id);
		};
		const one = await idsOf('object_1');
		const other = await idsOf('object_2');
		expect(new Set([...one, ...other]).size).toBe(one.length + other.length);
	});
});

describe('descriptive metadata', () => {
	it('is the metadata of the submission, whole, as JSON', async () => {
		const json = await read(await build(), 'metadata/descriptive/nb_dublincore.json');
		expect(JSON.parse(json)).toEqual(METADATA);
	});

	it('can be Dublin Core XML', async () => {
		const built = await build({
			descriptionFormat: 'xml',
			metadata: {
				...METADATA,
				creator: [{ name: 'Nordmann & sønner', role: 'Fotograf' }],
				alternative: [{ type: 'Undertittel', value: 'Organ for <Rana>', lang: 'nob' }],
			},
		});
		const xml = await read(built, 'metadata/descriptive/dublincore.xml');
		expect(xml).toContain('<dc:title xml:lang="nob">Rana Blad</dc:title>');
		expect(xml).toContain('<dc:creator>Nordmann &amp; sønner</dc:creator>');
		expect(xml).toContain(
			'<dcterms:alternative xml:lang="nob">Organ for &lt;Rana&gt;</dcterms:alternative>',
		);
		expect(paths(built)).not.toContain('metadata/descriptive/nb_dublincore.json');
	});

	it('can be the files of the depositor alone, but not nothing', async () => {
		const files = [
			...packageInput().files,
			{ role: 'descriptive' as const, source: text('a.txt') },
		];
		const built = await build({ descriptionFormat: 'none', files });
		expect(paths(built).filter((path) => path.startsWith('metadata/'))).toEqual([
			'metadata/descriptive/a.txt',
		]);
		expect(await refusals({ descriptionFormat: 'none' })).toEqual([
			expect.stringContaining('descriptive metadata: is missing'),
		]);
	});
});

describe('what cannot become a package is refused before a file is read', () => {
	const refusesToOpen = (path: string): BuildInput['files'][number] => ({
		role: 'content',
		source: {
			path,
			size: 1,
			open: async () => {
				throw new Error('was read');
			},
		},
	});

	it.each([
		['a tab\t.tif', 'control characters'],
		['null\0.tif', 'control characters'],
		['bell\u0007.tif', 'control characters'],
		['half\uD800.tif', 'half of a character'],
		['noncharacter\uFFFE.tif', 'METS, being XML, cannot hold'],
		['../METS.xml', '. or ..'],
		['a/../../b.tif', '. or ..'],
		['/etc/passwd', 'begins with a slash'],
		['C:\\scan.tif', 'backslash'],
		['', 'is missing'],
		['x'.repeat(900), '900'],
	])('a file named %j', async (name, reason) => {
		const files = [refusesToOpen(name), ...SCHEMA_FILES];
		expect(await refusals({ files })).toContainEqual(expect.stringContaining(reason));
	});

	it.each([
		['without content', { files: SCHEMA_FILES }, 'no content file'],
		[
			'without a primary representation',
			{ files: [content('a.jpg', 'access'), ...SCHEMA_FILES] },
			'primary representation',
		],
		[
			'with two primary representations',
			{
				files: [
					content('a.jpg', 'primary_20240101'),
					content('a.jpg', 'primary_20240102'),
					...SCHEMA_FILES,
				],
			},
			'2 primary representations',
		],
		[
			'with a representation that has metadata only',
			{
				files: [
					...packageInput().files,
					{ role: 'source' as const, representation: 'access', source: text('a.xml') },
				],
			},
			'has metadata, but no content',
		],
		[
			'with a representation that is called out of the package',
			{ files: [content('a'), content('a', '../../x'), ...SCHEMA_FILES] },
			'cannot have',
		],
		[
			'with representations that differ by case only',
			{ files: [content('a'), content('a', 'access'), content('b', 'Access'), ...SCHEMA_FILES] },
			'only by upper and lower case',
		],
		[
			'with technical metadata of an unknown tool',
			{
				files: [...packageInput().files, { role: 'technical' as const, source: text('page1.xml') }],
			},
			'tool: is missing',
		],
		[
			'with two files of one name',
			{ files: [content('a.tif'), content('a.tif'), ...SCHEMA_FILES] },
			'two items have this path',
		],
		[
			'with names that differ by case only',
			{ files: [content('a.tif'), content('A.tif'), ...SCHEMA_FILES] },
			'upper and lower case',
		],
		[
			'with a file under the name of the description',
			{
				files: [
					...packageInput().files,
					{ role: 'descriptive' as const, source: text('nb_dublincore.json') },
				],
			},
			'two items have this path',
		],
		['without schemas', { files: [content('a.tif')] }, 'mets1_12.xsd'],
		['of an illegal object id', { objectId: 'NF.1992/0123' }, 'object id'],
		['of an illegal contract', { contractId: 'x"><' }, 'contract'],
		['of an impossible day', { created: '2025-02-30' }, 'package date'],
		['of no day', { created: 'yesterday' }, 'package date'],
		[
			'without an organisation number',
			{ organisation: { name: 'Museum', identificationCode: ' ' } },
			'organisation number: is empty',
		],
		[
			'with a title that XML cannot hold',
			{ metadata: { ...METADATA, title: { value: 'Rana\u0001', lang: 'nob' } } },
			'title',
		],
		['without a title', { metadata: { ...METADATA, title: undefined } }, 'title'],
		[
			'with a type of metadata that METS does not know',
			{
				files: [
					...packageInput().files,
					{ role: 'descriptive' as const, source: text('a.xml'), metadataType: 'mods' },
				],
			},
			'metadata type',
		],
	] satisfies Array<[string, Partial<BuildInput>, string]>)(
		'a package %s',
		async (_name, changes, reason) => {
			expect(await refusals(changes)).toContainEqual(expect.stringContaining(reason));
		},
	);

	it('names all that is wrong, not the first only', async () => {
		const found = await refusals({ created: 'x', objectId: 'ø', files: [content('a\n')] });
		expect(found.length).toBeGreaterThanOrEqual(4);
	});
});

describe('warnings', () => {
	it('are given for schemas that are no known copy', async () => {
		const files = packageInput().files.map((file) =>
			file.source.path === 'xlink.xsd' ? { ...file, source: text('xlink.xsd', '<other/>') } : file,
		);
		const { warnings } = await build({ files });
		expect(warnings.map(({ field }) => field)).toEqual(['schemas/xlink.xsd']);
	});

	it('are given for an organisation number with a wrong check digit', async () => {
		const { warnings } = await build({
			organisation: { name: 'Museum', identificationCode: '974760674' },
		});
		expect(warnings.map(({ field }) => field)).toEqual(['organisation number']);
	});

	it('are not given for a package without a fault', async () => {
		expect((await build()).warnings).toEqual([]);
	});
});

it('reads each file once for the package, and not whole into memory', async () => {
	let opened = 0;
	let waiting = 0;
	const source = {
		path: 'film.mxf',
		size: 64 * 1024 * 100,
		open: async () => {
			opened += 1;
			return (async function* () {
				for (let chunk = 0; chunk < 100; chunk++) {
					waiting += 1;
					yield new Uint8Array(64 * 1024);
					waiting -= 1;
				}
			})();
		},
	};
	await build({ files: [{ role: 'content', source }, ...SCHEMA_FILES] });
	expect([opened, waiting]).toEqual([1, 0]);
});

it('writes the METS of many files in pieces', async () => {
	const files = [...Array(5000).keys()].map((page) => content(`page ${page}.tif`));
	const built = await build({ files: [...files, ...SCHEMA_FILES] });
	const mets = built.files.find(({ source }) => /primary_\d+\/METS/.test(source.path));
	const sizes: number[] = [];
	for await (const chunk of await mets!.source.open()) sizes.push(chunk.length);
	expect(sizes.reduce((sum, size) => sum + size)).toBe(mets!.fixity.size);
	expect(Math.max(...sizes)).toBeLessThan(128 * 1024);
});
