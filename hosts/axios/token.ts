/**
 * Gives the access token for the API; asked before each request that needs it.
 *
 * @param refused a token that the API answered 401 to: another one is wanted
 */
export type TokenSource = (refused?: string) => Promise<string>;

/**
 * A token that all requests share. It is exchanged when there is none yet, or when the one in use
 * was refused; requests that are refused side by side wait for the same exchange.
 *
 * @param exchange gets a fresh token
 */
export function sharedToken(exchange: () => Promise<string>): TokenSource {
	let current: Promise<string> | undefined;
	let issued: string | undefined;
	const renew = async () => {
		try {
			issued = await exchange();
			return issued;
		} catch (error) {
			current = undefined;
			throw error;
		}
	};
	return async (refused) => {
		if (refused !== undefined && refused === issued) {
			issued = undefined;
			current = undefined;
		}
		current ??= renew();
		return await current;
	};
}
