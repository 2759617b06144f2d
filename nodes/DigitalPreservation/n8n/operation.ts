import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	NodeParameterValueType,
} from 'n8n-workflow';

import { InputError, assertNoErrors } from '../../../dps/advised-error';
import type { DpsApi } from '../../../dps/client/api';
import type { Finding } from '../../../dps/finding';
import { error as errorFinding } from '../../../dps/finding';
import { CancelledError } from '../../../dps/ports';

import { apiFor } from './api';
import { toNodeError } from './errors';

/** What a workflow author can choose under a resource: its fields, and what it does. */
export interface Operation {
	/** The fields that the editor shows for it. */
	fields: INodeProperties[];
	/** One list of items an output. */
	execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]>;
}

/** One input item, and what is needed to work on it. */
export interface ItemRun {
	context: IExecuteFunctions;
	index: number;
	api: DpsApi;
}

type ItemResult = IDataObject | IDataObject[] | INodeExecutionData[];

/** A parameter's value at an item, expressions resolved. */
export function parameter<T extends NodeParameterValueType | object>(
	{ context, index }: Pick<ItemRun, 'context' | 'index'>,
	name: string,
	fallback?: unknown,
): T {
	return context.getNodeParameter(name, index, fallback) as T;
}

/**
 * A text parameter, checked before it is used.
 *
 * @throws {InputError}
 */
export function checkedText(
	run: Pick<ItemRun, 'context' | 'index'>,
	name: string,
	label: string,
	check: (value: unknown, field: string) => Finding[],
): string {
	const value = run.context.getNodeParameter(name, run.index, '');
	assertNoErrors('Nothing was sent', check(value, label));
	return String(value);
}

/**
 * A parameter that holds JSON: a text, or what an expression gave.
 *
 * @throws {InputError} when the text is no JSON
 */
export function jsonParameter(
	run: Pick<ItemRun, 'context' | 'index'>,
	name: string,
	label: string,
): unknown {
	const value: unknown = run.context.getNodeParameter(name, run.index, '');
	if (typeof value !== 'string') return value;
	try {
		return JSON.parse(value) as unknown;
	} catch (error) {
		const reason = error instanceof Error ? error.message : 'not JSON';
		return refuse(label, `is not valid JSON (${reason})`);
	}
}

/** @throws {InputError} always */
export function refuse(field: string, message: string): never {
	throw new InputError('Nothing was sent', [errorFinding(field, message, 'node parameters')]);
}

function isExecutionData(value: IDataObject | INodeExecutionData): value is INodeExecutionData {
	return 'pairedItem' in value && typeof value.json === 'object';
}

function itemsOf(result: ItemResult, index: number): INodeExecutionData[] {
	return (Array.isArray(result) ? result : [result]).map((value) =>
		isExecutionData(value) ? value : { json: value, pairedItem: { item: index } },
	);
}

/** What 'Continue on Fail' gives on for an item that failed. */
export function failedItem(
	context: IExecuteFunctions,
	error: unknown,
	items: number[],
): INodeExecutionData {
	const nodeError = toNodeError(context.getNode(), error, { itemIndex: items[0] });
	const { message, description } = nodeError;
	const code = nodeError.context.dpsCode as string | undefined;
	return {
		json: {
			error: message,
			...(description ? { description } : {}),
			...(code ? { code } : {}),
		},
		error: nodeError,
		pairedItem: items.map((item) => ({ item })),
	};
}

/**
 * Turns work on one item into an operation on all: the loop, paired items and 'Continue on Fail'
 * are written here, once.
 */
export function eachItem(work: (run: ItemRun) => Promise<ItemResult>): Operation['execute'] {
	return async (context) => {
		const api = await apiFor(context);
		const output: INodeExecutionData[] = [];
		for (let index = 0; index < context.getInputData().length; index++) {
			try {
				output.push(...itemsOf(await work({ context, index, api }), index));
			} catch (error) {
				if (error instanceof CancelledError || !context.continueOnFail()) {
					throw toNodeError(context.getNode(), error, { itemIndex: index });
				}
				output.push(failedItem(context, error, [index]));
			}
		}
		return [output];
	};
}
