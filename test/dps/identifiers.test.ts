import { formatFinding, hasErrors, quote } from '../../dps/finding';
import {
	checkArchiveId,
	checkChecksum,
	checkContractId,
	checkDisseminationId,
	checkFileId,
	checkFilePath,
	checkObjectId,
	checkPriority,
	checkSubmissionId,
	normalizeContractId,
	suggestObjectId,
} from '../../dps/identifiers';

const NO_TEXTS = [undefined, null, '', 12, true, {}, ['1234']];

describe('contract id', () => {
	test.each(['1234', 'ef23', '2D17', 'ABCD'])('%j is one', (id) => {
		expect(checkContractId(id)).toEqual([]);
	});

	test.each([' ef23', 'ef23\n', 'ef2', 'ef234', 'xyz1', 'ef23_W', '１２３４', ...NO_TEXTS])(
		'%j is an error',
		(id) => {
			expect(checkContractId(id)).toMatchObject([{ level: 'error', field: 'contract id' }]);
		},
	);

	test('is sent in lower case', () => {
		expect(normalizeContractId('EF2d')).toBe('ef2d');
	});

	test('is never trimmed or mended', () => {
		expect(() => normalizeContractId(' ef23')).toThrow(RangeError);
	});
});

describe('object id', () => {
	test.each(['abc', 'av_6e8bc430-9c3a11d9', 'NF_1992-0123', '---', 'a'.repeat(200)])(
		'%j is one',
		(id) => {
			expect(checkObjectId(id)).toEqual([]);
		},
	);

	test.each(['ab', 'a'.repeat(201), 'NF.1992-0123', 'a b', 'abc\n', 'blåbær', ...NO_TEXTS])(
		'%j is an error',
		(id) => {
			expect(checkObjectId(id)).toMatchObject([{ level: 'error', field: 'object id' }]);
		},
	);

	test.each([
		['NF.1992-0123', 'NF_1992-0123'],
		['URN:NBN:no-nb_x', 'URN_NBN_no-nb_x'],
		['Blåbærsyltetøy', 'Blabaersyltetoy'],
		['ÅSÆØ', 'ASAEO'],
		['Bla\u030abær', 'Blabaer'],
		['Čáhppes niehku', 'Cahppes_niehku'],
		['(1992/17)', '1992_17'],
		[' abc ', 'abc'],
		['_already-legal_', '_already-legal_'],
		['x'.repeat(250), 'x'.repeat(200)],
	])('the suggestion for %j is %j', (id, suggestion) => {
		expect(suggestObjectId(id)).toBe(suggestion);
	});

	test.each(['', 'a', 'ab', '...', '日本語', '\u0000'])(
		'there is no suggestion for %j, of which too little is left',
		(id) => {
			expect(suggestObjectId(id)).toBeUndefined();
		},
	);

	test('an error shows the suggestion, and says that it must be unique and is not used by itself', () => {
		const [{ message }] = checkObjectId('NF.1992-0123');
		expect(message).toContain('"NF_1992-0123"');
		expect(message).toContain('"."');
		expect(message).toContain('if no other object in the contract gets the same id');
		expect(message).toContain('not changed for you');
	});

	test('every fault is named', () => {
		expect(checkObjectId('å')[0].message).toMatch(/not allowed \("å"\) and is shorter than 3/);
		expect(checkObjectId('.'.repeat(201))[0].message).toMatch(/longer than 200 characters \(201\)/);
	});
});

describe.each([
	['submission id', checkSubmissionId],
	['file id', checkFileId],
	['dissemination id', checkDisseminationId],
])('%s', (field, check) => {
	test('is 22 letters and digits', () => {
		expect(check('8Z7x1T9rN0Xc2B5Yq4L3zP')).toEqual([]);
	});

	test.each([
		'8Z7x1T9rN0Xc2B5Yq4L3z',
		'8Z7x1T9rN0Xc2B5Yq4L3zPP',
		'8Z7x1T9rN0Xc2B5Yq4L3z/',
		'8Z7x1T9rN0Xc2B5Yq4L3zP\n',
		'../../../../../../../..',
		...NO_TEXTS,
	])('%j is an error', (id) => {
		expect(check(id)).toMatchObject([{ level: 'error', field }]);
	});
});

describe('archive id', () => {
	test.each(['019e404e-60ab-7457-b7c9-94c453242c69', '5f2b8c1e9d3a4b6c7d8e9f01', 'any.id:at~all'])(
		'%j is one, since its form is not ours to know',
		(id) => {
			expect(checkArchiveId(id)).toEqual([]);
		},
	);

	test.each(['a b', 'a\tb', 'a/b', 'a\\b', 'a\u0000', 'a\u200bb', 'a'.repeat(201), ...NO_TEXTS])(
		'%j is an error',
		(id) => {
			expect(checkArchiveId(id)).toMatchObject([{ level: 'error', field: 'archive id' }]);
		},
	);
});

describe('file path', () => {
	test.each([
		'METS.xml',
		'representations/primary_20250217/data/ranablad_20250215.pdf',
		'data/Blåbær og rømme (1).tif',
		'data/...',
		'data/.hidden',
		'data/a..b',
		'ab:c',
		'a'.repeat(900),
	])('%j is one', (path) => {
		expect(checkFilePath(path)).toEqual([]);
	});

	test.each([
		['a'.repeat(901), 'at most 900'],
		['/etc/passwd', 'begins with a slash'],
		['data/', 'ends with a slash'],
		['data//a.tif', 'empty part'],
		['/', 'empty part'],
		['./a.tif', 'a part that is . or ..'],
		['data/../../a.tif', 'a part that is . or ..'],
		['..', 'a part that is . or ..'],
		['data\\a.tif', 'backslash'],
		['C:/data/a.tif', 'drive letter'],
		['c:a.tif', 'drive letter'],
		['data/a\n.tif', 'control characters'],
		['data/a\u0000', 'control characters'],
		['data/a\u0085', 'control characters'],
		['data/\ud800.tif', 'UTF-8'],
	])('%j is an error: %s', (path, reason) => {
		const findings = checkFilePath(path);
		expect(findings.every(({ level }) => level === 'error')).toBe(true);
		expect(findings.map(({ message }) => message).join()).toContain(reason);
	});

	test('every fault of a path is found', () => {
		expect(checkFilePath('C:\\data\\..\\a.tif\n')).toHaveLength(3);
	});

	test.each(NO_TEXTS)('%j is an error', (path) => {
		expect(checkFilePath(path)).toMatchObject([{ level: 'error', field: 'file path' }]);
	});
});

describe('checksum', () => {
	test('is MD5 in lower case', () => {
		expect(checkChecksum('d41d8cd98f00b204e9800998ecf8427e')).toEqual([]);
	});

	test('in upper case is an error with the lower-case suggestion', () => {
		const [finding] = checkChecksum('D41D8CD98F00B204E9800998ECF8427E');
		expect(finding.level).toBe('error');
		expect(finding.message).toContain('"d41d8cd98f00b204e9800998ecf8427e"');
	});

	test.each([
		['da39a3ee5e6b4b0d3255bfef95601890afd80709', 'SHA-1'],
		['a'.repeat(64), 'SHA-256'],
		['a'.repeat(128), 'SHA-512'],
	])('%s is named for what it is: %s', (checksum, algorithm) => {
		expect(checkChecksum(checksum)[0].message).toContain(algorithm);
	});

	test.each(['d41d8cd98f00b204e9800998ecf8427', `${'g'.repeat(32)}`, ...NO_TEXTS])(
		'%j is an error',
		(checksum) => {
			expect(hasErrors(checkChecksum(checksum))).toBe(true);
		},
	);
});

describe('priority', () => {
	test.each([1, 50, 100])('%j is one', (priority) => {
		expect(checkPriority(priority)).toEqual([]);
	});

	test.each([0, 101, -1, 1.5, NaN, Infinity, '50', null, undefined])('%j is an error', (value) => {
		expect(checkPriority(value)).toMatchObject([{ level: 'error', field: 'priority' }]);
	});
});

describe('finding', () => {
	test('is written on one line with its field and the source of its rule', () => {
		expect(
			formatFinding({ level: 'error', field: 'date 1', message: 'is missing.', rule: 'ISO 8601' }),
		).toBe('date 1: is missing. (ISO 8601)');
	});

	test('a pre-signed URL that was entered by mistake does not show its signature', () => {
		const url = 'https://s3.nb.no/b/k?X-Amz-Signature=0123456789abcdef';
		for (const check of [checkSubmissionId, checkFilePath, checkContractId, checkChecksum]) {
			expect(JSON.stringify(check(url))).not.toContain('0123456789abcdef');
		}
	});

	test('an access token that was entered by mistake is not shown', () => {
		const token = `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(3000)}.c2lnbmF0dXJl`;
		expect(quote(token)).toBe('"[token]"');
	});

	test('a quoted text is cut, and what cannot be seen in it is escaped', () => {
		expect(quote('é'.repeat(100))).toBe(`"${'é'.repeat(60)}…"`);
		expect(quote('a\u202eb\u2028\u0085\n')).toBe('"a\\u{202e}b\\u{2028}\\u{85}\\n"');
	});
});
