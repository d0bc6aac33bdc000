import assert from 'node:assert/strict';
import { it, mock } from 'node:test';
import { ProcFs } from '#src/runtime/process/procfs.js';
import { watchStops } from '#src/runtime/process/stop-watch.js';

/** A shell whose child is in these states, one a look. */
class Played extends ProcFs {
  readonly #states: string[];
  constructor(states: string[]) {
    super('/nowhere');
    this.#states = states;
  }
  override children(): number[] {
    return [2];
  }
  override stat(pid: number) {
    const state = this.#states.shift() ?? 'S';
    return {
      pid,
      startTicks: 1,
      name: 'oha',
      state,
      parentPid: 1,
      groupId: 1,
      sessionId: 1,
      cpuTicks: 0,
      reapedCpuTicks: 0,
    };
  }
}

it('sees when the tool is stopped, and when it goes on', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const watch = watchStops(new Played(['S', 'T', 'T', 't', 'R', 'S', 'T', 'S']), 1);
    mock.timers.tick(800);
    assert.equal(watch.finish()?.length, 2);
  } finally {
    mock.timers.reset();
  }
});

it('says nothing where no child can be seen', () => {
  assert.equal(watchStops(new ProcFs('/nowhere'), 1).finish(), null);
});
