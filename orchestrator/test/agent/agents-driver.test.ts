import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeLoad, decodeLoad } from '#src/agent/wire-load.js';
import { wireLoadSchema } from '#src/agent/wire.js';
import { monotonicUs } from '#src/clock/clock.js';
import type { TrialLoad } from '#src/load/driver.js';
import { readColumnFile } from '#src/load/native/column-file.js';
import type { LedgerFile } from '#src/load/native/ledger-file.js';
import { clientRows, type LedgerRow } from '#src/load/native/ledger-join.js';
import { ledgerRecord } from '#src/load/native/ledger-record.js';
import { recount } from '#src/load/native/recount.js';
import type { LoadRecord } from '#src/record/trial.js';
import { agentGates } from '#src/record/agent-gates.js';
import { madeUpDriver } from './made-up-driver.js';
import { LOAD, meet, never, otherHost } from './meet.js';

/** Of plain objects, as JSON gives them. */
const plain = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(model, { noNullPrototype: true });

/** What one driver says of the same load. */
async function byOne(load: TrialLoad = LOAD) {
  const driver = madeUpDriver()({});
  const share = { of: 1, nth: 0, idPrefix: 'abcdefgh', startAt: async () => 0 };
  const { record, columns = assert.fail() } = await driver.run({ ...load, share }, never());
  return { record, columns };
}

/** Less what is of the driver's threads and not of its rows. */
function counted({
  driver: _driver,
  connections: _connections,
  driverCpuUs: _cpu,
  standstill: _still,
  ...rows
}: LoadRecord) {
  return rows;
}

describe('N is 1', () => {
  test('the same load by one to five agents gives the very rows and figures of one driver', async () => {
    const one = await byOne();
    const rows = readColumnFile(one.columns);
    for (const count of [1, 2, 3, 5])
      await meet(
        Array.from({ length: count }, () => ({})),
        async ({ driver }) => {
          const { record, columns = assert.fail(), agents = [] } = await driver.run(LOAD, never());
          const merged = readColumnFile(columns);
          assert.deepEqual(merged.counter, rows.counter);
          assert.deepEqual(merged.columns, rows.columns);
          assert.deepEqual(counted(record), counted(one.record));
          assert.deepEqual(recount(columns, record), record, 'verify finds what was written');
          assert.deepEqual([record.connections, record.driverCpuUs], [3 * count, 1000 * count]);
          assert.deepEqual(
            agents.map(({ index }) => index),
            [...Array(count).keys()],
          );
          assert.deepEqual(agentGates(agents, LOAD.level), []);
          // All read one clock, and so begin at one moment of it.
          for (const { start } of agents) assert.ok(Math.abs(start.skewUs) < 1 && start.boundUs === 0);
        },
      );
  });

  test('of fewer streams than agents as many take part as there are streams', async () => {
    await meet([{}, {}, {}], async ({ driver }) => {
      const load = { ...LOAD, level: { kind: 'streams' as const, value: 2 } };
      const { agents, record } = await driver.run(load, never());
      assert.deepEqual(
        agents?.map(({ index }) => index),
        [0, 1],
      );
      assert.equal(record.latenessUs, null);
    });
  });
});

describe('clocks by injection', () => {
  /** What a mock on the orchestrator's clock saw of each: it held the request for 400 of its latency, 300 of them before. */
  function ledgerOf(columns: Uint8Array, commonUs: number): LedgerFile {
    const rows = [...clientRows(readColumnFile(columns))].map(({ id, dueUs }): LedgerRow => {
      const arrivedUs = commonUs + dueUs + 300;
      const whenUs = arrivedUs + 400;
      const told = { frames: 0, status: 200, end: 'complete' as const, fault: null, provider: 'a', phase: null };
      return {
        ...told,
        id,
        arrivedUs,
        arrivedWholeUs: arrivedUs,
        firstByteUs: whenUs,
        lastByteUs: whenUs,
        endUs: whenUs,
        connection: 'a',
      };
    });
    return { rows, overwritten: 0, events: [], clockDomain: otherHost('mock') };
  }

  /** Ahead by 1 ms and 400 millionths of what has passed, and the moment of the monotonic clock at which it says something. */
  const DRIFT = 400e-6;
  const drifting = (): number => 1000 + DRIFT * 1000 * performance.now();
  const whenDriftingSays = (us: number): number =>
    (us - 1000 - DRIFT * (1000 * performance.now() - monotonicUs())) / (1 + DRIFT);

  for (const [what, aheadUs, whenSaid] of [
    ['50 ms ahead', () => 50_000, (us: number) => us - 50_000],
    ['5 s behind', () => -5e6, (us: number) => us + 5e6],
    ['that drifts by 400 parts of a million', drifting, whenDriftingSays],
  ] as const)
    test(`an agent on a clock ${what}: right sums, no split of the way, and its start within the bound`, async () => {
      await meet([{}, { aheadUs, domain: otherHost('other') }], async ({ driver }) => {
        const { columns = assert.fail(), agents = [], record } = await driver.run(LOAD, never());
        const { header } = readColumnFile(columns);
        const joined = ledgerRecord(readColumnFile(columns), ledgerOf(columns, header.startedAtUs));
        assert.equal(joined.sharedClock, false);
        assert.deepEqual([joined.requestPathUs, joined.responsePathUs], [null, null]);
        assert.deepEqual([joined.joined, joined.missing, joined.strange], [record.scheduled, 0, 0]);
        // Latency 1000 to 1096, of which 400 are the mock's.
        const { p50, max } = joined.overheadUs.quantiles;
        assert.ok((p50 ?? 0) >= 600 && (max ?? 0) <= 696, `${p50} ${max}`);
        const [same, other] = agents;
        assert.equal(same?.start.boundUs, 0);
        const { skewUs, boundUs } = other?.start ?? assert.fail();
        const trueSkewUs = whenSaid(header.agents?.[1]?.startedAtUs ?? assert.fail()) - header.startedAtUs;
        assert.ok(Math.abs(skewUs - trueSkewUs) <= boundUs + 1, `${skewUs} ± ${boundUs}, and ${trueSkewUs}`);
        const { drift } = other ?? assert.fail();
        const truePpm = aheadUs === drifting ? DRIFT * 1e6 : 0;
        assert.ok(Math.abs(drift.ppm - truePpm) <= drift.boundPpm + 1, `${drift.ppm} ± ${drift.boundPpm}`);
      });
    });

  test('a clock that was set in the middle voids the trial, by the agent whose it is', async () => {
    let aheadUs = 0;
    const made = { aheadUs: () => aheadUs, domain: otherHost('other'), beforeEnd: async () => void (aheadUs = 5e6) };
    await meet([{}, made], async ({ driver }) => {
      const { agents } = await driver.run(LOAD, never());
      const gates = agentGates(agents, LOAD.level);
      const [gate] = gates.filter(({ reason }) => reason.code === 'agent-clock');
      assert.equal(gate?.effect, 'void');
      assert.match(gate?.reason.message ?? '', /^agent 1 of 2: its clock gained \d+ ± \d+ parts of a million/);
    });
  });
});

describe('one bad agent', () => {
  test('is named by what is held against a driver and its host', async () => {
    await meet([{}, {}], async ({ driver }) => {
      const { agents = [] } = await driver.run(LOAD, never());
      const [good = assert.fail(), bad = assert.fail()] = agents;
      const still = { stalls: [{ fromUs: 0, lengthUs: 2e5 }], totalUs: 2e5, witnesses: [], runQueueWaitUs: null };
      const steal = { cpus: 2, stealShare: 0.2, busyShare: 0.5, swappedBytes: 0, clockJumpMs: 0 };
      const codes = (spoilt: typeof bad): string[] =>
        agentGates([good, spoilt], LOAD.level).map(
          ({ effect, reason }) => `${effect} ${reason.code} ${reason.message}`,
        );
      const slow = { ...bad.load, windowMs: 1000, scheduled: 50, achievedRps: 30 };
      const late = {
        ...bad.load,
        latencyUs: { ...bad.load.latencyUs, quantiles: { ...bad.load.latencyUs.quantiles, p50: 9000 } },
      };
      assert.match(
        codes({ ...bad, load: { ...bad.load, standstill: still } }).join(),
        /^void driver-stopped agent 1 of 2: /,
      );
      assert.match(codes({ ...bad, host: steal }).join(), /^void steal agent 1 of 2: the hypervisor took 20 %/);
      assert.match(
        codes({ ...bad, load: slow }).join(),
        /^void agent-slow agent 1 of 2: its share was answered at 30.0 of/,
      );
      assert.match(codes({ ...bad, load: late }).join(), /^void driver-late agent 1 of 2: /);
      const start = { skewUs: -30_000, boundUs: 10 };
      assert.match(codes({ ...bad, start }).join(), /^void agent-start agent 1 of 2: it began -30.00 ± 0.01 ms/);
      assert.match(codes({ ...bad, start: { ...start, skewUs: 1500 } }).join(), /^warning agent-start /);
    });
  });

  test('that brings fewer requests than its share, or another’s, voids the trial', async () => {
    const { columns } = await byOne();
    await meet([{}, { spoil: () => columns }], async ({ driver }) => {
      await assert.rejects(driver.run(LOAD, never()), { code: 'parts-differ' });
    });
    const short = madeUpDriver()({});
    const brief = await short.run(
      { ...LOAD, measureMs: 200, share: { of: 2, nth: 1, idPrefix: 'abcdefgh', startAt: async () => 0 } },
      never(),
    );
    await meet([{}, { spoil: () => brief.columns ?? assert.fail() }], async ({ driver }) => {
      await assert.rejects(driver.run(LOAD, never()), { code: 'parts-differ' });
    });
  });
});

test('a load comes out of the wire as it went in', () => {
  const kind = plain({
    url: fc.constantFrom('http://127.0.0.1:1/a', 'http://[::1]:2/b'),
    body: fc.string(),
    streaming: fc.boolean(),
    name: fc.string(),
    part: fc.string(),
    expected: fc.option(
      plain({
        text: fc.option(fc.string()),
        tools: fc.constant(null),
        finishReason: fc.constant('stop'),
        usage: fc.constant({ input: 1, output: 2 }),
      }),
    ),
  });
  const draw = fc.oneof(
    plain({ weights: fc.array(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })) }),
    plain({
      trace: plain({
        atUs: fc.array(fc.double({ noNaN: true })).map((list) => Float64Array.from(list)),
        kindOf: fc.array(fc.nat(65_535)).map((list) => Uint16Array.from(list)),
      }),
    }),
  );
  fc.assert(
    fc.property(fc.array(kind, { minLength: 1, maxLength: 3 }), draw, fc.integer(), (kinds, drawn, seed) => {
      const load: TrialLoad = { ...LOAD, seed, table: { kinds, draw: drawn } };
      const wired = wireLoadSchema.parse(JSON.parse(JSON.stringify(encodeLoad(load))));
      assert.deepEqual(decodeLoad(wired), load);
    }),
    { numRuns: 50 },
  );
});
