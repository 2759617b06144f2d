import type { BuildInput } from '../dps/sip/build/input';

/** What every package of the conformance run says of itself. */
export const EXAMPLE: Omit<BuildInput, 'category' | 'objectId' | 'files'> = {
	contractId: 'ef23',
	metadata: {
		type: 'Bilde',
		identifier: [{ type: 'inventory number', value: 'NF.1992-0123' }],
		title: { value: 'Rana <& "Blad">, 15. februar', lang: 'nob' },
		description: [{ value: 'Én side', lang: 'nob' }],
	},
	descriptionFormat: 'json',
	created: '2025-02-17',
	organisation: { name: 'Example & Museum', identificationCode: '974760673' },
	software: { name: 'n8n-nodes-digital-preservation', version: '0.1.0' },
};
