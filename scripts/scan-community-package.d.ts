/** The part of n8n's scanner that is used here; the package has no types of its own. */
declare module '@n8n/scan-community-package/scanner/scanner.mjs' {
	/** The files of a source tree that n8n scans. */
	export const SOURCE_FILE_PATTERNS: string[];

	/** Scans the files of a folder that match the patterns; without patterns, every .js, .ts and .json file. */
	export function analyzePackage(
		packageDir: string,
		filePatterns?: string[],
	): Promise<{ passed: boolean; message?: string; details?: string }>;
}
