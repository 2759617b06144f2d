import type { INode, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { AdvisedError } from '../../../dps/advised-error';
import { DpsError } from '../../../dps/client/error';
import { redact } from '../../../dps/client/redaction';
import { TokenError } from '../../../dps/client/token-error';
import type { Finding } from '../../../dps/finding';
import { CancelledError, TransportError } from '../../../dps/ports';

function listOf(findings: Finding[]): string {
	return findings.map(({ field, message, rule }) => `• ${field}: ${message} (${rule})`).join('\n');
}

const PATH = /^(?:GET|POST|PUT|DELETE) \/v1\/contracts\/([^/]+)\//;

function missingRole(error: DpsError): string {
	const contractId = PATH.exec(error.request)?.[1];
	const access = error.request.startsWith('GET') ? 'R' : 'W';
	return contractId
		? `The client lacks the role ${contractId}_${access} (${access === 'R' ? 'reading' : 'writing'} under contract ${contractId}). Choose another contract, or ask the National Library of Norway for the role.`
		: 'The client lacks the reading role (…_R) of the contract that the object belongs to. Ask the National Library of Norway for it.';
}

/** A call of the API names its path; a download names the file that the store was asked for. */
const DOWNLOAD = /^GET (?!\/)/;

function adviceForDownload({ code }: DpsError): string {
	return code === 'DOWNLOAD_DIFFERS'
		? "It was fetched again, in vain; the bytes were not passed on. Order the object again with 'Dissemination: Create'. If that delivery differs too, tell the National Library of Norway."
		: "Run the workflow again with the same message while its links are good, about a day. After that, order the object again with 'Dissemination: Create'.";
}

/** What the user can do about it, by what the DPS documents for each status. */
function adviceFor(error: DpsError): string {
	if (DOWNLOAD.test(error.request)) return adviceForDownload(error);
	switch (error.code) {
		case 'NOT_REACHED':
			return 'The service could not be reached. Check the Base URL in the credential, and that this machine may connect to it.';
		case 'NO_ANSWER':
			return 'The connection broke before the service answered. Run the workflow again: what was already done is found and not done twice.';
		case 'NO_TOKEN':
			return 'Open the credential, correct it, and choose Save to test it again.';
		case 'EVENT_MAY_BE_RECORDED':
			return "Look at the submission's events (Event: Get Many) before you add it again.";
		case 'UNREADABLE_ANSWER':
			return 'Check the Base URL in the credential.';
	}
	switch (error.status) {
		case 400:
			return 'The service found the request wrong. Its details say which field.';
		case 401:
			return 'The service did not accept the token. Test the credential: Base URL and Token URL must belong to the same environment.';
		case 403:
			return missingRole(error);
		case 404:
			return 'Nothing is found under this id. Ids are case-sensitive; a submission that was there before and is gone was probably rejected.';
		case 409:
			return 'It exists already. Object IDs are unique in a contract, file paths in a submission; neither can be changed.';
		case 422:
			return 'The object is known, but not preserved yet. Wait for the submission.preserved message.';
		case 429:
			return 'The service asks for fewer requests. Run the workflow again later, with fewer items at once.';
	}
	return error.retryable
		? 'The service, or a proxy in front of it, is in trouble; the call was repeated in vain. Run the workflow again later.'
		: 'Run the workflow again; if the error stays, give its code to the National Library of Norway.';
}

function describe(error: DpsError): string {
	const facts = [
		adviceFor(error),
		error.details ? `Details: ${error.details}` : undefined,
		`Code: ${error.code}${error.status ? ` (HTTP ${error.status})` : ''}. Request: ${error.request}`,
	];
	return facts.filter((fact) => fact !== undefined).join('\n');
}

export interface ErrorPlace {
	itemIndex?: number;
	/** What was being done, as the editor names it: 'Submission: Create'. */
	doing?: string;
}

/**
 * Turns whatever went wrong into n8n's own error types: what went wrong, at which item, what to do
 * next, and the DPS's own code and message. Never more of an answer than that, since answers hold
 * pre-signed URLs.
 */
export function toNodeError(
	node: INode,
	error: unknown,
	{ itemIndex }: ErrorPlace,
): NodeApiError | NodeOperationError {
	if (error instanceof NodeApiError || error instanceof NodeOperationError) {
		if (itemIndex !== undefined) error.context.itemIndex ??= itemIndex;
		return error;
	}
	if (error instanceof DpsError) {
		const { message, code, status } = error;
		const nodeError = new NodeApiError(node, { message, code } as JsonObject, {
			message,
			description: describe(error),
			httpCode: status === undefined ? undefined : String(status),
			itemIndex,
		});
		// NodeApiError puts a text of its own over the message of well-known statuses
		nodeError.message = message;
		nodeError.description = describe(error);
		nodeError.context.dpsCode = code;
		return nodeError;
	}
	if (error instanceof AdvisedError) {
		return new NodeOperationError(node, redact(error.message, 1000), {
			description: [error.advice, listOf(error.findings)].filter(Boolean).join('\n'),
			itemIndex,
		});
	}
	if (error instanceof TokenError) {
		return new NodeOperationError(node, error.message, {
			description: 'Open the credential, correct it, and choose Save to test it again.',
			itemIndex,
		});
	}
	if (error instanceof CancelledError) {
		return new NodeOperationError(node, 'The run was cancelled', {
			description: 'What was already sent stays. Run the workflow again to go on where it stopped.',
			itemIndex,
		});
	}
	const message = error instanceof Error ? error.message : String(error);
	return new NodeOperationError(node, redact(message), {
		description:
			error instanceof TransportError
				? 'The connection failed. Run the workflow again.'
				: undefined,
		itemIndex,
	});
}
