import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderCertificate } from '#src/certificate/markdown.js';
import { certificateSchema } from '#src/certificate/certificate.js';
import type { BlameRow } from '#src/certificate/blame-rows.js';
import { type Calibration, judgeCalibration } from '#src/calibrate/judge.js';
import { DELAYED, ERRATIC, type Relay, SAME, SINFUL, STEADY, UNWATCHED, WATCHED } from '#src/calibrate/relays.js';
import { assertGolden } from '../golden.js';
import { calibrationRun, runBesideDirect, type Shape } from './synthetic-calibration.js';

const FIXED = DELAYED.filter(({ truth }) => truth.kind === 'fixed');
const usOf = ({ truth }: Relay): number => (truth.kind === 'fixed' ? truth.us : 0);

/** Every relay adds what it says. */
const HONEST: readonly Shape[] = [...SAME, ...FIXED].map((relay) => ({
  relay,
  saysUs: usOf(relay),
  addsUs: usOf(relay),
}));

const FAILED = { state: 'failed', reason: { code: 'errors', message: '1 % of the requests failed' } } as const;

/** Every sin is done, and said by the suite. */
const NAMED: readonly Shape[] = SINFUL.map((relay) => ({
  relay,
  saysUs: 0,
  addsUs: 0,
  sins: { buffered: 3, framesDropped: 3, wrong: 3, rejected: 3, queued: 3 },
  ...sinOf(relay),
}));

// oxlint-disable-next-line eslint/consistent-return -- the switch is exhaustive, which the compiler checks
function sinOf({ sin }: Relay): Pick<Shape, 'trial'> {
  const any = calibrationRun([{ relay: SINFUL[0] as Relay, saysUs: 0, addsUs: 0 }], 1);
  const load = any.run.trials[0]?.load ?? assert.fail();
  switch (sin) {
    case null:
      return {};
    case 'buffers-streams':
      return { trial: { ...FAILED, reason: { code: 'does-not-stream', message: 'it does not stream' }, load: null } };
    case 'drops-frames':
    case 'answers-wrong':
      return { trial: { ...FAILED, load: { ...load, errors: { content: 10 } } } };
    case 'rejects-above-limit':
      return { trial: { ...FAILED, load: { ...load, statuses: { 429: 10 } } } };
    case 'queues-above-limit':
      return { trial: { state: 'saturated', reason: { code: 'saturated', message: 'saturated' } } };
  }
}

const STOPPED: BlameRow = {
  driver: 'native',
  victim: 'gateway',
  rhythm: { frozenMs: 400, everyMs: 2000 },
  rps: 200,
  outcome: 'recovered',
  plantedMs: 1200,
  pausesMs: 1190,
  scheduled: 1200,
  ok: 1200,
  latencyUs: { p50: 400, p99: 390_000, max: 401_000 },
  told: 'valid',
  hindrance: null,
};
const PUT_RIGHT: Calibration['blame'] = { outcome: 'passed', rows: [STOPPED] };
/** What an erratic relay adds in its starts. */
const STARTS = [1700, 42_000, 3100, 58_000, 1500, 16_000];

const judge = (
  shapes: readonly Shape[],
  sins: readonly Shape[] = NAMED,
  second: readonly Shape[] = shapes,
  blame: Calibration['blame'] = PUT_RIGHT,
  starts: readonly number[] = STARTS,
) =>
  judgeCalibration({
    madeAt: '2026-01-02T03:04:05.000Z',
    quick: false,
    runs: [calibrationRun(shapes, 11), calibrationRun(second, 12)],
    sins: calibrationRun(sins, 13, 1),
    observer: calibrationRun(
      [WATCHED, UNWATCHED].map((relay) => ({ relay, saysUs: 0, addsUs: 0 })),
      14,
      40,
    ).run,
    blame,
    conduct: null,
    erratic: runBesideDirect(
      [
        { relay: ERRATIC, saysUs: 0, addsUs: 0, eachBlockUs: starts },
        { relay: STEADY[0], saysUs: 100, addsUs: 900 },
        { relay: STEADY[1], saysUs: 1500, addsUs: 2300 },
      ],
      15,
      starts.length,
    ),
    delayed: shapes.map(({ relay }) => relay),
    sinful: SINFUL,
  });

const changed = (shapes: readonly Shape[], name: string, change: Partial<Shape>): Shape[] =>
  shapes.map((shape) => (shape.relay.name === name ? { ...shape, ...change } : shape));

describe('judgeCalibration', () => {
  it('certifies a ruler that finds what was planted', () => {
    const certificate = judge(HONEST);
    assert.deepEqual(certificate.misses, []);
    assert.equal(certificate.delays.outcome, 'passed');
    assert.equal(certificate.delays.recovered, certificate.delays.medians);
    assert.equal(certificate.sins.outcome, 'passed');
    assert.equal(certificate.blocks, 8);
    assert.ok((certificate.tells.p50Us ?? 1e9) < 80);
    assert.deepEqual(certificateSchema.parse(JSON.parse(JSON.stringify(certificate))), certificate);
    assertGolden('certificate.md', renderCertificate(certificate));
  });

  it('names an erratic target that is not told above direct', () => {
    const { erratic, misses } = judge(HONEST, NAMED, HONEST, PUT_RIGHT, [0, 0, 0, 0, 0, 0]);
    assert.equal(erratic?.outcome, 'missed');
    assert.ok(misses.some((miss) => miss.startsWith('not told to be above direct: relay-erratic')));
  });

  it('certifies no ruler that blames the wrong one for a stop', () => {
    const rows: BlameRow[] = [
      STOPPED,
      { ...STOPPED, outcome: 'hushed-up', told: 'void: the driver was late' },
      { ...STOPPED, outcome: 'not-judged', hindrance: 'other work kept the CPUs busy' },
    ];
    const certificate = judge(HONEST, NAMED, HONEST, { outcome: 'missed', rows });
    assert.deepEqual(certificate.misses, [
      'hushed up: gateway stopped 0.4 s every 2 s at 200/s, driver native: void: the driver was late',
    ]);
    assert.match(
      renderCertificate(certificate),
      /\n\| blame \| \*\*missed\*\* \| 1 of 2 stops were blamed on whom they were planted in; 1 could not be judged /,
    );
    assert.deepEqual(certificateSchema.parse(JSON.parse(JSON.stringify(certificate))), certificate);
  });

  it('says where nobody could be stopped', () => {
    const certificate = judge(HONEST, NAMED, HONEST, { outcome: 'not-offered', reason: 'on Linux only' });
    assert.deepEqual(certificate.misses, []);
    assert.match(renderCertificate(certificate), /\n\| blame \| not offered \| on Linux only \|\n/);
  });

  it('says when there are too few comparisons to judge by', () => {
    const { sameTarget, repeatedRun } = judge(HONEST);
    assert.equal(sameTarget.comparisons, 18);
    assert.equal(sameTarget.outcome, 'too-few');
    assert.equal(repeatedRun.latencies.cells, 6);
    assert.equal(repeatedRun.outcome, 'too-few');
  });

  it('names a delay that was measured wrong', () => {
    const { delays, misses } = judge(changed(HONEST, 'relay-1ms', { addsUs: 1200 }));
    assert.equal(delays.outcome, 'missed');
    assert.ok(
      misses.some((miss) =>
        /^not recovered: relay-1ms, chat-minimal at 500 rps, p50: 1000 µs planted, 1000 µs held, 1[12]\d\d µs/.test(
          miss,
        ),
      ),
    );
    assert.ok(misses.some((miss) => miss.startsWith('not covered: relay-1ms')));
  });

  it('tells a relay that held requests wrong from a suite that measured them wrong', () => {
    const { delays, misses } = judge(changed(HONEST, 'relay-1ms', { addsUs: 1200, lateUs: 200 }));
    assert.equal(delays.rows.find(({ relay, quantile }) => relay === 'relay-1ms' && quantile === 'p50')?.heldUs, 1200);
    assert.ok(
      misses.some((miss) => /^held wrong by the relay itself: relay-1ms, .*1000 µs planted, 1200 µs held/.test(miss)),
    );
  });

  it('says of each quantile how long it was held: a median in time and a late tail are told apart', () => {
    // One request in fifty held 3 ms too long moves p99 and not the median, nor what a median lateness would say.
    const { delays } = judge(changed(HONEST, 'relay-1ms', { lateUs: 3000, lateEvery: 50 }));
    const heldUs = (quantile: string) =>
      delays.rows.find((row) => row.relay === 'relay-1ms' && row.quantile === quantile)?.heldUs ?? assert.fail();
    assert.ok(Math.abs(heldUs('p50') - 1000) < 10, String(heldUs('p50')));
    assert.ok(heldUs('p99') > 3900, String(heldUs('p99')));
  });

  it('finds spikes that were seen as often as planted, and misses a fifth that was not', () => {
    const spiky = DELAYED.find(({ truth }) => truth.kind === 'spikes') ?? assert.fail();
    const spikes = { us: 50_000, every: 50 };
    const certified = (shown: number) =>
      judge([...HONEST, { relay: spiky, saysUs: 0, addsUs: 0, spikes: { ...spikes, shown } }]);
    const [all, few] = [certified(20), certified(16)].map(({ delays }) => delays.spikes[0] ?? assert.fail());
    assert.deepEqual([all?.planted, all?.seen, all?.recovered], [160, 160, true]);
    assert.deepEqual([few?.planted, few?.seen, few?.recovered], [160, 128, false]);
    assert.equal(all?.requests, 8000);
    assert.ok(
      certified(16).misses.some((miss) => miss.startsWith('spikes of relay-spikes, chat-minimal: 160 of 8000')),
    );
    assert.equal(certified(16).delays.outcome, 'missed');
  });

  it('does not take a relay of which nothing is known for a recovered one', () => {
    const silent = changed(HONEST, 'relay-5ms', { trial: { state: 'void', reason: { code: 'x', message: 'x' } } });
    const { delays, misses } = judge(silent);
    assert.equal(delays.outcome, 'missed');
    assert.ok(misses.includes('nothing usable was measured of relay-5ms'));
  });

  it('names a target that is called different from itself', () => {
    const { sameTarget, misses } = judge(changed(HONEST, 'relay-c', { addsUs: 150 }));
    assert.equal(sameTarget.outcome, 'missed');
    assert.ok(sameTarget.declaredDifferent > 0);
    assert.ok(misses.some((miss) => /^called different from itself: relay-c.*above by 1\d\d µs/.test(miss)));
  });

  it('names cells that two runs do not agree on, and orders that contradict each other', () => {
    const second = changed(changed(HONEST, 'relay-200us', { addsUs: 1000 }), 'relay-1ms', { addsUs: 200 });
    const { repeatedRun } = judge(HONEST, NAMED, second);
    assert.equal(repeatedRun.outcome, 'missed');
    const { latencies } = repeatedRun;
    assert.equal(latencies.agreeing, 4);
    assert.match(latencies.disagreements[0] ?? '', /^relay-200us, chat-minimal at 500 rps: p50 5\d\d µs/);
  });

  it('names a sin that the suite did not see, and one that it saw where there is none', () => {
    const blind = changed(NAMED, 'relay-wrong', { trial: {} });
    assert.deepEqual(judge(HONEST, blind).misses, ['not named: relay-wrong, which answers wrong (3 times)']);
    const accused = changed(NAMED, 'relay-honest', { trial: FAILED });
    assert.deepEqual(judge(HONEST, accused).misses, ['accused though it did nothing: relay-honest']);
  });

  it('does not call a sin named that was never done', () => {
    const idle = changed(NAMED, 'relay-dropping', { sins: { framesDropped: 0 } });
    assert.equal(judge(HONEST, idle).sins.rows.find(({ relay }) => relay === 'relay-dropping')?.named, false);
  });
});
