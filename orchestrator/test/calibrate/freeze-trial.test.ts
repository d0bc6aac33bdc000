import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Freeze } from '#src/calibrate/blame.js';
import { type FreezeCast, runFreeze } from '#src/calibrate/freeze-trial.js';
import type { LoadResult } from '#src/load/driver.js';
import { ProcFs } from '#src/runtime/process/procfs.js';
import { FakeDriver } from '../support/fake-runtime.js';

/** Loads until it is told to end, as a program does that takes long. */
class LongDriver extends FakeDriver {
  state: 'idle' | 'running' | 'ended' = 'idle';

  override async run(_load: unknown, signal?: AbortSignal): Promise<LoadResult> {
    this.state = 'running';
    return new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        this.state = 'ended';
        reject(new Error('the load was ended'));
      });
    });
  }
}

function freezeOf(driver: Freeze['driver'], victim: Freeze['victim']): Freeze {
  return { driver, victim, rhythm: { frozenMs: 400, everyMs: null }, rps: 10 };
}

/** Nobody is there to be stopped: no process, and nobody who listens. */
function cast(oha: LongDriver): FreezeCast {
  const nobody = { url: 'http://127.0.0.1:9', port: 9 };
  return { mock: nobody, gateway: nobody, oha, proc: new ProcFs(mkdtempSync(join(tmpdir(), 'proc-'))) };
}

/** What would keep this program from ending: the watch's timer, a child. */
function running(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind === 'ProcessWrap');
}

/** A handle that was closed is listed until the loop has come round to it. */
async function assertRunning(expected: readonly string[]): Promise<void> {
  for (let turn = 0; turn < 1000 && running().join() !== expected.join(); turn++)
    await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(running(), expected);
}

describe('a trial in which somebody is stopped', () => {
  it('leaves nothing running where whoever is to be stopped is not found', async () => {
    const before = running();
    const oha = new LongDriver();
    const thrown = runFreeze(freezeOf('oha', 'driver'), 2000, cast(oha), new AbortController().signal);
    await assert.rejects(thrown, { code: 'calibration-failed', message: /oha was not found among the processes/ });
    assert.equal(oha.state, 'ended');
    await assertRunning(before);
  });

  it('leaves no driver of its own behind either', async () => {
    const before = running();
    const thrown = runFreeze(
      freezeOf('native', 'gateway'),
      60_000,
      cast(new LongDriver()),
      new AbortController().signal,
    );
    await assert.rejects(thrown, { code: 'calibration-failed', message: /the process of the gateway was not found/ });
    await assertRunning(before);
  });

  it('ends with the interruption that came before anybody was stopped, and with no other fault', async () => {
    const before = running();
    const interrupt = new AbortController();
    const oha = new LongDriver();
    const thrown = runFreeze(freezeOf('oha', 'gateway'), 2000, cast(oha), interrupt.signal);
    while (oha.state === 'idle') await new Promise((resolve) => setImmediate(resolve));
    interrupt.abort(new Error('interrupted'));
    await assert.rejects(thrown, /^Error: interrupted$/);
    assert.equal(oha.state, 'ended');
    await assertRunning(before);
  });
});
