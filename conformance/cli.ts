import { parseArgs } from 'node:util';

import type { Row } from './built-packages';
import { judgeBuiltPackages } from './built-packages';
import type { Verdict } from './corpus';
import { judgeCorpus, knownExplanations } from './corpus';
import { playMutations } from './mutations';

const USAGE = `npm run conformance [-- options]

Holds the package builder and the validator to what others say: E-ARK's test corpus, commons-ip, the canonical schemas,
and a thousand changes to a valid package, each of which breaks a MUST. What is not at hand is skipped, and that is said.

  --corpus <folder>      a folder of E-ARK's test corpus, or a part of it: each testCase.xml below it names valid and
                         invalid packages. One line a package, and a tally. Alone, nothing else runs.
  --schemas <folder>     the canonical schemas; default: those in commons-ip's own archive
  --commons-ip <version> only this version of commons-ip
  --files <number>       files of the package whose times are taken; default 10000, 0 for none
  --mutations <number>   default 1000
  --seed <number>        the same seed gives the same mutations; default 1
  --all                  with --corpus: the other sections too
  --folder <folder>      where programs and packages are kept between runs; default .conformance
  --help

Exit code 1 when a package of the corpus differs unexplained, or a measure is not reached; else 0.
`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** @throws {RangeError} when it is no whole number from 0 */
function wholeNumber(name: string, text: string): number {
	if (!/^\d{1,9}$/.test(text)) throw new RangeError(`--${name} must be a whole number`);
	return Number(text);
}

const FOUND: Readonly<Record<Verdict['found'], string>> = {
	valid: 'valid',
	error: 'invalid (error)',
	warning: 'warning',
	info: 'hint',
};

/** One line a package, the tally, and the row of the table. */
async function corpusSection(folder: string): Promise<Row[]> {
	const tally = { equal: 0, remark: 0, explained: 0, different: 0, missing: 0 };
	print('requirement  rule  package  expected  found  outcome');
	await judgeCorpus(folder, await knownExplanations(), (verdict) => {
		const { requirement, rule, path, expected, found, outcome, reason, findings } = verdict;
		tally[outcome] += 1;
		const words = outcome === 'remark' ? 'equal, with a remark' : outcome;
		print(`${requirement}  ${rule}  ${path}  ${expected}  ${FOUND[found]}  ${words}`);
		if (reason !== undefined) print(`    ${reason}`);
		if (outcome === 'different') for (const finding of findings) print(`    ${finding}`);
	});
	const total = Object.values(tally).reduce((sum, count) => sum + count, 0);
	print('');
	print(
		`${total} packages: ${tally.equal} equal, ${tally.remark} equal with a remark, ${tally.explained} explained, ${tally.different} different, ${tally.missing} missing`,
	);
	print(
		'Equal with a remark: the corpus calls the package valid, and the validator warns of what the requirement only recommends.',
	);
	return [
		{
			measure: 'verdicts on the corpus',
			target: 'equal, or explained',
			result: `${tally.equal + tally.remark} equal, ${tally.explained} explained, ${tally.different} different`,
			reached: total > 0 && tally.different === 0,
		},
	];
}

async function mutationSection(seed: number, count: number): Promise<Row[]> {
	const { tried, operators, missed } = await playMutations(seed, count);
	for (const { number, what, breaks, reported } of missed) {
		print(
			`mutation ${number} (seed ${seed}) not reported: ${what}; breaks ${breaks.join(' or ')}, reported ${reported.join(', ') || 'nothing'}`,
		);
	}
	print(
		`${tried} mutations of ${operators.size} kinds: ${tried - missed.length} reported, ${missed.length} not`,
	);
	return [
		{
			measure: `mutations that break a MUST (seed ${seed})`,
			target: 'all reported',
			result: `${tried - missed.length} of ${tried}`,
			reached: missed.length === 0,
		},
	];
}

function printTable(rows: readonly Row[]): void {
	const table = rows.map(({ measure, target, result, reached }) => [
		measure,
		target,
		result,
		reached === undefined ? 'skipped' : reached ? 'reached' : 'NOT REACHED',
	]);
	const all = [['measure', 'at least', 'here', ''], ...table];
	const widths = [0, 1, 2].map((column) => Math.max(...all.map((cells) => cells[column].length)));
	print('');
	for (const cells of all) {
		print(
			cells
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join('  ')
				.trimEnd(),
		);
	}
}

async function main(): Promise<number> {
	const { values } = parseArgs({
		options: {
			corpus: { type: 'string' },
			schemas: { type: 'string' },
			'commons-ip': { type: 'string' },
			files: { type: 'string', default: '10000' },
			mutations: { type: 'string', default: '1000' },
			seed: { type: 'string', default: '1' },
			all: { type: 'boolean', default: false },
			folder: { type: 'string', default: '.conformance' },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) {
		process.stdout.write(USAGE);
		return 0;
	}
	const rows: Row[] = [];
	if (values.corpus === undefined) {
		const result = 'skipped: --corpus <folder> was not given';
		rows.push({ measure: 'verdicts on the corpus', target: 'equal, or explained', result });
	} else {
		rows.push(...(await corpusSection(values.corpus)));
	}
	if (values.corpus === undefined || values.all) {
		const timedFiles = wholeNumber('files', values.files);
		rows.push(
			...(await judgeBuiltPackages({
				folder: values.folder,
				schemas: values.schemas,
				commonsIp: values['commons-ip'],
				timedFiles,
				write: print,
			})),
		);
		const mutations = wholeNumber('mutations', values.mutations);
		rows.push(...(await mutationSection(wholeNumber('seed', values.seed), mutations)));
	}
	printTable(rows);
	return rows.some(({ reached }) => reached === false) ? 1 : 0;
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
