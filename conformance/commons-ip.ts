import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { run } from './command';

/** Tried in this order when none is asked for: the first that is to be had is the judge. */
const VERSIONS = ['2.12.1', '2.12.0', '2.10.0'];
/** The terms of `mets/@TYPE` (CSIP2). */
export const VOCABULARY = 'CSIPVocabularyContentCategory.xml';
const MAIN_CLASS = 'org.roda_project.commons_ip2.cli.Main';
/** Its command line fails on the second of several packages: Java is started for each, so many at a time. */
const AT_A_TIME = 2;

/** One requirement that a package does not meet. */
export interface Complaint {
	/** `CSIP68`, `SIP15`, `CSIPSTR13`. */
	requirement: string;
	level: string;
	/** commons-ip's own words. */
	messages: string[];
}

/** What commons-ip says of a package. */
export interface Verdict {
	result: string;
	errors: number;
	warnings: number;
	complaints: Complaint[];
}

interface ReportEntry {
	id: string;
	level?: string;
	testing?: { outcome?: string; issues?: string[]; warnings?: string[] };
}

interface Report {
	summary: { result: string; errors: number; warnings: number };
	validation: ReportEntry[];
}

function pom(version: string): string {
	// without the pin Maven takes a Jackson that does not fit the others
	return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>conformance</groupId><artifactId>commons-ip</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.roda-community</groupId><artifactId>commons-ip2</artifactId><version>${version}</version></dependency>
  </dependencies>
  <dependencyManagement><dependencies>
    <dependency><groupId>com.fasterxml.jackson.core</groupId><artifactId>jackson-databind</artifactId><version>2.18.3</version></dependency>
  </dependencies></dependencyManagement>
</project>
`;
}

function verdictOf({ summary, validation }: Report): Verdict {
	const complaints = validation
		.filter(({ testing }) => testing?.outcome === 'FAILED')
		.map(({ id, level = '', testing }) => ({
			requirement: id,
			level,
			messages: [...(testing?.issues ?? []), ...(testing?.warnings ?? [])],
		}));
	const { result, errors, warnings } = summary;
	return { result, errors, warnings, complaints };
}

/** RODA's commons-ip, the E-ARK tool that the National Library validates with. */
export class CommonsIp {
	/** Folders whose files stand in for those of commons-ip's own archive. */
	private readonly overlays: string[] = [];

	private constructor(
		readonly version: string,
		private readonly libraries: string,
	) {}

	/**
	 * Gets commons-ip and what it needs with Maven, unless an earlier run left it in `folder`.
	 *
	 * @param version only this one; undefined for the newest that is to be had
	 * @returns why there is none, in words, when Java, Maven or the network is missing
	 */
	static async get(folder: string, version?: string): Promise<CommonsIp | string> {
		if ((await run('java', ['-version'])).code !== 0) return 'Java is not on this machine';
		const wanted = version === undefined ? VERSIONS : [version];
		for (const candidate of wanted) {
			const home = path.join(folder, `commons-ip-${candidate}`);
			if (!existsSync(home)) await CommonsIp.download(home, candidate);
			if (existsSync(home)) return new CommonsIp(candidate, home);
		}
		if ((await run('mvn', ['-v'])).code !== 0) return 'Maven is not on this machine';
		return `Maven could not get commons-ip2 ${wanted.join(' or ')}`;
	}

	private static async download(home: string, version: string): Promise<void> {
		const staging = `${home}.part`;
		await rm(staging, { recursive: true, force: true });
		await mkdir(staging, { recursive: true });
		await writeFile(path.join(staging, 'pom.xml'), pom(version));
		const { code } = await run(
			'mvn',
			['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=.'],
			staging,
		);
		if (code === 0) await rename(staging, home);
		else await rm(staging, { recursive: true, force: true });
	}

	private async java(args: string[], cwd: string) {
		const classPath = [...this.overlays, path.join(path.resolve(this.libraries), '*')];
		return await run('java', ['-cp', classPath.join(path.delimiter), MAIN_CLASS, ...args], cwd);
	}

	/**
	 * Lets commons-ip judge by another vocabulary of content categories than its own: older versions
	 * lack terms that E-ARK has added, such as 'Web Archives'.
	 *
	 * @param vocabulary `CSIPVocabularyContentCategory.xml` as the DILCIS Board publishes it
	 * @returns whether it is another
	 */
	async useVocabulary(vocabulary: string): Promise<boolean> {
		const own = await this.resource(`controlledVocabularies/${VOCABULARY}`);
		const bytes = await readFile(vocabulary);
		if (own?.equals(bytes)) return false;
		const overlay = path.resolve(this.libraries, 'vocabulary');
		await mkdir(path.join(overlay, 'controlledVocabularies'), { recursive: true });
		await writeFile(path.join(overlay, 'controlledVocabularies', VOCABULARY), bytes);
		this.overlays.push(overlay);
		return true;
	}

	/** Files that are in commons-ip's own archive, such as its copy of IANA's list of media types. */
	async resource(name: string): Promise<Buffer | undefined> {
		const unpacked = path.join(this.libraries, 'unpacked');
		await mkdir(unpacked, { recursive: true });
		const archive = path.resolve(this.libraries, `commons-ip2-${this.version}.jar`);
		const file = path.join(unpacked, name);
		if (!existsSync(file)) await run('jar', ['xf', archive, name], unpacked);
		return existsSync(file) ? await readFile(file) : undefined;
	}

	/**
	 * Judges packages that lie in folders of different names, against E-ARK 2.2.0.
	 *
	 * @param reports an empty folder for its reports
	 * @returns the verdicts by the packages' names, and the time that it took
	 * @throws {Error} when it wrote no report
	 */
	async validate(
		packages: string[],
		reports: string,
	): Promise<{ verdicts: Map<string, Verdict>; seconds: number }> {
		await mkdir(reports, { recursive: true });
		const started = performance.now();
		const waiting = packages.values();
		const judge = async () => {
			for (const folder of waiting) {
				const paths = ['-o', path.resolve(reports), '-i', path.resolve(folder)];
				await this.java(['validate', ...paths], reports);
			}
		};
		await Promise.all(Array.from({ length: AT_A_TIME }, judge));
		const seconds = (performance.now() - started) / 1000;
		const verdicts = new Map<string, Verdict>();
		for (const file of await readdir(reports)) {
			const name = /^(.*)_validation-report_.*\.json$/.exec(file)?.[1];
			if (name === undefined) continue;
			const report = JSON.parse(await readFile(path.join(reports, file), 'utf8')) as Report;
			verdicts.set(name, verdictOf(report));
		}
		for (const folder of packages) {
			const name = path.basename(folder);
			if (!verdicts.has(name)) throw new Error(`commons-ip wrote no report on ${name}`);
		}
		return { verdicts, seconds };
	}

	/**
	 * Has commons-ip build a package of its own, with MD5 checksums, in a folder.
	 *
	 * @returns seconds
	 * @throws {Error} with what it printed, when it failed
	 */
	async create(content: string, description: string, name: string, into: string): Promise<number> {
		await mkdir(into, { recursive: true });
		const { code, output, seconds } = await this.java(
			[
				...['create', '-s', 'Folder', '-C', 'MD5', '--sip-id', name, '-p', path.resolve(into)],
				...['--metadata-file', path.resolve(description), '--metadata-type', 'DC'],
				...['--representation-data', path.resolve(content)],
				...['--representation-id', 'primary_20250217', '-T'],
				...['--submitter-name', 'Example', '--submitter-id', '974760673'],
			],
			into,
		);
		if (code !== 0) throw new Error(`commons-ip could not build: ${output.slice(0, 500)}`);
		return seconds;
	}
}
