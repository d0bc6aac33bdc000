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
import { CONDUCT_CASES } from '#src/plan/conduct-cases.js';
import { freePort } from '../support/free-port.js';

const RELAY = fileURLToPath(import.meta.resolve('#src/relay/main.js'));
const PACE = { beforeMs: 200, faultMs: 800, afterMs: 400, rps: 25 };

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
    const words = ['--providers', `a:${a},b:${b}`, '--control-port', String(control), '--workers', '1', '--lenient'];
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

  async function play(url: string, name: string) {
    const played = CONDUCT_CASES.find((each) => each.name === name);
    const scenario = SCENARIOS.find(
      (each) => each.name === (played?.streaming === true ? 'chat-stream' : 'chat-minimal'),
    );
    assert.ok(played);
    const { result } = await playCase(played, scenario as Scenario, {
      driver,
      target: { url, modelPrefix: '', headers: {} },
      controlUrl: `http://127.0.0.1:${control}`,
      pace: PACE,
      seed: 1,
      signal: new AbortController().signal,
    });
    assert.equal(result.requests.unknown + result.requests.strangeAttempts, 0);
    /** Whether the interval of a row holds a value, or the row has this state. */
    const holds = (row: RowName, value: number | string): boolean => {
      const found = result.rows[row];
      if (found === undefined || 'state' in found) return found?.state === value;
      return typeof value === 'number' && found.low <= value && value <= found.high;
    };
    const expect = (rows: Partial<Record<RowName, number | string>>): void => {
      for (const [row, value] of Object.entries(rows))
        assert.ok(holds(row as RowName, value), `${name}, ${row}: ${JSON.stringify(result.rows[row as RowName])}`);
    };
    return { expect, rows: result.rows, accused: accusations(result).map(({ row }) => row) };
  }

  test('an honest gateway is recovered, and accused of nothing', async () => {
    const url = await gateway('--attempts 3 --gap 5ms --idle 300ms');
    const down = await play(url, 'everything-down');
    down.expect({ amplification: 3, mostAttempts: 3 });
    const half = await play(url, 'outage-503');
    half.expect({ amplification: 2, servedShare: 1, splitBefore: 1, primaryTouchedShare: 1 });
    const refused = await play(url, 'outage-refused');
    refused.expect({ amplification: 'cannot-tell', servedShare: 1 });
    const bad = await play(url, 'bad-request');
    bad.expect({ mustNotRetry: 1, statusKeptShare: 1 });
    const cut = await play(url, 'cut-streams');
    cut.expect({ cutBrokenShare: 1, cutForgedShare: 0 });
    const stalled = await play(url, 'stalled-streams');
    assert.ok(stalled.rows.stallBoundUs !== undefined && !('state' in stalled.rows.stallBoundUs));
    for (const each of [down, half, refused, bad, cut, stalled]) assert.deepEqual(each.accused, []);
  });

  test('one that does everything wrong is accused of all of it', async () => {
    const url = await gateway('--attempts 6 --retry-everything --forge-endings');
    assert.deepEqual((await play(url, 'everything-down')).accused, ['amplification']);
    assert.deepEqual((await play(url, 'bad-request')).accused, ['mustNotRetry']);
    assert.deepEqual((await play(url, 'cut-streams')).accused, ['cutForgedShare']);
  });

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
