import type { DpsApi } from './api';
import { callForObject } from './api';
import { DpsError } from './error';
import type { Page } from './types';

/** Rows asked for at once. */
export const PAGE_SIZE = 100;

/**
 * Goes through a paged list, one page in memory at a time.
 *
 * Ends at the page that the answer calls the last; where the answer does not say, at the first
 * page that is empty or shorter than the one before it.
 *
 * @param path the path's parts after the base URL
 * @param size rows a page
 * @throws {DpsError}
 */
export async function* pagesOf<T>(
	api: DpsApi,
	path: string[],
	size = PAGE_SIZE,
): AsyncGenerator<T[], void, undefined> {
	for (let number = 0; ; number++) {
		const page = await callForObject<Page<T>>(api, {
			method: 'GET',
			path,
			query: { page: number, size },
			repeat: 'freely',
		});
		if (!Array.isArray(page.content)) {
			throw new DpsError({
				request: `GET /${path.join('/')}`,
				code: 'UNREADABLE_ANSWER',
				message: 'The list has no "content": is the base URL that of the DPS?',
				retryable: false,
				mayHaveActed: false,
			});
		}
		if (page.content.length === 0) return;
		yield page.content;
		const totalPages = page.page?.totalPages;
		// a server may grant fewer rows than were asked for, and says so in page.size
		const granted = page.page?.size ?? size;
		const isLast =
			totalPages === undefined ? page.content.length < granted : number + 1 >= totalPages;
		if (isLast) return;
	}
}
