// Runs clients and load tools that people have against the mock, and lets each say in its own words what it got.
//
//   npm run check:clients                     every one that can be had
//   npm run check:clients -- --quick          the official clients and one load tool: within a minute and a half on a new machine
//   npm run check:clients -- --python python3.12
//
// The clients of npm are dependencies of the mock's tests; autocannon is installed into .bench/clients-npm, those of Python into a
// virtual environment in .bench/clients-venv, wrk is taken from the PATH. One that cannot be had is a row that says why, and no
// failure.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { anthropicRows } from './clients/anthropic.mjs';
import { autocannonRows, locustRows, wrkRows } from './clients/load-tools.mjs';
import { openAiRows } from './clients/openai.mjs';
import { refusalRows } from './clients/openai-refusals.mjs';
import { shapeRows } from './clients/openai-shapes.mjs';
import { spawnMine } from './support/child-of-mine.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const MOCK = join(HERE, '../mock/dist/main.js');
const VENV = join(HERE, '../.bench/clients-venv');
const NPM = join(HERE, '../.bench/clients-npm');
/** A program of Python: what it needs, the file that prints its rows as JSON lines, and whether it is quickly had. */
const PYTHON = [
  { packages: ['openai', 'anthropic'], file: 'official.py', quick: true },
  { packages: ['langchain-openai', 'langchain-anthropic'], file: 'langchain_rows.py', quick: false },
  { packages: ['openai-agents'], file: 'agent_rows.py', quick: false },
];
const INSTALL_MS = 600_000;

const { values } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, quick: { type: 'boolean', default: false } },
});

const mock = await startMock();
const states = { ok: 0, failed: 0, absent: 0 };
try {
  for (const rows of [openAiRows, shapeRows, refusalRows, anthropicRows])
    for (const row of rows) print(await run(row, mock.url));
  for (const program of PYTHON)
    if (program.quick || !values.quick) for (const row of pythonRows(program, mock.url)) print(row);
  await loadTool('autocannon', npmTool('autocannon', 'autocannon.js'), autocannonRows);
  if (!values.quick) {
    await loadTool('locust', pythonTool('locust'), locustRows);
    await loadTool('wrk', pathTool('wrk'), wrkRows);
  }
} finally {
  mock.stop();
}
process.stdout.write(`${states.ok} ok, ${states.failed} failed, ${states.absent} absent\n`);
process.exitCode = states.failed === 0 ? 0 : 1;

/** A row is `ok`, `failed` or `absent`, with what the client said. */
function print({ state, client, row, said }) {
  states[state]++;
  process.stdout.write(`${state.padEnd(7)} ${client.padEnd(22)} ${row}: ${said}\n`);
}

async function run({ client, row, ask }, url) {
  try {
    return { state: 'ok', client, row, said: await ask(url) };
  } catch (error) {
    return { state: 'failed', client, row, said: error.message.split('\n')[0] };
  }
}

/** @param {{ path?: string, missing?: string }} tool where it is, or why it cannot be had */
async function loadTool(client, tool, rowsOf) {
  const { path, missing } = tool;
  if (missing !== undefined) print({ state: 'absent', client, row: 'load', said: missing });
  else for (const row of rowsOf(path)) print(await run(row, mock.url));
}

function npmTool(name, file) {
  const path = join(NPM, 'node_modules', name, file);
  if (existsSync(path)) return { path };
  const options = ['--silent', '--no-audit', '--no-fund', '--prefix', NPM];
  const { status, stderr, error } = spawnSync('npm', ['install', ...options, name], {
    encoding: 'utf8',
    timeout: INSTALL_MS,
  });
  return status === 0 ? { path } : { missing: `cannot be installed: ${error?.message ?? lastLine(stderr)}` };
}

function pythonTool(name) {
  const missing = installed([name]);
  return missing === undefined ? { path: join(VENV, 'bin', name) } : { missing };
}

function pathTool(name) {
  const { error } = spawnSync(name, ['--version']);
  return error === undefined ? { path: name } : { missing: `not on the PATH (of Debian: apt-get install ${name})` };
}

function lastLine(text) {
  return text.trim().split('\n').at(-1);
}

function pythonRows({ packages, file }, url) {
  const client = packages.join(', ');
  const missing = installed(packages);
  if (missing !== undefined) return [{ state: 'absent', client, row: file, said: missing }];
  const { stdout, stderr, status } = spawnSync(join(VENV, 'bin/python'), [join(HERE, 'clients', file), url], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  const rows = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  if (status === 0) return rows;
  return [...rows, { state: 'failed', client, row: file, said: lastLine(stderr) ?? 'it ended early' }];
}

/** Why the packages cannot be had; undefined when they are there. */
function installed(packages) {
  if (!existsSync(join(VENV, 'bin/python'))) {
    const made = spawnSync(values.python, ['-m', 'venv', VENV], { encoding: 'utf8' });
    if (made.error !== undefined) return `${values.python} cannot be run: ${made.error.message}`;
    if (made.status !== 0) return `no virtual environment: ${lastLine(made.stderr)}`;
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
  const { status, stderr, error } = spawnSync(join(VENV, 'bin/python'), pip, { encoding: 'utf8', timeout: INSTALL_MS });
  if (status === 0) return undefined;
  return `cannot be installed: ${error?.message ?? lastLine(stderr)}`;
}

function startMock() {
  const child = spawnMine(process.execPath, [MOCK, '--port', '0', '--workers', '2'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the mock ended with ${code}`)));
    child.stdout.on('data', (text) => {
      const url = /listening on (\S+)/.exec(String(text))?.[1];
      if (url !== undefined) resolve({ url, stop: () => child.kill('SIGTERM') });
    });
  });
}
