function decoded(href: string): string | undefined {
	try {
		return decodeURIComponent(href);
	} catch {
		return undefined;
	}
}

/** A path with `.` and `..` resolved; undefined when it leaves the package. */
function resolved(folder: readonly string[], href: string): string | undefined {
	const parts = [...folder];
	for (const part of href.split('/')) {
		if (part === '' || part === '.') continue;
		if (part !== '..') parts.push(part);
		else if (parts.pop() === undefined) return undefined;
	}
	return parts.join('/');
}

/** Whether a link leads to another host: no file of the package. */
export function leadsElsewhere(href: string): boolean {
	return /^[a-z][a-z0-9+.-]*:\/\//i.test(href.replace(/^file:/i, ''));
}

/**
 * The paths in the package that a link of a METS document can mean, likeliest first. More than one,
 * since some writers percent-encode the name and some don't, and commons-ip reads `+` as a space.
 *
 * @param metsPath where the document is in the package; its links are relative to its folder
 * @returns nothing when the link leads out of the package
 */
export function pathsOf(metsPath: string, href: string): string[] {
	const folder = metsPath.split('/').slice(0, -1);
	const plain = href.replace(/^file:(?:\/\/)?/, '');
	const readings = new Set([decoded(plain), plain, decoded(plain.replace(/\+/g, ' '))]);
	const paths = new Set<string>();
	for (const reading of readings) {
		const path = reading === undefined ? undefined : resolved(folder, reading);
		if (path) paths.add(path);
	}
	return [...paths];
}
