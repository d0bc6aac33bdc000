import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareConduct } from '#src/analyse/compare/conduct-changes.js';
import { checkConductGates } from '#src/analyse/compare/conduct-gate.js';
import type { ConductRow } from '#src/analyse/conduct/row.js';
import { parseConductGates } from '#src/cli/options/conduct-gates.js';
import { comparisonSchema } from '#src/record/comparison.js';
import { conductGateLines, renderConductComparison } from '#src/report/conduct-comparison.js';
import { assertGolden } from '../../golden.js';
import { exactly, madePlayed, madeRun } from '../conduct/made-run.js';

const LATE: ConductRow = { state: 'beyond-phase', reason: 'never served', value: 4e6 };

/** Three blocks of a gateway in one case; each row says what a block has. */
function side(id: string, rows: Record<string, (block: number) => ConductRow>) {
  const played = [1, 2, 3].map((block) =>
    madePlayed(
      'gw',
      block,
      'outage-503',
      Object.fromEntries(Object.entries(rows).map(([name, of]) => [name, of(block)])),
    ),
  );
  return { run: madeRun(id, played), targets: ['gw'] };
}

const around =
  (value: number, spread: number) =>
  (block: number): ConductRow =>
    exactly(value + (block - 2) * spread);

const BEFORE = side('a', {
  amplification: around(1, 0),
  servedShare: around(0.99, 0.001),
  retryGapUs: around(50_000, 100),
  probesPerSecond: around(5, 2),
  failoverUs: () => LATE,
  returnUs: around(1e6, 1000),
});
const AFTER = side('b', {
  amplification: around(2, 0),
  servedShare: around(0.5, 0.01),
  retryGapUs: around(90_000, 100),
  probesPerSecond: around(6, 2),
  failoverUs: around(1e6, 1000),
  returnUs: () => LATE,
});
const COMPARED = compareConduct(BEFORE, AFTER);

function verdictOf(name: string, compared = COMPARED): unknown {
  return compared.conduct?.[0]?.rows.find((row) => row.name === name)?.verdict;
}

describe('two conducts', () => {
  test('less of what is bad is better, more of what is good is, and a pause is neither', () => {
    assert.deepEqual(
      ['amplification', 'servedShare', 'retryGapUs', 'probesPerSecond'].map((name) => verdictOf(name)),
      ['worse', 'worse', 'differs', 'cannot-be-told'],
    );
    const back = compareConduct(AFTER, BEFORE);
    assert.deepEqual(
      ['amplification', 'servedShare'].map((name) => verdictOf(name, back)),
      ['better', 'better'],
    );
  });

  test('what lasted longer than could be seen is worse than what ended before that, without a figure', () => {
    assert.deepEqual([verdictOf('failoverUs'), verdictOf('returnUs')], ['better', 'worse']);
    const row = COMPARED.conduct?.[0]?.rows.find(({ name }) => name === 'returnUs');
    assert.deepEqual([row?.b, row?.change, row?.reason], [null, null, 'a: measured; b: never served']);
  });

  test('of two that never ended nothing is told', () => {
    assert.equal(verdictOf('failoverUs', compareConduct(BEFORE, BEFORE)), 'not-compared');
  });

  test('a run against itself has no change', () => {
    const { conduct } = compareConduct(BEFORE, { ...BEFORE, run: { ...BEFORE.run, id: 'again' } });
    assert.ok(conduct?.[0]?.rows.every(({ verdict }) => verdict === 'cannot-be-told' || verdict === 'not-compared'));
  });

  test('what a block’s own requests leave open is in the interval, though blocks agree', () => {
    const wide = (value: number) => (): ConductRow => ({ value, low: value - 1, high: value + 1, count: 20 });
    const [one, other] = [side('a', { amplification: wide(2) }), side('b', { amplification: wide(2.2) })];
    assert.equal(verdictOf('amplification', compareConduct(one, other)), 'cannot-be-told');
  });

  test('one block tells nothing', () => {
    const one = {
      run: madeRun('a', [madePlayed('gw', 1, 'outage-503', { amplification: exactly(1) })]),
      targets: ['gw'],
    };
    assert.equal(verdictOf('amplification', compareConduct(one, AFTER)), 'not-compared');
  });

  test('within one run the blocks of two gateways are held against each other', () => {
    const rows = (more: number) => (block: number) => ({ retryGapUs: exactly(10_000 * block + more) });
    const played = [1, 2, 3].flatMap((block) => [
      madePlayed('one', block, 'outage-503', rows(0)(block)),
      madePlayed('two', block, 'outage-503', rows(5000)(block)),
    ]);
    const run = madeRun('x', played);
    const compared = compareConduct({ run, targets: ['one'] }, { run, targets: ['two'] });
    assert.deepEqual([compared.pairing, verdictOf('retryGapUs', compared)], ['blocks', 'differs']);
  });

  test('is of the comparison’s schema, and told with the worse first', () => {
    assert.deepEqual(comparisonSchema.parse(COMPARED), COMPARED);
    const gates = conductGateLines(checkConductGates(parseConductGates('conduct.amplification>50%'), COMPARED));
    assertGolden('conduct-comparison.md', renderConductComparison(COMPARED, gates));
  });
});

describe('gates of conduct', () => {
  const failures = (text: string): string[] =>
    checkConductGates(parseConductGates(text), COMPARED).failures.map(({ row }) => row.name);

  test('fail by shares of a, by the row’s own unit, and by anything that is worse', () => {
    assert.deepEqual(failures('conduct.amplification>90%'), ['amplification']);
    assert.deepEqual(failures('conduct.amplification>110%'), []);
    assert.deepEqual(failures('conduct.servedShare>40 points'.replace(' points', 'points')), ['servedShare']);
    assert.deepEqual(failures('conduct.outage-503.servedShare>60points'), []);
    assert.deepEqual(failures('worse'), ['amplification', 'servedShare', 'returnUs']);
  });

  test('what is longer than could be seen fails every gate about its row', () => {
    assert.deepEqual(failures('conduct.returnUs>500s'), ['returnUs']);
  });

  test('what no case has is not judged', () => {
    assert.deepEqual(checkConductGates(parseConductGates('conduct.jitter>5%'), COMPARED).unjudged, [
      'conduct.jitter>5%: no case has that row on both sides',
    ]);
  });

  for (const text of [
    'overhead.p99>5%',
    'conduct.nothing>5%',
    'conduct.returnUs>5',
    'conduct.amplification>5ms',
    'conduct.amplification>5points',
    'conduct.no-case.jitter>5%',
    '',
  ]) {
    test(`${JSON.stringify(text)} is refused with what is allowed`, () =>
      assert.throws(() => parseConductGates(text), /cannot be used/));
  }
});
