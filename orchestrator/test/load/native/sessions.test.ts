import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeLoad, encodeLoad } from '#src/agent/wire-load.js';
import { wireLoadSchema } from '#src/agent/wire.js';
import { attest } from '#src/attest/attest.js';
import type { Blend, Scenario } from '#src/catalogue/scenario.js';
import { SCENARIOS, scenarioBody } from '#src/catalogue/scenarios.js';
import { tableOf } from '#src/execute/request-table.js';
import type { Driver, TrialLoad } from '#src/load/driver.js';
import { readColumnFile } from '#src/load/native/column-file.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { recount } from '#src/load/native/recount.js';
import { type RunningMock, startMock } from './mock-process.js';

const LOOP = SCENARIOS.find(({ name }) => name === 'agent-loop') ?? assert.fail();
const BLEND = LOOP.blend ?? assert.fail();
const never = new AbortController().signal;

let mock: RunningMock;
let driver: Driver;
before(async () => {
  mock = await startMock();
  driver = createNativeDriver();
});
after(async () => {
  await driver.close();
  mock.child.kill();
});

/** The same session with pauses that are over within a test. */
function hurried(kinds: readonly Scenario[] = BLEND.kinds): Scenario {
  const pauses = kinds.slice(1).map(() => ({ medianMs: 10 }));
  const blend: Blend = { ...BLEND, kinds, draw: { sessions: { pauses } } };
  return { ...LOOP, blend };
}

async function loadOf(scenario: Scenario): Promise<TrialLoad> {
  const target = { url: mock.url, modelPrefix: '', headers: {} };
  const attested = await attest(target, target, scenario, never);
  assert.ok(attested.state === 'passed', JSON.stringify(attested));
  assert.equal(attested.expected.length, scenario.blend?.kinds.length);
  return {
    url: mock.url + scenario.path,
    headers: {},
    body: scenarioBody(scenario, { modelPrefix: '' }),
    streaming: scenario.streaming,
    ...tableOf(scenario, target, attested.expected),
    level: { kind: 'rps', value: 100 },
    warmupMs: 100,
    measureMs: 1000,
    timeoutMs: 5000,
    expectedLatencyMs: 5,
    seed: 4,
  };
}

test('sessions send what their turns hold, each checked against its own answer, told by turn, and counted the same again', async () => {
  const { record, columns = new Uint8Array(), raw } = await driver.run(await loadOf(hurried()), never);
  assert.deepEqual([record.ok, record.errors, record.dropped], [record.scheduled, {}, 0]);
  assert.ok(record.scheduled > 10, `${record.scheduled}`);
  const { parts = [] } = record;
  assert.deepEqual(
    parts.map(({ name }) => name),
    BLEND.turns?.map(({ name }) => name),
  );
  assert.equal(
    parts.reduce((sum, part) => sum + part.load.scheduled, 0),
    record.scheduled,
  );
  const { header, columns: rows } = readColumnFile(columns);
  assert.equal(header.uneven, true);
  assert.ok(rows.intendedUs.every((at, row) => at >= (rows.intendedUs[row - 1] ?? 0)));
  assert.ok(new Set(rows.kind).size > 12);
  const { sessions } = JSON.parse(Buffer.from(raw).toString()) as {
    sessions: { begun: number; finished: number; cutShort: number };
  };
  assert.ok(sessions.begun > 3 && sessions.cutShort === 0, JSON.stringify(sessions));
  assert.deepEqual(recount(columns, record), record);
});

test('a turn that fails ends its session: the turns behind it are not sent', async () => {
  const kinds = BLEND.kinds.slice(0, 4);
  const load = await loadOf(hurried(kinds));
  const { table = assert.fail() } = load;
  // The second turn is refused from here on.
  const broken = table.kinds.map((kind, turn) =>
    turn === 1 ? { ...kind, body: kind.body.replace('[[bench ', '[[bench status=500 ') } : kind,
  );
  const {
    record,
    raw,
    columns = new Uint8Array(),
  } = await driver.run({ ...load, warmupMs: 0, table: { ...table, kinds: broken } }, never);
  const { header, columns: rows } = readColumnFile(columns);
  const { sessions } = JSON.parse(Buffer.from(raw).toString()) as { sessions: { cutShort: number } };
  assert.ok(sessions.cutShort > 0);
  assert.equal(record.errors.status, sessions.cutShort);
  const sentOf = (turn: number): number => rows.kind.filter((kind) => kind === turn).length;
  assert.equal(sentOf(1), sessions.cutShort);
  // Turns behind it are only of sessions that had got past it when the trial began.
  assert.ok(sentOf(3) < header.rows / 4);
});

test('sessions go to agents and back as they are', async () => {
  const load = await loadOf(hurried(BLEND.kinds.slice(0, 8)));
  const wire = wireLoadSchema.parse(JSON.parse(JSON.stringify(encodeLoad(load))));
  assert.deepEqual(decodeLoad(wire), load);
});
