import { existsSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';

import type { N8nServer } from './n8n-server';

const CHROMIUM_PATHS = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const VIEWPORT = { width: 1600, height: 900 };

/**
 * Where Chromium is on this machine: `CHROMIUM_PATH` if set, else one of the usual places.
 *
 * @throws Error that says how to get one when there is none
 */
export function chromiumPath(): string {
	const named = process.env.CHROMIUM_PATH;
	const found = (named ? [named] : CHROMIUM_PATHS).find(existsSync);
	if (found === undefined) {
		throw new Error(
			named
				? `CHROMIUM_PATH names ${named}, which does not exist`
				: 'a screenshot needs Chromium: install the package chromium, or set CHROMIUM_PATH to its executable',
		);
	}
	return found;
}

/**
 * Takes pictures of n8n's editor in a headless browser, as the owner sees it.
 *
 * @param shots for each PNG file the page to show, as a path of the editor such as `/workflow/<id>`, or
 * `/workflow/<id>/executions/<id>` for a run
 * @throws Error when there is no Chromium, or a page does not show a workflow within half a minute
 */
export async function photographEditor(
	n8n: Pick<N8nServer, 'url' | 'owner'>,
	shots: Array<{ page: string; file: string }>,
): Promise<void> {
	const browser = await chromium.launch({
		executablePath: chromiumPath(),
		args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
	});
	try {
		const page = await browser.newPage({ viewport: VIEWPORT });
		await logIn(page, n8n);
		for (const shot of shots) {
			await page.goto(n8n.url + shot.page);
			await showWholeCanvas(page);
			await page.screenshot({ path: shot.file });
		}
	} finally {
		await browser.close();
	}
}

async function logIn(page: Page, n8n: Pick<N8nServer, 'url' | 'owner'>): Promise<void> {
	await page.goto(`${n8n.url}/signin`);
	await page
		.locator('input[type="email"], input[name="emailOrLdapLoginId"]')
		.first()
		.fill(n8n.owner.email);
	await page.locator('input[type="password"]').first().fill(n8n.owner.password);
	await page.keyboard.press('Enter');
	await page.waitForURL((url) => !url.pathname.includes('signin'));
}

/** Waits until the canvas shows its nodes with their icons, and fits all of them into the picture. */
async function showWholeCanvas(page: Page): Promise<void> {
	await page.locator('[data-test-id="canvas-node"]').first().waitFor({ timeout: 30_000 });
	const fit = page.locator('[data-test-id="zoom-to-fit"]').first();
	if (await fit.isVisible()) await fit.click();
	await page.waitForLoadState('networkidle');
	await page.waitForTimeout(1_500);
}
