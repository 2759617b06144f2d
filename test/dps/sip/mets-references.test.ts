import { metsReferences } from '../../../dps/sip/mets-references';
import { XmlError } from '../../../dps/sip/xml';

async function* chunked(text: string | Buffer, size = 7): AsyncGenerator<Uint8Array> {
	const bytes = Buffer.from(text as string);
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const mets = (body: string, prefix = '') => {
	const p = prefix ? `${prefix}:` : '';
	return `<?xml version="1.0" encoding="UTF-8"?>
<${p}mets xmlns${prefix ? `:${prefix}` : ''}="http://www.loc.gov/METS/" xmlns:x="http://www.w3.org/1999/xlink">${body}</${p}mets>`;
};

const read = (xml: string | Buffer, path = 'METS.xml') => metsReferences(path, chunked(xml));

describe('the files that a METS names', () => {
	it('are those of file, mdRef and mptr, with what it says of them', async () => {
		const xml = mets(`
			<dmdSec><mdRef x:href="metadata/descriptive/dc.xml" SIZE="12" CHECKSUM="AB" CHECKSUMTYPE="MD5"/></dmdSec>
			<fileSec><fileGrp><file SIZE="5" CHECKSUM="cd" CHECKSUMTYPE="SHA-256"><FLocat x:href="documentation/a.txt"/></file></fileGrp></fileSec>
			<structMap><div><mptr x:href="representations/r1/METS.xml"/></div></structMap>`);
		await expect(read(xml)).resolves.toEqual([
			{
				href: 'metadata/descriptive/dc.xml',
				paths: ['metadata/descriptive/dc.xml'],
				size: 12,
				checksum: 'ab',
				checksumType: 'MD5',
			},
			{
				href: 'documentation/a.txt',
				paths: ['documentation/a.txt'],
				size: 5,
				checksum: 'cd',
				checksumType: 'SHA-256',
			},
			{ href: 'representations/r1/METS.xml', paths: ['representations/r1/METS.xml'] },
		]);
	});

	it('are found whatever prefix the namespaces have', async () => {
		const xml = mets('<m:mdRef x:href="a.xml"/>', 'm');
		await expect(read(xml)).resolves.toMatchObject([{ paths: ['a.xml'] }]);
		const other = '<mets xmlns="urn:other"><mdRef href="a.xml"/></mets>';
		await expect(read(other)).resolves.toEqual([]);
	});

	it.each([
		['data/a%20b.tif', ['representations/r/data/a b.tif', 'representations/r/data/a%20b.tif']],
		['data/a+b.tif', ['representations/r/data/a+b.tif', 'representations/r/data/a b.tif']],
		['./data//å.tif', ['representations/r/data/å.tif']],
		['../../schemas/mets.xsd', ['schemas/mets.xsd']],
		['file:data/a.tif', ['representations/r/data/a.tif']],
		['100%.tif', ['representations/r/100%.tif']],
		['../../../etc/passwd', []],
	])('%s is relative to the folder of the METS', async (href, paths) => {
		const xml = mets(`<mdRef x:href="${href}"/>`);
		const [reference] = await read(xml, 'representations/r/METS.xml');
		expect(reference.paths).toEqual(paths);
	});

	it('are no links to other hosts', async () => {
		const xml = mets('<mdRef x:href="https://example.org/a.xml"/><mdRef x:href="http://x/y"/>');
		await expect(read(xml)).resolves.toEqual([]);
	});
});

describe('XML that is not read', () => {
	const deep = '<a>'.repeat(300) + '</a>'.repeat(300);
	it.each([
		['not well-formed', mets('<mdRef>')],
		['empty', ''],
		['a page of HTML', '<html><br></html>'],
		['a DOCTYPE', `<!DOCTYPE mets [<!ENTITY a "aaaa">]>${mets('')}`],
		['an external entity', `<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><m>&x;</m>`],
		['an expansion bomb', `<!DOCTYPE m [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]><m>&c;</m>`],
		['an unknown entity', mets('<mdRef x:href="&secret;"/>')],
		['too deep', mets(deep)],
		[
			'not UTF-8',
			Buffer.concat([Buffer.from('<a>'), Buffer.from([0xff, 0xfe]), Buffer.from('</a>')]),
		],
	])('%s', async (_name, xml) => {
		await expect(read(xml)).rejects.toBeInstanceOf(XmlError);
	});
});
