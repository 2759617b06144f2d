/** A content profile of the National Library of Norway (NB-METS-…-1.0). */
export type ContentProfile = 'images' | 'audio' | 'text' | 'movingImages' | 'webArchive';

/** What METS says of the content, in the root document and in each representation's. */
export interface ContentCategory {
	/** What a person chooses by; stands in saved workflows. */
	kind: string;
	/** In an archivist's words. */
	name: string;
	/** When to choose it. */
	meaning: string;
	profile: ContentProfile;
	/** `mets/@TYPE`, a term of the DILCIS vocabulary of content categories (CSIP2). */
	type: string;
	/** `mets/@csip:OTHERTYPE`, where the vocabulary has no term (CSIP3). */
	otherType?: string;
	/** `mets/@csip:CONTENTINFORMATIONTYPE` (CSIP4). */
	contentInformationType: 'OTHER';
	/** `mets/@csip:OTHERCONTENTINFORMATIONTYPE` (CSIP5). */
	otherContentInformationType: string;
}

/** The profile's own name in `mets/@csip:OTHERCONTENTINFORMATIONTYPE` (NB-METS-…-1.0). */
export const PROFILE_NAMES: Readonly<Record<ContentProfile, string>> = {
	images: 'NB-SIP-IMAGES-PROFILE-1.0',
	audio: 'NB-SIP-AUDIO-PROFILE-1.0',
	text: 'NB-SIP-TEXT-PROFILE-1.0',
	movingImages: 'NB-SIP-MOVINGIMAGES-PROFILE-1.0',
	// NB's profile document repeats the audio profile's name here, by a copying error
	webArchive: 'NB-SIP-WEBARCHIVE-PROFILE-1.0',
};

function category(
	kind: string,
	profile: ContentProfile,
	name: string,
	type: string,
	meaning: string,
	otherType?: string,
): ContentCategory {
	return {
		kind,
		name,
		meaning,
		profile,
		type,
		...(otherType === undefined ? {} : { otherType }),
		contentInformationType: 'OTHER',
		otherContentInformationType: PROFILE_NAMES[profile],
	};
}

/**
 * What the five content profiles of NB-SIP 1.0 allow. The vocabulary writes most dashes as an en
 * dash, which validators compare; NB's own term for moving images has a hyphen.
 */
export const CONTENT_CATEGORIES: readonly ContentCategory[] = [
	category(
		'audioOnMedium',
		'audio',
		'Audio, digitised or copied from a carrier',
		'Audio – On Tangible Medium (digital or analog)',
		'Sound that came on a tape, a disc, a CD or another carrier',
	),
	category(
		'audioDigital',
		'audio',
		'Audio, born digital',
		'Audio – Media-independent (digital)',
		'Sound that was made as files and never had a carrier of its own',
	),
	category(
		'graphicsPrint',
		'images',
		'Graphic images (posters, maps, postcards, drawings), digitised from print',
		'Other Graphic Images – Print',
		'Scans of posters, maps, postcards, drawings and other pictures that are no photographs',
	),
	category(
		'graphicsDigital',
		'images',
		'Graphic images (posters, maps, postcards, drawings), born digital',
		'Other Graphic Images – Digital',
		'Posters, maps, postcards, drawings and other pictures that were made as files',
	),
	category(
		'movingImagesOnMedium',
		'movingImages',
		'Moving images, digitised from film or tape',
		'Other',
		'Film, television and video from an analogue source',
		'Moving images - on tangible media',
	),
	category(
		'movingImagesDigital',
		'movingImages',
		'Moving images, born digital',
		'Other',
		'Film, television and video that were made as files, or come from a digital source',
		'Moving images - digital',
	),
	category(
		'photographsPrint',
		'images',
		'Photographs, digitised from print',
		'Photographs – Print',
		'Scans of prints, negatives, slides and other physical photographs',
	),
	category(
		'photographsDigital',
		'images',
		'Photographs, born digital',
		'Photographs – Digital',
		'Photographs that a digital camera took',
	),
	category(
		'textPrint',
		'text',
		'Text (books, newspapers, letters, music), digitised from print',
		'Textual works – Print',
		'Scans of books, newspapers, manuscripts, letters and other writing on paper',
	),
	category(
		'textDigital',
		'text',
		'Text (books, newspapers, letters, music), born digital',
		'Textual works – Digital',
		'Books, newspapers, e-mail and other writing that was made as files',
	),
	category(
		'webArchive',
		'webArchive',
		'Web archive',
		'Web Archives',
		'Captures of web sites, such as WARC files',
	),
];

/** The category that a person chose, undefined when there is none of that kind. */
export function contentCategory(kind: string): ContentCategory | undefined {
	return CONTENT_CATEGORIES.find((candidate) => candidate.kind === kind);
}
