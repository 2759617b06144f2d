import type { IExecuteFunctions } from 'n8n-workflow';

import { refuse } from '../../n8n/operation';
import { contractIdOf } from '../fields';

import { metadataOf } from './metadataParameter';

/** What the items say of one object. */
export interface DescribedObject<File> {
	contractId: string;
	objectId: string;
	metadata: unknown;
	files: File[];
	/** The items that it came from. */
	items: number[];
	/** Why the object is not whole; nothing of it may be sent then. */
	failure?: unknown;
}

interface Gathered<File> extends DescribedObject<File> {
	metadataText: string;
}

function objectOf<File>(
	objects: Map<string, Gathered<File>>,
	context: IExecuteFunctions,
	index: number,
	objectId: string,
): Gathered<File> {
	const run = { context, index };
	const contractId = contractIdOf(run);
	const metadata = metadataOf(run);
	const metadataText = JSON.stringify(metadata);

	const key = `${contractId}/${objectId}`;
	const known = objects.get(key);
	if (!known) {
		const created = { contractId, objectId, metadata, metadataText, files: [], items: [] };
		objects.set(key, created);
		return created;
	}
	if (known.metadataText !== metadataText) {
		return refuse(
			`item ${index}: metadata`,
			`differs from that of item ${known.items[0]}, which has the same Object ID ${objectId}; one submission has one description`,
		);
	}
	return known;
}

/**
 * Gathers the items that share contract and Object ID. An item that cannot be read spoils its whole
 * object: without one of its files it would be preserved as half an object, for ever.
 *
 * @param fileOf reads the file of an item
 * @param isShared whether an item belongs to all objects, and to none of its own
 * @returns whole objects in the order of their first items, then the spoilt ones
 */
export async function gatherObjects<File>(
	context: IExecuteFunctions,
	fileOf: (index: number) => Promise<File>,
	isShared: (index: number) => boolean = () => false,
): Promise<Array<DescribedObject<File>>> {
	const objects = new Map<string, Gathered<File>>();
	const spoilt = new Map<string, { failure: unknown; items: number[] }>();
	for (let index = 0; index < context.getInputData().length; index++) {
		if (isShared(index)) continue;
		const objectId = String(context.getNodeParameter('objectId', index, ''));
		try {
			const object = objectOf(objects, context, index, objectId);
			object.items.push(index);
			object.files.push(await fileOf(index));
		} catch (error) {
			const { failure, items } = spoilt.get(objectId) ?? { failure: error, items: [] };
			spoilt.set(objectId, { failure, items: [...items, index] });
		}
	}
	const all: Array<DescribedObject<File>> = [...objects.values()];
	const whole = all.filter(({ objectId }) => !spoilt.has(objectId));
	for (const [objectId, { failure, items }] of spoilt) {
		const siblings = all.filter((object) => object.objectId === objectId);
		const together = new Set([...items, ...siblings.flatMap((sibling) => sibling.items)]);
		whole.push({
			contractId: '',
			objectId,
			metadata: {},
			files: [],
			items: [...together].sort((a, b) => a - b),
			failure,
		});
	}
	return whole;
}
