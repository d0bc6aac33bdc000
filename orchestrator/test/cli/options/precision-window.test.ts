import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { readBenchOptions } from '#src/cli/options/bench.js';
import type { RawOptions } from '#src/cli/options/command.js';
import { windowByRun, type WindowByRun } from '#src/cli/options/precision-window.js';
import { GROUPS, SCENARIOS } from '#src/catalogue/scenarios.js';
import { RunWriter } from '#src/record/run-directory.js';
import { simulate } from '../../analyse/nested-run.js';

describe('the windows of a run that goes on until it is precise', () => {
  const home = mkdtempSync(join(tmpdir(), 'precision-'));
  const [starts, seconds] = [join(home, 'starts'), join(home, 'seconds')];

  before(() => {
    write(starts, { block: 0.1, start: 0.3, second: 0.05 });
    write(seconds, { block: 0.1, start: 0.02, second: 0.3 });
  });

  it('are short where starts differ, and long where seconds do', () => {
    const [ofStarts, ofSeconds] = [starts, seconds].map((output) => windowOf({ precision: '5%', output }));
    // --duration is split over the least number of blocks, six where none is said.
    assert.equal(ofStarts?.duration, '12');
    assert.ok(Number(ofSeconds?.duration) > 12, ofSeconds?.duration);
    assert.match(ofStarts?.why ?? '', /^windows of 2 s \(--duration 12\).*starts differ by \d+ %/);
  });

  it('are what was said, and the usual ones where nothing tells', () => {
    assert.equal(windowOf({ precision: '5%', output: starts, duration: '30' }), null);
    assert.equal(windowOf({ output: starts }), null);
    assert.equal(windowOf({ precision: '5%', output: join(home, 'nowhere') }), null);
  });

  it('are what a trace says', () => {
    const trace = join(home, 'trace.csv');
    writeFileSync(trace, 'timestamp,ContextTokens,GeneratedTokens\n0,10,5\n1,10,5\n4,10,5\n');
    assert.equal(windowOf({ precision: '5%', output: starts, trace, driver: 'native' }), null);
  });

  it('hold the slowest answer', () => {
    const slow = SCENARIOS.find(({ heldMs = 0 }) => heldMs > 2000);
    const group = GROUPS.find(({ scenarios }) => scenarios.includes(slow?.name ?? ''));
    assert.ok(slow !== undefined && group !== undefined);
    const blocks = 2;
    const window = windowOf({
      precision: '5%',
      output: starts,
      group: group.name,
      scenarios: slow.name,
      blocks: `${blocks}`,
    });
    assert.ok((window?.durationMs ?? 0) / blocks >= (slow.heldMs ?? 0), `${window?.why}`);
  });
});

function windowOf(raw: RawOptions): WindowByRun | null {
  return windowByRun(raw, readBenchOptions(raw));
}

function write(directory: string, truth: Parameters<typeof simulate>[0]): void {
  const { manifest, trials } = simulate(truth, { blocks: 6, seconds: 4, besideS: 2 }, 11);
  const writer = new RunWriter(directory);
  writer.writeManifest(manifest);
  writer.clearTrials();
  for (const trial of trials) writer.appendTrial(trial);
}
