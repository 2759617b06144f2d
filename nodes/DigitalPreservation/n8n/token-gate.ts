import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { expiryOfToken, lifetimeOfToken } from '../../../dps/client/token';

/** Milliseconds before its end at which a token is renewed at the earliest; a quarter of its life at most. */
const MARGIN_MS = 30_000;
/** Milliseconds for which a token is used on that the API takes although this machine's clock says it has ended. */
const CLOCK_DOUBT_MS = 5_000;

function tokenOf({ accessToken }: ICredentialDataDecryptedObject): string {
	return typeof accessToken === 'string' ? accessToken : '';
}

/**
 * Sees to it that a token is renewed once, and before its end.
 *
 * Within a node's run, one request goes ahead when the token may have ended; the others wait for it
 * and use the new one. Between executions, on whatever machine, nothing is shared but the credential
 * that n8n has stored: it is read again before the token is renewed, and each execution renews at a
 * moment of its own, so that most find what another has renewed. Without it, each request that is
 * under way when a token ends makes n8n fetch a token of its own.
 */
export class TokenGate {
	private freshUntil = 0;
	private leader: Promise<void> | undefined;
	/** From a half to one, another for each run. */
	private readonly share = 0.5 + Math.random() / 2;

	/**
	 * @param credential as n8n decrypted it; n8n writes a renewed token into it
	 * @param stored reads the credential anew
	 */
	constructor(
		private credential: ICredentialDataDecryptedObject,
		private readonly stored: () => Promise<ICredentialDataDecryptedObject>,
	) {}

	/** @param send sends a request; n8n fetches a token for it when there is none in the credential */
	async pass<T>(send: (credential: ICredentialDataDecryptedObject) => Promise<T>): Promise<T> {
		while (this.leader) await this.leader;
		if (Date.now() < this.freshUntil) return await send(this.credential);
		let open: () => void = () => {};
		this.leader = new Promise<void>((resolve) => (open = resolve));
		try {
			// requests on their way keep the one that they have
			const credential = await this.credentialToGoOnWith();
			const token = tokenOf(credential);
			const result = await send(credential);
			this.credential = credential;
			this.freshUntil = this.endOfUse(tokenOf(credential), token);
			return result;
		} finally {
			this.leader = undefined;
			open();
		}
	}

	private marginOf(token: string): number {
		return Math.min(MARGIN_MS, (lifetimeOfToken(token) ?? 0) / 4) * this.share;
	}

	private async credentialToGoOnWith(): Promise<ICredentialDataDecryptedObject> {
		const isToRenew = (token: string, now: number) =>
			now >= (expiryOfToken(token) ?? Number.POSITIVE_INFINITY) - this.marginOf(token);
		if (!isToRenew(tokenOf(this.credential), Date.now())) return { ...this.credential };
		const stored = await this.stored();
		const token = tokenOf(stored);
		const now = Date.now();
		// one that has ended by this machine's clock is for the API to judge: the clock may be wrong
		const isEnding = isToRenew(token, now) && now < (expiryOfToken(token) ?? 0);
		return { ...stored, accessToken: isEnding ? '' : token };
	}

	/** Until when a token is used that the API has taken, in milliseconds since 1970. */
	private endOfUse(token: string, sent: string): number {
		const now = Date.now();
		const lifetime = lifetimeOfToken(token);
		if (token !== sent && lifetime !== undefined) return now + lifetime - this.marginOf(token);
		const expiry = expiryOfToken(token);
		if (expiry === undefined) return Number.POSITIVE_INFINITY;
		return Math.max(expiry - this.marginOf(token), now + Math.min(CLOCK_DOUBT_MS, lifetime ?? 0));
	}
}
