import { leadsElsewhere, pathsOf } from './href';

/** What a link of a METS document leads to. */
export type Target =
	/** A file of the package. */
	| {
			kind: 'file';
			path: string;
			/** The name has a `+` that stands in the link as it is; commons-ip reads it as a space. */
			bareplus: boolean;
	  }
	/** Nothing in the package; `near` differs by case or by the Unicode form of its letters only. */
	| { kind: 'missing'; near?: string }
	/** A place outside the package. */
	| { kind: 'outside' }
	/** Another host. */
	| { kind: 'elsewhere' };

function foldersOf(path: string): string[] {
	const parts = path.split('/').slice(0, -1);
	return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** The files and folders of a package, to be asked by path. */
export class PackageIndex {
	/** Bytes, by path. */
	readonly files = new Map<string, number>();
	/** Paths of all folders, empty ones too. */
	readonly folders = new Set<string>();
	/** Paths that two files have. */
	readonly doubled: string[] = [];
	private similar?: Map<string, string>;

	/**
	 * @param files of the package, paths relative to its root
	 * @param emptyFolders folders that hold no file
	 */
	constructor(
		files: Iterable<{ path: string; size: number }>,
		emptyFolders: Iterable<string> = [],
	) {
		for (const { path, size } of files) {
			if (this.files.has(path)) this.doubled.push(path);
			this.files.set(path, size);
			for (const folder of foldersOf(path)) this.folders.add(folder);
		}
		for (const folder of emptyFolders) {
			this.folders.add(folder);
			for (const parent of foldersOf(folder)) this.folders.add(parent);
		}
	}

	/** Names of the folders directly in a folder; `''` for the root. */
	foldersIn(folder: string): string[] {
		const prefix = folder === '' ? '' : `${folder}/`;
		return [...this.folders]
			.filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
			.map((path) => path.slice(prefix.length))
			.filter((name) => name !== '')
			.sort();
	}

	/** Paths of the files below a folder, at any depth. */
	*filesIn(folder: string): Generator<string> {
		for (const path of this.files.keys()) if (path.startsWith(`${folder}/`)) yield path;
	}

	/** Whether a folder holds a file, at any depth. */
	holdsFiles(folder: string): boolean {
		return !this.filesIn(folder).next().done;
	}

	/** Names of the representation folders. */
	get representations(): string[] {
		return this.foldersIn('representations');
	}

	/** What a link in the METS document at `metsPath` leads to. */
	follow(metsPath: string, href: string): Target {
		if (leadsElsewhere(href)) return { kind: 'elsewhere' };
		const paths = pathsOf(metsPath, href);
		if (paths.length === 0) return { kind: 'outside' };
		const path = paths.find((candidate) => this.files.has(candidate));
		if (path !== undefined) {
			return { kind: 'file', path, bareplus: href.includes('+') && path.includes('+') };
		}
		this.similar ??= new Map(
			[...this.files.keys()].map((known) => [known.normalize('NFC').toLowerCase(), known]),
		);
		const { similar } = this;
		const near = paths
			.map((candidate) => similar.get(candidate.normalize('NFC').toLowerCase()))
			.find((known) => known !== undefined);
		return { kind: 'missing', near };
	}
}
