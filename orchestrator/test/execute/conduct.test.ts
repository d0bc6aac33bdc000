import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { accusations } from '#src/analyse/conduct/accusations.js';
import type { RowName } from '#src/analyse/conduct/case-rows.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import type { Scenario } from '#src/catalogue/scenario.js';
import { BenchError } from '#src/errors.js';
import { playCase } from '#src/execute/conduct.js';
import { MOCK_PROGRAM } from '#src/installation.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { ASIDE_MODEL, CONDUCT_CASES } from '#src/plan/conduct-cases.js';
import { freePort } from '../support/free-port.js';

const RELAY = fileURLToPath(import.meta.resolve('#src/relay/main.js'));
const MOST_PLAYS = 5;
const PACE = { beforeMs: 200, faultMs: 800, afterMs: 400, rps: 25 };
/** Witnesses are one in ten of the requests. */
const LONGER = { beforeMs: 1500, faultMs: 3000, afterMs: 100, rps: 100 };

/** A few requests beside the load did not come through in any play. */
class TooBusy extends Error {}

/** Programs that are up, the last of which is stopped first. */
const up: (() => Promise<void>)[] = [];

async function start(program: string, words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  up.push(async () => {
    const exit = once(child, 'exit');
    child.kill();
    await exit;
  });
  await once(child.stdout, 'data');
}

describe('planted policies of trying again', () => {
  const driver = createNativeDriver();
  let [a, b, control] = [0, 0, 0];

  before(async () => {
    [a, b, control] = [await freePort(), await freePort(), await freePort()];
    const words = [
      '--providers',
      `a:${a},b:${b}`,
      '--control-port',
      String(control),
      '--workers',
      '1',
      '--lenient',
      '--model',
      ASIDE_MODEL,
    ];
    await start(MOCK_PROGRAM, words);
  });
  after(async () => {
    for (const stop of up.reverse()) await stop();
    await driver.close();
  });

  async function gateway(words: string): Promise<string> {
    const port = String(await freePort());
    const providers = `http://127.0.0.1:${a},http://127.0.0.1:${b}`;
    await start(RELAY, ['--port', port, '--providers', providers, ...words.split(' ')]);
    return `http://127.0.0.1:${port}`;
  }

  /**
   * Plays a case, and again where it was void, or its short phases missed the load, as a busy machine makes them.
   * @param rows what they have to be: a value within the interval, a state, or null where it is enough that there is a figure
   */
  async function play(url: string, name: string, rows: Partial<Record<RowName, number | string | null>>, pace = PACE) {
    const played = CONDUCT_CASES.find((each) => each.name === name);
    const scenario = SCENARIOS.find(
      (each) => each.name === (played?.streaming === true ? 'chat-stream' : 'chat-minimal'),
    );
    assert.ok(played);
    for (let plays = 1; ; plays += 1) {
      const { result, verdict } = await playCase(played, scenario as Scenario, {
        driver,
        target: { url, modelPrefix: '', headers: {} },
        controlUrl: `http://127.0.0.1:${control}`,
        pace,
        seed: plays,
        signal: new AbortController().signal,
        providerUrls: [`http://127.0.0.1:${a}`, `http://127.0.0.1:${b}`],
        keys: ['a-secret-key'],
        aside: {},
      });
      const isUnseen = Object.keys(rows).some((row) => {
        const found = result.rows[row as RowName];
        return found === undefined || ('state' in found && found.state === 'nothing-seen');
      });
      if (plays < MOST_PLAYS && (verdict.void !== null || isUnseen)) continue;
      if (pace === LONGER && (verdict.void !== null || isUnseen)) throw new TooBusy();
      assert.equal(result.requests.unknown + result.requests.strangeAttempts, 0);
      for (const [row, value] of Object.entries(rows)) {
        const found = result.rows[row as RowName];
        const holds =
          found === undefined || 'state' in found
            ? found?.state === value
            : value === null || (typeof value === 'number' && found.low <= value && value <= found.high);
        assert.ok(holds, `${name}, ${row}: ${JSON.stringify(found)}`);
      }
      return accusations(result).map(({ row }) => row);
    }
  }

  test('an honest gateway is recovered, and accused of nothing', async () => {
    const url = await gateway('--attempts 3 --gap 5ms --idle 300ms');
    const down = await play(url, 'everything-down', { amplification: 3, mostAttempts: 3 });
    const half = await play(url, 'outage-503', {
      amplification: 2,
      servedShare: 1,
      splitBefore: 1,
      primaryTouchedShare: 1,
    });
    const refused = await play(url, 'outage-refused', { amplification: 'cannot-tell', servedShare: 1 });
    const bad = await play(url, 'bad-request', { mustNotRetry: 1, statusKeptShare: 1 });
    const cut = await play(url, 'cut-streams', { cutBrokenShare: 1, cutForgedShare: 0 });
    const stalled = await play(url, 'stalled-streams', { stallBoundUs: null });
    assert.deepEqual([down, half, refused, bad, cut, stalled].flat(), []);
  });

  test('one that does everything wrong is accused of all of it', async () => {
    const url = await gateway('--attempts 6 --retry-everything --forge-endings');
    assert.deepEqual(await play(url, 'everything-down', { amplification: null }), ['amplification']);
    assert.deepEqual(await play(url, 'bad-request', { mustNotRetry: null }), ['mustNotRetry']);
    assert.deepEqual(await play(url, 'cut-streams', { cutForgedShare: null }), ['cutForgedShare']);
  });

  test('what errors and answers say is held against what the providers say themselves', async (context) => {
    try {
      await witnessed();
    } catch (thrown) {
      if (!(thrown instanceof TooBusy)) throw thrown;
      context.skip('this machine is too busy to answer within the phases of a case');
    }
  });

  async function witnessed(): Promise<void> {
    // One case of each kind; every row is recovered by `calibrate --only conduct`, which has the time.
    const kept = await gateway('--attempts 2 --aside bench-aside');
    const errors = { errorKeptShare: 1, errorLostShare: 0, errorShowsShare: 0 };
    assert.deepEqual(await play(kept, 'everything-down', errors, LONGER), []);
    assert.deepEqual(await play(kept, 'outage-503', { usageKeptShare: 1, modelKeptShare: 1 }, LONGER), []);
    const shows = await gateway('--attempts 2 --errors showing');
    assert.deepEqual(await play(shows, 'everything-down', { errorWrappedShare: 1, errorShowsShare: null }, LONGER), [
      'errorShowsShare',
    ]);
    assert.deepEqual(await play(shows, 'another-model', { asideServedShare: 0 }, LONGER), ['asideServedShare']);
  }

  test('oha knows no single requests, which is said', async () => {
    const [played] = CONDUCT_CASES;
    assert.ok(played);
    await assert.rejects(
      playCase(played, SCENARIOS[0] as Scenario, {
        driver: { ...driver, name: 'oha' },
        target: { url: 'http://127.0.0.1:1', modelPrefix: '', headers: {} },
        controlUrl: `http://127.0.0.1:${control}`,
        pace: PACE,
        seed: 1,
        signal: new AbortController().signal,
      }),
      (thrown) => thrown instanceof BenchError && thrown.code === 'conduct-impossible',
    );
  });
});
