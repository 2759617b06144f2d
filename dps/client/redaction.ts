/**
 * Texts from outside (a proxy's page, an S3 error, a system error) are shown to people and end in
 * logs. They can quote the request, so what must stay secret is taken out of them first.
 */

const JSON_WEB_TOKEN = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]+/gi;
const URL_QUERY = /(https?:\/\/[^\s?#"'<>]+)[?#][^\s"'<>]*/gi;
const SIGNATURE_PARAMETER = /\b(X-Amz-[\w-]+|client_secret|access_token)=[^\s&"'<>]*/gi;
const isControl = (code: number) => code < 0x20 || code === 0x7f;

/**
 * Takes tokens, credentials and the query of every URL (where pre-signed URLs carry their
 * signature) out of a text, folds white space and control characters, and cuts it.
 *
 * @param text any text from outside
 * @param maxLength characters to keep
 */
export function redact(text: string, maxLength = 500): string {
	const readable = Array.from(text.slice(0, maxLength * 20), (character) =>
		isControl(character.charCodeAt(0)) ? ' ' : character,
	).join('');
	const safe = readable
		.replace(JSON_WEB_TOKEN, '[token]')
		.replace(URL_QUERY, '$1?[removed]')
		.replace(SIGNATURE_PARAMETER, '$1=[removed]')
		.replace(BEARER, '$1 [removed]')
		.replace(/\s+/g, ' ')
		.trim();
	return safe.length > maxLength ? `${safe.slice(0, maxLength - 1)}…` : safe;
}
