import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { AgentRoom, type RoomOptions, type TrialOrder } from '#src/agent/room.js';
import { type AgentOptions, runAgent } from '#src/agent/run-agent.js';
import { encodeLoad } from '#src/agent/wire-load.js';
import { monotonicUs } from '#src/clock/clock.js';
import { clockDomain } from '#src/clock/clock-domain.js';
import { clockOffset } from '#src/clock/clock-offset.js';
import type { TrialLoad } from '#src/load/driver.js';
import { readColumnFile } from '#src/load/native/column-file.js';
import { type MadeUp, madeUpDriver } from './made-up-driver.js';

const directory = mkdtempSync(join(tmpdir(), 'room-'));
after(() => rmSync(directory, { recursive: true }));

const LOAD: TrialLoad = {
  url: 'http://127.0.0.1:1/v1/chat/completions',
  headers: {},
  body: '{}',
  streaming: false,
  level: { kind: 'rps', value: 100 },
  warmupMs: 100,
  measureMs: 300,
  timeoutMs: 1000,
  expectedLatencyMs: 1,
  seed: 1,
};

function orderFor(of: number, more: Partial<TrialOrder> = {}): TrialOrder {
  return {
    of,
    idPrefix: 'abcdefgh',
    options: {},
    load: encodeLoad(LOAD),
    watchHost: false,
    lengthMs: 400,
    directory,
    onStart: () => {},
    ...more,
  };
}

/** A room with agents in this process; all of them end with it. */
async function meet<T>(
  made: readonly (MadeUp & { readonly agent?: Partial<AgentOptions> })[],
  work: (room: AgentRoom, kill: (index: number) => void) => Promise<T>,
  options: RoomOptions = {},
): Promise<T> {
  const room = await AgentRoom.open(options);
  const ends = made.map(() => new AbortController());
  const agents = made.map((each, index) =>
    runAgent(
      {
        orchestrator: new URL(`http://127.0.0.1:${room.port}`),
        token: room.token,
        duty: 'load',
        index,
        patienceMs: 5000,
        driver: madeUpDriver(each),
        clock: { nowUs: () => monotonicUs() + (each.aheadUs ?? 0), domain: each.domain ?? clockDomain() },
        tell: () => {},
        ...each.agent,
      },
      (ends[index] as AbortController).signal,
    ).catch((thrown: unknown) => thrown),
  );
  try {
    await room.gather('load', made.length, 5000, new AbortController().signal);
    return await work(room, (index) => ends[index]?.abort());
  } finally {
    await room.close();
    for (const end of ends) end.abort();
    await Promise.all(agents);
  }
}

const never = (): AbortSignal => new AbortController().signal;

describe('a trial that agents make together', () => {
  test('each has its share, starts at the common moment by its own clock, and brings its rows', async () => {
    const made = [{ aheadUs: 0 }, { aheadUs: 50_000 }, { aheadUs: -5_000_000 }];
    await meet(made, async (room) => {
      let commonUs = 0;
      const brought = await room.runTrial(orderFor(3, { onStart: (us) => (commonUs = us) }), never());
      assert.equal(brought.length, 3);
      for (const [nth, { before, report, rows }] of brought.entries()) {
        const { header, counter } = readColumnFile(readFileSync(rows));
        assert.deepEqual(
          [...counter].map((n) => n % 3),
          [...counter].map(() => nth),
        );
        assert.ok(counter.length >= 13);
        const offset = clockOffset(before);
        const aheadUs = made[nth]?.aheadUs ?? 0;
        assert.ok(Math.abs(offset.offsetUs + aheadUs) <= offset.boundUs, `${offset.offsetUs} ± ${offset.boundUs}`);
        assert.ok(Math.abs(header.startedAtUs - aheadUs - commonUs) <= offset.boundUs + 100);
        assert.equal(report.record.scheduled, report.record.ok);
      }
    });
  });

  test('an agent that goes in the middle voids the trial by its name, and the others go on', async () => {
    let kill = (): void => {};
    const made = [{}, { beforeEnd: async () => kill() }];
    await meet(made, async (room, end) => {
      kill = () => end(1);
      await assert.rejects(room.runTrial(orderFor(2), never()), {
        code: 'agent-lost',
        message: /agent load\/1 has gone/,
      });
      const [brought] = await room.runTrial(orderFor(1), never());
      assert.equal(brought?.report.record.ok, brought?.report.record.scheduled);
    });
  });
});
