// Runs clients that people have against the mock, and lets each say in its own words what it got.
//
//   npm run check:clients                     every client that can be had
//   npm run check:clients -- --python python3.12
//
// The clients of npm are dependencies of the mock's tests; those of Python are installed into a virtual environment in
// .bench/clients-venv. One that cannot be had is a row that says why, and no failure.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { anthropicRows } from './clients/anthropic.mjs';
import { openAiRows } from './clients/openai.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const MOCK = join(HERE, '../mock/dist/main.js');
const VENV = join(HERE, '../.bench/clients-venv');
/** A program of Python: what it needs, and the file that prints its rows as JSON lines. */
const PYTHON = [
  { packages: ['openai', 'anthropic'], file: 'official.py' },
  { packages: ['langchain-openai'], file: 'langchain_rows.py' },
  { packages: ['openai-agents'], file: 'agent_rows.py' },
];
const INSTALL_MS = 600_000;

const { values } = parseArgs({ options: { python: { type: 'string', default: 'python3' } } });

const mock = await startMock();
let failures = 0;
try {
  for (const rows of [openAiRows, anthropicRows]) for (const row of rows) print(await run(row, mock.url));
  for (const program of PYTHON) for (const row of pythonRows(program, mock.url)) print(row);
} finally {
  mock.stop();
}
process.exitCode = failures === 0 ? 0 : 1;

/** A row is `ok`, `failed` or `absent`, with what the client said. */
function print({ state, client, row, said }) {
  if (state === 'failed') failures++;
  process.stdout.write(`${state.padEnd(7)} ${client.padEnd(22)} ${row}: ${said}\n`);
}

async function run({ client, row, ask }, url) {
  try {
    return { state: 'ok', client, row, said: await ask(url) };
  } catch (error) {
    return { state: 'failed', client, row, said: error.message.split('\n')[0] };
  }
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
  return [...rows, { state: 'failed', client, row: file, said: stderr.trim().split('\n').at(-1) ?? 'it ended early' }];
}

/** Why the packages cannot be had; undefined when they are there. */
function installed(packages) {
  if (!existsSync(join(VENV, 'bin/python'))) {
    const made = spawnSync(values.python, ['-m', 'venv', VENV], { encoding: 'utf8' });
    if (made.error !== undefined) return `${values.python} cannot be run: ${made.error.message}`;
    if (made.status !== 0) return `no virtual environment: ${made.stderr.trim().split('\n').at(-1)}`;
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
  const { status, stderr, error } = spawnSync(join(VENV, 'bin/python'), pip, { encoding: 'utf8', timeout: INSTALL_MS });
  if (status === 0) return undefined;
  return `cannot be installed: ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
}

function startMock() {
  const child = spawn(process.execPath, [MOCK, '--port', '0', '--workers', '2'], {
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
