import {
	N8nRest,
	type Session,
	type StoredCredential,
	type StoredWorkflow,
} from '../../demo/n8n-rest';
import type { Stage } from '../../demo/stage';
import type { SandboxInfo } from '../../sandbox/messages';

/** What the tests need to know of the sandbox and the n8n that were started for them, in another process. */
export interface SharedStage {
	sandbox: SandboxInfo;
	n8nUrl: string;
	/** What n8n writes to the terminal. */
	n8nLog: string;
	session: Session;
	filesFolder: string;
	packageTarball: string;
	credentials: StoredCredential[];
	/** The workflow that takes all of the sandbox's messages. */
	follow: StoredWorkflow;
}

const VARIABLE = 'N8N_TEST_STAGE';

const forTeardown = globalThis as { n8nTestStage?: Stage };

/** Keeps the stage for the teardown, which runs in the same process as the set-up. */
export function leaveForTeardown(stage: Stage): void {
	forTeardown.n8nTestStage = stage;
}

/** The stage that the set-up started, if it came that far. */
export function stageToTearDown(): Stage | undefined {
	return forTeardown.n8nTestStage;
}

/** Tells the tests, which run in processes started later, where everything is. */
export function leaveForTests(stage: SharedStage): void {
	process.env[VARIABLE] = JSON.stringify(stage);
}

/** The sandbox and the n8n that were started for the tests. */
export function sharedStage(): SharedStage & { rest: N8nRest } {
	const left = process.env[VARIABLE];
	if (left === undefined) throw new Error('the set-up of this test project has not run');
	const stage = JSON.parse(left) as SharedStage;
	return { ...stage, rest: new N8nRest(stage.n8nUrl, stage.session) };
}
