const { spawn } = require('node:child_process');
const { readFile, readdir, rm, writeFile } = require('node:fs/promises');
const path = require('node:path');
const esbuild = require('esbuild');
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

/**
 * Libraries that the shipped code uses beyond what n8n brings. A package without dependencies must
 * carry them: each becomes one file in dist/libraries, and its imports are led there. Only what is
 * used goes in: the rest of fflate starts workers and timers, which a verified node may not.
 */
const BUNDLED = {
	saxes: "export * from 'saxes';",
	fflate: "export { Inflate } from 'fflate/browser';",
};

async function bundleLibraries() {
	for (const [name, contents] of Object.entries(BUNDLED)) {
		await esbuild.build({
			stdin: { contents, resolveDir: __dirname },
			outfile: path.join(DIST, 'libraries', `${name}.js`),
			bundle: true,
			format: 'cjs',
			platform: 'neutral',
			mainFields: ['module', 'main'],
			target: 'node20',
			legalComments: 'inline',
		});
	}
	const sources = await readdir(DIST, { recursive: true });
	for (const source of sources.filter((file) => file.endsWith('.js'))) {
		const file = path.join(DIST, source);
		if (file.startsWith(path.join(DIST, 'libraries'))) continue;
		const code = await readFile(file, 'utf8');
		const led = Object.keys(BUNDLED).reduce((text, name) => {
			const library = path.join(DIST, 'libraries', name);
			const relative = path.relative(path.dirname(file), library).split(path.sep).join('/');
			return text.replaceAll(`require("${name}")`, `require("${relative}")`);
		}, code);
		if (led !== code) await writeFile(file, led);
	}
}

exports.build = series(clean, compile, bundleLibraries, copyIconsAndCodex);
exports.default = exports.build;
