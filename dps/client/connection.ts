const REASONS: Array<[RegExp, string]> = [
	[/^ECONNREFUSED$/, 'nothing listens there'],
	[/^(ENOTFOUND|EAI_AGAIN)$/, 'its name is not known'],
	[/^(EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/, 'there is no way to it from here'],
	[/^(ETIMEDOUT|ECONNABORTED)$/, 'it did not answer in time'],
	[/^(ECONNRESET|EPIPE)$/, 'it broke the connection'],
	[/CERT|SELF_SIGNED|ERR_TLS/, 'its certificate is not trusted'],
	[/SSRF/, "n8n's own protection forbids this address"],
];

/**
 * Why a connection failed, in words. The system's bare code would do for some readers, but n8n
 * puts a sentence of its own over every error text that holds one.
 *
 * @param code the system's error code, such as `ECONNREFUSED`
 */
export function reasonOfFailure(code: string | undefined): string {
	return REASONS.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? 'the connection failed';
}
