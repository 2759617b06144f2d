import type { IExecuteFunctions } from 'n8n-workflow';

import { assertNoErrors } from '../../../../dps/advised-error';
import type { DpsApi } from '../../../../dps/client/api';
import type { FileSource } from '../../../../dps/ports';
import type { BuiltPackage } from '../../../../dps/sip/build/build';
import { buildPackage, checkBuild } from '../../../../dps/sip/build/build';
import type {
	BuildInput,
	DescriptionFormat,
	FileRole,
	InputFile,
} from '../../../../dps/sip/build/input';
import { FILE_ROLES } from '../../../../dps/sip/build/input';
import { CANONICAL_SCHEMAS, fetchMissingSchemas } from '../../../../dps/sip/build/schemas';
import { contentCategory } from '../../../../dps/sip/content-category';
import { checkFileCount } from '../../../../dps/submit/checks';
import type { Slots } from '../../../../dps/submit/concurrency';
import { PackageDates } from '../../../../dps/submit/package-dates';
import { binaryOf, sourceOf } from '../../n8n/binary';
import { parameter, refuse } from '../../n8n/operation';
import { SOFTWARE } from '../../n8n/software';
import { anonymousTransport } from '../../n8n/transport';
import type { DescribedObject } from '../submission/objects';

interface PackagingOptions {
	descriptionFormat?: DescriptionFormat;
	metadataType?: string;
	otherMetadataType?: string;
	tool?: string;
	packageDate?: string;
	missingSchemas?: 'fetch' | 'error';
	schemaAddress?: string;
}

interface ObjectOptions {
	checksum?: string;
	expectedFileCount?: number;
}

/** A file of an item: what it is to the package, and which item brought it. */
export interface ItemFile extends InputFile {
	item: number;
}

/** Text of a parameter without the space around it; undefined when there is none. */
function textOf(context: IExecuteFunctions, name: string, index: number): string | undefined {
	const value = parameter<string | undefined>({ context, index }, name, '');
	const text = String(value ?? '').trim();
	return text === '' ? undefined : text;
}

function optionsOf(context: IExecuteFunctions, index: number): PackagingOptions {
	return parameter<PackagingOptions>({ context, index }, 'packagingOptions', {});
}

/** What a schema is called in the package, where all of them are in one folder. */
function schemaNames(files: readonly InputFile[]): Set<string> {
	return new Set(
		files
			.filter(({ role }) => role === 'schema')
			.map(({ source }) => source.path.split('/').pop() ?? ''),
	);
}

function roleOf(context: IExecuteFunctions, index: number): FileRole {
	const value = parameter<string>({ context, index }, 'fileRole', 'content');
	const role = FILE_ROLES.find((candidate) => candidate === value);
	return role ?? refuse(`item ${index}: Role`, `is not one of ${FILE_ROLES.join(', ')}`);
}

function schemaFolder({ schemaAddress }: PackagingOptions): string | undefined {
	if (!schemaAddress?.trim()) return undefined;
	const url = URL.canParse(schemaAddress.trim()) ? new URL(schemaAddress.trim()) : undefined;
	if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password) {
		return refuse('Schema Address', 'is not a web address that starts with https:// or http://');
	}
	return url.href;
}

/** `2025-02-17`, where the workflow is. */
function today(context: IExecuteFunctions, now: number): string {
	const day = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
	const parts = new Intl.DateTimeFormat('en', { ...day, timeZone: context.getTimezone() })
		.formatToParts(now)
		.map(({ type, value }): [string, string] => [type, value]);
	const { year, month, day: date } = Object.fromEntries(parts);
	return `${year}-${month}-${date}`;
}

/**
 * Builds the packages of one run: reads the fields that say what the items are, and shares between
 * the objects what is looked up once, the schemas and the days of earlier runs.
 */
export class Packaging {
	private readonly shared: ItemFile[] = [];

	private fetched: Promise<FileSource[]> | undefined;

	private dates: PackageDates | undefined;

	private constructor(
		private readonly context: IExecuteFunctions,
		private readonly api: DpsApi,
	) {}

	/**
	 * Reads the schemas that belong to all objects.
	 *
	 * @throws {InputError}
	 */
	static async of(context: IExecuteFunctions, api: DpsApi): Promise<Packaging> {
		const packaging = new Packaging(context, api);
		for (let index = 0; index < context.getInputData().length; index++) {
			if (!packaging.isShared(index)) continue;
			packaging.shared.push(await packaging.fileOf(index));
		}
		return packaging;
	}

	/** A schema with an empty Object ID goes into every package. */
	isShared(index: number): boolean {
		return (
			textOf(this.context, 'objectId', index) === undefined &&
			this.context.getNodeParameter('fileRole', index, 'content') === 'schema'
		);
	}

	/** @throws {InputError} */
	async fileOf(index: number): Promise<ItemFile> {
		const { context } = this;
		const options = optionsOf(context, index);
		const path = textOf(context, 'contentPath', index) ?? '';
		const property = parameter<string>({ context, index }, 'binaryPropertyName', 'data');
		return {
			item: index,
			role: roleOf(context, index),
			source: sourceOf(context, await binaryOf(context, index, property), path),
			representation: textOf(context, 'representation', index),
			metadataType: options.metadataType || undefined,
			otherMetadataType: options.otherMetadataType?.trim() || undefined,
			tool: options.tool?.trim() || undefined,
			expectedMd5:
				parameter<ObjectOptions>({ context, index }, 'options', {}).checksum?.trim() || undefined,
		};
	}

	/**
	 * What can be known to be wrong before anything is read, fetched or sent.
	 *
	 * @throws {InputError} that lists it all
	 */
	check(object: DescribedObject<ItemFile>): void {
		const [index] = object.items;
		const options = optionsOf(this.context, index);
		schemaFolder(options);
		const input = this.inputOf(object, today(this.context, this.api.clock.now()));
		const isFetching = options.missingSchemas !== 'error';
		const { expectedFileCount } = parameter<ObjectOptions>(
			{ context: this.context, index },
			'options',
			{},
		);
		assertNoErrors(`Object ${object.objectId}`, [
			...checkBuild(input, isFetching ? { schemas: [] } : {}),
			...checkFileCount(object.files.length, expectedFileCount || undefined),
		]);
	}

	/**
	 * Builds the package of one object.
	 *
	 * @param objects all of the run
	 * @throws {InputError} it breaks rules
	 * @throws {DpsError} the day of an earlier run could not be asked for
	 */
	async build(
		object: DescribedObject<ItemFile>,
		objects: ReadonlyArray<DescribedObject<ItemFile>>,
		slots: Slots,
		signal: AbortSignal | undefined,
	): Promise<BuiltPackage> {
		const input = this.inputOf(object, await this.dateOf(object, objects));
		const schemas = await this.missingSchemas(object, input.files);
		return await buildPackage({ ...input, files: [...input.files, ...schemas] }, { slots, signal });
	}

	private inputOf(object: DescribedObject<ItemFile>, today: string): BuildInput {
		const { context } = this;
		const [index] = object.items;
		const kind = textOf(context, 'contentCategory', index) ?? '';
		const { packageDate, descriptionFormat = 'json' } = optionsOf(context, index);
		const own = schemaNames(object.files);
		const shared = this.shared.filter(
			(file) => ![...schemaNames([file])].some((name) => own.has(name)),
		);
		return {
			objectId: object.objectId,
			contractId: object.contractId,
			category:
				contentCategory(kind) ?? refuse('Kind of Content', 'is not chosen; choose one of the list'),
			metadata: object.metadata,
			descriptionFormat,
			created: packageDate?.trim() || today,
			organisation: {
				name: textOf(context, 'organisationName', index) ?? '',
				identificationCode: (textOf(context, 'organisationNumber', index) ?? '').replace(
					/(?<=\d)\s(?=\d)/g,
					'',
				),
			},
			software: SOFTWARE,
			files: [...object.files, ...shared],
		};
	}

	private async dateOf(
		object: DescribedObject<ItemFile>,
		objects: ReadonlyArray<DescribedObject<ItemFile>>,
	): Promise<string> {
		const now = today(this.context, this.api.clock.now());
		const { packageDate } = optionsOf(this.context, object.items[0]);
		if (packageDate?.trim()) return now;
		this.dates ??= new PackageDates(this.api, objects);
		return (await this.dates.of(object)) ?? now;
	}

	private async missingSchemas(
		object: DescribedObject<ItemFile>,
		files: readonly InputFile[],
	): Promise<InputFile[]> {
		const options = optionsOf(this.context, object.items[0]);
		if (options.missingSchemas === 'error') return [];
		const present = schemaNames(files);
		// all that no item brings to all objects: one object may lack what another has
		const isLacking = CANONICAL_SCHEMAS.some(({ name }) => !present.has(name));
		if (!isLacking) return [];
		this.fetched ??= fetchMissingSchemas(
			anonymousTransport(this.context.helpers),
			schemaNames(this.shared),
			{ folder: schemaFolder(options) },
			this.api.signal,
		);
		const fetched = await this.fetched;
		return fetched
			.filter(({ path }) => !present.has(path))
			.map((source) => ({ role: 'schema', source }));
	}
}
