import { parseArgs } from 'node:util';

import { type Tally, playCampaign } from './campaign';

const USAGE = `npm run faults [-- options]

Submits random packages to a DPS on this machine while connections break, answers get lost, services answer 429 and 5xx,
upload URLs and tokens end, and the depositor is killed (SIGKILL); each package again until it ends well. Then the DPS
must hold each exactly once, complete.

  --runs <number>   how many packages; default 100
  --seed <number>   the same seed gives the same packages, faults and kills; default: a random one
  --run <number>    only this one of the runs
  --verbose         a line for each try
  --help

Exit code 0 when every run ended with one complete submission, else 1.
`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** @throws {RangeError} when it is no whole number from 0 */
function wholeNumber(name: string, text: string): number {
	if (!/^\d{1,9}$/.test(text)) throw new RangeError(`--${name} must be a whole number`);
	return Number(text);
}

function printTally(seed: number, tally: Tally, seconds: number): void {
	const injected = Object.values(tally.faults).reduce((sum, count) => sum + count, 0);
	const rows: Array<[string, string | number]> = [
		['seed', seed],
		['runs', tally.runs],
		['runs with kills', `${tally.runsWithKills} (${tally.kills} kills)`],
		['faults injected', injected],
		...Object.entries(tally.faults)
			.sort(([a], [b]) => a.localeCompare(b))
			.map(([name, count]): [string, number] => [`  ${name}`, count]),
		['re-runs', tally.reRuns],
		['complete', tally.complete],
		['lost files', tally.lostFiles],
		['doubled files', tally.doubledFiles],
		['failed', tally.failed.length],
		['seconds', seconds],
	];
	const width = Math.max(...rows.map(([name]) => name.length));
	for (const [name, value] of rows) print(`${name.padEnd(width)}  ${value}`);
	for (const { number, reasons } of tally.failed) {
		print(`failed: --seed ${seed} --run ${number}: ${reasons.join('; ')}`);
	}
}

async function main(): Promise<number> {
	const { values } = parseArgs({
		options: {
			runs: { type: 'string', default: '100' },
			seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
			run: { type: 'string' },
			verbose: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) {
		process.stdout.write(USAGE);
		return 0;
	}
	const seed = wholeNumber('seed', values.seed);
	const numbers =
		values.run === undefined
			? Array.from({ length: wholeNumber('runs', values.runs) }, (_, index) => index + 1)
			: [wholeNumber('run', values.run)];
	const started = Date.now();
	const tally = await playCampaign({
		seed,
		numbers,
		onRun: (number, tries) => {
			if (values.verbose)
				tries.forEach((end, index) => print(`run ${number}.${index + 1}: ${end}`));
			else if (number % 50 === 0) print(`${number} runs`);
		},
	});
	printTally(seed, tally, Math.round((Date.now() - started) / 1000));
	return tally.complete === tally.runs ? 0 : 1;
}

main().then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
		process.exitCode = 1;
	},
);
