import js from '@eslint/js';
import { globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default tseslint.config(
	globalIgnores([
		'dist',
		'.n8n-runtime',
		'.demo',
		'.bench',
		'.conformance',
		'nodes',
		'credentials',
		'dps',
		'*.js',
		'*.mjs',
	]),
	{
		files: ['**/*.ts', '**/*.mts'],
		extends: [js.configs.recommended, tseslint.configs.recommended],
		rules: { 'no-console': 'error' },
	},
);
