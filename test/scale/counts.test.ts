import type { SubmissionState } from '../../sandbox/messages';
import { countMessages, countSubmissions, notSubmitted } from '../../scale/counts';
import type { ObjectToSend } from '../../scale/objects';

const object = (objectId: string): ObjectToSend => ({
	objectId,
	folder: `/files/${objectId}`,
	files: new Map([
		['data/1.tif', 'a'.repeat(32)],
		['data/2.tif', 'b'.repeat(32)],
	]),
});

function submission(
	objectId: string,
	files: Array<[path: string, md5: string | undefined]>,
	changes: Partial<SubmissionState> = {},
): SubmissionState {
	return {
		contractId: 'ef23',
		submissionId: `submission of ${objectId}`,
		objectId,
		clientId: 'client',
		status: 'PRESERVED',
		priority: 0,
		metadata: {},
		finalized: true,
		events: [],
		files: files.map(([filePath, md5]) => ({
			fileId: filePath,
			filePath,
			checksum: md5 ?? '',
			isPackaged: false,
			s3ObjectKey: filePath,
			stored: md5 === undefined ? undefined : { md5, size: 1 },
		})),
		...changes,
	};
}

const whole: Array<[string, string]> = [...object('x').files];

describe('counting the submissions of a campaign', () => {
	it('counts an object with one preserved submission of all its files as complete', () => {
		const state = { submissions: [submission('one', whole), submission('other', whole)] };
		expect(countSubmissions(state, [object('one')])).toEqual({
			complete: 1,
			submittedTwice: 0,
			filesLost: 0,
			filesDoubled: 0,
		});
	});

	it('does not count what is not preserved yet', () => {
		const state = { submissions: [submission('one', whole, { status: 'ARCHIVING' })] };
		expect(countSubmissions(state, [object('one')])).toMatchObject({ complete: 0, filesLost: 0 });
	});

	it('counts a file without bytes, and all files of an object without submission, as lost', () => {
		const state = { submissions: [submission('one', [whole[0], [whole[1][0], undefined]])] };
		expect(countSubmissions(state, [object('one'), object('two')])).toEqual({
			complete: 0,
			submittedTwice: 0,
			filesLost: 3,
			filesDoubled: 0,
		});
	});

	it('counts a file with other bytes as lost and as one too many', () => {
		const state = { submissions: [submission('one', [whole[0], [whole[1][0], 'c'.repeat(32)]])] };
		expect(countSubmissions(state, [object('one')])).toMatchObject({
			complete: 0,
			filesLost: 1,
			filesDoubled: 1,
		});
	});

	it('counts an object that was submitted twice, and its files as doubled', () => {
		const state = { submissions: [submission('one', whole), submission('one', whole)] };
		expect(countSubmissions(state, [object('one')])).toEqual({
			complete: 0,
			submittedTwice: 1,
			filesLost: 0,
			filesDoubled: 2,
		});
	});

	it('finds the objects without a finalized submission', () => {
		const state = {
			submissions: [submission('one', whole), submission('two', whole, { finalized: false })],
		};
		const missing = notSubmitted(state, ['one', 'two', 'three'].map(object));
		expect(missing.map(({ objectId }) => objectId)).toEqual(['two', 'three']);
	});
});

describe('counting messages', () => {
	it('tells those handled once, more often and never apart', () => {
		const started = ['a', 'b', 'b', 'of an execution whose message is gone'];
		expect(countMessages(['a', 'b', 'c'], started)).toEqual({
			sent: 3,
			once: 1,
			repeatedly: 1,
			never: 1,
		});
	});
});
