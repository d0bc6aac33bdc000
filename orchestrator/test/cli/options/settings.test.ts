import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { whyNotComparable } from '#src/analyse/compare/comparable.js';
import { benchCommand } from '#src/cli/bench.js';
import { compareCommand } from '#src/cli/compare.js';
import { readBenchOptions } from '#src/cli/options/bench.js';
import { requestOf } from '#src/cli/options/bench-request.js';
import type { RawOptions } from '#src/cli/options/command.js';
import { settingsLine, settle } from '#src/cli/options/settings.js';
import { MANIFEST } from '../../support/stored-run.js';

const COMMANDS = [benchCommand, compareCommand];

function fileOf(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'settings-')), 'mine.yaml');
  writeFileSync(path, text);
  return path;
}

function settled(text: string, given: RawOptions = {}) {
  return settle(benchCommand, given, fileOf(text), COMMANDS);
}

const WHOLE = `
bench:
  rps: [100, 500]
  gateways: crabllm, litellm
  duration: 1e1
  seed: "007"
  compose:
    - a.yml
    - b.yml
  mix: [chat-minimal=3, chat-stream=1]
  keep-up: true
  skip: false
compare:
  fail-on: overhead.p50>10%
`;

test('a file holds what one would type, below the name of the command', () => {
  assert.deepEqual(settled(WHOLE).given, {
    rps: '100,500',
    gateways: 'crabllm, litellm',
    duration: '1e1',
    seed: '007',
    compose: ['a.yml', 'b.yml'],
    mix: 'chat-minimal=3,chat-stream=1',
    'keep-up': true,
    skip: false,
  });
  assert.deepEqual(settle(compareCommand, {}, fileOf(WHOLE), COMMANDS).given, { 'fail-on': 'overhead.p50>10%' });
});

test('the command line is stronger, and what was used is on record and said', () => {
  const { given, record } = settled(WHOLE, { rps: '200', 'keep-up': false });
  assert.equal(given['rps'], '200');
  assert.equal(given['keep-up'], false);
  assert.deepEqual(record?.overridden, ['rps', 'keep-up']);
  assert.equal(record.file, 'mine.yaml');
  assert.match(record.sha256, /^[0-9a-f]{64}$/);
  assert.equal(
    settingsLine(record),
    'settings of mine.yaml: --gateways "crabllm, litellm" --duration 1e1 --seed 007 --compose a.yml --compose b.yml ' +
      '--mix chat-minimal=3,chat-stream=1 --no-skip; the command line has its own --rps, --keep-up (--no-config leaves them out)',
  );
});

test('without a file, with an empty one, and with none wanted nothing is added', () => {
  for (const asked of [null, false, fileOf(''), fileOf('# nothing\n'), fileOf('compare:\n  force: true\n')] as const)
    assert.deepEqual(settle(benchCommand, { rps: '1' }, asked, COMMANDS), { given: { rps: '1' }, record: null });
});

test('what a file says is in run.json and counts when runs are compared', () => {
  const runOf = (text: string, id: string) => {
    const { given, record } = settled(text);
    const request = requestOf(readBenchOptions(given), given, record);
    assert.deepEqual(request.settings, record);
    return {
      name: 'a',
      targets: ['crabllm'],
      run: { manifest: { ...MANIFEST, id, options: request.asked }, trials: [] },
    };
  };
  const [one, other] = [runOf('bench:\n  timeout: 5\n', 'a'), runOf('bench:\n  timeout: 30\n', 'b')];
  assert.ok(whyNotComparable(one, other).some((reason) => reason.startsWith('--timeout: "5" in a')));
});

const REFUSED: readonly (readonly [text: string, message: RegExp])[] = [
  ['bench:\n  rsp: 100\n', /mine\.yaml:2:3: bench has no option "rsp"\. Did you mean "rps"\?/],
  ['rps: 100\n', /mine\.yaml:1:1: "rps" is no command\. It is an option of bench: write it below bench\./],
  ['bnech:\n  rps: 1\n', /mine\.yaml:1:1: "bnech" is no command\. Did you mean "bench"\?/],
  ['bench:\n  quick: sure\n', /mine\.yaml:2:10: quick is neither on nor off\./],
  ['bench:\n  rps: true\n', /mine\.yaml:2:8: rps cannot be true\./],
  ['bench:\n  rps:\n', /mine\.yaml:\d:\d+: rps cannot be no value\./],
  ['bench:\n  rps: []\n', /mine\.yaml:2:8: rps is empty\./],
  ['bench:\n  rps: {low: 1}\n', /mine\.yaml:2:8: rps cannot be no value\./],
  ['bench:\n  rps: 1\n  rps: 2\n', /mine\.yaml:3:3: Map keys must be unique/],
  ['bench: 5\n', /mine\.yaml:1:1: bench holds no options\./],
  ['- bench\n', /mine\.yaml:1:1: settings are no list and no single value\./],
  ['bench: [\n', /mine\.yaml:\d:\d: /],
  ['bench:\n  config: x\n', /mine\.yaml:2:3: bench has no option "config"/],
];

for (const [text, message] of REFUSED) {
  test(`${JSON.stringify(text)} is refused with its place`, () => {
    assert.throws(() => settled(text), { code: 'settings-invalid', exitCode: 2, message });
  });
}

test('a file that is asked for and not there is named', () => {
  assert.throws(() => settle(benchCommand, {}, '/nowhere/x.yaml', COMMANDS), {
    code: 'settings-missing',
    message: /The settings file \/nowhere\/x\.yaml cannot be read/,
  });
});
