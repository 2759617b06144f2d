import type { Transport, TransportRequest } from '../../../../dps/ports';
import { TransportError } from '../../../../dps/ports';
import { checkSchemas, fetchMissingSchemas } from '../../../../dps/sip/build/schemas';

import { STAND_INS, bytesOf } from './package-input';

/** A web server that has what `content` gives for an address. */
function webServer(content: (url: string) => string | undefined) {
	const requests: TransportRequest[] = [];
	const transport: Transport = {
		async request(request) {
			requests.push(request);
			const text = content(request.url);
			const stream = (async function* () {
				if (text !== undefined) yield Buffer.from(text);
			})();
			return { status: text === undefined ? 404 : 200, headers: {}, text: '', stream };
		},
	};
	return { requests, transport };
}

const standIn = (url: string) => `<schema name="${new URL(url).pathname.split('/').pop()}"/>`;

describe('fetching the schemas that a package lacks', () => {
	it('takes them from a folder of the institution, by their names', async () => {
		const { transport, requests } = webServer(standIn);
		const folder = 'https://example.com/xsd';
		const files = await fetchMissingSchemas(transport, new Set(), { folder, canonical: STAND_INS });
		expect(files.map(({ path }) => path)).toEqual(STAND_INS.map(({ name }) => name));
		expect(requests.map(({ url }) => url)).toEqual(
			STAND_INS.map(({ name }) => `https://example.com/xsd/${name}`),
		);
		expect((await bytesOf(files[0])).toString()).toBe(`<schema name="${STAND_INS[0].name}"/>`);
	});

	it('never sends a token, and asks for nothing that is there', async () => {
		const { transport, requests } = webServer(standIn);
		const present = new Set(STAND_INS.slice(1).map(({ name }) => name));
		const folder = 'https://example.com/xsd/';
		await fetchMissingSchemas(transport, present, { folder, canonical: STAND_INS });
		expect(requests.map(({ url, auth }) => [url, auth])).toEqual([
			[`https://example.com/xsd/${STAND_INS[0].name}`, 'none'],
		]);
	});

	it.each([
		['what came is another file', () => '<html>Please log in</html>', 'has MD5'],
		['there is none', () => undefined, 'status 404'],
		['what came has no end', () => 'x'.repeat(2 * 1024 * 1024), 'more than 1 MB'],
	])('is refused when %s', async (_name, content, reason) => {
		const { transport } = webServer(content);
		await expect(
			fetchMissingSchemas(transport, new Set(), { canonical: STAND_INS }),
		).rejects.toThrow(reason);
	});

	it('says what to do when there is no internet', async () => {
		const transport: Transport = {
			request: async () => await Promise.reject(new TransportError('offline', 'not-sent')),
		};
		await expect(
			fetchMissingSchemas(transport, new Set(), { canonical: STAND_INS }),
		).rejects.toMatchObject({ advice: expect.stringContaining("with the role 'Schema'") });
	});
});

describe('the schemas of a package', () => {
	it('may be either copy of METS', () => {
		const [mets] = STAND_INS.filter(({ name }) => name === 'mets1_12.xsd');
		const canonical = [{ ...mets, md5: ['a', 'b'] }];
		for (const md5 of ['a', 'b']) {
			expect(checkSchemas([{ name: mets.name, md5 }], canonical)).toEqual([]);
		}
		expect(checkSchemas([{ name: mets.name, md5: 'c' }], canonical)).toMatchObject([
			{ level: 'warning', field: 'schemas/mets1_12.xsd' },
		]);
	});

	it('may be more than the canonical ones', () => {
		const present = STAND_INS.map(({ name, md5: [md5] }) => ({ name, md5 }));
		expect(checkSchemas([...present, { name: 'mods.xsd', md5: 'x' }], STAND_INS)).toEqual([]);
	});
});
