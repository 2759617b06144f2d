import type { Finding } from '../finding';
import { error, warning } from '../finding';
import { archiveForm, contentsOfArchive, isUnreadableArchive } from '../sip/archive';
import type { Digests } from '../sip/contents';
import { contentsOfFiles } from '../sip/contents';
import type { PackageReport, SipFinding } from '../sip/report';
import type { ValidationOptions } from '../sip/validate';
import { reportOnUnreadable, validatePackage } from '../sip/validate';

import { hasMets } from './completeness';
import type { Fixity } from './fixity';
import type { Package } from './package';
import type { SubmitOptions } from './submit';

/**
 * What is made of a package that breaks a MUST: `strict` keeps it from being sent, `warn` sends it
 * and says so, `off` does not look.
 */
export const PREFLIGHT_MODES = ['strict', 'warn', 'off'] as const;
export type PreflightMode = (typeof PREFLIGHT_MODES)[number];

const RULE = 'NB-SIP 1.0';

function findingOf(found: SipFinding, isBinding: boolean): Finding {
	const place = found.line === undefined ? '' : ` line ${found.line}`;
	const field = `${found.file || 'package'}${place}`;
	const message = `${found.found}; wanted: ${found.wanted}`;
	const rule = `${RULE}, ${found.requirement}`;
	return isBinding && found.severity === 'error'
		? error(field, message, rule)
		: warning(field, message, rule);
}

function findingsOf({ findings, omitted }: PackageReport, mode: PreflightMode): Finding[] {
	const shown = findings.filter(({ severity }) => severity !== 'info');
	const left =
		omitted > 0 ? [warning('package', `${omitted} more findings are not listed here`, RULE)] : [];
	return [...shown.map((found) => findingOf(found, mode === 'strict')), ...left];
}

function digestsOf(fixities: ReadonlyMap<string, Fixity>): Map<string, Digests> {
	return new Map(
		[...fixities].map(([path, { md5, sha256 }]) => [
			path,
			new Map([
				['MD5', md5],
				['SHA-256', sha256],
			]),
		]),
	);
}

function titleOf(metadata: unknown): string | undefined {
	const { title } = (metadata ?? {}) as { title?: { value?: unknown } };
	return typeof title?.value === 'string' ? title.value : undefined;
}

/** The one file that a package travels in; undefined when it travels as files. */
function archiveOf({ files }: Package) {
	return files.length === 1 && files[0].isPackaged ? files[0].source : undefined;
}

async function reportOn(
	input: Package,
	fixities: ReadonlyMap<string, Fixity>,
	options: ValidationOptions,
): Promise<PackageReport> {
	const archive = archiveOf(input);
	if (!archive) {
		const sources = input.files.map(({ source }) => source);
		const contents = contentsOfFiles(sources, { known: digestsOf(fixities) });
		return await validatePackage(contents, options);
	}
	const form = await archiveForm(archive);
	if (form === undefined) {
		return reportOnUnreadable(options.ruleset, 'the packaged file is neither a TAR nor a ZIP');
	}
	return await contentsOfArchive(archive, form, options.signal)
		.then(async (contents) => await validatePackage(contents, options))
		.catch((reason: unknown) => {
			if (!isUnreadableArchive(reason)) throw reason;
			return reportOnUnreadable(options.ruleset, reason.message);
		});
}

/** Why a package cannot be judged before it is sent; undefined when it can. */
function reasonNotToJudge(input: Package): string | undefined {
	if (archiveOf(input)) return undefined;
	if (!hasMets(input)) return 'has no METS.xml at its root';
	if (input.files.some(({ isPackaged }) => isPackaged)) {
		return 'holds a file that DPS unpacks, among others';
	}
	return undefined;
}

/**
 * Judges packages by NB-SIP 1.0 before anything of them is sent: DPS would do so hours later, and
 * reject them.
 *
 * What says of itself that it is a package, by a METS.xml at its root or by being a TAR or ZIP made
 * for the transfer, is judged. What does not is sent with a warning: nothing that NB documents
 * keeps a contract from taking it.
 *
 * @returns the hook for `submitPackage`, if there is something to judge, and the warnings if not
 */
export function preflightOf(
	input: Package,
	mode: PreflightMode,
	signal?: AbortSignal,
): { preflight?: SubmitOptions['preflight']; warnings: string[] } {
	if (mode === 'off') return { warnings: [] };
	const reason = reasonNotToJudge(input);
	if (reason !== undefined) {
		return {
			warnings: [`package: ${reason}, and was not checked; DPS may reject it after the upload`],
		};
	}
	return {
		preflight: async ({ objectId, metadata }, fixities) => {
			const title = titleOf(metadata);
			const options: ValidationOptions = { ruleset: 'nb-sip-1.0', objectId, title, signal };
			return findingsOf(await reportOn(input, fixities, options), mode);
		},
		warnings: [],
	};
}
