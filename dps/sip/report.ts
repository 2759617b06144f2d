/** How binding a requirement is (RFC 2119, as E-ARK uses it). */
export type Level = 'MUST' | 'SHOULD' | 'MAY';

/** What a finding means for the package: only an `error` makes it invalid. */
export type Severity = 'error' | 'warning' | 'info';

/** Where a package differs from what a requirement asks for. */
export interface SipFinding {
	/**
	 * The requirement's own id: `CSIP17`, `SIP2`, `CSIPSTR4`, `NBSIP6`, `NBSIPSTR11`. `METS` stands
	 * for the METS schema, `XML` for well-formed XML, `CONTENT` for a package without content.
	 */
	requirement: string;
	level: Level;
	severity: Severity;
	/** The file that it is about, relative to the package's root; empty for the package itself. */
	file: string;
	/** The place in the file: an XPath-like path for METS, else empty. */
	location: string;
	/** Line in the file, from 1, where it is known. */
	line?: number;
	/** The file that METS speaks of there, when it is one of the package. */
	target?: string;
	/** What is there, in words. */
	found: string;
	/** What the requirement asks for, in words. */
	wanted: string;
}

/** How often a requirement is not met. */
export interface RequirementCount {
	requirement: string;
	severity: Severity;
	count: number;
}

/** Everything that a validation has to say of one package. */
export interface PackageReport {
	/** No finding is an error. */
	valid: boolean;
	/** `mets/@OBJID`, where the root METS gives one. */
	packageId?: string;
	/** `mets/@PROFILE` of the root METS. */
	profile?: string;
	/** `mets/@LABEL` of the root METS. */
	label?: string;
	/** What it was checked against, in words. */
	ruleset: string;
	/** Files in the package. */
	fileCount: number;
	/** Bytes of all files. */
	totalSize: number;
	/** Names of the representation folders. */
	representations: string[];
	summary: {
		errors: number;
		warnings: number;
		infos: number;
		/** By requirement, the most severe first. */
		requirements: RequirementCount[];
	};
	/** The most severe first, then by file and place; of one requirement at most twenty. */
	findings: SipFinding[];
	/** Findings that were counted, and left out of `findings`. */
	omitted: number;
}

const MAX_FINDINGS_OF_ONE_REQUIREMENT = 20;
const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** What a requirement of this level means when it is not met. */
export function severityOf(level: Level): Severity {
	return level === 'MUST' ? 'error' : level === 'SHOULD' ? 'warning' : 'info';
}

/** `CSIP9` before `CSIP17`: letters by letters, numbers by number. */
function naturally(a: string, b: string): number {
	const [, lettersA, digitsA] = /^(.*?)(\d*)$/.exec(a) ?? [];
	const [, lettersB, digitsB] = /^(.*?)(\d*)$/.exec(b) ?? [];
	if (lettersA !== lettersB) return (lettersA ?? '') < (lettersB ?? '') ? -1 : 1;
	return Number(digitsA) - Number(digitsB);
}

/** Gathers findings; counts all, keeps a bounded number of each requirement. */
export class Findings {
	private readonly kept: SipFinding[] = [];
	private readonly counts = new Map<string, RequirementCount>();

	/** @param finding its severity follows from its level, unless it is given */
	add(finding: Omit<SipFinding, 'severity'> & { severity?: Severity }): void {
		const severity = finding.severity ?? severityOf(finding.level);
		const key = `${severity} ${finding.requirement}`;
		const entry = this.counts.get(key) ?? { requirement: finding.requirement, severity, count: 0 };
		entry.count += 1;
		this.counts.set(key, entry);
		if (entry.count <= MAX_FINDINGS_OF_ONE_REQUIREMENT) this.kept.push({ ...finding, severity });
	}

	/** Whether anything was found that makes the package invalid. */
	get valid(): boolean {
		return this.count('error') === 0;
	}

	/** How many findings there are of a severity, those that were not kept among them. */
	count(severity: Severity): number {
		let count = 0;
		for (const entry of this.counts.values()) if (entry.severity === severity) count += entry.count;
		return count;
	}

	/** The part of a report that is about findings, in an order that does not depend on timing. */
	summed(): Pick<PackageReport, 'valid' | 'summary' | 'findings' | 'omitted'> {
		const bySeverity = (a: Severity, b: Severity) => SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
		const findings = this.kept
			.map((finding, index) => ({ finding, index }))
			.sort(
				({ finding: a, index: i }, { finding: b, index: j }) =>
					bySeverity(a.severity, b.severity) ||
					(a.file === b.file ? 0 : a.file < b.file ? -1 : 1) ||
					(a.line ?? 0) - (b.line ?? 0) ||
					naturally(a.requirement, b.requirement) ||
					i - j,
			)
			.map(({ finding }) => finding);
		const requirements = [...this.counts.values()].sort(
			(a, b) => bySeverity(a.severity, b.severity) || naturally(a.requirement, b.requirement),
		);
		const errors = this.count('error');
		const warnings = this.count('warning');
		const infos = this.count('info');
		return {
			valid: errors === 0,
			summary: { errors, warnings, infos, requirements },
			findings,
			omitted: errors + warnings + infos - findings.length,
		};
	}
}
