import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { BenchError } from '#src/errors.js';
import { gitPlaceOf, runsOfBranch, webAddress, webAddressOf } from '#src/record/git-runs.js';
import { type Manifest } from '#src/record/manifest.js';
import { MANIFEST, RunWriter, TRIALS } from '#src/record/run-directory.js';
import { MANIFEST as OF_RUN, TRIAL } from '../support/stored-run.js';

const home = mkdtempSync(join(tmpdir(), 'git-runs-'));

function git(...words: string[]): string {
  const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', [...who, ...words], { cwd: home, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function write(folder: string, change: Partial<Manifest>): void {
  const writer = new RunWriter(join(home, folder));
  writer.writeManifest({ ...OF_RUN, finishedAt: OF_RUN.startedAt, ...change });
  writer.clearTrials();
  writer.appendTrial(TRIAL);
}

function commit(message: string): string {
  git('add', '-A');
  git('commit', '-q', '-m', message);
  return git('rev-parse', 'HEAD').trim();
}

describe('runs of a branch', () => {
  const commits: string[] = [];

  before(() => {
    git('init', '-q');
    writeFileSync(join(home, 'index.html'), 'a page');
    commit('a page without a run');
    write('run', { id: 'one' });
    commits.push(commit('Run\n\nMeasured-commit: 1111111111111111111111111111111111111111\n'));
    write('run', { id: 'two' });
    commits.push(commit('Run 2222222222222222222222222222222222222222'));
    writeFileSync(join(home, 'index.html'), 'another page');
    commit('a page alone');
    write('runs/a b', { id: 'three' });
    write('runs/ü', { id: 'four' });
    commits.push(commit('two at once, beside the others'));
    rmSync(join(home, 'run'), { recursive: true });
    commit('one is taken away');
    git('checkout', '-q', '-b', 'side', 'HEAD~2');
    write('run', { id: 'five' });
    commit('on a side');
    git('checkout', '-q', 'main');
    git('merge', '-q', '--no-ff', '-X', 'theirs', '-m', 'merged', '-s', 'ours', 'side');
    writeFileSync(join(home, 'run.txt'), 'no run');
    commit('nothing');
  });

  const idsOf = (word: string): string[] => {
    const place = gitPlaceOf(word) ?? assert.fail();
    return runsOfBranch(place, home).map((run) => run.read().manifest.id);
  };

  test('a commit may hold one in the place of the one before, or beside all others; each comes once, oldest first', () => {
    assert.deepEqual(idsOf('git:main'), ['one', 'two', 'three', 'four']);
    assert.deepEqual(idsOf('git:main:run'), ['one', 'two']);
    assert.deepEqual(idsOf('git:main:/runs/'), ['three', 'four']);
    assert.deepEqual(idsOf('git:HEAD:runs/a b'), ['three']);
    assert.deepEqual(idsOf('git:side:run'), ['one', 'two', 'five']);
  });

  test('each says where it is and what it measured', () => {
    const [one, two, three] = runsOfBranch({ branch: 'main', path: '' }, home);
    assert.equal(one?.directory, `git:main@${commits[0]?.slice(0, 12)}:run`);
    assert.equal(one?.commit, '1'.repeat(40));
    assert.equal(two?.commit, null, 'only a trailer says it');
    assert.equal(three?.directory, `git:main@${commits[2]?.slice(0, 12)}:runs/a b`);
    assert.equal(three?.read().trials.length, 1);
  });

  test('a cut one is named when it is read, and the others are read', () => {
    git('checkout', '-q', '-b', 'cut', 'main');
    write('run', { id: 'six' });
    writeFileSync(join(home, 'run', MANIFEST), '{"schemaVersion":1,');
    commit('cut');
    const last = runsOfBranch({ branch: 'cut', path: 'run' }, home).at(-1) ?? assert.fail();
    assert.throws(() => last.read(), /git:cut@[0-9a-f]{12}:run\/run\.json is not what this program writes/);
    write('run', { id: 'seven' });
    rmSync(join(home, 'run', TRIALS));
    commit('without trials');
    assert.deepEqual(runsOfBranch({ branch: 'cut', path: 'run' }, home).at(-1)?.read().trials, []);
    git('checkout', '-q', 'main');
  });

  test('what is no branch, or has no run, is refused with what to do', () => {
    const code = (word: string, where = home): string => {
      try {
        runsOfBranch(gitPlaceOf(word) ?? assert.fail(), where);
        return 'taken';
      } catch (thrown) {
        return thrown instanceof BenchError ? `${thrown.code}: ${thrown.message}` : String(thrown);
      }
    };
    assert.match(code('git:nowhere'), /^git-unreadable: .*there is no nowhere/);
    assert.match(code('git:main:docs'), /^run-missing: git:main:docs holds no run/);
    assert.match(code('git:main', tmpdir()), /^git-unreadable: .*not a git repository/);
    assert.match(code('git:$(touch x)'), /^git-unreadable/);
    for (const word of ['git:', 'git::run', 'git:--upload-pack=x'])
      assert.throws(() => gitPlaceOf(word), /names no branch/);
    for (const path of ['runs', './git:runs', '/git:', 'C:git']) assert.equal(gitPlaceOf(path), null);
  });

  test('a path never leaves the repository', () => {
    assert.deepEqual(gitPlaceOf('git:main:../../etc'), { branch: 'main', path: 'etc' });
    assert.deepEqual(gitPlaceOf('git:main:a:b'), { branch: 'main', path: 'a:b' });
  });

  test('where a repository is looked at, without log-in data; what is no address is none', () => {
    assert.equal(webAddressOf(home), null);
    git('remote', 'add', 'origin', 'git@github.com:owner/name.git');
    assert.equal(webAddressOf(home), 'https://github.com/owner/name');
    for (const remote of [
      'https://user:secret@github.com/owner/name.git',
      'ssh://git@github.com:22/owner/name',
      'https://github.com/owner/name/',
    ])
      assert.equal(webAddress(remote), 'https://github.com/owner/name', remote);
    assert.equal(webAddress('https://gitlab.example/group/sub/name.git'), 'https://gitlab.example/group/sub/name');
    for (const remote of [
      '',
      '/srv/name.git',
      '../name',
      'file:///srv/name',
      'javascript:alert(1)//x',
      'https://h/"><script>',
    ])
      assert.equal(webAddress(remote), null, remote);
  });
});
