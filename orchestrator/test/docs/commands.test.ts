import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CommandLine } from '../support/command-line.js';

const TOP = fileURLToPath(new URL('../../../', import.meta.url));
const DOCS = [
  'README.md',
  ...readdirSync(join(TOP, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

/** A block whose commands are tried: its fence says `sh run`. */
const BLOCK = /```sh run\n([^]*?)```/g;

/** Command lines of the runnable blocks of a page; a backslash at the end of a line goes on in the next. */
function commandsOf(page: string): string[] {
  return [...page.matchAll(BLOCK)].flatMap(([, block = '']) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^(npx crabllm-bench|crabllm-bench|make|node orchestrator\/dist\/run\.js)( |$)/.test(line)),
  );
}

/**
 * Tries a command as far as it goes without measuring: a measurement by `--dry-run`, which checks every value and lays out the plan; what
 * needs a run, or is a program of its own, by `--help`, which checks every option. A shell splits the line, as a reader's does.
 * @returns what it said when it was refused; null when it was taken
 */
async function refusal(commands: CommandLine, line: string, directory: string): Promise<string | null> {
  const make = /^make (bench(?:-chart|-json)?)( ARGS=(.*?))?( *#.*)?$/.exec(line);
  if (line.startsWith('make ') && make === null) return targetMissing(line);
  const words =
    make === null ? line.replace(/^((?:npx )?crabllm-bench|node orchestrator\/dist\/run\.js)/, '') : ` $ARGS`;
  const own = make?.[1] === 'bench-chart' ? ' --chart-only' : '';
  const script = `${make?.[3] === undefined ? '' : `ARGS=${make[3]}\n`}set -- ${own}${words}\nprintf '%s\\n' "$@"`;
  const split = make === null ? script : script.replace('set -- ', 'eval set -- ');
  const { stdout } = spawnSync('sh', ['-c', split], { encoding: 'utf8', env: { PATH: process.env['PATH'], ARGS: '' } });
  const given = stdout.split('\n').filter((word) => word !== '' && word !== '&');
  const measures = given[0] === undefined || given[0].startsWith('-');
  const stops = !measures || ['--resume', '--chart-only', '--markdown'].some((word) => given.includes(word));
  const runtime = given.includes('--runtime') ? [] : ['--runtime', 'process'];
  const tried = stops ? [...given, '--help'] : [...given, ...runtime, '--dry-run'];
  const { status, stderr } = await commands.run(tried, directory);
  return status === 0 ? null : stderr;
}

function targetMissing(line: string): string | null {
  const target = line.split(/\s+/)[1] ?? '';
  return new RegExp(`^${target}:`, 'm').test(readFileSync(join(TOP, 'Makefile'), 'utf8'))
    ? null
    : `no target ${target}`;
}

/** What the lines name and a reader would have. */
function readersFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'docs-'));
  const readme = readFileSync(join(TOP, 'README.md'), 'utf8');
  const compose = /```yaml\n(services:[^]*?)```/.exec(readme)?.[1] ?? '';
  writeFileSync(join(directory, 'my-gateway.yml'), compose);
  writeFileSync(join(directory, 'mygw.toml'), '');
  writeFileSync(
    join(directory, 'AzureLLMInferenceTrace_conv.csv'),
    'TIMESTAMP,ContextTokens,GeneratedTokens\n0,10,5\n1,10,5\n2,10,5\n',
  );
  writeFileSync(join(directory, 'crabllm'), '#!/bin/sh\n', { mode: 0o755 });
  return directory;
}

describe('the commands of the pages', () => {
  const directory = readersFolder();
  const commands = new CommandLine();
  after(() => commands.close());

  for (const name of DOCS) {
    for (const line of commandsOf(readFileSync(join(TOP, name), 'utf8')))
      it(`${name}: ${line.slice(0, 110)}`, async () => assert.equal(await refusal(commands, line, directory), null));
  }

  it('are many', () => {
    const all = DOCS.flatMap((name) => commandsOf(readFileSync(join(TOP, name), 'utf8')));
    assert.ok(all.length >= 20, `${all.length} commands`);
  });

  it('a wrong one is found out: option, value, word or target', async () => {
    const page =
      '```sh run\ncrabllm-bench --rsp 100\nmake bench ARGS="--rps \'100 x\'"   # why\ncrabllm-bench comparre a\nmake bnech\n```\n';
    const lines = commandsOf(page);
    assert.equal(lines.length, 4);
    for (const line of lines) assert.notEqual(await refusal(commands, line, directory), null, line);
  });
});
