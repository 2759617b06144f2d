import type { MetsElement } from '../mets/element';
import { childrenOf } from '../mets/element';
import type { MetadataSection, MetsDocument, SectionOutline } from '../mets/document';

import type { MetsScope } from './ruleset';
import { must, note, should } from './ruleset';

/** Whose `mdRef` is asked for: by E-ARK a SHOULD, by NB a MUST where the third is given. */
const REFERENCE: Partial<Record<MetadataSection, [requirement: string, nb?: string]>> = {
	dmdSec: ['CSIP21', 'NBSIP5'],
	digiprovMD: ['CSIP35'],
	rightsMD: ['CSIP48'],
};
const NB_REFERENCE: Partial<Record<MetadataSection, string>> = {
	sourceMD: 'NBSIP10',
	techMD: 'NBSIP18',
};

/** CSIP21, CSIP35, CSIP48, NBSIP5, NBSIP10, NBSIP18: a section points at a file. */
export function checkSection(scope: MetsScope, section: SectionOutline): void {
	if (section.hasReference) return;
	const found = section.hasWrapped
		? 'the metadata stands in METS itself (mdWrap)'
		: 'the section has no mdRef';
	const wanted = 'an mdRef that names the metadata file';
	const [requirement, nb] = REFERENCE[section.kind] ?? [];
	if (requirement) note(scope, should(requirement), section.element, found, wanted);
	const own = nb ?? NB_REFERENCE[section.kind];
	if (scope.nb && own) note(scope, must(own), section.element, found, wanted);
}

/** NBSIP4 and its like: a type that is `OTHER` is told. */
export function checkOtherMetadataType(scope: MetsScope, reference: MetsElement): void {
	if (!scope.nb || reference.attributes.get('MDTYPE') !== 'OTHER') return;
	if (reference.attributes.get('OTHERMDTYPE')?.trim()) return;
	const requirements: Record<string, string> = { sourceMD: 'NBSIP14', techMD: 'NBSIP22' };
	const requirement = requirements[reference.parent?.name ?? ''] ?? 'NBSIP4';
	note(
		scope,
		should(requirement),
		reference,
		'is missing, though MDTYPE is "OTHER"',
		'the type of the metadata, in words',
		'OTHERMDTYPE',
	);
}

/** CSIP31 and CSIP32, as far as the document alone can tell. */
export function checkAdministrativeSections(scope: MetsScope, document: MetsDocument): void {
	const amdSecs = childrenOf(document.root, 'amdSec');
	const administrative = document.sections.filter(({ kind }) => kind !== 'dmdSec');
	const wanted = 'one amdSec for all administrative metadata, where there is any';
	if (amdSecs.length === 0) {
		note(scope, should('CSIP31', 'info'), document.root, 'there is no amdSec', wanted);
	} else if (amdSecs.length > 1) {
		note(scope, should('CSIP31'), amdSecs[1], `there are ${amdSecs.length} amdSec`, wanted);
	} else if (administrative.length === 0) {
		note(scope, should('CSIP31'), amdSecs[0], 'the amdSec is empty', wanted);
	}
	if (!administrative.some(({ kind }) => kind === 'digiprovMD')) {
		note(
			scope,
			should('CSIP32', 'info'),
			amdSecs[0] ?? document.root,
			'there is no digiprovMD',
			'a digiprovMD for each file of preservation metadata, where there is any',
		);
	}
}
