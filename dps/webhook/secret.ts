import type { Finding } from '../finding';
import { error } from '../finding';

import { keysOf } from './signature';

const RULE = 'Standard Webhooks specification, 1.0: signing secret';
/** Bytes; the specification asks for 24 to 64. A shorter plain text may be all that NB agreed on. */
const LEAST_BYTES = 16;

/** What is wrong with the form of a signing secret. The findings never quote it. */
export function checkSecret(secret: string, field: string): Finding[] {
	const text = secret.trim();
	if (text === '') {
		return [error(field, 'is empty; enter the secret that you share with the library', RULE)];
	}
	if (text.startsWith('whsec_') && !/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text)) {
		return [error(field, 'starts with whsec_, but what follows is not base64', RULE)];
	}
	if (!keysOf(text).some(({ length }) => length >= LEAST_BYTES)) {
		return [error(field, `is shorter than ${LEAST_BYTES} bytes, and could be guessed`, RULE)];
	}
	return [];
}
