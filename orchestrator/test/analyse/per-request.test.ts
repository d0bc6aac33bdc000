import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { type CellSummary, type Summary, summarySchema } from '#src/record/summary.js';
import { syntheticRun } from './synthetic-run.js';

const { manifest, trials } = syntheticRun({ ledger: true });
const summary = analyse(manifest, trials);

function cellOf({ cells }: Summary, target: string, scenario: string, value: number): CellSummary {
  return (
    cells.find((cell) => cell.target === target && cell.scenario === scenario && cell.level.value === value) ??
    assert.fail()
  );
}

describe('per-request overhead', () => {
  it('keeps the contract', () => {
    assert.deepEqual(summarySchema.parse(summary), summary);
  });

  it('recovers what was planted, against direct in the same blocks', () => {
    const { perRequest } = cellOf(summary, 'crabllm', 'chat-minimal', 500);
    assert.ok(perRequest);
    const { overheadUs, directUs, shiftUs } = perRequest;
    assert.ok(overheadUs.p50 && overheadUs.p50.low < 440 && overheadUs.p50.high > 440);
    assert.ok(directUs?.p50 && directUs.p50.low < 90 && directUs.p50.high > 90);
    assert.ok(shiftUs?.p50 && shiftUs.p50.low < 350 && shiftUs.p50.high > 350);
    assert.equal(shiftUs.p50.verdict, 'above');
    assert.equal(perRequest.joined, 4 * 2500);
  });

  it('tells the way there from the way back, and the parts of a stream', () => {
    const stream = cellOf(summary, 'crabllm', 'chat-stream', 100).perRequest;
    assert.ok(
      stream?.requestPathUs?.p50 &&
        stream.responsePathUs?.p50 &&
        stream.addedFirstFrameUs?.p50 &&
        stream.addedGapUs?.p50,
    );
    assert.ok(stream.requestPathUs.p50.value < stream.responsePathUs.p50.value);
    assert.equal(cellOf(summary, 'crabllm', 'chat-minimal', 100).perRequest?.addedFirstFrameUs, undefined);
  });

  it('is given for direct too, against nothing', () => {
    const direct = cellOf(summary, 'direct', 'chat-minimal', 500).perRequest;
    assert.ok(direct?.overheadUs.p50);
    assert.deepEqual([direct.directUs, direct.shiftUs, direct.noiseFloorUs], [undefined, undefined, undefined]);
  });

  it('is left out of a cell of which one trial was not joined, and the ranking then goes by the shift of quantiles', () => {
    const [gap] = trials.filter(({ target, scenario }) => target === 'crabllm' && scenario === 'chat-minimal');
    const holed = analyse(
      manifest,
      trials.map((trial) => (trial === gap ? { ...trial, ledger: null } : trial)),
    );
    assert.ok(gap);
    assert.equal(cellOf(holed, 'crabllm', 'chat-minimal', gap.level.value).perRequest, undefined);
    const by = (of: Summary) =>
      of.ranking.filter(({ scenario, level }) => scenario === 'chat-minimal' && level.value === gap.level.value)[0]?.by;
    assert.deepEqual([by(summary), by(holed)], ['per-request', 'quantile-shift']);
  });

  it('is left out where the ledger lost some of a trial’s requests, which are no random sample of them', () => {
    const [lossy = assert.fail()] = trials.filter(
      ({ target, scenario }) => target === 'crabllm' && scenario === 'chat-minimal',
    );
    const { ledger, load } = lossy;
    assert.ok(ledger && load);
    const given = (change: Partial<typeof ledger>): boolean => {
      const changed = trials.map((trial) => (trial === lossy ? { ...trial, ledger: { ...ledger, ...change } } : trial));
      return cellOf(analyse(manifest, changed), 'crabllm', 'chat-minimal', lossy.level.value).perRequest !== undefined;
    };
    assert.equal(given({ joined: Math.ceil(0.99 * load.ok) }), true);
    assert.equal(given({ joined: Math.ceil(0.99 * load.ok) - 1 }), false);
    assert.equal(given({ overwritten: 1 }), false);
  });

  it('ranks the gateways of each level and names those without a place', () => {
    const at500 = summary.ranking.find(
      ({ scenario, level, quantile }) => scenario === 'chat-minimal' && level.value === 500 && quantile === 'p50',
    );
    assert.deepEqual(
      at500?.places.map(({ target, letters }) => `${target} ${letters}`),
      ['crabllm a', 'portkey b'],
    );
    assert.deepEqual(at500?.unplaced, ['bifrost', 'litellm']);
  });
});
