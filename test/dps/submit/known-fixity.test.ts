import { fixityOf } from '../../../dps/submit/fixity';
import { readChecked } from '../../../dps/submit/send-file';

/** A file that counts how often it is opened. */
function countingFile(content: string) {
	const counter = { opened: 0 };
	const source = {
		path: 'a.tif',
		size: Buffer.byteLength(content),
		open: async () => {
			counter.opened += 1;
			return (async function* () {
				yield Buffer.from(content);
			})();
		},
	};
	return { counter, source };
}

describe('a fixity that was taken when the package was built', () => {
	it('is taken over, and the file not read', async () => {
		const { source, counter } = countingFile('a page');
		const fixity = await fixityOf(source);
		counter.opened = 0;
		await expect(readChecked({ source, isPackaged: false, fixity })).resolves.toEqual({ fixity });
		expect(counter.opened).toBe(0);
	});

	it('is not taken over when the file has another size now', async () => {
		const fixity = await fixityOf(countingFile('a page').source);
		const { source } = countingFile('a longer page');
		const { fixity: taken } = await readChecked({ source, isPackaged: false, fixity });
		expect(taken).toEqual(await fixityOf(source));
	});

	it('is compared with the checksum on record', async () => {
		const { source } = countingFile('a page');
		const fixity = await fixityOf(source);
		const file = { source, isPackaged: false, fixity, expectedMd5: '0'.repeat(32) };
		await expect(readChecked(file)).rejects.toThrow('the checksum given for it is 000');
	});
});
