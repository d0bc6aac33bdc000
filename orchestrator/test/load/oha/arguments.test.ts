import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { connectionsFor, ohaArguments, ohaEnvironment } from '#src/load/oha/arguments.js';

const rps = (value: number, expectedLatencyMs = 1) => ({ level: { kind: 'rps', value }, expectedLatencyMs }) as const;

test('the words are those that were asked for', () => {
  const words = ohaArguments({
    url: 'http://127.0.0.1:6666/v1/chat/completions',
    headers: { authorization: 'Bearer x' },
    body: '{}',
    streaming: false,
    level: { kind: 'rps', value: 500 },
    warmupMs: 1000,
    measureMs: 5000,
    timeoutMs: 30_000,
    expectedLatencyMs: 1,
    seed: 1,
  });
  assert.equal(
    words.join(' '),
    '--no-tui --no-color --ipv4 --disable-compression -r 0 -w -t 30000ms --connect-timeout 2s -z 6000ms -q 500 --latency-correction -c 64 ' +
      '-m POST -T application/json -H authorization: Bearer x -D ${dir}/body.json --output-format json -o ${dir}/result.json --db-url ${dir}/result.db ' +
      'http://127.0.0.1:6666/v1/chat/completions',
  );
});

test('streams are a closed loop: as many connections, no rate and no correction', () => {
  const words = ohaArguments({
    url: 'u',
    headers: {},
    body: '',
    streaming: true,
    level: { kind: 'streams', value: 100 },
    warmupMs: 0,
    measureMs: 1000,
    timeoutMs: 1000,
    expectedLatencyMs: 1,
    seed: 1,
  });
  assert.ok(!words.includes('-q') && !words.includes('--latency-correction'));
  assert.equal(words[words.indexOf('-c') + 1], '100');
});

test('connections follow rate and latency, and none idles into a server’s keep-alive time-out', () => {
  assert.equal(connectionsFor(rps(100)), 64);
  assert.equal(connectionsFor(rps(10)), 25);
  assert.equal(connectionsFor(rps(1)), 2);
  assert.equal(connectionsFor(rps(1000, 100)), 400);
  assert.equal(connectionsFor(rps(5000, 5000)), 2000);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0.01, max: 60_000, noNaN: true }),
      (rate, latencyMs) => {
        const connections = connectionsFor(rps(rate, latencyMs));
        assert.ok(connections >= 1 && connections <= 2000 && connections / rate <= 2.5);
      },
    ),
  );
});

test('one thread of oha as long as it can do the work', () => {
  assert.equal(ohaEnvironment(rps(5000))['TOKIO_WORKER_THREADS'], '1');
  assert.equal(ohaEnvironment(rps(20_000))['TOKIO_WORKER_THREADS'], '2');
});
