import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { AgentRoom, type TrialOrder } from '#src/agent/room.js';
import { runAgent } from '#src/agent/run-agent.js';
import { encodeLoad } from '#src/agent/wire-load.js';
import { clockOffset } from '#src/clock/clock-offset.js';
import { readColumnFile } from '#src/load/native/column-file.js';
import { agentOptions, LOAD, meet, never, otherHost } from './meet.js';

const directory = mkdtempSync(join(tmpdir(), 'room-'));
after(() => rmSync(directory, { recursive: true }));

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

describe('a trial that agents make together', () => {
  test('each has its share, starts at the common moment by its own clock, and brings its rows', async () => {
    // On clocks that are 50 ms ahead, and 5 s behind.
    const made = [{}, { aheadUs: 50_000, domain: otherHost('b') }, { aheadUs: -5e6, domain: otherHost('c') }];
    await meet(made, async ({ room }) => {
      let commonUs = 0;
      const brought = await room.runTrial(orderFor(3, { onStart: (us) => (commonUs = us) }), never());
      for (const [nth, { before, report, rows }] of brought.entries()) {
        const { header, counter } = readColumnFile(readFileSync(rows));
        assert.ok(counter.length >= 13);
        assert.ok(counter.every((n) => n % 3 === nth));
        const offset = clockOffset(before);
        const aheadUs = made[nth]?.aheadUs ?? 0;
        assert.ok(Math.abs(offset.offsetUs + aheadUs) <= offset.boundUs, `${offset.offsetUs} ± ${offset.boundUs}`);
        // One clock needs no offset, and is exact.
        const boundUs = nth === 0 ? 1 : offset.boundUs + 1;
        assert.ok(Math.abs(header.startedAtUs - aheadUs - commonUs) <= boundUs);
        assert.equal(report.record.scheduled, report.record.ok);
      }
    });
  });
});

describe('what makes a trial void, by name', () => {
  test('an agent that goes in the middle; the others make the next one', async () => {
    let kill = (): void => {};
    await meet([{}, { beforeEnd: async () => kill() }], async ({ room, end }) => {
      kill = () => end(1);
      await assert.rejects(room.runTrial(orderFor(2), never()), {
        code: 'agent-lost',
        message: 'agent load/1 has gone: its connection ended',
        exitCode: 4,
      });
      await assert.rejects(room.runTrial(orderFor(2), never()), { code: 'agent-lost' });
      const [brought] = await room.runTrial(orderFor(1), never());
      assert.equal(brought?.report.record.ok, brought?.report.record.scheduled);
    });
  });

  test('one whose driver fails, in its own words, and what the orchestrator interrupts', async () => {
    const fails = async (): Promise<void> => {
      throw new Error('no socket left');
    };
    await meet([{}, { beforeEnd: fails }], async ({ room }) => {
      await assert.rejects(room.runTrial(orderFor(2), never()), {
        code: 'agent-failed',
        message: 'agent load/1: no socket left',
      });
    });
    await meet([{ beforeEnd: () => new Promise(() => {}) }], async ({ room }) => {
      const interrupt = new AbortController();
      const onStart = (): void => interrupt.abort(new Error('Ctrl-C'));
      await assert.rejects(room.runTrial(orderFor(1, { onStart }), interrupt.signal), { message: 'Ctrl-C' });
    });
  });

  test('one that was started a second time while the first was gone, and none while it is there', async () => {
    let kill = (): void => {};
    await meet([{ beforeEnd: async () => kill() }], async ({ room, end, start }) => {
      const twice = await runAgent(agentOptions(room, 0), never()).catch((thrown: unknown) => thrown);
      assert.deepEqual((twice as { code?: string }).code, 'agent-twice');
      kill = () => {
        end(0);
        void start(0, {});
      };
      await assert.rejects(room.runTrial(orderFor(1), never()), {
        code: 'agent-restarted',
        message: 'agent load/0 was started a second time',
      });
    });
  });
});

describe('who may come in', () => {
  test('nobody with another token, and nobody of another version', async () => {
    const room = await AgentRoom.open();
    try {
      const refused = await runAgent({ ...agentOptions(room, 0), token: 'other' }, never()).catch((e: unknown) => e);
      assert.deepEqual(
        { ...(refused as object), message: (refused as Error).message },
        { ...(refused as object), code: 'token-refused', message: 'that is not the token of this run', exitCode: 2 },
      );
      const hello = { protocol: 1, version: '0.0.0', duty: 'load', index: 0, session: '12345678' };
      assert.deepEqual(await post(room, '/v1/hello', hello), {
        status: 409,
        code: 'agent-version',
      });
      assert.deepEqual(await post(room, '/v1/trials/1/ready', {}), { status: 409, code: 'agent-unknown' });
    } finally {
      await room.close();
    }
  });

  test('those who do not come are named, with why', async () => {
    await meet([{}], async ({ room }) => {
      await assert.rejects(room.gather('load', 3, 100, never()), {
        code: 'agents-missing',
        message: '2 of 3 agents did not come within 0 s: agent load/1 has never come; agent load/2 has never come',
        exitCode: 4,
      });
    });
  });

  test('an agent without an orchestrator gives up when its patience ends', async () => {
    const room = await AgentRoom.open();
    const options = { ...agentOptions(room, 0), patienceMs: 200 };
    await room.close();
    await assert.rejects(runAgent(options, never()), { code: 'orchestrator-gone', exitCode: 4 });
  });
});

function post(room: AgentRoom, path: string, body: unknown): Promise<{ status: number; code: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { port: room.port, path, method: 'POST', headers: { authorization: `Bearer ${room.token}` } },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, code: JSON.parse(text).code }));
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}

test('what a disk or a bad agent did to rows that came whole is told with its name', async () => {
  const cut = (columns: Uint8Array): Uint8Array => columns.subarray(0, columns.length - 20);
  const other = (): Uint8Array => gzipSync('no columns');
  for (const spoil of [cut, other])
    await meet([{}, { spoil }], async ({ driver }) => {
      await assert.rejects(driver.run(LOAD, never()), {
        code: 'columns-unreadable',
        message: /^agent-1\.requests\.gz: /,
      });
    });
});
