import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import type { Operation } from '../n8n/operation';

import { getAll as getContracts } from './contract/getAll';
import { create as createDissemination } from './dissemination/create';
import { download } from './dissemination/download';
import { get as getDissemination } from './dissemination/get';
import { wait as waitForDissemination } from './dissemination/wait';
import { add as addEvent } from './event/add';
import { getAll as getEvents } from './event/getAll';
import { remove as deleteFile } from './file/delete';
import { getAll as getFiles } from './file/getAll';
import { register } from './file/register';
import { upload } from './file/upload';
import { build } from './package/build';
import { validate } from './package/validate';
import { create as createSubmission } from './submission/create';
import { remove as deleteSubmission } from './submission/delete';
import { finalize } from './submission/finalize';
import { get as getSubmission } from './submission/get';
import { getAll as getSubmissions } from './submission/getAll';
import { submit } from './submission/submit';
import { verify } from './submission/verify';
import { wait as waitForSubmission } from './submission/wait';

/** The operations of each resource, by the values that stand in saved workflows. */
export const operations: Record<string, Record<string, Operation>> = {
	contract: { getAll: getContracts },
	dissemination: {
		create: createDissemination,
		download,
		get: getDissemination,
		wait: waitForDissemination,
	},
	event: { add: addEvent, getAll: getEvents },
	file: { delete: deleteFile, getAll: getFiles, register, upload },
	package: { build, validate },
	submission: {
		create: createSubmission,
		delete: deleteSubmission,
		finalize,
		get: getSubmission,
		getAll: getSubmissions,
		submit,
		verify,
		wait: waitForSubmission,
	},
};

function operationChoice(
	resource: string,
	defaultOperation: string,
	options: INodePropertyOptions[],
): INodeProperties {
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource] } },
		options,
		default: defaultOperation,
	};
}

const operationChoices: INodeProperties[] = [
	operationChoice('contract', 'getAll', [
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many contracts',
			description: 'List the contracts that the client has access to',
		},
	]),
	operationChoice('dissemination', 'create', [
		{
			name: 'Create',
			value: 'create',
			action: 'Create a dissemination',
			description: 'Order a preserved object back',
		},
		{
			name: 'Download',
			value: 'download',
			action: 'Download a delivered dissemination',
			description: 'Fetch the files of a delivered order, each checked against its checksum',
		},
		{
			name: 'Get',
			value: 'get',
			action: 'Get a dissemination',
			description: 'Read the status of an order',
		},
		{
			name: 'Wait',
			value: 'wait',
			action: 'Wait for a dissemination',
			description: 'Wait until an order is delivered or has failed',
		},
	]),
	operationChoice('event', 'add', [
		{
			name: 'Add',
			value: 'add',
			action: 'Add a preservation event',
			description: 'Record what was done with the object; it can never be changed or deleted',
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many preservation events',
			description: 'List the recorded events of a submission, where the service gives them',
		},
	]),
	operationChoice('file', 'upload', [
		{
			name: 'Delete',
			value: 'delete',
			action: 'Delete a file registration',
			description: 'Drop a registration, so that the file can be registered again',
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many files',
			description: 'List the files that are registered in a submission',
		},
		{
			name: 'Register',
			value: 'register',
			action: 'Register a file',
			description: 'Get the upload URL for a file that is sent outside n8n',
		},
		{
			name: 'Upload',
			value: 'upload',
			action: 'Upload a file',
			description: 'Checksum, register and upload one file',
		},
	]),
	operationChoice('package', 'build', [
		{
			name: 'Build',
			value: 'build',
			action: 'Build a package',
			description: 'Make a package that DPS accepts of files and metadata',
		},
		{
			name: 'Validate',
			value: 'validate',
			action: 'Validate a package',
			description: 'Find what is wrong with a package before it is sent',
		},
	]),
	operationChoice('submission', 'submit', [
		{
			name: 'Create',
			value: 'create',
			action: 'Create a submission',
			description: 'Open an empty submission, to add files to step by step',
		},
		{
			name: 'Delete',
			value: 'delete',
			action: 'Delete a submission',
			description: 'Delete a submission that is not finalized',
		},
		{
			name: 'Finalize',
			value: 'finalize',
			action: 'Finalize a submission',
			description: 'Close the upload and start processing',
		},
		{
			name: 'Get',
			value: 'get',
			action: 'Get a submission',
			description: 'Read one submission with its status and files',
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many submissions',
			description: 'List the submissions under a contract',
		},
		{
			name: 'Submit Package',
			value: 'submit',
			action: 'Submit a package',
			description: 'Send a whole object: create, checksum, register, upload, finalize',
		},
		{
			name: 'Verify',
			value: 'verify',
			action: 'Verify that a submission is preserved',
			description:
				'Find out whether DPS holds exactly these files preserved, before sources are deleted',
		},
		{
			name: 'Wait',
			value: 'wait',
			action: 'Wait for a submission',
			description: 'Wait until a submission is preserved or rejected',
		},
	]),
];

/** Everything that the node's panel can show. */
export const properties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Contract',
				value: 'contract',
				description: 'What the client may read and write',
			},
			{
				name: 'Dissemination',
				value: 'dissemination',
				description: 'Getting preserved objects back',
			},
			{
				name: 'Event',
				value: 'event',
				description: 'What was done with an object before it was preserved (PREMIS)',
			},
			{
				name: 'File',
				value: 'file',
				description: 'The files of a submission, one by one',
			},
			{
				name: 'Package',
				value: 'package',
				description:
					'Making and checking what is sent: files, metadata and METS by the rules of DPS',
			},
			{
				name: 'Submission',
				value: 'submission',
				description: 'Sending objects to be preserved',
			},
		],
		default: 'submission',
	},
	...operationChoices,
	...Object.values(operations).flatMap((choices) =>
		Object.values(choices).flatMap(({ fields }) => fields),
	),
];

/** Operations that part their items, with the names of the outputs. */
const PARTING: ReadonlyArray<[resource: string, operation: string, names: string[]]> = [
	['package', 'validate', ['Valid', 'Invalid']],
	['submission', 'verify', ['Preserved', 'Not Preserved']],
];

const main = `{ type: "${NodeConnectionTypes.Main}", displayName: `;
const partings = PARTING.map(
	([resource, operation, names]) =>
		`$parameter["resource"] === "${resource}" && $parameter["operation"] === "${operation}" ? [${names.map((name) => `${main}"${name}" }`).join(', ')}]`,
);

/**
 * The node's outputs by its parameters: 'Verify' parts what is preserved from what is not, so that
 * a step that deletes sources can hang on the first output alone; 'Validate' parts packages.
 */
export const outputs: `={{${string}}}` = `={{ ${partings.join(' : ')} : ["${NodeConnectionTypes.Main}"] }}`;
