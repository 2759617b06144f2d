import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { findServicePrograms } from '../../scale/services';

describe('looking for Redis and PostgreSQL', () => {
	it('says what is missing and how to install it', () => {
		const { PATH } = process.env;
		const empty = mkdtempSync(path.join(tmpdir(), 'no-programs-'));
		try {
			process.env.PATH = empty;
			expect(findServicePrograms()).toEqual({
				missing: expect.stringMatching(
					/^redis-server.* cannot be found.*apt-get install --no-install-recommends redis-server/,
				),
			});
		} finally {
			process.env.PATH = PATH;
			rmSync(empty, { recursive: true });
		}
	});
});
