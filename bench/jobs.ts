import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import path from 'node:path';

import type { Log } from '../demo/processes';

/** A package to submit: so many files of one size. */
export interface Job {
	/** What `--only` calls it. */
	name: string;
	/** For the table. */
	title: string;
	count: number;
	/** Bytes of each file. */
	size: number;
	/** Whether the floor is `md5sum` and `curl`, or a loop over Node's HTTP client. */
	floor: 'curl' | 'loop';
	/** How often each side is measured unless the command line says otherwise. */
	rounds: number;
	/** Time ÷ floor that is aimed at, if any. */
	targetRatio?: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Room beside the files: n8n's folder, the compiled children, the operating system. */
const SPARE_BYTES = GIB;
const BLOCK_BYTES = 4 * MIB;

/**
 * The four jobs. Files of many megabytes are scaled by their size, small files by their number.
 *
 * @param scale 1 for the full size
 */
export function jobs(scale: number): Job[] {
	const bytes = (full: number) => Math.max(1, Math.round(full * scale));
	return [
		job('4gb', 1, bytes(4 * GIB), { floor: 'curl', rounds: 1, targetRatio: 1.15 }),
		job('200mb', 20, bytes(200 * MIB), { floor: 'curl', rounds: 1 }),
		job('64kb', bytes(2_000), 64 * KIB, { floor: 'loop', rounds: 3, targetRatio: 1.3 }),
		job('4kb', bytes(10_000), 4 * KIB, { floor: 'loop', rounds: 3 }),
	];
}

function job(
	name: string,
	count: number,
	size: number,
	rest: Pick<Job, 'floor' | 'rounds' | 'targetRatio'>,
): Job {
	return { name, title: `${count.toLocaleString('en')} × ${sizeText(size)}`, count, size, ...rest };
}

function sizeText(bytes: number): string {
	if (bytes >= GIB) return `${round(bytes / GIB)} GiB`;
	if (bytes >= MIB) return `${round(bytes / MIB)} MiB`;
	return `${round(bytes / KIB)} KiB`;
}

function round(value: number): string {
	return String(Number(value.toPrecision(3)));
}

/** A file on disk that is to be submitted. */
export interface BenchFile {
	/** Absolute. */
	path: string;
	/** Its path in the package. */
	filePath: string;
	/** Bytes. */
	size: number;
}

/**
 * The files of a job: random bytes, generated once, kept in `folder` and used again.
 *
 * @throws Error when the disk has no room for them and for what the store keeps of one run
 */
export async function filesOf(wanted: Job, folder: string, log: Log): Promise<BenchFile[]> {
	const jobFolder = path.join(folder, `${wanted.count}x${wanted.size}`);
	const files = Array.from({ length: wanted.count }, (_, index) => {
		const name = `${String(index + 1).padStart(5, '0')}.bin`;
		return {
			path: path.join(jobFolder, name),
			filePath: `representations/primary_20250101/data/${name}`,
			size: wanted.size,
		};
	});
	await mkdir(jobFolder, { recursive: true });
	const isThere = (await readdir(jobFolder)).length === wanted.count;
	await assertRoom(jobFolder, wanted.count * wanted.size * (isThere ? 1 : 2));
	if (!isThere) {
		log(`generating ${wanted.title} of random bytes`);
		await rm(jobFolder, { recursive: true });
		const unfinished = `${jobFolder}.unfinished`;
		await mkdir(unfinished, { recursive: true });
		for (const file of files) {
			await writeRandom(path.join(unfinished, path.basename(file.path)), wanted.size);
		}
		await rename(unfinished, jobFolder);
	}
	return files;
}

async function assertRoom(folder: string, bytes: number): Promise<void> {
	const { bavail, bsize } = await statfs(folder);
	const free = bavail * bsize;
	if (free < bytes + SPARE_BYTES) {
		throw new Error(
			`this needs ${sizeText(bytes + SPARE_BYTES)} of free disk space at ${folder}, and there are ${sizeText(free)}; --scale makes it less`,
		);
	}
}

async function writeRandom(file: string, size: number): Promise<void> {
	const handle = await open(file, 'w');
	try {
		const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, size));
		for (let left = size; left > 0; left -= block.length) {
			await handle.write(randomFillSync(block), 0, Math.min(left, block.length));
		}
	} finally {
		await handle.close();
	}
}

/** MD5 of each file, as 32 hex digits. Reading them all also puts them in the system's file cache. */
export async function md5OfFiles(files: BenchFile[]): Promise<string[]> {
	const result: string[] = [];
	for (const file of files) {
		const hash = createHash('md5');
		for await (const chunk of createReadStream(file.path, { highWaterMark: BLOCK_BYTES })) {
			hash.update(chunk as Buffer);
		}
		result.push(hash.digest('hex'));
	}
	return result;
}
