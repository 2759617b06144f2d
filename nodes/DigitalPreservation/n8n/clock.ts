import { sleep } from 'n8n-workflow';

import type { Clock } from '../../../dps/ports';
import { CancelledError } from '../../../dps/ports';

/** Milliseconds after which a sleep looks whether the run was cancelled: n8n's own cannot be woken. */
const SLICE_MS = 500;

/** Time and chance from n8n. A sleep holds no connection, and ends soon when the run is cancelled. */
export const n8nClock: Clock = {
	now: () => Date.now(),
	random: () => Math.random(),
	async sleep(ms, signal) {
		const end = Date.now() + ms;
		for (let left = ms; left > 0; left = end - Date.now()) {
			if (signal?.aborted) throw new CancelledError();
			await sleep(Math.min(left, SLICE_MS));
		}
		if (signal?.aborted) throw new CancelledError();
	},
};
