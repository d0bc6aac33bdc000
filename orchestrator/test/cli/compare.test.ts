import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { comparisonSchema } from '#src/record/comparison.js';
import { RunWriter, TRIALS } from '#src/record/run-directory.js';
import type { ComparisonPageModel } from '#src/report/comparison-page-model.js';
import { syntheticRun } from '../analyse/synthetic-run.js';
import { CommandLine } from '../support/command-line.js';

let home: string;

/** A run in a directory, with its gateways under other names where that is asked. */
function writeRun(name: string, seed: number, rename: Readonly<Record<string, string>> = {}, driver = 'native'): void {
  const { manifest, trials } = syntheticRun({ blocks: 5, seed });
  const renamed = (target: string): string => rename[target] ?? target;
  const writer = new RunWriter(join(home, name));
  writer.writeManifest({
    ...manifest,
    id: name,
    driver,
    targets: manifest.targets.map((target) => ({ ...target, name: renamed(target.name) })),
  });
  writer.clearTrials();
  for (const trial of trials) writer.appendTrial({ ...trial, target: renamed(trial.target) });
}

const commands = new CommandLine();
after(() => commands.close());

const compare = (...words: string[]) => commands.run(['compare', ...words], home);

describe('compare', () => {
  before(() => {
    home = mkdtempSync(join(tmpdir(), 'compare-'));
    writeRun('one', 1);
    writeRun('two', 2);
    writeRun('old', 1, { crabllm: 'crabllm@0.0.24' });
    writeRun('oha', 1, {}, 'oha');
    writeRun('own', 1, { portkey: 'crabllm:mine' });
  });

  test('a build of one’s own is named as it was measured, colon and all', async () => {
    const { status, stdout, stderr } = await compare('own:crabllm', 'own:crabllm:mine');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /crabllm:mine against crabllm, chat-minimal at 100 rps/);
    assert.match((await compare('own:crabllm:mien', 'own:crabllm')).stderr, /crabllm:mien/);
  });

  test('a run and itself: nothing differs, and every gate passes', async () => {
    const { status, stdout, stderr } = await compare('one', 'one:crabllm', '--fail-on', 'worse', '--json');
    assert.equal(status, 0, stderr);
    const { gate, ...comparison } = JSON.parse(stdout) as Record<string, unknown>;
    const { cells } = comparisonSchema.parse(comparison);
    assert.ok(cells.length > 0);
    assert.ok(cells.flatMap(({ measures }) => measures).every(({ change }) => change.value === 0));
    assert.deepEqual(gate, { failures: [], unjudged: [], reach: [] });
  });

  test('a slower gateway fails the gate with 1, and the comment says so', async () => {
    const { status, stdout, stderr } = await compare(
      'one:crabllm',
      'one:portkey',
      '--fail-on',
      'overhead.p50>5%',
      '--markdown',
      'c.md',
    );
    assert.equal(status, 1);
    assert.match(stdout, /portkey against crabllm, chat-minimal at 100 rps\n {2}overhead\.p50 .*▲ worse/);
    assert.match(
      stderr,
      /fails: overhead\.p50>5%: portkey chat-minimal 100 rps overhead\.p50 is worse: \S+ ms → \S+ ms, \+\S+ \[.*\] \(\+\d+ %\)/,
    );
    assert.match(readFileSync(join(home, 'c.md'), 'utf8'), /The gate does not pass:\n- ❌ /);
  });

  test('a page and pictures are written where they are asked for, and say what is printed', async () => {
    const of = ['one:crabllm', 'one:portkey', '--fail-on', 'overhead.p50>5%'];
    const { stderr, stdout } = await compare(...of, '--html', '--svg', '--theme', 'dark', '--output', 'pictures');
    assert.match(stderr, /wrote \S+comparison\.html, \S+pictures\/charts\/comparison-overhead\.p50-dark\.svg/);
    const page = readFileSync(join(home, 'comparison.html'), 'utf8');
    const { tally, gate } = JSON.parse(/id="model">(.*?)<\/script>/s.exec(page)?.[1] ?? '') as ComparisonPageModel;
    assert.ok(stdout.includes(`\n${tally}\n`), tally);
    assert.equal(gate?.verdict, 'fails');
    const picture = readFileSync(join(home, 'pictures/charts/comparison-overhead.p50-dark.svg'), 'utf8');
    assert.match(picture, /^<svg [^]*What it adds at p50[^]*dashed line is what --fail-on/);
    assert.equal((await compare('one:crabllm', 'two:crabllm', '--html=two.html')).status, 0);
    assert.match(readFileSync(join(home, 'two.html'), 'utf8'), /Two runs, at /);
  });

  test('a page or a look that cannot be is refused before anything is written', async () => {
    for (const [words, message] of [
      [['--html', '.'], /--html "\." is a folder, not a file/],
      [['--theme', 'dark'], /--theme says nothing without pictures/],
      [['--output', 'x'], /--output says nothing without pictures/],
      [['--svg', '--theme', 'pink'], /--theme/],
    ] as const) {
      const { status, stderr } = await compare('one:crabllm', 'one:portkey', '--markdown', 'never.md', ...words);
      assert.equal(status, 2, words.join(' '));
      assert.match(stderr, message);
    }
    assert.equal(existsSync(join(home, 'never.md')), false);
    writeFileSync(join(home, 'file'), '');
    const { status, stderr } = await compare('one:crabllm', 'one:portkey', '--svg', '--output', 'file');
    assert.equal(status, 2);
    assert.match(stderr, /--output \S+file\/charts\/\S+ cannot be written/);
  });

  test('what could not be measured ends with 3', async () => {
    assert.equal((await compare('one:crabllm', 'one:bifrost', '--fail-on', 'cpu>5%')).status, 3);
  });

  test('another driver is no comparison, and with --force the reason stands in the result', async () => {
    const refused = await compare('one', 'oha');
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /cannot be compared:\n {2}driver: "native" in a, "oha" in b/);
    const forced = await compare('one', 'oha', '--force');
    assert.equal(forced.status, 0);
    assert.match(forced.stdout, /not comparable, compared by --force: driver: "native" in a/);
  });

  test('a copy of a run is that run; one that was changed by hand is refused', async () => {
    cpSync(join(home, 'one'), join(home, 'copy'), { recursive: true });
    symlinkSync('one', join(home, 'link'));
    for (const same of ['copy', 'link', './one/'])
      assert.equal((await compare('one:crabllm', same, '--fail-on', 'worse')).status, 0, same);
    const trials = join(home, 'copy', TRIALS);
    writeFileSync(trials, readFileSync(trials, 'utf8').replace(/"cpuUs":\d+/, '"cpuUs":1'));
    const { status, stderr } = await compare('one:crabllm', 'copy', '--fail-on', 'worse');
    assert.equal(status, 2);
    assert.match(stderr, /one and copy both say that they are run one, but their records differ/);
    assert.match(stderr, /verify one, verify copy/);
    assert.equal((await compare('one:crabllm', 'copy:portkey', '--force')).status, 2);
  });

  test('versions of one gateway are found to be the same gateway', async () => {
    assert.match((await compare('old', 'two')).stdout, /crabllm against crabllm@0\.0\.24, chat-minimal at 100 rps/);
  });

  test('of one directory with more than two gateways two have to be named', async () => {
    const { status, stderr } = await compare('one');
    assert.equal(status, 2);
    assert.match(
      stderr,
      /one is one run: name the two gateways to compare\. It holds crabllm, bifrost, litellm, portkey/,
    );
    assert.equal((await compare('one:crabllm', 'one:crablm')).status, 2);
  });
});
