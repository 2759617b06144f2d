import {
	checkPackageDate,
	folderDate,
	metsDateTime,
	packageDateOf,
} from '../../../../dps/sip/build/package-date';

describe('the date of a package', () => {
	it.each(['2025-02-17', '2024-02-29T23:59:59.123Z', '2025-02-17T09:30+01:00', '2025-02-17T09:30'])(
		'can be %s',
		(value) => expect(checkPackageDate(value)).toEqual([]),
	);

	it.each(['2025-02-29', '2025-13-01', '17.02.2025', '2025-02-17 09:30', '2025-02-17T25:00Z', ''])(
		'cannot be %j',
		(value) => expect(checkPackageDate(value)).toHaveLength(1),
	);

	it.each([
		['2025-02-17', '20250217', '2025-02-17T00:00:00'],
		['2025-02-17T09:30+01:00', '20250217', '2025-02-17T09:30:00+01:00'],
		['2025-02-17T23:59:59.5Z', '20250217', '2025-02-17T23:59:59.5Z'],
	])('%s stands in names as %s, and in METS as %s', (value, folder, mets) => {
		expect([folderDate(value), metsDateTime(value)]).toEqual([folder, mets]);
	});
});

describe('the day that an earlier run gave a package', () => {
	it('is in the name of the primary representation', () => {
		expect(packageDateOf(['METS.xml', 'representations/primary_20250217/data/a.tif'])).toBe(
			'2025-02-17',
		);
	});

	it.each([
		[['METS.xml', 'representations/access_20250217/data/a.tif']],
		[['representations/primary_20251399/data/a.tif']],
		[['x/representations/primary_20250217/data/a.tif']],
		[[]],
	])('is not in %j', (files) => {
		expect(packageDateOf(files)).toBeUndefined();
	});
});
