import { copyFile, link, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { Container } from '@n8n/di';
import type { INodeExecutionData } from 'n8n-workflow';

import type * as Credential from '../credentials/DigitalPreservationApi.credentials';
import type * as Node from '../nodes/DigitalPreservation/DigitalPreservation.node';
import { N8nCore } from '../test/nodes/n8n-context';

import { type Assignment, METADATA, type Measured, answerAssignment, measure } from './measured';

/** One item a file, the bytes in n8n's binary store: put there by a link where the disk allows it. */
async function itemsOf(n8n: N8nCore, { files }: Assignment): Promise<INodeExecutionData[]> {
	const { BinaryDataService } = await import('n8n-core');
	const store = Container.get(BinaryDataService);
	const items: INodeExecutionData[] = [];
	for (const file of files) {
		const { filePath } = file;
		const binary = await n8n.store(Buffer.alloc(0), path.basename(filePath));
		const stored = store.getPath(binary.id ?? '');
		await rm(stored);
		await link(file.path, stored).catch(async () => await copyFile(file.path, stored));
		items.push({ json: { filePath }, binary: { data: { ...binary, bytes: file.size } } });
	}
	return items;
}

/** 'Submit Package' as n8n runs it: its real execute context and its binary store on disk. */
async function submit(assignment: Assignment): Promise<Measured> {
	const n8n = await N8nCore.load('filesystem');
	const items = await itemsOf(n8n, assignment);
	// as n8n loads a package: what was built, by its path
	const load = createRequire(__filename);
	const { DigitalPreservation } = load(
		path.join(assignment.dist, 'nodes/DigitalPreservation/DigitalPreservation.node.js'),
	) as typeof Node;
	const { DigitalPreservationApi } = load(
		path.join(assignment.dist, 'credentials/DigitalPreservationApi.credentials.js'),
	) as typeof Credential;
	const node = new DigitalPreservation();
	const { clientId, clientSecret, baseUrl, tokenUrl, concurrency } = assignment;
	const context = n8n.executeContext(node, new DigitalPreservationApi(), {
		items,
		credential: {
			accessToken: '',
			environment: 'custom',
			clientId,
			clientSecret,
			baseUrl,
			tokenUrl,
		},
		parameters: {
			resource: 'submission',
			operation: 'submit',
			contractId: { __rl: true, mode: 'id', value: assignment.contractId },
			objectId: assignment.objectId,
			filePath: '={{ $json.filePath }}',
			binaryPropertyName: 'data',
			isPackaged: false,
			metadataMode: 'json',
			metadataJson: JSON.stringify(METADATA),
			options: concurrency === undefined ? {} : { concurrency },
		},
	});
	return await measure(async () => {
		await node.execute.call(context);
	});
}

answerAssignment(submit);
