import type { IExecuteFunctions } from 'n8n-workflow';

/** Milliseconds between two lines in the log. */
const INTERVAL_MS = 10_000;
const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** '4.2 GB', for people; the output has the exact bytes. */
export function readableSize(bytes: number): string {
	const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
	const amount = bytes / 1000 ** power;
	return `${power === 0 ? amount : amount.toFixed(1)} ${UNITS[power]}`;
}

/**
 * How far a long run has come. n8n shows no progress bar inside a node, so it is told in n8n's log
 * at intervals, and in a hint beside the output at the end.
 */
export class Progress {
	private readonly started = Date.now();

	private lastLine = Date.now();

	private files = 0;

	private bytes = 0;

	private retries = 0;

	private readonly totalBytes: number;

	/** @param sizes bytes of each file that is to be sent */
	constructor(
		private readonly context: IExecuteFunctions,
		private readonly sizes: number[],
	) {
		this.totalBytes = sizes.reduce((sum, size) => sum + size, 0);
	}

	fileDone(size: number): void {
		this.files += 1;
		this.bytes += size;
		if (Date.now() - this.lastLine < INTERVAL_MS) return;
		this.lastLine = Date.now();
		const { files, bytes, totalBytes, sizes } = this;
		this.context.logger.info(
			`Digital Preservation: ${files} of ${sizes.length} files, ${readableSize(bytes)} of ${readableSize(totalBytes)}, ${this.rate()}`,
		);
	}

	retried(): void {
		this.retries += 1;
	}

	finish(): void {
		if (this.files === 0) return;
		const seconds = ((Date.now() - this.started) / 1000).toFixed(1);
		const repeated = this.retries > 0 ? `; ${this.retries} calls were repeated` : '';
		this.context.addExecutionHints({
			message: `${this.files} files, ${readableSize(this.bytes)} were sent in ${seconds} s (${this.rate()})${repeated}. They are uploaded, not yet preserved: keep the source until submission.preserved arrives.`,
			type: 'info',
			location: 'outputPane',
		});
	}

	private rate(): string {
		const seconds = Math.max(0.001, (Date.now() - this.started) / 1000);
		return `${readableSize(Math.round(this.bytes / seconds))} a second`;
	}
}
