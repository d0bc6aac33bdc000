import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { Histogram } from '#src/record/histogram.js';
import { latenessGates } from '#src/record/lateness.js';
import type { Distribution, LoadRecord, TrialRecord } from '#src/record/trial.js';
import { loadRecord } from '../support/fake-runtime.js';
import { syntheticRun } from './synthetic-run.js';

/** The run with some of its trials changed. */
function findingsWith(change: (trial: TrialRecord, load: LoadRecord) => Partial<TrialRecord>, blocks = 4) {
  const { manifest, trials } = syntheticRun({ blocks });
  const changed = trials.map((trial) => ({ ...trial, ...change(trial, trial.load as LoadRecord) }));
  return analyse(manifest, changed).findings;
}

function constant(valueUs: number, of: Distribution): Distribution {
  const seconds = (of.seconds ?? []).map(() => {
    const histogram = new Histogram();
    for (let i = 0; i < 100; i += 1) histogram.record(valueUs);
    return histogram.toSparse();
  });
  return { ...of, count: seconds.length * 100, seconds };
}

/** As it is said by the driver. */
function late(p99Us: number, of: Distribution): Distribution {
  return { ...of, quantiles: { ...of.quantiles, p99: p99Us } };
}

describe('findings', () => {
  it('are none for a quiet run of several blocks', () => {
    assert.deepEqual(
      findingsWith(() => ({})),
      [],
    );
  });

  it('say how the load was made, where that was asked for', () => {
    const { manifest, trials } = syntheticRun();
    const messages = (options: Record<string, unknown>) =>
      analyse({ ...manifest, options: { ...manifest.options, ...options } }, trials).findings.map(
        ({ message }) => message,
      );
    assert.deepEqual(messages({ arrivals: 'constant', connections: 'keep-alive', shape: 'flat' }), []);
    assert.deepEqual(messages({ shape: 'ramp:0.1-1', connections: 'new' }), [
      'The load: over a trial the rate goes as --shape ramp:0.1-1 says, in shares of the level; each request opens a connection of its ' +
        'own, and waits for it within its latency.',
    ]);
  });

  it('name a single block', () => {
    const [finding] = findingsWith(() => ({}), 1);
    assert.equal(finding?.code, 'single-block');
    assert.match(finding.message, /^Every cell rests on one block, so the intervals do not cover/);
  });

  it('name a run without a second direct', () => {
    const { manifest, trials } = syntheticRun();
    const { findings, cells } = analyse(
      manifest,
      trials.filter(({ replica }) => replica === 1),
    );
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['no-noise-floor'],
    );
    assert.ok(cells.every(({ overheadUs }) => (overheadUs?.p50?.verdict ?? 'within-noise') === 'within-noise'));
  });

  it('name a direct that differs from itself', () => {
    const findings = findingsWith((trial, load) =>
      trial.replica === 2 ? { load: { ...load, latencyUs: constant(trial.block * 200, load.latencyUs) } } : {},
    );
    assert.ok(
      findings.some(
        ({ code, message }) =>
          code === 'noise-floor-wide' && /the medians of its two visits of a block differ by up to/.test(message),
      ),
    );
  });

  it('name a late driver with its share of the trials', () => {
    const findings = findingsWith((trial, load) =>
      trial.target === 'crabllm'
        ? {
            // Twice of a trial whose only agent was: by itself, and as all of them together.
            warnings: [1, 2].flatMap(() =>
              latenessGates(loadRecord(100, { latenessUs: late(15_000, load.latencyUs) })).map(({ reason }) => reason),
            ),
          }
        : {},
    );
    const found = findings.filter(({ code }) => code === 'driver-late');
    assert.equal(found.length, 1);
    assert.match(
      found[0]?.message ?? '',
      /^In 24 of \d+ trials the driver was late, for example in crabllm .*: the driver's schedule ran more than 15\.0 ms late for 1 % /,
    );
  });

  it('do not call a driver late of which no trial was warned', () => {
    const findings = findingsWith((trial, load) =>
      trial.load === null ? {} : { load: { ...load, latenessUs: late(5000, constant(5000, load.latencyUs)) } },
    );
    assert.deepEqual(
      findings.filter(({ code }) => code === 'driver-late'),
      [],
    );
  });

  it('name the mode of delayed acknowledgements where direct is far below', () => {
    const findings = findingsWith((trial, load) =>
      trial.target === 'portkey' && trial.scenario === 'chat-stream'
        ? { load: { ...load, latencyUs: constant(43_000, load.latencyUs) } }
        : {},
    );
    const named = findings.filter(({ code }) => code === 'delayed-ack');
    assert.deepEqual(
      named.map(({ target, scenario }) => [target, scenario]),
      [['portkey', 'chat-stream']],
    );
    // Told once, with both levels that show it.
    const levels = named[0]?.evidence['levels'];
    assert.ok(Array.isArray(levels) && levels.length === 2);
    const mockIsSlow = findingsWith((_, load) => ({ load: { ...load, latencyUs: constant(43_000, load.latencyUs) } }));
    assert.ok(mockIsSlow.every(({ code }) => code !== 'delayed-ack'));
  });

  it('name what is faster than direct', () => {
    const findings = findingsWith((trial, load) =>
      trial.target === 'portkey' ? { load: { ...load, latencyUs: constant(20, load.latencyUs) } } : {},
    );
    assert.ok(findings.some(({ code, message }) => code === 'faster-than-direct' && message.includes('portkey')));
  });

  it('gather warnings of trials by code', () => {
    const warning = { code: 'steal', message: 'the host took 3 % of the CPU' };
    const findings = findingsWith((trial) => (trial.target === 'litellm' ? { warnings: [warning] } : {}));
    assert.deepEqual(
      findings.map(({ code, target, message }) => [code, target, message]),
      [['steal', 'litellm', 'the host took 3 % of the CPU (24 trials)']],
    );
  });

  it('tell of each target what it does to a request: one example does not stand for all', () => {
    const changes = new Map([
      ['crabllm', 'of each chat-stream request it adds `stream_options`'],
      ['litellm', 'of each chat-stream request it drops `user`'],
    ]);
    const findings = findingsWith(({ target }) => {
      const message = changes.get(target);
      return message === undefined ? {} : { warnings: [{ code: 'request-changed', message }] };
    });
    assert.deepEqual(
      findings.map(({ target, message }) => [target, message]),
      [...changes].map(([target, message]) => [target, `${message} (24 trials)`]),
    );
  });

  it('name a cell whose trials differ', () => {
    const findings = findingsWith((trial) =>
      trial.target === 'crabllm' && trial.block === 2 && trial.level.value === 1000
        ? { state: 'void', reason: { code: 'clock-jump', message: 'the clock jumped' } }
        : {},
    );
    assert.deepEqual(
      findings.filter(({ code }) => code !== 'void-trials').map(({ code, evidence }) => [code, evidence]),
      [['trials-differ', { trials: '3 valid, 1 void' }]],
    );
  });
});
