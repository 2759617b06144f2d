import path from 'node:path';

import { run } from './command';

/** Command lines have an end; so many documents are judged by one start. */
const DOCUMENTS_A_RUN = 200;

/** Whether xmllint (libxml2) is on this machine. */
export async function hasXmllint(): Promise<boolean> {
	return (await run('xmllint', ['--version'])).code === 0;
}

/**
 * Judges METS documents against the METS schema in a folder of schemas. Nothing is fetched: the
 * schemas that it imports have to be beside it.
 *
 * @returns what xmllint says of those that are not valid, nothing when all are
 */
export async function invalidDocuments(schemas: string, documents: string[]): Promise<string[]> {
	const schema = path.join(schemas, 'mets1_12.xsd');
	const complaints: string[] = [];
	for (let at = 0; at < documents.length; at += DOCUMENTS_A_RUN) {
		const some = documents.slice(at, at + DOCUMENTS_A_RUN);
		const { code, output } = await run('xmllint', [
			...['--nonet', '--huge', '--noout', '--schema', schema],
			...some,
		]);
		if (code === 0) continue;
		complaints.push(...output.split('\n').filter((line) => line && !line.endsWith(' validates')));
	}
	return complaints;
}
