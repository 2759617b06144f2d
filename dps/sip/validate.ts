import type { FileFacts, FileQuestions, PackageContents } from './contents';
import type { FileGroup, MetadataSection, MetsDocument } from './mets/document';
import { METADATA_SECTIONS, describe } from './mets/document';
import type { MetsElement } from './mets/element';
import { childrenOf, locationOf } from './mets/element';
import { readMets } from './mets/read';
import { PackageIndex } from './package-index';
import type { PackageReport } from './report';
import { Findings } from './report';
import { checkAttributes } from './rules/attribute-rules';
import {
	FORMAT_ATTRIBUTE_NAMES,
	checkFileReferences,
	checkFileSection,
	checkFormatAttributes,
	checkGroup,
	checkLocators,
} from './rules/file-section';
import type { FolderScope } from './rules/folders';
import { checkFolders, checkRootName } from './rules/folders';
import { checkCategories, checkHeader } from './rules/header';
import {
	checkAdministrativeSections,
	checkOtherMetadataType,
	checkSection,
} from './rules/metadata';
import {
	checkContentProfile,
	checkDescriptiveSections,
	checkSchemaFixity,
	checkSchemaNames,
	checkText,
	checkTitle,
	descriptiveFiles,
} from './rules/nb';
import {
	Descriptions,
	checkEachFileIsDescribed,
	checkFixity,
	questionsOf,
} from './rules/references';
import type { MetsScope, RulesetName } from './rules/ruleset';
import { RULESETS, must, note } from './rules/ruleset';
import { checkStructuralMap } from './rules/structural-map';
import { XmlError } from './xml';

export interface ValidationOptions {
	ruleset: RulesetName;
	/** The object id under which the package is sent; `mets/@OBJID` must be the same. */
	objectId?: string;
	/** The title of the submission; `mets/@LABEL` should be the same. */
	title?: string;
	/** Whether checksums in METS are compared with the files' own; default: true. */
	checksums?: boolean;
	signal?: AbortSignal;
}

/** A document while it is read. */
interface Reading {
	scope: MetsScope;
	groups: Map<MetsElement, FileGroup>;
	document: Omit<MetsDocument, 'root' | 'ids'> & { formatAttributes: Set<string> };
	/** Files whose ADMID or DMDID may be wrong: looked at when all IDs are known. */
	referring: MetsElement[];
}

function isSection(name: string): name is MetadataSection {
	return (METADATA_SECTIONS as readonly string[]).includes(name);
}

function groupOf(reading: Reading, element: MetsElement): FileGroup {
	const known = reading.groups.get(element);
	if (known) return known;
	const group: FileGroup = {
		id: element.attributes.get('ID')?.trim(),
		use: element.attributes.get('USE') ?? '',
		files: 0,
		groups: 0,
		element,
		location: locationOf(element),
	};
	reading.groups.set(element, group);
	reading.document.groups.push(group);
	return group;
}

function noteSection(reading: Reading, element: MetsElement, kind: MetadataSection): void {
	const [reference] = childrenOf(element, 'mdRef');
	const section = {
		kind,
		id: element.attributes.get('ID')?.trim(),
		status: element.attributes.get('STATUS'),
		hasReference: reference !== undefined,
		hasWrapped: childrenOf(element, 'mdWrap').length > 0,
		element,
	};
	reading.document.sections.push(section);
	checkSection(reading.scope, section);
	if (reference) {
		checkOtherMetadataType(reading.scope, reference);
		reading.document.descriptions.push(describe(kind, reference, reference));
	}
	element.children = [];
}

function noteFile(reading: Reading, element: MetsElement): void {
	const { scope, document } = reading;
	checkLocators(scope, element);
	checkFormatAttributes(scope, element);
	for (const name of FORMAT_ATTRIBUTE_NAMES) {
		if (element.attributes.has(name)) document.formatAttributes.add(name);
	}
	const group = element.parent?.name === 'fileGrp' ? groupOf(reading, element.parent) : undefined;
	if (group) group.files += 1;
	document.descriptions.push(describe('file', element, childrenOf(element, 'FLocat')[0], group));
	if (element.attributes.has('ADMID') || element.attributes.has('DMDID')) {
		reading.referring.push({ ...element, children: [] });
	}
}

/** What is done with an element when it ends. Returns whether its parent keeps it. */
function takeElement(reading: Reading, element: MetsElement): boolean {
	const { scope, document } = reading;
	checkAttributes(scope, element);
	if (isSection(element.name)) {
		noteSection(reading, element, element.name);
		return false;
	}
	switch (element.name) {
		case 'metsHdr':
			checkHeader(scope, element);
			element.children = [];
			return true;
		case 'fileGrp': {
			const group = groupOf(reading, element);
			if (element.parent?.name === 'fileGrp') groupOf(reading, element.parent).groups += 1;
			checkGroup(scope, group);
			return false;
		}
		case 'file':
			noteFile(reading, element);
			return false;
		case 'mptr':
			document.descriptions.push(describe('mptr', element, element));
			return true;
		case 'structLink':
		case 'behaviorSec':
			return false;
		default:
			return true;
	}
}

/** CSIP117 and what else the document as a whole must have. */
function checkDocument(scope: MetsScope, document: MetsDocument, index: PackageIndex): void {
	const { root } = document;
	if (root === undefined) return;
	if (childrenOf(root, 'metsHdr').length === 0) {
		note(
			scope,
			must('CSIP117'),
			root,
			'there is no metsHdr',
			'a header, which says what the package is and who made it',
		);
	}
	checkCategories(scope, root);
	const objectId = root.attributes.get('OBJID');
	if (objectId && scope.folderName !== undefined && objectId !== scope.folderName) {
		const found = `is "${objectId}", and the folder is called "${scope.folderName}"`;
		note(
			scope,
			{ ...must('CSIP1'), severity: 'warning' },
			root,
			found,
			"the folder's name",
			'OBJID',
		);
		if (scope.nb) note(scope, must('NBSIP1'), root, found, "the folder's name", 'OBJID');
	}
	checkAdministrativeSections(scope, document);
	checkFileSection(scope, document, index);
	checkStructuralMap(scope, document, index);
	if (scope.nb) {
		checkContentProfile(scope, root);
		checkDescriptiveSections(scope, document);
	}
}

/**
 * Reads a METS document and holds it to every rule that is about the document alone.
 *
 * @returns undefined when it cannot be read; that is a finding
 */
async function readDocument(
	scope: MetsScope,
	index: PackageIndex,
	open: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<MetsDocument | undefined> {
	const { file, findings } = scope;
	const reading: Reading = {
		scope,
		groups: new Map(),
		document: {
			path: file,
			groups: [],
			sections: [],
			descriptions: [],
			formatAttributes: new Set(),
		},
		referring: [],
	};
	const outline = await readMets(await open(), {
		editedSchema: scope.nb,
		onViolation: (violation) => findings.add({ ...must('METS'), file, ...violation }),
		onElement: (element) => takeElement(reading, element),
	}).catch((error: unknown) => {
		if (!(error instanceof XmlError)) throw error;
		findings.add({
			...must('XML'),
			file,
			location: '',
			found: error.message,
			wanted: 'well-formed XML in UTF-8 without a DOCTYPE',
		});
		return undefined;
	});
	if (outline?.root === undefined) return undefined;
	const document = { ...reading.document, ...outline };
	for (const element of reading.referring) checkFileReferences(scope, element, outline.ids);
	checkDocument(scope, document, index);
	return document;
}

/**
 * Holds a package to the requirements of E-ARK SIP 2.2.0 and, if asked, of NB-SIP 1.0: its
 * folders, its METS documents, and that the two fit together. Each METS document is read once as a
 * stream, every other file at most once, and only for checksums that METS gives or for its text.
 *
 * @throws {CancelledError}
 */
export async function validatePackage(
	contents: PackageContents,
	options: ValidationOptions,
): Promise<PackageReport> {
	const { ruleset, objectId, title, checksums = true, signal } = options;
	const nb = ruleset === 'nb-sip-1.0';
	const findings = new Findings();
	const index = new PackageIndex(contents.files, contents.emptyFolders);
	const rootName = contents.rootName ?? objectId;
	const folders: FolderScope = { index, rootName, nb, findings };
	for (const { path, found, wanted } of contents.faults) {
		findings.add({ ...must('CSIPSTR1'), file: path, location: '', found, wanted });
	}
	checkFolders(folders);
	if (nb) checkSchemaNames(folders);

	const sources = new Map(contents.files.map((file) => [file.path, file]));
	const descriptions = new Descriptions();
	const scopes = new Map<string, MetsScope>();
	let root: MetsElement | undefined;
	let allRead = true;
	const paths = [
		'METS.xml',
		...index.representations.map((name) => `representations/${name}/METS.xml`),
	];
	for (const path of paths) {
		const source = sources.get(path);
		if (source === undefined) {
			if (path === 'METS.xml') allRead = false;
			continue;
		}
		const isRoot = path === 'METS.xml';
		const folderName = isRoot ? rootName : path.split('/')[1];
		const scope: MetsScope = { file: path, isRoot, folderName, nb, findings };
		const document = await readDocument(scope, index, () => source.open());
		if (document === undefined) {
			allRead = false;
			continue;
		}
		scopes.set(path, scope);
		descriptions.add(scope, document, index);
		if (isRoot) root = document.root;
		if (isRoot && nb && root) checkTitle(scope, root, title);
	}
	checkRootName(folders, root?.attributes.get('OBJID'));

	// what a document that cannot be read would have described is not held against the files
	const scopeOf = (path: string): MetsScope | undefined => {
		const [, representation] = /^representations\/([^/]+)\//.exec(path) ?? [];
		const own = `representations/${representation}/METS.xml`;
		return (path === own ? undefined : scopes.get(own)) ?? scopes.get('METS.xml');
	};
	const rootScope = scopes.get('METS.xml');
	if (allRead && rootScope) {
		checkEachFileIsDescribed(index, descriptions, (path) => scopeOf(path) ?? rootScope);
	}
	await checkFiles(contents, folders, descriptions, checksums, signal);

	let totalSize = 0;
	for (const size of index.files.values()) totalSize += size;
	return {
		...findings.summed(),
		packageId: root?.attributes.get('OBJID'),
		profile: root?.attributes.get('PROFILE'),
		label: root?.attributes.get('LABEL'),
		ruleset: RULESETS[ruleset],
		fileCount: index.files.size,
		totalSize,
		representations: index.representations,
	};
}

/**
 * The report on an archive that cannot be read: one finding, since nothing can be known of what is
 * inside.
 *
 * @param reason what is wrong with the archive, in words
 */
export function reportOnUnreadable(ruleset: RulesetName, reason: string): PackageReport {
	const findings = new Findings();
	const requirement = ruleset === 'nb-sip-1.0' ? 'NBSIPSTR3' : 'CSIPSTR3';
	findings.add({
		...must(requirement),
		file: '',
		location: '',
		found: reason,
		wanted: 'a whole TAR or ZIP that unpacks to one root folder',
	});
	return {
		...findings.summed(),
		ruleset: RULESETS[ruleset],
		fileCount: 0,
		totalSize: 0,
		representations: [],
	};
}

/** Reads files for what METS says of their bytes, and for what NB asks of some. */
async function checkFiles(
	contents: PackageContents,
	folders: FolderScope,
	descriptions: Descriptions,
	checksums: boolean,
	signal: AbortSignal | undefined,
): Promise<void> {
	const questions = checksums ? questionsOf(descriptions) : new Map<string, FileQuestions>();
	if (folders.nb) {
		for (const path of descriptiveFiles(folders.index)) {
			const asked = questions.get(path);
			questions.set(path, { algorithms: asked?.algorithms ?? new Set(), text: true });
		}
	}
	// files are read side by side; what is found of them is told in their own order
	const facts = new Map<string, FileFacts>();
	await contents.read(questions, (path, known) => facts.set(path, known), signal);
	for (const path of questions.keys()) {
		const known = facts.get(path);
		if (known === undefined) continue;
		checkFixity(descriptions.of(path), path, known);
		if (!folders.nb) continue;
		checkText(folders, path, known);
		if (path.startsWith('schemas/')) checkSchemaFixity(folders, path, known);
	}
}
