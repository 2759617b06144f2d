import { config } from '@n8n/node-cli/eslint';
import { globalIgnores } from 'eslint/config';

// What ships is held to n8n's own configuration, with no rule off. What serves development runs
// outside n8n, needs a file system and timers, and has its own: eslint.dev.config.mjs.
export default [
	globalIgnores([
		'sandbox',
		'demo',
		'test',
		'bench',
		'conformance',
		'faults',
		'scale',
		'scripts',
		'hosts',
		'.n8n-runtime',
		'.demo',
		'.bench',
		'.conformance',
		'*.js',
		'*.mjs',
	]),
	...config,
];
