import { metadataFromForm } from '../../../../dps/metadata/form';
import type { ItemRun } from '../../n8n/operation';
import { jsonParameter, parameter } from '../../n8n/operation';

import { metadataFormOf } from './metadataFields';

/**
 * The descriptive metadata that the user entered, in the API's form; checked by the caller.
 *
 * @throws {InputError} when the JSON mode's text is no JSON
 */
export function metadataOf(run: Pick<ItemRun, 'context' | 'index'>): unknown {
	const mode = parameter<string>(run, 'metadataMode', 'form');
	if (mode === 'json') return jsonParameter(run, 'metadataJson', 'Metadata (JSON)');
	return metadataFromForm(metadataFormOf((name, fallback) => parameter(run, name, fallback)));
}
