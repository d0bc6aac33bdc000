import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { describeOngoing, OngoingRuns } from '#src/measure/ongoing-runs.js';
import { takeTurn } from '#src/measure/wait-turn.js';
import { ProcFs } from '#src/runtime/process/procfs.js';

const directory = join(mkdtempSync(join(tmpdir(), 'ongoing-')), 'measuring');
const runs = new OngoingRuns(directory);
const proc = new ProcFs();
const skip = proc.available ? false : 'nobody can tell whether a process is gone without /proc';
beforeEach(() => rmSync(directory, { recursive: true, force: true }));
after(() => rmSync(directory, { recursive: true, force: true }));

/** As another process would say it: this one's parent, which lives. */
function announceOther(change: object = {}): string {
  const identity = proc.identity(process.ppid) ?? assert.fail();
  const run = {
    ...identity,
    bootId: proc.bootId(),
    since: '2026-01-02T03:04:05.000Z',
    output: 'results',
    mockPort: 9999,
  };
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${identity.pid}.json`);
  writeFileSync(path, JSON.stringify({ ...run, ...change }));
  return path;
}

const told: string[] = [];
const progress = { tell: (line: string) => void told.push(line), doing: () => {} };
const turn = { output: 'mine', mockPort: 9999, wait: false };
const never = new AbortController().signal;

test('runs of other processes that live are found, those of dead ones are taken away', { skip }, () => {
  const path = announceOther();
  assert.deepEqual(
    runs.others().map(({ pid, mockPort }) => [pid, mockPort]),
    [[process.ppid, 9999]],
  );
  announceOther({ startTicks: 1 });
  assert.deepEqual(runs.others(), []);
  assert.equal(existsSync(path), false);
  announceOther({ bootId: 'another boot' });
  assert.deepEqual(runs.others(), []);
  writeFileSync(path, 'no JSON');
  assert.deepEqual(runs.others(), []);
});

test('a run announces itself, and takes that back', { skip }, async () => {
  const release = await takeTurn(runs, turn, progress, never);
  assert.equal(readdirSync(directory).length, 1);
  assert.deepEqual(runs.others(), [], 'it is no other run');
  release();
  assert.deepEqual(readdirSync(directory), []);
});

test('without --wait the other run is named, with it its end is waited for', { skip }, async () => {
  const path = announceOther();
  told.length = 0;
  (await takeTurn(runs, turn, progress, never))();
  assert.match(
    told[0] ?? '',
    /a run is measuring since \d\d:\d\d \(pid \d+, into results\): both will disturb each other/,
  );
  told.length = 0;
  const waiting = takeTurn(
    runs,
    { ...turn, wait: true },
    { ...progress, doing: () => rmSync(path, { force: true }) },
    never,
  );
  (await waiting)();
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /: waiting for its end$/);
});

test('waiting ends with an interruption', { skip }, async () => {
  announceOther();
  const abort = new AbortController();
  const waiting = takeTurn(
    runs,
    { ...turn, wait: true },
    { ...progress, doing: () => abort.abort(new Error('Ctrl-C')) },
    abort.signal,
  );
  await assert.rejects(waiting, /Ctrl-C/);
});

test('a place that cannot be written is no reason not to measure', () => {
  const blocked = join(directory, 'file');
  mkdirSync(directory, { recursive: true });
  writeFileSync(blocked, '');
  new OngoingRuns(blocked).announce({ output: 'x', mockPort: 1 })();
});

test('a run is described as a person would', () => {
  const since = new Date(2026, 0, 2, 3, 4).toISOString();
  const run = { pid: 7, startTicks: 1, bootId: 'b', since, output: 'results', mockPort: 1 };
  assert.equal(describeOngoing(run), 'a run is measuring since 03:04 (pid 7, into results)');
});
