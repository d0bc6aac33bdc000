import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { Histogram } from '#src/record/histogram.js';
import type { LedgerRecord, LoadRecord, ResourceRecord, TrialRecord } from '#src/record/trial.js';
import { lehmer, syntheticRun } from '../synthetic-run.js';

const { manifest, trials } = syntheticRun({ ledger: true });

interface Parts {
  readonly load: LoadRecord;
  readonly ledger: LedgerRecord;
  readonly resources: ResourceRecord;
}

const isSuspect = ({ target, scenario, level }: TrialRecord): boolean =>
  target === 'crabllm' && scenario === 'chat-minimal' && level.value === 500;

const isDirectBeside = ({ target, scenario, level }: TrialRecord): boolean =>
  target === 'direct' && scenario === 'chat-minimal' && level.value === 500;

/** What is told of crabllm's chat-minimal at 500 rps when its trials are changed like this. */
function told(
  change: (parts: Parts, trial: TrialRecord) => Partial<TrialRecord>,
  alsoDirect = false,
  cpus = 1,
): { code: string; message: string; evidence: Record<string, unknown> }[] {
  const changed = trials.map((trial) =>
    isSuspect(trial) || (alsoDirect && isDirectBeside(trial))
      ? { ...trial, ...change(trial as TrialRecord & Parts, trial) }
      : trial,
  );
  const targets = manifest.targets.map((target) => ({ ...target, limits: { ...target.limits, cpus } }));
  return analyse({ ...manifest, targets }, changed)
    .findings.filter(({ target }) => target === 'crabllm')
    .map(({ code, message, evidence }) => ({ code, message, evidence }));
}

const codes = (found: ReturnType<typeof told>): string[] => found.map(({ code }) => code);

/** Five seconds of 500 requests each; in the seconds that are chosen everything stands still once, for so long. */
function withPauses(load: LoadRecord, isPaused: (second: number) => boolean, pauseUs: number): LoadRecord {
  const random = lehmer(11);
  const seconds = Array.from({ length: 5 }, (_, second) => {
    const histogram = new Histogram();
    const heldUp = isPaused(second) ? Math.round((500 * pauseUs) / 1e6) : 0;
    for (let i = 0; i < 500; i += 1)
      histogram.record(500 + 100 * random() + (i < heldUp ? pauseUs * (1 - i / heldUp) : 0));
    return histogram.toSparse();
  });
  return { ...load, latencyUs: { ...load.latencyUs, count: 2500, seconds } };
}

/** Single requests that are slow by themselves, as many seconds as there are. */
function withSlowOnes(load: LoadRecord, slowUs: number): LoadRecord {
  const random = lehmer(12);
  const seconds = Array.from({ length: 5 }, (_, second) => {
    const histogram = new Histogram();
    for (let i = 0; i < 500; i += 1)
      histogram.record(500 + 100 * random() + (i === 0 && second % 2 === 0 ? slowUs : 0));
    return histogram.toSparse();
  });
  return { ...load, latencyUs: { ...load.latencyUs, count: 2500, seconds } };
}

describe('the detective', () => {
  it('tells a habit once a scenario, with every level that shows it', () => {
    const changed = trials.map((trial) =>
      trial.target === 'crabllm' && trial.ledger !== null
        ? { ...trial, ledger: { ...trial.ledger, repeated: { requests: 25, attempts: 60 } } }
        : trial,
    );
    const [found, ...others] = analyse(manifest, changed).findings;
    assert.deepEqual([found?.code, found?.level?.value], ['retries', 100]);
    assert.deepEqual(
      others.map(({ scenario }) => scenario),
      ['chat-stream', 'concurrent-streams'],
    );
    assert.match(found?.message ?? '', /2 higher levels show the same\.$/);
    assert.ok(found !== undefined && Array.isArray(found.evidence['levels']));
    assert.equal(found.evidence['levels'].length, 3);
  });

  it('has nothing to say of an ordinary run', () => {
    assert.deepEqual(analyse(manifest, trials).findings, []);
  });

  it('names streams that were held back', () => {
    const [found] = told(({ ledger }) => ({
      ledger: {
        ...ledger,
        buffered: { streams: 50, examples: [{ id: 'a', providerSpanUs: 200_000, clientSpanUs: 900 }] },
      },
    }));
    assert.equal(found?.code, 'buffered-streams');
    assert.match(
      found.message,
      /^2\.0 % of the streams .* \(200 of 10000\)\. One was sent over 200 ms and arrived within 0\.9 ms\.$/,
    );
  });

  it('names retries', () => {
    const [found] = told(({ ledger }) => ({ ledger: { ...ledger, repeated: { requests: 25, attempts: 60 } } }));
    assert.equal(found?.code, 'retries');
    assert.deepEqual([found.evidence['requests'], found.evidence['attempts']], [100, 240]);
  });

  it('names them where not one request went through once, and answers where not one went through at all', () => {
    const all = codes(
      told(({ ledger }) => ({ ledger: { ...ledger, joined: 0, repeated: { requests: 1000, attempts: 2000 } } })),
    );
    assert.deepEqual(all, ['retries']);
    assert.deepEqual(codes(told(({ ledger }) => ({ ledger: { ...ledger, joined: 0, missing: 1000 } }))), [
      'answered-elsewhere',
    ]);
  });

  it('names connections that are not kept alive', () => {
    assert.deepEqual(codes(told(({ ledger }) => ({ ledger: { ...ledger, upstreamConnections: 2500 } }))), [
      'connection-churn',
    ]);
    assert.deepEqual(codes(told(({ ledger }) => ({ ledger: { ...ledger, upstreamConnections: null } }))), []);
  });

  it('holds connections against what reached the mock, and not those that retries took', () => {
    // 2500 a trial due, of which 500 were right answers: 240 connections are a tenth of all, and half of the right ones.
    const failing = told(({ load, ledger }) => ({
      load: { ...load, connections: 1 },
      ledger: { ...ledger, joined: 500, upstreamConnections: 240 },
    }));
    assert.ok(!codes(failing).includes('connection-churn'));
    // 600 requests tried twice: 600 connections more.
    const retrying = (upstreamConnections: number) =>
      codes(
        told(({ load, ledger }) => ({
          load: { ...load, connections: 1 },
          ledger: { ...ledger, joined: 1900, repeated: { requests: 600, attempts: 1200 }, upstreamConnections },
        })),
      );
    assert.deepEqual(retrying(700), ['retries']);
    assert.deepEqual(retrying(2500), ['retries', 'connection-churn']);
  });

  it('does not need direct for what the mock saw of single requests', () => {
    const changed = trials.map((trial) => {
      if (isDirectBeside(trial))
        return { ...trial, state: 'void' as const, reason: { code: 'steal', message: 'stolen' } };
      return isSuspect(trial) && trial.ledger !== null
        ? { ...trial, ledger: { ...trial.ledger, repeated: { requests: 25, attempts: 60 } } }
        : trial;
    });
    const found = analyse(manifest, changed).findings.filter(({ target }) => target === 'crabllm');
    assert.deepEqual(codes(found.map(({ code, message, evidence }) => ({ code, message, evidence }))), ['retries']);
  });

  it('names answers that the provider never gave, unless the ledger is not whole', () => {
    assert.deepEqual(codes(told(({ ledger }) => ({ ledger: { ...ledger, missing: 500 } }))), ['answered-elsewhere']);
    assert.deepEqual(codes(told(({ ledger }) => ({ ledger: { ...ledger, missing: 500, overwritten: 1 } }))), []);
    const failed = {
      state: 'failed',
      reason: { code: 'foreign-upstream', message: 'the mock never saw them' },
    } as const;
    const told500 = told(({ ledger }) => ({ ...failed, ledger: { ...ledger, missing: 500 } }));
    assert.ok(!codes(told500).includes('answered-elsewhere'));
  });

  it('names a quota that stops the target', () => {
    const [found] = told(({ resources }) => ({ resources: { ...resources, throttledMs: 500 } }));
    assert.equal(found?.code, 'cfs-throttling');
    assert.match(
      found.message,
      /In 4 of 4 trials the kernel held the target’s CPUs up for 10 % of the time, added up over them.*quota of 1 CPU /,
    );
  });

  it('names a queue in front of one worker: one CPU of two, and a median that grew with the level', () => {
    const busy = ({ load, resources }: Parts): Partial<TrialRecord> => ({
      load: { ...load, latencyUs: { ...load.latencyUs, seconds: withSlowSeconds(load).latencyUs.seconds } },
      resources: { ...resources, cpuUs: 7_000_000, cpuWindowMs: 7000 },
    });
    const [found] = told(busy, false, 2);
    assert.equal(found?.code, 'single-worker');
    assert.match(found.message, /used 1\.00 CPUs of 2 and its median is \d+\.\d × that at the lowest level/);
    assert.deepEqual(codes(told(({ resources }) => ({ resources: { ...resources, cpuUs: 7_000_000 } }), false, 2)), []);
    assert.deepEqual(
      codes(told((parts) => ({ ...busy(parts), resources: { ...parts.resources, cpuUs: 13_000_000 } }))),
      [],
    );
  });

  it('names pauses that hold up everything that arrives in them', () => {
    const paused = ({ load }: Parts): Partial<TrialRecord> => ({
      load: withPauses(load, (second) => second % 2 === 1, 40_000),
    });
    const found = told(paused).find(({ code }) => code === 'pauses');
    assert.match(
      found?.message ?? '',
      /In 8 of 20 seconds everything stood still for about 4[01] ms, every 2 s \(direct: 0 of 40\)/,
    );
    const everySecond = told(({ load }) => ({ load: withPauses(load, (second) => second !== 2, 40_000) }));
    assert.deepEqual(everySecond.find(({ code }) => code === 'pauses')?.evidence['pausedSeconds'], 16);
    // Direct shows them too: then they are not the target's.
    assert.ok(!codes(told(paused, true)).includes('pauses'));
  });

  it('does not take single slow requests for pauses', () => {
    assert.ok(!codes(told(({ load }) => ({ load: withSlowOnes(load, 40_000) }))).includes('pauses'));
  });

  it('names a cold beginning', () => {
    const found = told(({ load }) => ({ load: withColdSecond(load) })).find(({ code }) => code === 'cold-start');
    assert.match(found?.message ?? '', /In 4 of 4 trials the first second was 3\.\d × as slow/);
    assert.ok(!codes(told(({ load }) => ({ load: withColdSecond(load) }), true)).includes('cold-start'));
  });

  it('names a rate limit of the target, also in a cell that failed for it', () => {
    const limited = ({ load }: Parts): Partial<TrialRecord> => ({
      state: 'failed',
      reason: { code: 'errors', message: '20 % of the requests failed' },
      load: { ...load, statuses: { 200: 2000, 429: 500 } },
    });
    const found = told(limited).find(({ code }) => code === 'rate-limited');
    assert.match(found?.message ?? '', /answered 2000 of 10000 requests \(20 %\) with 429.*let 400 a second through/);
    const both = told(({ load }) => ({ load: { ...load, statuses: { 200: 2000, 429: 500 } } }), true);
    assert.ok(!codes(both).includes('rate-limited'));
  });
});

/** Every second alike, three times as slow as the run is at its lowest level. */
function withSlowSeconds(load: LoadRecord): LoadRecord {
  const seconds = (load.latencyUs.seconds ?? []).map(() => {
    const random = lehmer(13);
    const histogram = new Histogram();
    for (let i = 0; i < 500; i += 1) histogram.record(1800 + 300 * random());
    return histogram.toSparse();
  });
  return { ...load, latencyUs: { ...load.latencyUs, seconds } };
}

/** The first second three times as slow as those after it. */
function withColdSecond(load: LoadRecord): LoadRecord {
  const seconds = Array.from({ length: 5 }, (_, second) => {
    const random = lehmer(14);
    const histogram = new Histogram();
    for (let i = 0; i < 500; i += 1) histogram.record((500 + 100 * random()) * (second === 0 ? 3.1 : 1));
    return histogram.toSparse();
  });
  return { ...load, latencyUs: { ...load.latencyUs, seconds } };
}
