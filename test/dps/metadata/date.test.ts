import { checkDate, checkZonedDateTime } from '../../../dps/metadata/date';

describe('a date of ISO 8601-2', () => {
	test.each([
		'1938',
		'0000',
		'1938-05',
		'1938-05-17',
		'2024-02-29',
		'2000-02-29',
		'2022-03-05T14:28:12+02:00',
		'2022-03-05T14:28:12Z',
		'2022-03-05T14:28:12.123-08:00',
		'2022-03-05T14:28+01',
		'1938/1945',
		'1938-05/1938-05-17',
		'1964/2008-08',
		'1938?',
		'1938~',
		'1938-05%',
		'193X',
		'19XX',
		'XXXX-12-24',
		'2004-XX',
		'1985-XX-XX',
		'19XX-02-29',
		'2001-21',
		'1950-34',
		'1985/..',
		'../1985',
		'1985/',
		'/1985-04-12',
		'1984~/2004-06',
		'-0044-03-15',
		'-0044/-0031',
		'Y170000002',
		'Y-170000002',
		'Y-17E7',
		'1950S2',
		'2004-06~-11',
		'?2004-06-~11',
		'[1667,1668,1670..1672]',
		'[..1983-12-03]',
		'{1960,1961-12}',
	])('%s is one', (value) => {
		expect(checkDate(value, 'date 1: value')).toEqual([]);
	});

	test.each([
		['1938-13', 'month'],
		['1938-00', 'month'],
		['1938-42', 'month'],
		['1938-2X', 'month'],
		['1938-02-30', 'does not exist in the calendar'],
		['2023-02-29', 'does not exist in the calendar'],
		['1900-02-29', 'does not exist in the calendar'],
		['1938-04-31', 'does not exist in the calendar'],
		['1938-05-00', 'does not exist in the calendar'],
		['1938-21-05', 'month'],
		['2022-03-05T24:00:00Z', 'time of day'],
		['2022-03-05T12:60:00Z', 'time of day'],
		['2022-03-05T12:00:61Z', 'time of day'],
		['2022-03-05T12:00:00+15:00', 'time zone'],
		['2022-02-30T12:00:00Z', 'calendar'],
		['1945/1938', 'ends before it begins'],
		['1938-06/1938-05-17', 'ends before it begins'],
		['-0031/-0044', 'ends before it begins'],
		['[1945..1938]', 'ends before it begins'],
		['../..', 'names no date'],
		['/', 'names no date'],
		['1938/1940/1945', 'more than one /'],
		['[1938..1940..1945]', 'more than one ..'],
		['[1938,1939-13]', 'month'],
		['', 'not a date'],
		['i går', 'not a date'],
		['38', 'not a date'],
		['193', 'not a date'],
		['1938-5', 'not a date'],
		[' 1938', 'not a date'],
		['1938\n', 'not a date'],
		['[]', 'not a date'],
		['9'.repeat(1000), 'too long'],
	])('%j is an error: %s', (value, reason) => {
		const findings = checkDate(value, 'date 1: value');
		expect(findings).toMatchObject([{ level: 'error', field: 'date 1: value' }]);
		expect(findings[0].message).toContain(reason);
	});

	test.each([
		['17.05.1938', '1938-05-17'],
		['1.2.1938', '1938-02-01'],
		['1938/5/7', '1938-05-07'],
		['03/05/1938', undefined],
		['1938.05.07', '1938-05-07'],
		['1938-5-7', '1938-05-07'],
		['19380517', '1938-05-17'],
		['ca. 1938', '1938~'],
		['omkring 1938', '1938~'],
		['1938-1945', '1938/1945'],
		['1938 – 1945', '1938/1945'],
		['1938-', '1938/..'],
		['1930-årene', '193X'],
		['1930s', '193X'],
		['1800-tallet', '18XX'],
		['2022-03-05 14:28:12', '2022-03-05T14:28:12'],
		['31.02.1938', undefined],
	])('%s is an error whose message shows how to write it', (value, rewritten) => {
		const [{ level, message }] = checkDate(value, 'date');
		expect(level).toBe('error');
		if (rewritten === undefined) expect(message).not.toMatch(/Write "/);
		else expect(message).toContain(`Write "${rewritten}".`);
	});

	test('two years written short are not a month', () => {
		expect(checkDate('1938-45', 'date')).toMatchObject([
			{ level: 'error', message: expect.stringContaining('write 1938/1945') },
		]);
	});

	test.each([
		['1938-39', '1938/1939'],
		['1931-40', '1931/1940'],
		['1921-22', '1921/1922'],
	])(
		'%s, a part of the year to the standard, is a warning: perhaps %s is meant',
		(value, years) => {
			expect(checkDate(value, 'date')).toMatchObject([
				{ level: 'warning', message: expect.stringContaining(`write ${years}`) },
			]);
		},
	);

	test('a time of day without a time zone is a warning', () => {
		expect(checkDate('2022-03-05T14:28:12', 'date')).toMatchObject([{ level: 'warning' }]);
	});
});

describe('a date-time with time zone', () => {
	const check = (value: string) => checkZonedDateTime(value, 'when', 'ISO 8601');

	test.each([
		'2025-02-17T10:15:00+01:00',
		'2025-02-17T09:15:00Z',
		'2025-02-17T09:15:00.123Z',
		'2025-02-17T09:15:00.123456-03:30',
		'2025-02-17T09:15Z',
	])('%s is one', (value) => {
		expect(check(value)).toEqual([]);
	});

	test.each([
		['2025-02-17T10:15:00', 'no time zone'],
		['2025-02-17T10:15:00+01', 'without minutes'],
		['2025-02-17', 'not a date-time'],
		['2025-02-17 10:15:00+01:00', 'not a date-time'],
		['20250217T101500Z', 'not a date-time'],
		['2025-02-30T10:15:00Z', 'calendar'],
		['2025-02-17T25:15:00Z', 'time of day'],
		['2025-02-17T10:15:00+14:30', 'time zone'],
		['9'.repeat(1000), 'not a date-time'],
	])('%s is an error: %s', (value, reason) => {
		expect(check(value)).toMatchObject([{ level: 'error', field: 'when' }]);
		expect(check(value)[0].message).toContain(reason);
	});
});
