import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  truncateSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { History } from '#src/analyse/history/history.js';
import { MANIFEST, RunWriter, TRIALS } from '#src/record/run-directory.js';
import type { StoredRun } from '#src/record/run-directory.js';
import { historyRuns } from '../analyse/history/history-runs.js';
import { CommandLine } from '../support/command-line.js';

const MARKUP = '<img src=x onerror=alert(1)>|"\'';

let home: string;

function write(folder: string, runs: readonly StoredRun[]): void {
  for (const { manifest, trials } of runs) {
    const writer = new RunWriter(join(home, folder, manifest.id));
    writer.writeManifest(manifest);
    writer.clearTrials();
    for (const trial of trials) writer.appendTrial(trial);
  }
}

const commands = new CommandLine();
after(() => commands.close());

const history = (...words: string[]) => commands.run(['history', ...words], home);

function changeManifest(directory: string, change: object): void {
  const path = join(home, directory, MANIFEST);
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
}

describe('history', () => {
  before(() => {
    home = mkdtempSync(join(tmpdir(), 'history-'));
    write('steady', historyRuns(4, null));
    write('stepped', historyRuns(13, { from: 13, factor: 1.4 }));
    cpSync(join(home, 'steady'), join(home, 'broken'), { recursive: true });
    changeManifest('broken/night-01', { schemaVersion: 0 });
    changeManifest('broken/night-02', { finishedAt: null });
    const cut = join(home, 'broken/night-03', TRIALS);
    truncateSync(cut, statSync(cut).size - 100);
    cpSync(join(home, 'broken/night-04'), join(home, 'broken/z-copy'), { recursive: true });
    mkdirSync(join(home, 'broken/charts'));
    cpSync(join(home, 'steady'), join(home, 'markup'), { recursive: true });
    for (const run of ['night-01', 'night-02', 'night-03', 'night-04']) {
      for (const file of [MANIFEST, TRIALS]) {
        const path = join(home, 'markup', run, file);
        writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"portkey"', JSON.stringify(MARKUP)));
      }
    }
    changeManifest('markup/night-04', { host: { cpuModel: MARKUP } });
  });

  test('a folder of runs in which nothing changes ends with 0', async () => {
    const { status, stdout, stderr } = await history('steady');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^4 runs, \d+ figures: 0 last changed for the worse, 0 for the better\n/);
    assert.match(stdout, /crabllm chat-minimal 100 rps +cpu +[▁-█]{4} +\S+ ms +≈ cannot be told/);
    assert.match(stdout, /The smallest step that the newest run alone shows/);
  });

  test('a newest run that is worse ends with 1, in every form', async () => {
    const { status, stdout } = await history('stepped', '--markdown', 'h.md', '--html', 'h.html');
    assert.equal(status, 1);
    assert.match(stdout, /▲ crabllm chat-minimal 100 rps cpu \+\d+ %, worse, since run night-13/);
    const markdown = readFileSync(join(home, 'h.md'), 'utf8');
    assert.match(markdown, /^### 13 runs, /);
    assert.match(markdown, /- ▲ crabllm chat-minimal 100 rps cpu \+\d+ %, worse/);
    const page = readFileSync(join(home, 'h.html'), 'utf8');
    assert.match(
      page,
      /<th scope="row">crabllm chat-minimal 100 rps<\/th><td>cpu<\/td><td><svg .*<td class="verdict worse">/,
    );
    assert.doesNotMatch(page, /<script|https?:/);
    assert.equal((await history('stepped', '--since', 'night-13')).status, 0);
    assert.match((await history('stepped', '--since', '2026-02-10')).stdout, /^4 runs/);
  });

  test('the order in which directories are given does not matter, and --json is alone on its output', async () => {
    const { stdout, status } = await history('steady/night-03', 'steady/night-01', 'steady/night-02', '--json');
    assert.equal(status, 0);
    const { runs, leftOut } = JSON.parse(stdout) as History & { leftOut: unknown[] };
    assert.deepEqual(
      runs.map(({ id }) => id),
      ['night-01', 'night-02', 'night-03'],
    );
    assert.deepEqual(leftOut, []);
  });

  test('what cannot be read is one line each, and the rest is shown', async () => {
    const { stdout, stderr } = await history('broken', '--json');
    const { runs, leftOut } = JSON.parse(stdout) as History & { leftOut: { directory: string; reason: string }[] };
    assert.deepEqual(
      runs.map(({ id }) => id),
      ['night-03', 'night-04'],
    );
    assert.equal(stderr, '');
    const reasons = new Map(leftOut.map(({ directory, reason }) => [directory, reason]));
    assert.deepEqual([...reasons.keys()], ['broken/charts', 'broken/night-01', 'broken/night-02', 'broken/z-copy']);
    assert.match(reasons.get('broken/charts') ?? '', /holds no run: there is no run\.json/);
    assert.match(reasons.get('broken/night-01') ?? '', /run\.json is not what this program writes: .*schemaVersion/);
    assert.match(reasons.get('broken/night-02') ?? '', /has not ended/);
    assert.match(reasons.get('broken/z-copy') ?? '', /run night-04 again, as in broken\/night-04/);
    assert.ok(leftOut.every(({ reason }) => !reason.includes('\n')));
  });

  test('damage in the middle of a run’s records is named with its line', async () => {
    cpSync(join(home, 'steady'), join(home, 'damaged'), { recursive: true });
    appendFileSync(join(home, 'damaged/night-02', TRIALS), '{"half":\n');
    assert.match(
      (await history('damaged')).stdout.replaceAll(/\s+/g, ' '),
      /left out: damaged\/night-02: \S+trials\.jsonl:\d+ is not what/,
    );
  });

  test('markup in names and facts is text in the page and in Markdown', async () => {
    assert.equal((await history('markup', '--html', 'm.html', '--markdown', 'm.md')).status, 0);
    const page = readFileSync(join(home, 'm.html'), 'utf8');
    assert.doesNotMatch(page, /<img/);
    assert.match(page, /&lt;img src=x onerror=alert\(1\)&gt;/);
    assert.match(page, /<line class="break" [^>]*><title>host cpus/);
    assert.doesNotMatch(readFileSync(join(home, 'm.md'), 'utf8'), /(?<!\\)<img/);
  });

  test('the runs of a branch are read as those of a folder, and a change links the commits that it came between', async () => {
    const git = (...words: string[]): void => {
      const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'init.defaultBranch=main'];
      const { status, stderr } = spawnSync('git', [...who, ...words], { cwd: join(home, 'branch'), encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    };
    mkdirSync(join(home, 'branch'));
    git('init', '-q');
    git('remote', 'add', 'origin', 'https://secret@github.com/owner/name.git');
    const runs = historyRuns(13, { from: 13, factor: 1.4 });
    for (const [i, { manifest, trials }] of runs.entries()) {
      const writer = new RunWriter(join(home, 'branch/run'));
      writer.writeManifest({ ...manifest, options: { ...manifest.options, commit: `${10 + i}`.repeat(20) } });
      writer.clearTrials();
      for (const trial of trials) writer.appendTrial(trial);
      git('add', '-A');
      git('commit', '-q', '-m', `Run ${i}`);
    }
    const told = (...words: string[]) => commands.run(['history', ...words], join(home, 'branch'));
    const { status, stdout, stderr } = await told('git:main:run', '--html', 'h.html', '--markdown', 'h.md');
    assert.equal(status, 1, stderr);
    const change =
      /▲ crabllm chat-minimal 100 rps cpu \+\d+ %, worse, since run night-13 of .* \(commits 2121212121\.\.\.2222222222\)/;
    assert.match(stdout.replaceAll(/\s+/g, ' '), change);
    const link = `https://github.com/owner/name/compare/${'21'.repeat(20)}...${'22'.repeat(20)}`;
    assert.ok(readFileSync(join(home, 'branch/h.html'), 'utf8').includes(`<a href="${link}"`));
    assert.ok(readFileSync(join(home, 'branch/h.md'), 'utf8').includes(`](${link})`));
    const elsewhere = await told('git:main', '--repository', 'https://gitlab.example/a/b.git', '--markdown', 'g.md');
    assert.equal(elsewhere.status, 1, elsewhere.stderr);
    assert.match(readFileSync(join(home, 'branch/g.md'), 'utf8'), /https:\/\/gitlab\.example\/a\/b\/-\/compare\//);
    for (const repository of ['javascript:alert(1)', 'https://x/"><script>', 'owner/name'])
      assert.match((await told('git:main', '--repository', repository)).stderr, /is no address of a repository/);
  });

  test('what is no run at all is refused with what to do', async () => {
    mkdirSync(join(home, 'empty'));
    for (const [words, message] of [
      [['nowhere'], /nowhere is no directory/],
      [['empty'], /empty holds no run, nor a folder that does/],
      [['broken/night-02'], /No run can be read:\n {2}broken\/night-02: has not ended/],
      [['steady', '--since', 'yesterday'], /--since "yesterday" is neither a date nor the id of a run/],
      [['steady', '--since', '2027-01-01'], /No run began at 2027-01-01 or later/],
      [['steady', '--html', 'empty'], /--html "empty" is a folder, not a file/],
      [[], /history needs DIR/],
    ] as const) {
      const { status, stderr } = await history(...words);
      assert.equal(status, 2, words.join(' '));
      assert.match(stderr, message);
    }
  });
});
