const { spawn } = require('node:child_process');
const { rm } = require('node:fs/promises');
const path = require('node:path');
const { dest, series, src } = require('gulp');

const DIST = path.join(__dirname, 'dist');

/** Removes what an earlier build left, so that a deleted source never ships. */
async function clean() {
	await rm(DIST, { recursive: true, force: true });
}

/** Compiles nodes, credentials and the domain; the build fails when the compiler reports an error. */
function compile() {
	const tsc = require.resolve('typescript/bin/tsc');
	return spawn(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
		cwd: __dirname,
		stdio: 'inherit',
	});
}

/** Copies what n8n reads beside the compiled code: icons, and the codex that files a node under its category. */
function copyIconsAndCodex() {
	const patterns = ['nodes', 'credentials'].flatMap((folder) => [
		`${folder}/**/*.svg`,
		`${folder}/**/*.png`,
		`${folder}/**/*.node.json`,
	]);
	// Without `encoding: false` gulp reads files as text, which would spoil a PNG.
	return src(patterns, { base: '.', cwd: __dirname, encoding: false }).pipe(dest(DIST));
}

exports.build = series(clean, compile, copyIconsAndCodex);
exports.default = exports.build;
