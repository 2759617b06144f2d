import { stageToTearDown } from './shared-stage';

/** Ends what the set-up started. */
export default async function tearDown(): Promise<void> {
	await stageToTearDown()?.stop();
}
