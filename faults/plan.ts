import type { Fault, FaultAction, SandboxSide } from '../sandbox/messages';
import { random } from '../test/dps/random';

/** A file of a package that one run submits. */
export interface PlannedFile {
	/** Path in the package; unlike any other one's also when case and Unicode form are folded. */
	path: string;
	content: Buffer;
}

/** Where in its work the depositor is killed. */
export interface Kill {
	/** The number, from 1, of the request in or after which it happens. */
	request: number;
	/** Before it is sent; while it is under way; when its answer has come, before it is heeded. */
	moment: 'before' | 'during' | 'after';
}

/** All that is random in a run. */
export interface Plan {
	objectId: string;
	files: PlannedFile[];
	/** Files in work at the same time. */
	concurrency: number;
	faults: Fault[];
	/** One a try, in the order of the tries; a try beyond them is not killed. */
	kills: Kill[];
	/** The tries, from 1, before which all tokens are revoked. */
	revocations: number[];
}

type Chance = ReturnType<typeof random>;

const NAMES = [
	'METS.xml',
	'a file.txt',
	'100%.csv',
	'#1+2&3=6.md',
	'blåbærsyltetøy.jpg',
	'a\u030angstro\u0308m.tif',
	'日本語 ✓.pdf',
	"it's (1) [final] {v2}.docx",
	'semi;colon,comma@at.bin',
	'.hidden',
	'no extension',
	'emoji 🗄️.dat',
	'%41%2F.txt',
];
const FOLDERS = ['', 'data/', 'representations/primary_20250217/data/', 'ø/ & so on/'];

/** Sizes in bytes around which something may change: nothing, one byte, a chunk, several. */
const SIZES = [0, 1, 500, 16_384, 65_535, 65_536, 65_537, 150_000, 300_000];

function planFiles({ int, pick, bytes, next }: Chance): PlannedFile[] {
	const files = new Map<string, PlannedFile>();
	for (let left = int(1, 12); left > 0; left--) {
		// a root METS.xml would have to name the other files
		const folder = pick(FOLDERS);
		const path = `${folder}${pick(NAMES.slice(folder === '' ? 1 : 0))}`;
		// repeated bytes are as good as random ones, and cost less
		const size = next() < 0.5 ? pick(SIZES) : int(0, 20_000);
		const content = Buffer.alloc(size, bytes(64));
		files.set(path.normalize('NFC').toLowerCase(), { path, content });
	}
	return [...files.values()];
}

const API_STEPS: Array<Pick<Fault, 'method' | 'pathPattern'>> = [
	{ method: 'POST', pathPattern: '/submissions$' },
	{ method: 'GET', pathPattern: '/submissions$' },
	{ method: 'GET', pathPattern: '/submissions/[^/]+$' },
	{ method: 'POST', pathPattern: '/files$' },
	{ method: 'DELETE', pathPattern: '/files/[^/]+$' },
	{ method: 'POST', pathPattern: '/finalize$' },
];

const EXPIRED_URL: FaultAction = {
	kind: 'status',
	status: 403,
	contentType: 'application/xml',
	body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
};

function refusal({ pick, next }: Chance): FaultAction {
	return {
		kind: 'status',
		status: pick([429, 500, 502, 503, 504]),
		headers: next() < 0.3 ? { 'retry-after': '1' } : {},
		contentType: 'text/html',
		body: '<html>A proxy in trouble</html>',
	};
}

function actionAt(side: SandboxSide, chance: Chance): FaultAction {
	const { int, pick } = chance;
	const actions: FaultAction[] = [
		refusal(chance),
		{ kind: 'reset-before' },
		{ kind: 'lose-answer' },
		{ kind: 'reset-mid-body', afterBytes: int(1, side === 'store' ? 200_000 : 60) },
		{ kind: 'stall', ms: int(1, 60) },
	];
	if (side === 'api') actions.push({ kind: 'expire-token' });
	if (side === 'store') actions.push(EXPIRED_URL);
	return pick(actions);
}

/** Requests of a kind that a try makes for each file, and not once. */
const isPerFile = ({ side, pathPattern = '' }: Pick<Fault, 'side' | 'pathPattern'>) =>
	side === 'store' || pathPattern.startsWith('/files');

function planFault(chance: Chance): Fault {
	const { int, pick } = chance;
	const side = pick<SandboxSide>(['api', 'api', 'api', 'api', 'store', 'store', 'token']);
	const step = side === 'api' ? pick(API_STEPS) : side === 'store' ? { method: 'PUT' } : {};
	const where = { side, ...step };
	// so that it hits also a later file, or a later try
	const skip = isPerFile(where) ? int(0, 6) : int(0, 1);
	return { ...where, skip, times: int(1, 4), action: actionAt(side, chance) };
}

/**
 * Plans a run: the same seed and number give the same package, faults and kills.
 *
 * @param number of the run, from 1
 */
export function planRun(seed: number, number: number): Plan {
	const chance = random(seed * 100_003 + number);
	const { int, pick, next } = chance;
	const files = planFiles(chance);
	const faults = Array.from({ length: int(0, 6) }, () => planFault(chance));
	// a token, the creation, and for each file a registration and an upload
	const requests = 3 + 2 * files.length;
	const kills = next() < 0.4 ? int(1, 3) : 0;
	return {
		objectId: `run_${number}`,
		files,
		concurrency: int(1, 8),
		faults,
		kills: Array.from({ length: kills }, () => ({
			request: int(1, requests),
			moment: pick(['before', 'during', 'after'] as const),
		})),
		revocations: next() < 0.3 ? [int(1, 3)] : [],
	};
}
