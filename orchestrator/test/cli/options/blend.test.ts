import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readBenchOptions } from '#src/cli/options/bench.js';
import { choiceOf } from '#src/cli/options/bench-request.js';
import { chosenScenarios } from '#src/cli/options/chosen-scenarios.js';
import { chooseEquipment } from '#src/measure/equipment.js';
import { planOf } from '../../support/plan-of.js';

function traceFile(output: number): string {
  const path = join(mkdtempSync(join(tmpdir(), 'trace-')), 'two.csv');
  writeFileSync(path, `time_s,prompt_tokens,output_tokens\n0,100,5\n1.5,200,${output}\n`);
  return path;
}

test('a trace takes the place of scenarios, levels and duration', () => {
  const options = readBenchOptions({ trace: traceFile(9), blocks: '4' });
  assert.equal(options.durationMs, 4 * 3000);
  const [planned, ...more] = chosenScenarios(options);
  assert.equal(more.length, 0);
  assert.deepEqual([planned?.scenario.name, planned?.levels], ['trace', [{ kind: 'rps', value: 0.6667 }]]);
});

test('a mix is one scenario at the levels asked for', () => {
  const options = readBenchOptions({ mix: 'chat-minimal=3, embeddings', rps: '200 400' });
  const [planned, ...more] = chosenScenarios(options);
  assert.equal(more.length, 0);
  assert.equal(planned?.scenario.about, '75 % chat-minimal, 25 % embeddings');
  assert.deepEqual(
    planned?.levels.map(({ value }) => value),
    [200, 400],
  );
});

test('other traces and other weights are other plans', () => {
  const digestOf = (raw: Record<string, unknown>) => planOf(raw).digest;
  assert.equal(digestOf({ trace: traceFile(9) }), digestOf({ trace: traceFile(9) }));
  assert.notEqual(digestOf({ trace: traceFile(9) }), digestOf({ trace: traceFile(8) }));
  assert.notEqual(digestOf({ trace: traceFile(9) }), digestOf({ trace: traceFile(9), 'trace-speed': '2' }));
  assert.notEqual(digestOf({ mix: 'chat-minimal=3,chat-stream=1' }), digestOf({ mix: 'chat-minimal=2,chat-stream=1' }));
});

const REFUSED: readonly (readonly [Record<string, unknown>, RegExp])[] = [
  [{ trace: 'x.csv', rps: '100' }, /^--rps cannot go with --trace\.$/],
  [{ trace: 'x.csv', mix: 'chat-minimal,chat-stream' }, /^--mix cannot go with --trace\.$/],
  [{ 'trace-for': '10m' }, /^--trace-for says nothing without --trace\.$/],
  [{ trace: 'x.csv', 'trace-from': '5' }, /^--trace-from "5" cannot be used\.$/],
  [{ trace: 'x.csv', 'trace-speed': '0' }, /^--trace-speed "0" cannot be used\.$/],
  [{ trace: '/no/such.csv' }, /^--trace \/no\/such\.csv cannot be read/],
  [{ mix: 'chat-minimal,chat-stream', scenarios: 'embeddings' }, /^--scenarios cannot go with --mix\.$/],
  [{ mix: 'chat-minimal' }, /has fewer than two scenarios/],
  [{ mix: 'chat-minimal,chat-minimal=2' }, /names a scenario twice/],
  [{ mix: 'chat-minimal,chat' }, /^--mix "chat" is not known\.$/],
  [{ mix: 'chat-minimal=0,chat-stream' }, /^--mix "0" cannot be used\.$/],
];
for (const [raw, message] of REFUSED) {
  test(`refused: ${JSON.stringify(raw)}`, () => {
    assert.throws(() => readBenchOptions(raw), { name: 'BenchError', exitCode: 2, message });
  });
}

test('oha is not asked for what it cannot do', async () => {
  const options = readBenchOptions({ mix: 'chat-minimal,chat-stream', driver: 'oha', runtime: 'process' });
  await assert.rejects(
    chooseEquipment(choiceOf(options), 'run', [], () => undefined),
    { code: 'driver-needs-native', message: /^--mix is not known to the driver oha/ },
  );
});
