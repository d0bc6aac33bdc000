// Bundles the program into dist: run.js, what it starts as workers and processes of their own, and the chunks that they share. A start loads
// some hundred files instead of a thousand, in half of the time. Tests and scripts use the single files, which tsc puts into build.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = dirname(fileURLToPath(import.meta.url));
const SOURCES = join(HERE, 'src');
const OUT = join(HERE, 'dist');

/** Those that are many files each. The others bring files of their own beside their code, are loaded where they are used, or are small. */
const BUNDLED = ['undici', 'yaml', 'zod'];

/** What is started as a process of its own, beside the workers. */
const PROGRAMS = ['run.ts', 'relay/main.ts', 'sink/main.ts', 'runtime/kubernetes/job-main.ts'];

const manifest = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8'));
const workers = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('-worker.ts'),
);

mkdirSync(OUT, { recursive: true });
// What an earlier one left, which a package would carry; the page has a bundler of its own.
for (const name of readdirSync(OUT, { withFileTypes: true }).filter((entry) => entry.name !== 'page'))
  rmSync(join(OUT, name.name), { recursive: true });

const { metafile } = await build({
  absWorkingDir: HERE,
  entryPoints: [...PROGRAMS, ...workers].map((path) => join(SOURCES, path)),
  outbase: SOURCES,
  outdir: OUT,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.18',
  external: Object.keys(manifest.dependencies).filter((name) => !BUNDLED.includes(name)),
  // undici is CommonJS, and asks for Node's own modules as that does.
  banner: { js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);" },
  metafile: true,
  logLevel: 'warning',
});

// installation.ts finds everything from where it lies itself, which has to be the top of dist as it is the top of the sources.
const home = Object.entries(metafile.outputs).find(([, { inputs }]) =>
  Object.keys(inputs).some((path) => path.endsWith('src/installation.ts')),
)?.[0];
if (home === undefined || join(HERE, dirname(home)) !== OUT)
  throw new Error(`src/installation.ts was bundled into ${home}`);
