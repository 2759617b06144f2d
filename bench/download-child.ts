import { createRequire } from 'node:module';
import path from 'node:path';

import type * as Credential from '../credentials/DigitalPreservationApi.credentials';
import type * as Node from '../nodes/DigitalPreservation/DigitalPreservation.node';
import { N8nCore } from '../test/nodes/n8n-context';

import { type DownloadAssignment, type Measured, answerAssignment, measure } from './measured';

/** 'Dissemination: Download' as n8n runs it: its real execute context and its binary store on disk. */
async function download(assignment: DownloadAssignment): Promise<Measured> {
	const n8n = await N8nCore.load('filesystem');
	// as n8n loads a package: what was built, by its path
	const load = createRequire(__filename);
	const { DigitalPreservation } = load(
		path.join(assignment.dist, 'nodes/DigitalPreservation/DigitalPreservation.node.js'),
	) as typeof Node;
	const { DigitalPreservationApi } = load(
		path.join(assignment.dist, 'credentials/DigitalPreservationApi.credentials.js'),
	) as typeof Credential;
	const node = new DigitalPreservation();
	const { clientId, clientSecret, baseUrl, tokenUrl, deliveredMessage } = assignment;
	const context = n8n.executeContext(node, new DigitalPreservationApi(), {
		items: [{ json: deliveredMessage as never }],
		credential: {
			accessToken: '',
			environment: 'custom',
			clientId,
			clientSecret,
			baseUrl,
			tokenUrl,
		},
		parameters: {
			resource: 'dissemination',
			operation: 'download',
			deliveredMessage: '={{ $json }}',
			binaryPropertyName: 'data',
			verifyAgainst: 'nothing',
			options: {},
		},
	});
	return await measure(async () => {
		await node.execute.call(context);
	});
}

answerAssignment(download);
