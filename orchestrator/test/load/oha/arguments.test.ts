import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { connectionsFor, ohaToolRun } from '#src/load/oha/arguments.js';
import { trialLoad } from './fixtures.js';

describe('ohaToolRun', () => {
  it('asks for an open loop at the level, counted from the intended time', () => {
    const tool = ohaToolRun(
      trialLoad({ headers: { authorization: 'Bearer x', 'x-provider': 'openai' }, warmupMs: 500, measureMs: 2500 }),
    );
    const { args, ...rest } = tool;
    assert.equal(
      args.join(' '),
      '--no-tui --no-color --ipv4 -r 0 --disable-compression -w -t 1000ms --connect-timeout 1000ms -z 3002ms -c 64 -q 50 --latency-correction ' +
        '-m POST -T application/json -H authorization: Bearer x -H x-provider: openai -D ${dir}/body.json --output-format json -o ${dir}/result.json ' +
        '--db-url ${dir}/result.db --stats-success-breakdown http://127.0.0.1:6666/v1/chat/completions',
    );
    assert.deepEqual(rest, {
      name: 'oha',
      image: 'ghcr.io/hatoo/oha:1.16.0',
      program: 'oha',
      environment: { TOKIO_WORKER_THREADS: '1' },
      inputFiles: { 'body.json': new TextEncoder().encode('{"model":"bench-chat"}') },
      outputFiles: ['result.json', 'result.db'],
      busyMs: 500 + 2500,
      timeoutMs: 500 + 2500 + 1000 + 30_000,
    });
  });

  it('asks for a closed loop without a rate, with two threads', () => {
    const tool = ohaToolRun(trialLoad({ level: { kind: 'streams', value: 100 } }));
    assert.equal(tool.args[tool.args.indexOf('-c') + 1], '100');
    assert.ok(!tool.args.includes('-q') && !tool.args.includes('--latency-correction'));
    assert.deepEqual(tool.environment, { TOKIO_WORKER_THREADS: '2' });
  });

  it('keeps the connect time-out at two seconds when requests may take longer', () => {
    const { args } = ohaToolRun(trialLoad({ timeoutMs: 30_000 }));
    assert.equal(args[args.indexOf('--connect-timeout') + 1], '2000ms');
    assert.equal(args[args.indexOf('-t') + 1], '30000ms');
  });

  it('does not insist on IPv4 for an IPv6 address', () => {
    assert.ok(!ohaToolRun(trialLoad({ url: 'http://[::1]:4000/v1/chat/completions' })).args.includes('--ipv4'));
  });
});

describe('connectionsFor', () => {
  const cases = [
    { rps: 500, latencyMs: 1, connections: 64, because: 'the minimum' },
    { rps: 500, latencyMs: 170, connections: 340, because: 'four times Little' },
    { rps: 500, latencyMs: 500, connections: 1000, because: 'four times Little' },
    { rps: 5000, latencyMs: 2000, connections: 4096, because: 'the cap' },
    { rps: 10, latencyMs: 1, connections: 25, because: 'idle for no more than 2.5 s' },
    { rps: 1, latencyMs: 1, connections: 2, because: 'idle for no more than 2.5 s' },
    { rps: 0.1, latencyMs: 1, connections: 1, because: 'one at least' },
    { rps: 10, latencyMs: 10_000, connections: 125, because: 'idle for no more than 2.5 s between answers of 10 s' },
  ];
  for (const { rps, latencyMs, connections, because } of cases) {
    it(`gives ${connections} at ${rps} rps and ${latencyMs} ms: ${because}`, () => {
      const load = { level: { kind: 'rps', value: rps }, expectedLatencyMs: latencyMs } as const;
      assert.equal(connectionsFor(load), connections);
    });
  }

  it('is never less than one, never beyond the cap, and has none idle for long', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 100_000, noNaN: true }),
        fc.double({ min: 0.01, max: 60_000, noNaN: true }),
        (rate, expectedLatencyMs) => {
          const connections = connectionsFor({ level: { kind: 'rps', value: rate }, expectedLatencyMs });
          const idleMs = (connections * 1000) / rate - expectedLatencyMs;
          assert.ok(Number.isInteger(connections) && connections >= 1 && connections <= 4096);
          assert.ok(connections === 1 || idleMs <= 2500.001, `${idleMs} ms idle`);
        },
      ),
    );
  });

  it('gives a closed loop its level, whatever the latency', () => {
    assert.equal(connectionsFor({ level: { kind: 'streams', value: 1000 }, expectedLatencyMs: 1 }), 1000);
  });
});
