import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CommandLine } from '../support/command-line.js';

const PROGRAM = fileURLToPath(new URL('../../dist/run.js', import.meta.url));

const commands = new CommandLine();
after(() => commands.close());

const run = (...words: string[]) => commands.run(words);

const REFUSED: readonly (readonly [readonly string[], RegExp])[] = [
  [['--rsp', '100'], /There is no option --rsp\. Did you mean "--rps"\?/],
  [['--rps', 'abc'], /--rps "abc" cannot be used\.\n {2}Give a whole number from 1/],
  [['--rps', '0'], /--rps "0" cannot be used/],
  [['--rps', '100', '500'], /"500" is not understood|no command "500"/],
  [['--duration', '-1'], /--duration "-1" cannot be used/],
  [['--rps'], /--rps needs a value/],
  [['--gateways', ''], /--gateways is empty/],
  [['--scenarios', ' , '], /--scenarios is empty/],
  [['--dur', '3'], /There is no option --dur\. Did you mean "--duration"\?/],
  [['-x'], /There is no option -x\.\n/],
  [['--png=foo'], /--png takes no value, and "foo" was given/],
  [['--group', 'ovrhead'], /--group "ovrhead" is not known\. Did you mean "overhead"\?/],
  [['--port', '9999', '--rps', '100'], /There is no option --port\.\n {2}The mock has one: crabllm-bench mock --port/],
  [['--binary', 'crabllm=/nowhere'], /--binary "crabllm=\/nowhere": \/nowhere does not exist/],
  [['--target', 'ftp://127.0.0.1'], /"ftp:\/\/127\.0\.0\.1"/],
  [['--target', 'http:'], /"http:" is not a URL\.\n {2}Give NAME=URL, or a URL alone/],
  [
    ['--group', 'slow-upstream', '--duration', '10'],
    /--duration 10 split over --blocks 6 leaves 1670 ms for each; an answer of slow-upstream-stream takes 4000 ms/,
  ],
  [['--markdown', 'page.md', '--output', 'nothing-here'], /--markdown alone measures nothing[^]*nothing-here/],
  [['--soak', '10m', '--duration', '3'], /--duration cannot go with --soak/],
  [['--find-capacity', '--slo', 'p99<20ms', '--original'], /--original cannot go with --find-capacity/],
  [
    ['--runtime', 'process', '--find-capacity', '--slo', 'p99<20ms', '--rps', '5'],
    /--rps 5 is too low to look at: .*\n {2}Begin with 17 or more/,
  ],
  [['chart', 'here', 'there'], /"there" is not understood\.\n {2}See crabllm-bench chart --help/],
  [['chart', 'here', '--output', 'there'], /The directory is named twice\./],
  [['chart', 'here'], /The directory .*here cannot be read/],
  [['doctor', '--no-self-test'], /There is no option --no-self-test\. Did you mean "--skip-self-test"\?/],
  [
    ['chart', '--markdown', '.'],
    /--markdown "\." is a folder, not a file\.\n {2}Give a file: --markdown \.\/report\.md/,
  ],
  [['compare', 'a', 'b', '--markdown', '/'], /--markdown "\/" is a folder/],
  [['verify', 'nothing-here'], /holds no run.*\n {2}Give a directory that a run was written to/],
  [['--arrivals', 'bursty'], /--arrivals "bursty" is not known\.\n {2}Choose one of: constant, poisson/],
  [['--pacing', 'tick'], /--pacing "tick" is not known/],
  [['--connections', 'none'], /--connections "none" is not known/],
  [['--shape', 'wave'], /--shape "wave" is not understood\.\n {2}Give flat, ramp/],
  [['--shape', 'ramp:0-1'], /--shape "0" cannot be used/],
  [['--shape', 'steps:'], /--shape "steps:" is not understood/],
  [['--closed', '8', '--rps', '100'], /--rps cannot go with --closed/],
  [
    ['--runtime', 'process', '--find-capacity', '--slo', 'errors<1%', '--mix', 'chat-minimal=3,error-storm=1'],
    /No rate of mix keeps "errors<1%": the mock is asked to fail 12\.5 % of it/,
  ],
  [
    ['--runtime', 'process', '--find-capacity', '--slo', 'ttft.p99<9ms', '--mix', 'chat-minimal,embeddings'],
    /mix is no stream and has no "ttft\.p99<9ms"/,
  ],
  [['--find-capacity', '--slo', 'p99<20ms', '--shape', 'ramp'], /--shape cannot go with --find-capacity/],
  [['--runtime', 'process', '--driver', 'oha', '--arrivals', 'poisson'], /--arrivals is not known to the driver oha/],
  [['bnech'], /There is no command "bnech"\. Did you mean "bench"\?/],
  [['--runtime', 'process', '--gateways', 'litelm'], /There is no gateway "litelm"\. Did you mean "litellm"\?/],
  [['--compose', 'missing.yml'], /There is no compose file at .*missing\.yml/],
  [['--resume', '--output', 'nothing-here'], /holds no run/],
  [['--chart-only', '--output', 'nothing-here'], /nothing-here/],
  [['--runtime', 'external', '--driver', 'oha'], /The driver oha is run by a runtime/],
];

for (const [words, message] of REFUSED) {
  test(`${words.join(' ')}: one clear error and exit 2`, async () => {
    const { status, stdout, stderr } = await run(...words);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /, 'a person is not shown a stack');
    assert.equal(stdout, '');
    assert.equal(status, 2);
  });
}

test('a compose file with a wrong key is refused with line and column', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'cli-')), 'mine.yml');
  writeFileSync(
    path,
    'services:\n  mygw:\n    image: x\n    network_mode: host\n    memlimit: 1g\n    x-bench:\n      port: 1\n',
  );
  const { status, stderr } = await run('--runtime', 'process', '--compose', path);
  assert.match(stderr, /mine\.yml:5:5: unknown key "memlimit"/);
  assert.equal(status, 2);
});

test('an output directory that cannot be written is refused', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'cli-')), 'file');
  writeFileSync(file, '');
  const { status, stderr } = await run('--runtime', 'process', '--output', join(file, 'below'));
  assert.match(stderr, /Cannot write to the output directory/);
  assert.equal(status, 2);
});

test('a port in use is refused before anything is started', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { status, stderr } = await run('--runtime', 'process', '--gateways', 'bifrost', '--mock-port', String(port));
  server.close();
  assert.match(stderr, new RegExp(`The mock's port ${port} is in use`));
  assert.match(stderr, /--mock-port/);
  assert.equal(status, 2);
});

test('--help goes to standard output: what one needs first, and how to see the rest', async () => {
  const { status, stdout, stderr } = await run('--help');
  for (const said of [
    'What is measured',
    '--gateways',
    'help load',
    'help shown',
    'help all',
    'Examples',
    'Exit codes',
  ])
    assert.ok(stdout.includes(said), said);
  assert.ok(!stdout.includes('--pacing'), 'the rest has topics');
  assert.ok(!/\[(string|boolean)\]/.test(stdout), 'yargs’ own tags are no use to anybody');
  assert.equal(stderr, '');
  assert.equal(status, 0);
});

test('help TOPIC shows a part of the options, help all every one, and another word is refused with those that are known', async () => {
  const load = await run('help', 'load');
  assert.match(load.stdout, /^How the load is made \(native driver\)\n/);
  assert.ok(load.stdout.includes('--pacing') && !load.stdout.includes('--gateways'));
  const { stdout: all } = await run('help', 'all');
  for (const option of ['--pacing', '--gateways', '--slo', '--png', '--seed']) assert.ok(all.includes(option), option);
  assert.match((await run('help', 'compare')).stdout, /--fail-on/);
  const { status, stderr } = await run('help', 'laod');
  assert.match(stderr, /There is no help on "laod"\. Did you mean "load"\?/);
  assert.equal(status, 2);
});

/** A compose file of gateways that are started as processes: `NAME: PROCESS` in YAML's flow form. */
function composeOf(...gateways: readonly string[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'cli-')), 'compose.yml');
  const services = gateways.map((gateway, i) => {
    const [, name = '', spec = ''] = /^(\w+): (.*)$/.exec(gateway) ?? [];
    return `  ${name}:\n    image: x\n    network_mode: host\n    x-bench: { port: ${21_590 + i}, process: ${spec} }\n`;
  });
  writeFileSync(path, `services:\n${services.join('')}`);
  return path;
}

test('--dry-run prints the whole plan, the same for the same seed, and measures nothing', async () => {
  const words = [
    '--dry-run',
    '--runtime',
    'process',
    '--compose',
    composeOf('here: { command: ["{node}", "x.js"] }', 'away: { command: [no-such-gateway], install: see its README }'),
    '--gateways',
    'here,away',
    '--rps',
    '100',
    '--blocks',
    '2',
    '--seed',
    '5',
  ];
  const { status, stdout, stderr } = await run(...words);
  assert.match(
    stderr,
    /away is left out: no-such-gateway, which starts away, is not on PATH; this brings it: see its README/,
  );
  assert.match(stdout, /6 cells in 2 blocks, 18 trials/);
  assert.match(stdout, /block 2\n/);
  assert.match(stdout, /direct \(again\): /);
  assert.equal(stdout, (await run(...words)).stdout);
  assert.equal(status, 0);
});

test('the mock’s own options are passed on to it', () => {
  const line = [PROGRAM, 'mock', '--port', 'no'];
  const { status, stdout, stderr } = spawnSync(process.execPath, line, { encoding: 'utf8' });
  assert.equal(stdout, '');
  assert.match(stderr, /port/);
  assert.equal(status, 2);
});

test('the original suite’s own line, long or short, starts the mock', async () => {
  for (const words of [
    ['--port', '0', '--chunks', '20', '--delay', '0', '--error-rate', '0'],
    ['-p', '0', '-c', '20', '-d', '0', '-e', '0'],
    ['-p0'],
    ['--seed', '7', '--port=0'],
  ]) {
    const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    assert.match(String(line), /^listening on http:\/\/127\.0\.0\.1:\d+/);
    child.kill();
    await once(child, 'exit');
  }
});

test('the image takes the same line for the mock’s, and every other for ours', () => {
  const bin = mkdtempSync(join(tmpdir(), 'entrypoint-'));
  writeFileSync(join(bin, 'node'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  const entrypoint = fileURLToPath(new URL('../../../scripts/container-entrypoint.sh', import.meta.url));
  const runs = (...words: string[]): string =>
    spawnSync('sh', [entrypoint, ...words], { encoding: 'utf8', env: { PATH: `${bin}:/usr/bin:/bin` } }).stdout.trim();
  const mock = '/app/mock/dist/main.js --host 0.0.0.0';
  assert.equal(runs('--port', '9999', '--chunks', '20'), `${mock} --port 9999 --chunks 20`);
  assert.equal(runs('-d', '5'), `${mock} -d 5`);
  assert.equal(runs('mock', '--port', '9999'), `${mock} --port 9999`);
  assert.equal(runs('bench', '--quick'), '/app/orchestrator/dist/run.js bench --quick');
  assert.equal(runs('--chart', '--png'), '/app/orchestrator/dist/run.js --chart --png');
});

test('scenarios are understood without chat-, and a slow stream has a warm-up as long as an answer', async () => {
  const plan = async (...words: string[]): Promise<string> =>
    (await run('--dry-run', '--runtime', 'process', ...words)).stdout;
  assert.match(
    await plan('--gateways', 'portkey', '--scenarios', 'minimal,stream'),
    /chat-minimal at .*; chat-stream at /,
  );
  assert.match(await plan('--group', 'payload', '--scenarios', 'tools'), /chat-tools/);
  assert.match(
    await plan('--mix', 'minimal=3,stream', '--rps', '100'),
    /75 % chat-minimal, 25 % chat-stream\) at 100 rps/,
  );
  assert.match(await plan('--group', 'slow-upstream'), /slow-upstream at .*; slow-upstream-stream at /);
});

test('a settings file is the first thing a run speaks of, and can be left out', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'cli-'));
  writeFileSync(
    join(directory, 'crabllm-bench.yaml'),
    'bench:\n  scenarios: chat-stream\n  dry-run: true\n  rps: 100\n',
  );
  const words = ['--runtime', 'process', '--gateways', 'direct', '--rps', '200', '--blocks', '1', '--seed', '1'];
  const inside = (more: readonly string[]) => commands.run([...words, ...more], directory);
  const { status, stdout, stderr } = await inside([]);
  assert.match(
    stderr,
    /^settings of crabllm-bench\.yaml: --scenarios chat-stream --dry-run; the command line has its own --rps .*\nruntime process/,
  );
  assert.match(stdout, /^direct × chat-stream at 200 rps\n/);
  assert.equal(status, 0);
  const without = await inside(['--no-config', '--dry-run', '--scenarios', 'embeddings']);
  assert.match(without.stderr, /^runtime process/);
  assert.match(without.stdout, /^direct × embeddings/);
});
