import type { FileSource } from '../ports';

/** A file of a package, and how it travels. */
export interface PackageFile {
	source: FileSource;
	/** True only for a ZIP or TAR made for the transfer, which DPS unpacks on arrival. */
	isPackaged: boolean;
	/** MD5 taken earlier, if the depositor has one: the file is refused when it does not match. */
	expectedMd5?: string;
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
