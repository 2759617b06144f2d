import { isDateTime } from '../../../dps/sip/mets/simple-type';
import { readMets } from '../../../dps/sip/mets/read';

const NAMESPACES =
	'xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:csip="https://DILCIS.eu/XML/METS/CSIPExtensionMETS" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

async function violations(inside: string, attributes = '', editedSchema = true): Promise<string[]> {
	const text = `<mets ${NAMESPACES} PROFILE="p"${attributes}>${inside}</mets>`;
	const found: string[] = [];
	await readMets(
		(async function* () {
			yield Buffer.from(text);
		})(),
		{
			editedSchema,
			onViolation: ({ location, found: what }) => found.push(`${location}: ${what}`),
			onElement: () => true,
		},
	);
	return found;
}

const MAP = '<structMap><div/></structMap>';
const section = (inside: string) => `<dmdSec ID="d">${inside}</dmdSec>${MAP}`;

describe('the METS schema', () => {
	it('accepts what METS 1.12 accepts', async () => {
		expect(await violations(MAP)).toEqual([]);
		expect(
			await violations(MAP, ' xsi:schemaLocation="a b" csip:ANYTHING="x" xml:lang="no"'),
		).toEqual([]);
		expect(
			await violations(
				section('<mdWrap MDTYPE="DC"><xmlData><x xmlns="urn:x" ID="d"/></xmlData></mdWrap>'),
			),
		).toEqual([]);
		expect(
			await violations(
				'<structMap><div><fptr/><div DMDID="later"/></div></structMap><structMap ID="later"><div/></structMap>',
			),
		).toEqual([]);
		expect(
			await violations(section('<mdWrap MDTYPE="DC"/><mdRef LOCTYPE="URL" MDTYPE="DC"/>')),
		).toEqual([]);
	});

	it.each([
		['a structMap', '', '', '/mets: mets has no structMap'],
		['order', `${MAP}<dmdSec ID="d"/>`, '', 'dmdSec after structMap'],
		[
			'one of a kind',
			`<fileSec><fileGrp/></fileSec><fileSec><fileGrp/></fileSec>${MAP}`,
			'',
			'more than one fileSec',
		],
		['what must be inside', '<structMap/>', '', 'structMap has no div'],
		['what may be inside', `<amdSec><dmdSec ID="d"/></amdSec>${MAP}`, '', 'dmdSec inside amdSec'],
		[
			'files or groups, not both',
			`<fileSec><fileGrp><file ID="f"/><fileGrp/></fileGrp></fileSec>${MAP}`,
			'',
			'fileGrp beside file',
		],
		['text between elements', `text${MAP}`, '', 'text between the elements'],
		['elements of other namespaces', `<x xmlns="urn:x"/>${MAP}`, '', 'not of the METS namespace'],
		['attributes that are required', '<dmdSec/>' + MAP, '', '/mets/dmdSec/@ID: is missing'],
		['attributes that are unknown', MAP, ' COLOUR="red"', 'an attribute "COLOUR"'],
		[
			'attributes of other namespaces where none may be',
			'<structMap><div csip:OTHERTYPE="x"/></structMap>',
			'',
			'an attribute "csip:OTHERTYPE"',
		],
		['enumerations', section('<mdRef LOCTYPE="url" MDTYPE="DC"/>'), '', 'is "url"'],
		[
			'dates',
			`<metsHdr CREATEDATE="yesterday" csip:OAISPACKAGETYPE="SIP"/>${MAP}`,
			'',
			'is "yesterday"',
		],
		[
			'IDs that are unique',
			`<dmdSec ID="d"/><dmdSec ID="d"/>${MAP}`,
			'',
			'the ID "d" occurs more than once',
		],
		['IDs that are names', `<dmdSec ID="1"/>${MAP}`, '', '/@ID: is "1"'],
		[
			'references that lead somewhere',
			'<structMap><div DMDID="gone"/></structMap>',
			'',
			'refers to "gone"',
		],
	])('asks for %s', async (_, inside, attributes, message) => {
		expect((await violations(inside, attributes)).join('\n')).toContain(message);
	});

	it("asks for NOTETYPE and OAISPACKAGETYPE in commons-ip's copy only", async () => {
		const header = `<metsHdr><agent ROLE="CREATOR"><name>a</name><note>b</note></agent></metsHdr>${MAP}`;
		expect(await violations(header, '', true)).toHaveLength(2);
		expect(await violations(header, '', false)).toEqual([]);
	});

	it('tells a document that is not METS at all', async () => {
		const found: string[] = [];
		const outline = await readMets(
			(async function* () {
				yield Buffer.from('<mets><metsHdr/></mets>');
			})(),
			{
				editedSchema: true,
				onViolation: (violation) => found.push(violation.found),
				onElement: () => true,
			},
		);
		expect(outline.root).toBeUndefined();
		expect(found).toEqual(['an element mets of no namespace']);
	});
});

describe('a date and time of XML Schema', () => {
	it.each([
		['2025-02-17T09:30:00', true],
		['2025-02-17T09:30:00.123Z', true],
		['2024-02-29T24:00:00+14:00', true],
		['2025-02-29T00:00:00', false],
		['2025-02-17', false],
		['2025-02-17 09:30:00', false],
		['2025-02-17T24:00:01', false],
		['2025-02-17T09:60:00', false],
		['2025-00-17T09:30:00', false],
		['25-02-17T09:30:00', false],
	])('%s: %s', (value, expected) => expect(isDateTime(value)).toBe(expected));
});
