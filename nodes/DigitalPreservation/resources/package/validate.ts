import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
} from 'n8n-workflow';

import { assertNoErrors } from '../../../../dps/advised-error';
import { checkChecksum, checkFilePath } from '../../../../dps/identifiers';
import type { FileSource } from '../../../../dps/ports';
import { archiveForm, contentsOfArchive, isUnreadableArchive } from '../../../../dps/sip/archive';
import type { Digests } from '../../../../dps/sip/contents';
import { contentsOfFiles } from '../../../../dps/sip/contents';
import type { PackageReport, Severity } from '../../../../dps/sip/report';
import type { RulesetName } from '../../../../dps/sip/rules/ruleset';
import type { ValidationOptions } from '../../../../dps/sip/validate';
import { reportOnUnreadable, validatePackage } from '../../../../dps/sip/validate';
import { binaryOf, sourceOf } from '../../n8n/binary';
import { toNodeError } from '../../n8n/errors';
import type { Operation } from '../../n8n/operation';
import { failedItem, parameter, refuse } from '../../n8n/operation';
import { fieldsFor, filePathField, inputBinaryField } from '../fields';

/** Which findings the report lists; stands in saved workflows. */
type Listed = 'errors' | 'warnings' | 'all';

const LISTED: Readonly<Record<Listed, readonly Severity[]>> = {
	errors: ['error'],
	warnings: ['error', 'warning'],
	all: ['error', 'warning', 'info'],
};

const fields: INodeProperties[] = [
	{
		displayName:
			"Finds what is wrong with a package before it is sent: folders, METS.xml, checksums, and that every file is described. One item leaves for each package, with what was found: by the output 'Valid' when nothing breaks a rule, by 'Invalid' otherwise. Nothing is sent.",
		name: 'validateNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Package',
		name: 'packageForm',
		type: 'options',
		options: [
			{
				name: 'One Item a File',
				value: 'files',
				description: 'Items with the same Object ID are the files of one package',
			},
			{
				name: 'One Item a TAR or ZIP',
				value: 'archive',
				description: 'Each item carries a whole package, in one archive',
			},
		],
		default: 'files',
		description: 'How the packages come into this node',
	},
	{
		displayName: 'Object ID',
		name: 'objectId',
		type: 'string',
		default: '={{ $json.objectId }}',
		placeholder: 'e.g. NF_1992-0123',
		description:
			'The ID under which the package is to be sent. METS.xml must have the same as its OBJID. Leave empty if there is none yet: then all items are one package, and OBJID is taken as it is.',
	},
	inputBinaryField,
	{ ...filePathField, displayOptions: { show: { packageForm: ['files'] } } },
	{
		displayName: 'Rules',
		name: 'ruleset',
		type: 'options',
		options: [
			{
				name: 'E-ARK SIP 2.2.0',
				value: 'e-ark-sip-2.2.0',
				description:
					'The European specification alone (CSIPSTR, CSIP1–119, SIP1–35), for packages that go elsewhere too',
			},
			{
				name: 'NB-SIP 1.0',
				value: 'nb-sip-1.0',
				description:
					'What the National Library of Norway asks for: E-ARK SIP 2.2.0 and its own rules for folders, METS and each kind of content',
			},
		],
		default: 'nb-sip-1.0',
		description: 'What the package is held to',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Compare Checksums',
				name: 'checksums',
				type: 'boolean',
				default: true,
				description:
					'Whether to read every file and compare it with its checksum in METS. Off, large packages are checked in seconds, and a damaged file goes unnoticed.',
			},
			{
				displayName: 'Known Checksum (MD5)',
				name: 'checksum',
				type: 'string',
				default: '',
				placeholder: 'e.g. ={{ $json.checksum }}',
				description:
					"The MD5 of the item's file, if it was computed a moment ago in the same workflow, as Package: Build does. The file is then not read again.",
			},
			{
				displayName: 'List in the Report',
				name: 'listed',
				type: 'options',
				options: [
					{
						name: 'Errors',
						value: 'errors',
						description: 'Only what makes the package invalid (MUST)',
					},
					{
						name: 'Errors and Warnings',
						value: 'warnings',
						description: 'Also what should be otherwise (SHOULD)',
					},
					{
						name: 'Everything',
						value: 'all',
						description: 'Also what the specifications offer and the package does not use (MAY)',
					},
				],
				default: 'warnings',
				description: 'Which findings are listed one by one; all of them are counted',
			},
			{
				displayName: 'Title',
				name: 'title',
				type: 'string',
				default: '',
				placeholder: 'e.g. ={{ $json.metadata.title.value }}',
				description:
					'The title in the metadata of the submission. The LABEL in METS.xml should be the same.',
			},
		],
	},
];

interface Options {
	checksums?: boolean;
	checksum?: string;
	listed?: Listed;
	title?: string;
}

/** A package and the items it comes from. */
interface Group {
	objectId: string;
	items: number[];
	files: FileSource[];
	known: Map<string, Digests>;
	/** Why it could not be gathered. */
	failure?: unknown;
}

function textOf(context: IExecuteFunctions, name: string, index: number): string {
	return String((context.getNodeParameter(name, index, '') as unknown) ?? '');
}

async function addFile(context: IExecuteFunctions, index: number, group: Group): Promise<void> {
	const run = { context, index };
	const path = textOf(context, 'filePath', index);
	assertNoErrors(`item ${index}`, checkFilePath(path, 'File Path'));
	const binary = await binaryOf(
		context,
		index,
		parameter<string>(run, 'binaryPropertyName', 'data'),
	);
	group.files.push(sourceOf(context, binary, path));
	const { checksum } = parameter<Options>(run, 'options', {});
	if (!checksum) return;
	assertNoErrors(`item ${index}`, checkChecksum(checksum, 'Known Checksum (MD5)'));
	group.known.set(path, new Map([['MD5', checksum]]));
}

/** Items that share an Object ID are one package; an archive is one by itself. */
async function gather(context: IExecuteFunctions): Promise<Group[]> {
	const groups = new Map<string, Group>();
	for (let index = 0; index < context.getInputData().length; index++) {
		const form = parameter<string>({ context, index }, 'packageForm', 'files');
		const objectId = textOf(context, 'objectId', index);
		const key = form === 'archive' ? `item ${index}` : `object ${objectId}`;
		const group: Group = groups.get(key) ?? { objectId, items: [], files: [], known: new Map() };
		groups.set(key, group);
		group.items.push(index);
		try {
			if (form === 'files') await addFile(context, index, group);
		} catch (error) {
			group.failure ??= error;
		}
	}
	return [...groups.values()];
}

async function reportOnArchive(
	context: IExecuteFunctions,
	index: number,
	options: ValidationOptions,
): Promise<PackageReport> {
	const property = parameter<string>({ context, index }, 'binaryPropertyName', 'data');
	const source = sourceOf(context, await binaryOf(context, index, property), 'package');
	const form = await archiveForm(source);
	if (form === undefined) {
		return reportOnUnreadable(options.ruleset, 'the file is neither a TAR nor a ZIP');
	}
	return await contentsOfArchive(source, form, options.signal)
		.then(async (contents) => await validatePackage(contents, options))
		.catch((error: unknown) => {
			if (!isUnreadableArchive(error)) throw error;
			return reportOnUnreadable(options.ruleset, error.message);
		});
}

async function reportOn(context: IExecuteFunctions, group: Group): Promise<PackageReport> {
	const [index] = group.items;
	const run = { context, index };
	const { checksums = true, title } = parameter<Options>(run, 'options', {});
	const options: ValidationOptions = {
		ruleset: parameter<RulesetName>(run, 'ruleset', 'nb-sip-1.0'),
		objectId: group.objectId || undefined,
		title: title || undefined,
		checksums,
		signal: context.getExecutionCancelSignal(),
	};
	if (!['nb-sip-1.0', 'e-ark-sip-2.2.0'].includes(options.ruleset)) {
		return refuse('Rules', 'are not known to this version of the node');
	}
	return parameter<string>(run, 'packageForm', 'files') === 'archive'
		? await reportOnArchive(context, index, options)
		: await validatePackage(contentsOfFiles(group.files, { known: group.known }), options);
}

const counted = (count: number, name: string) => `${count} ${name}${count === 1 ? '' : 's'}`;

/** The report in one sentence, for people. */
function sentence({ valid, ruleset, summary, findings }: PackageReport): string {
	const { errors, warnings } = summary;
	const verdict = `${valid ? 'Valid' : 'Invalid'} by ${ruleset}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}.`;
	const [first] = findings;
	if (first?.severity !== 'error') return verdict;
	// the place in METS is among the findings: here it would hide what is wrong
	const { requirement, file, found, wanted } = first;
	return `${verdict} The first (${requirement}): ${file === '' ? '' : `${file}: `}${found}; wanted: ${wanted}.`;
}

function itemOf(
	context: IExecuteFunctions,
	group: Group,
	report: PackageReport,
): INodeExecutionData {
	const [index] = group.items;
	const { listed = 'warnings' } = parameter<Options>({ context, index }, 'options', {});
	const findings = report.findings.filter(({ severity }) => LISTED[listed].includes(severity));
	const json = { objectId: group.objectId, message: sentence(report), ...report, findings };
	return {
		json: json as unknown as IDataObject,
		pairedItem: group.items.map((item) => ({ item })),
	};
}

/**
 * Holds packages to NB-SIP 1.0 or E-ARK SIP 2.2.0. One report item a package, valid ones by the
 * first output, invalid ones by the second.
 */
export const validate: Operation = {
	fields: fieldsFor('package', 'validate', fields),
	async execute(context) {
		const outputs: [INodeExecutionData[], INodeExecutionData[]] = [[], []];
		for (const group of await gather(context)) {
			try {
				if (group.failure !== undefined) throw group.failure;
				const report = await reportOn(context, group);
				outputs[report.valid ? 0 : 1].push(itemOf(context, group, report));
			} catch (error) {
				if (context.getExecutionCancelSignal()?.aborted || !context.continueOnFail()) {
					throw toNodeError(context.getNode(), error, { itemIndex: group.items[0] });
				}
				outputs[1].push(failedItem(context, error, group.items));
			}
		}
		return outputs;
	},
};
