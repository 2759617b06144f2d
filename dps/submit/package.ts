import type { FileSource } from '../ports';

import type { Fixity } from './fixity';

/** A file of a package, and how it travels. */
export interface PackageFile {
	source: FileSource;
	/** True only for a ZIP or TAR made for the transfer, which DPS unpacks on arrival. */
	isPackaged: boolean;
	/** MD5 taken earlier, if the depositor has one: the file is refused when it does not match. */
	expectedMd5?: string;
	/**
	 * Taken in this workflow already, when the package was built, so that the file need not be read
	 * for it again. A file that has changed since is noticed while it is uploaded.
	 */
	fixity?: Fixity;
}

/** What becomes one submission. */
export interface Package {
	contractId: string;
	objectId: string;
	/** 1 (highest) to 100; undefined for the service's default, 50. */
	priority?: number;
	/** Descriptive metadata (`dps/metadata`). */
	metadata: unknown;
	files: PackageFile[];
	/** How many files the depositor knows it to have; refused when it has more or fewer. */
	expectedFileCount?: number;
}
