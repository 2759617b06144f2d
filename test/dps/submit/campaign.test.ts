import { playCampaign } from '../../../faults/campaign';
import { planRun } from '../../../faults/plan';

const RUNS = 12;

describe('the fault campaign', () => {
	it('plans the same run for the same seed and number', () => {
		expect(planRun(7, 3)).toEqual(planRun(7, 3));
		expect(planRun(7, 3)).not.toEqual(planRun(8, 3));
	});

	it('ends each run with one complete submission, with no file lost or doubled', async () => {
		const numbers = Array.from({ length: RUNS }, (_, index) => index + 1);
		const tally = await playCampaign({ seed: 2, numbers });
		expect(tally).toMatchObject({
			runs: RUNS,
			complete: RUNS,
			lostFiles: 0,
			doubledFiles: 0,
			failed: [],
		});
		// else nothing would have been proved
		expect(tally.kills).toBeGreaterThan(0);
		expect(Object.keys(tally.faults).length).toBeGreaterThan(3);
	});
});
