import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { type Freeze, freezesOf, judgeFreeze, momentsOf, notTried, outcomeOfBlame } from '#src/calibrate/blame.js';
import { blamePage, renderBlame } from '#src/calibrate/blame-table.js';
import { freeze } from '#src/calibrate/freezer.js';
import type { TrialRecord } from '#src/record/trial.js';
import { ProcFs } from '#src/runtime/process/procfs.js';
import { loadRecord } from '../support/fake-runtime.js';

const AGAIN = { frozenMs: 400, everyMs: 2000 };

function judged(
  victim: Freeze['victim'],
  state: TrialRecord['state'],
  code: string | null,
  pausesMs: number,
  hindrance: string | null = null,
) {
  const load = loadRecord(200, { pauses: { count: 1, totalUs: pausesMs * 1000, longest: [] } });
  const reason = code === null ? null : { code, message: code };
  const each: Freeze = { driver: 'native', victim, rhythm: AGAIN, rps: 200 };
  return judgeFreeze(each, 2000, { state, reason, load }, hindrance);
}

describe('the freeze table', () => {
  it('has every driver, victim, rhythm and rate, and is short where that is asked for', () => {
    assert.equal(freezesOf(false).length, 2 * 3 * 3 * 3);
    assert.equal(freezesOf(true).length, 6);
  });

  it('stops within the window, and goes on before its end', () => {
    assert.deepEqual(momentsOf({ frozenMs: 5000, everyMs: null }, 12_000), [1000]);
    assert.deepEqual(momentsOf({ frozenMs: 1000, everyMs: 5000 }, 12_000), [1000, 6000]);
    assert.deepEqual(momentsOf(AGAIN, 12_000), [1000, 3000, 5000, 7000, 9000]);
  });

  it('wants a gateway’s stop among its pauses, whatever became of the trial but void', () => {
    assert.equal(judged('gateway', 'valid', null, 1900).outcome, 'recovered');
    assert.equal(judged('gateway', 'saturated', 'saturated', 1900).outcome, 'recovered');
    assert.equal(judged('gateway', 'valid', null, 0).outcome, 'hushed-up');
    assert.equal(judged('gateway', 'void', 'driver-late', 1900).outcome, 'false-blame');
  });

  it('wants a trial void for whoever of ours stood still', () => {
    assert.equal(judged('mock', 'void', 'mock-stopped', 1900).outcome, 'recovered');
    assert.equal(judged('driver', 'void', 'driver-stopped', 0).outcome, 'recovered');
    assert.equal(judged('mock', 'valid', null, 1900).outcome, 'false-blame');
    assert.equal(judged('driver', 'valid', null, 0).outcome, 'hushed-up');
    assert.equal(judged('driver', 'void', 'mock-stopped', 0).outcome, 'false-blame');
  });

  it('takes no verdict from a moment at which the machine itself stood still, unless the stop was recovered all the same', () => {
    const busy = 'other work kept 80 % of the CPUs busy';
    const missed = judged('gateway', 'void', 'driver-late', 1900, busy);
    assert.equal(missed.outcome, 'not-judged');
    assert.equal(judged('driver', 'valid', null, 0, busy).outcome, 'not-judged');
    assert.equal(judged('mock', 'void', 'mock-stopped', 0, busy).outcome, 'recovered');
    assert.match(renderBlame([missed]), /void: driver-late \(meanwhile other work kept 80 % of the CPUs busy\)\n/);
    assert.match(
      renderBlame([missed]),
      /\n0 of 0 stops were blamed on whom they were planted in; 1 could not be judged\.\n$/,
    );
  });

  it('passes when every stop was recovered, and is open where one could not be judged', () => {
    const good = judged('gateway', 'valid', null, 1900);
    const open = notTried(good, 'oha cannot be had: not on PATH');
    assert.equal(outcomeOfBlame([good]), 'passed');
    assert.equal(outcomeOfBlame([good, open]), 'too-few');
    assert.equal(outcomeOfBlame([]), 'too-few');
    assert.equal(outcomeOfBlame([good, open, judged('gateway', 'valid', null, 0)]), 'missed');
  });

  it('is a page that can be kept with the documents', () => {
    const rows = [judged('mock', 'void', 'mock-stopped', 1900), judged('driver', 'valid', null, 0)];
    const page = blamePage({
      schemaVersion: 1,
      madeAt: '2026-01-02T03:04:05.000Z',
      quick: true,
      version: '1.2.3',
      host: { cpuModel: 'A CPU', cpus: 2, platform: 'linux', kernel: '6.1' },
      outcome: 'missed',
      rows,
    });
    assert.match(
      page,
      /^# Whose fault was it\?\n\n2026-01-02 03:04 UTC · A CPU × 2, linux 6\.1 · crabllm-bench 1\.2\.3 \(quick\)\n/,
    );
    assert.match(page, /\n\| native \| mock \| 0\.4 s every 2 s \| 200\/s \| recovered \| 2000 ms \| 1900 ms \| /);
    assert.match(page, /\n\| native \| driver \| 0\.4 s every 2 s \| 200\/s \| \*\*hushed up\*\* \| /);
  });

  it('is read line by line', () => {
    const text = renderBlame([judged('mock', 'void', 'mock-stopped', 1900), judged('driver', 'valid', null, 0)]);
    assert.match(text, /^native {2}mock {5}0\.4 s every 2 s {3}200\/s {2}recovered /);
    assert.match(text, /1 of 2 stops were blamed on whom they were planted in\.\n$/);
  });
});

it('stops a process at its moments and lets it go on', { skip: process.platform !== 'linux' }, async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const proc = new ProcFs();
  const pid = child.pid as number;
  const states = new Set<string>();
  const { done, thaw } = freeze([pid], [50, 250], 100);
  const looking = setInterval(() => states.add(proc.stat(pid)?.state ?? ''), 5);
  await done;
  clearInterval(looking);
  thaw();
  assert.ok(states.has('T'));
  assert.notEqual(proc.stat(pid)?.state, 'T');
  child.kill();
  await once(child, 'exit');
});
