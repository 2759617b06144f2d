import type { INodeProperties } from 'n8n-workflow';

import type { WaitOptions } from '../../../dps/client/waiting';
import type { ItemRun } from '../n8n/operation';
import { parameter, refuse } from '../n8n/operation';

interface WaitParameters {
	timeout?: number;
	firstDelay?: number;
	maxDelay?: number;
	returnFailures?: boolean;
}

export const waitOptionsField: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'First Pause (Seconds)',
			name: 'firstDelay',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 5,
			description: 'How long to pause before looking again for the first time. Later pauses grow.',
		},
		{
			displayName: 'Longest Pause (Seconds)',
			name: 'maxDelay',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 300,
			description: 'How long a pause between two looks may become',
		},
		{
			displayName: 'Return Failures',
			name: 'returnFailures',
			type: 'boolean',
			default: false,
			description:
				'Whether to give on an item that ended as rejected or failed, with its status, instead of stopping with an error',
		},
		{
			displayName: 'Timeout (Minutes)',
			name: 'timeout',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 60,
			description:
				'How long to wait in all. Preservation can take hours; for such waits the Digital Preservation Trigger is better, since it keeps no run open.',
		},
	],
};

/** The wait's limits, and whether a bad end is an error. */
export function waitOptionsOf(run: Pick<ItemRun, 'context' | 'index'>): {
	limits: WaitOptions;
	returnFailures: boolean;
} {
	const options = parameter<WaitParameters>(run, 'options', {});
	const { timeout = 60, firstDelay = 5, maxDelay = 300, returnFailures = false } = options;
	for (const [name, value] of Object.entries({ timeout, firstDelay, maxDelay })) {
		if (!(value > 0)) return refuse(name, 'must be greater than 0');
	}
	return {
		limits: {
			timeoutMs: timeout * 60_000,
			firstDelayMs: firstDelay * 1000,
			maxDelayMs: Math.max(firstDelay, maxDelay) * 1000,
		},
		returnFailures,
	};
}
