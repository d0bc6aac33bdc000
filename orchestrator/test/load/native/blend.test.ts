import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { attest } from '#src/attest/attest.js';
import { mixOf, replayOf } from '#src/catalogue/blend.js';
import type { Scenario } from '#src/catalogue/scenario.js';
import { SCENARIOS, scenarioBody } from '#src/catalogue/scenarios.js';
import { parseTrace, WHOLE_TRACE } from '#src/catalogue/trace.js';
import { tableOf } from '#src/execute/request-table.js';
import type { Driver, LoadResult } from '#src/load/driver.js';
import { readColumnFile } from '#src/load/native/column-file.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { readLedger } from '#src/load/native/ledger-file.js';
import { clientRows } from '#src/load/native/ledger-join.js';
import { ledgerRecord } from '#src/load/native/ledger-record.js';
import { recount } from '#src/load/native/recount.js';
import type { Level } from '#src/record/cell.js';
import { type RunningMock, startMock } from './mock-process.js';

const named = (name: string) => SCENARIOS.find((scenario) => scenario.name === name) ?? assert.fail(name);
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

async function load(
  scenario: Scenario,
  level: Level,
  measureMs: number,
): Promise<LoadResult & { columns: Uint8Array }> {
  const target = { url: mock.url, modelPrefix: '', headers: {} };
  const attested = await attest(target, target, scenario, never);
  assert.ok(attested.state === 'passed');
  await fetch(`${mock.url}/__bench/ledger`, { method: 'DELETE' });
  const { columns = new Uint8Array(), ...result } = await driver.run(
    {
      url: mock.url + scenario.path,
      headers: {},
      body: scenarioBody(scenario, { modelPrefix: '' }),
      streaming: scenario.streaming,
      ...tableOf(scenario, target, attested.expected),
      level,
      warmupMs: 100,
      measureMs,
      timeoutMs: 5000,
      expectedLatencyMs: 5,
      seed: 4,
    },
    never,
  );
  return { ...result, columns };
}

const MIX = mixOf([
  { scenario: named('chat-minimal'), weight: 2 },
  { scenario: named('chat-stream'), weight: 1 },
  { scenario: named('embeddings'), weight: 1 },
]);

for (const level of [
  { kind: 'rps', value: 200 },
  { kind: 'streams', value: 4 },
] as const) {
  test(`a mix at ${level.value} ${level.kind}: each request is what it should be, and the parts add up`, async () => {
    const { record, columns } = await load(MIX, level, 600);
    assert.deepEqual([record.ok, record.errors, record.dropped], [record.scheduled, {}, 0]);
    const { parts = [] } = record;
    assert.deepEqual(parts.map(({ name }) => name).sort(), ['chat-minimal', 'chat-stream', 'embeddings']);
    assert.equal(
      parts.reduce((sum, part) => sum + part.load.scheduled, 0),
      record.scheduled,
    );
    assert.equal(
      parts.reduce((sum, part) => sum + (part.load.bytes ?? 0), 0),
      record.bytes,
    );
    for (const { name, load: part } of parts) {
      assert.ok(part.scheduled > 0 && part.ok === part.scheduled, name);
      assert.equal(part.latencyUs.count, part.ok);
      assert.equal(part.ttftUs?.count, name === 'chat-stream' ? part.ok : undefined);
      // 20 tokens a stream.
      if (name === 'chat-stream') assert.ok((part.gapUs?.count ?? 0) >= 19 * (part.ok - 4));
    }
    assert.equal(record.ttftUs?.count, parts.find(({ name }) => name === 'chat-stream')?.load.ok);
    assert.deepEqual(recount(columns, record), record);
    const binary = await fetch(`${mock.url}/__bench/ledger?format=binary`).then((response) => response.arrayBuffer());
    const joined = ledgerRecord(readColumnFile(columns), readLedger(Buffer.from(binary)));
    // Of processes of one host, whatever their requests look like.
    assert.equal(joined.sharedClock, process.platform === 'linux');
    assert.equal(joined.joined, record.ok);
    const ledgers = joined.parts ?? assert.fail('a mix has parts');
    assert.equal(ledgers.length, 3);
    for (const { name, ledger } of ledgers) {
      const ok = parts.find((part) => part.name === name)?.load.ok;
      assert.deepEqual([ledger.joined, ledger.overheadUs.count], [ok, ok], name);
      assert.equal(ledger.addedFirstFrameUs?.count, name === 'chat-stream' ? ok : undefined);
    }
  });
}

test('a trace: at its own times, and the sizes asked for are the sizes that came', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => ({
    ms: i * 7 + (i % 3),
    prompt: [40, 300, 1155][i % 3] ?? 1,
    output: [1, 5, 60, 211][i % 4] ?? 1,
  }));
  const lines = rows.map(({ ms, prompt, output }) => `${ms / 1000},${prompt},${output}`);
  const trace = {
    file: 't.csv',
    sha256: '',
    part: WHOLE_TRACE,
    ...parseTrace(['time_s,prompt_tokens,output_tokens', ...lines], 't'),
  };
  const scenario = replayOf(trace);
  const { record, columns } = await load(scenario, { kind: 'rps', value: 140 }, 430);
  assert.deepEqual([record.scheduled, record.ok, record.parts], [60, 60, undefined]);
  const file = readColumnFile(columns);
  const ledger = (await fetch(`${mock.url}/__bench/ledger`).then((response) => response.json())) as {
    records: { id: string; frames: number }[];
  };
  const framesOf = new Map(ledger.records.map(({ id, frames }) => [id, frames]));
  const measured = [...clientRows(file)].flatMap((row, at) => (row.measured ? [{ ...row, at }] : []));
  for (const [k, { id, at, frames, intendedUs }] of measured.entries()) {
    const { ms, prompt, output } = rows[k] ?? assert.fail(`row ${k}`);
    assert.ok(Math.abs(intendedUs - file.header.startedAtUs - 100_000 - ms * 1000) < 1);
    assert.equal(file.header.kinds[file.columns.kind[at] as number]?.name, `in=${prompt} out=${output}`);
    // One token a frame; the role before them, the finish reason and the end behind.
    assert.equal(frames, output + 3);
    assert.equal(framesOf.get(id), frames);
  }
  for (const kind of scenario.blend?.kinds ?? []) {
    const body = scenarioBody({ ...kind, request: plainly(kind) }, { modelPrefix: '' });
    const answer = await fetch(mock.url + kind.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { usage } = (await answer.json()) as { usage: { prompt_tokens: number; completion_tokens: number } };
    const [, prompt, output] = /^in=(\d+) out=(\d+)$/.exec(kind.name) ?? assert.fail(kind.name);
    assert.equal(usage.completion_tokens, Number(output));
    // Of a text of more than 4 kB the mock estimates by pieces; a shorter one is counted.
    const off = Math.abs(usage.prompt_tokens - Number(prompt));
    assert.ok(off <= (body.length > 4096 ? 0.02 * Number(prompt) : 0), `${usage.prompt_tokens} for ${kind.name}`);
  }
});

function plainly({ request }: Scenario): Scenario['request'] {
  return (model, text) => ({ ...request(model, text), stream: false });
}
