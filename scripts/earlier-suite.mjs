#!/usr/bin/env node
// Types the command lines of the earlier suite, as docs/earlier-suite.md lists them, and says what each one does here.
//
//   npm run build && node scripts/earlier-suite.mjs
//
// A line that "works" is typed as it stands; of another one, what the page says to type instead. What measures gets `--dry-run`, which
// checks every value and lays out the whole plan; a mock gets a free port, is asked once and stopped. Lines of a container engine are
// named and not typed. Nothing is measured, and nothing is written but in a folder of its own. Ends with 1 when a line does neither.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { spawnMine } from './support/child-of-mine.mjs';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const PROGRAM = 'node orchestrator/dist/run.js';
/** A row of the page's table: what was typed there, and what holds here. */
const ROW = /^\| `(?<line>[^`]+)` \| (?<here>works|type `(?<instead>[^`]+)`)/;
/** Lines that measure; the others draw, install, or run the mock. */
const MEASURES = new RegExp(`^(BENCH_ARGS=.* )?make bench(-json)?( |$)|^${PROGRAM} (bench|--(?!chart-only|markdown))`);
const NEEDS_ENGINE = /^docker |^make (image|bench-image|down)$/;
const INSTALLS = /^npm install |^make gateways/;

const page = readFileSync(join(TOP, 'docs/earlier-suite.md'), 'utf8');
const rows = page.split('\n').flatMap((line) => ROW.exec(line)?.groups ?? []);
const checkout = checkoutOfItsOwn();
const failed = [];
for (const { line, instead } of rows) {
  const typed = instead ?? line;
  const done = await doneBy(typed);
  if (done.fault !== undefined) failed.push(line);
  console.log(line);
  if (instead !== undefined) console.log(`  instead: ${instead}`);
  console.log(`  ${done.fault === undefined ? '' : 'FAILED: '}${done.fault ?? done.said}`);
}
rmSync(checkout, { recursive: true });
console.log(`${rows.length} lines, ${failed.length} that do nothing of use here`);
process.exitCode = failed.length === 0 && rows.length > 0 ? 0 : 1;

/** A folder that looks like a checkout with results of the earlier suite in it, so that no line touches what lies in this one. */
function checkoutOfItsOwn() {
  const folder = mkdtempSync(join(tmpdir(), 'earlier-suite-'));
  for (const name of ['Makefile', 'compose', 'mock', 'orchestrator', 'package.json', 'package-lock.json'])
    symlinkSync(join(TOP, name), join(folder, name));
  // Nothing is installed and nothing built here: as far as make can tell, both have just been done.
  for (const done of ['node_modules/.package-lock.json', '.bench/built']) {
    mkdirSync(join(folder, dirname(done)));
    writeFileSync(join(folder, done), '');
  }
  cpSync(join(TOP, 'orchestrator/test/fixtures/original'), join(folder, 'results'), { recursive: true });
  writeFileSync(join(folder, 'crabllm'), '#!/bin/sh\n', { mode: 0o755 });
  return folder;
}

async function doneBy(typed) {
  const line = typed.replace(/^crabllm-bench(?= |$)/, PROGRAM);
  if (NEEDS_ENGINE.test(line)) return { said: 'not typed: it needs a container engine' };
  if (INSTALLS.test(line)) return { said: 'not typed: it installs' };
  if (/^node \S+ (mock|-[pcde] |--(port|chunks|delay|error-rate))/.test(line)) return mockOf(line);
  return finished(MEASURES.test(line) ? dry(line) : line);
}

/** The same line, laying out its plan only. */
function dry(line) {
  const more = '--dry-run --runtime process';
  if (!/(^| )make /.test(line)) return `${line} ${more}`;
  if (/ARGS="/.test(line)) return line.replace(/ARGS="([^"]*)"/, `ARGS="$1 ${more}"`);
  return `${line} ARGS="${more}"`;
}

function finished(line) {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: checkout, encoding: 'utf8' });
  const text = (status === 0 ? stdout || stderr : stderr).trim().split('\n');
  return status === 0 ? { said: text[0] } : { fault: `exit code ${status}: ${text.slice(0, 3).join(' ')}` };
}

/** Starts a mock on a free port, asks it once, and stops it. */
async function mockOf(line) {
  // The last of two ports wins.
  const words = `${line} --port 0`.split(' ');
  const child = spawnMine(process.execPath, words.slice(1), { cwd: checkout, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let complaint = '';
  child.stderr.on('data', (text) => (complaint += text));
  for await (const said of createInterface({ input: child.stdout })) {
    const url = /http:\S+/.exec(said)?.[0];
    if (url === undefined) continue;
    const { status } = await fetch(`${url}/v1/models`);
    child.kill('SIGTERM');
    await ended;
    return { said: `${said}; GET /v1/models: ${status}` };
  }
  return { fault: `exit code ${await ended}: ${complaint.trim()}` };
}
