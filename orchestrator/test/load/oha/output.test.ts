import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BenchError } from '#src/errors.js';
import { parseOhaOutput } from '#src/load/oha/output.js';
import { fixture, jsonFixtures } from './fixtures.js';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function problemOf(bytes: Uint8Array): BenchError {
  try {
    parseOhaOutput(bytes);
  } catch (error) {
    assert.ok(error instanceof BenchError);
    return error;
  }
  return assert.fail('was accepted');
}

describe('parseOhaOutput', () => {
  for (const name of jsonFixtures) {
    it(`reads the captured ${name}`, () => {
      assert.ok(parseOhaOutput(fixture(name)).summary.total > 0);
    });
  }

  it('reads counts and percentiles of 1.15', () => {
    const output = parseOhaOutput(fixture('1.15-direct-embeddings-100rps.json'));
    assert.deepEqual(output.statusCodeDistribution, { '200': 500 });
    assert.deepEqual(output.errorDistribution, { 'aborted due to deadline': 1 });
    assert.equal(output.latencyPercentilesSuccessful, undefined);
  });

  it('reads a run without a single answer: nulls, and histograms of NaN', () => {
    const output = parseOhaOutput(fixture('refused.json'));
    assert.equal(output.latencyPercentiles.p50, null);
    assert.deepEqual(output.responseTimeHistogram, { NaN: 0 });
    assert.deepEqual(output.statusCodeDistribution, {});
    assert.equal(output.summary.sizePerRequest, null);
  });

  it('reads any version: optional blocks may be missing, any statistic null, unknown keys there', () => {
    const whole = JSON.parse(fixture('mixed.json').toString()) as Record<string, Record<string, unknown>>;
    const required = new Set(
      'summary responseTimeHistogram latencyPercentiles details statusCodeDistribution errorDistribution'.split(' '),
    );
    const optional = Object.keys(whole).filter((key) => !required.has(key));
    fc.assert(
      fc.property(
        fc.subarray(optional),
        fc.subarray(Object.keys(whole['latencyPercentiles'] ?? {})),
        fc.dictionary(
          fc.string().map((key) => `new-${key}`),
          fc.jsonValue(),
        ),
        (missing, nulls, unknown) => {
          const changed: Record<string, unknown> = { ...unknown, ...structuredClone(whole) };
          for (const key of missing) delete changed[key];
          const percentiles = { ...whole['latencyPercentiles'] };
          for (const key of nulls) percentiles[key] = null;
          const output = parseOhaOutput(encode({ ...changed, latencyPercentiles: percentiles }));
          assert.deepEqual(output.latencyPercentiles, percentiles);
          assert.equal(output.firstBytePercentiles === undefined, missing.includes('firstBytePercentiles'));
        },
      ),
    );
  });

  it('refuses what lacks a block that every version writes', () => {
    const whole = JSON.parse(fixture('open-loop.json').toString()) as Record<string, unknown>;
    for (const key of ['summary', 'latencyPercentiles', 'details', 'statusCodeDistribution', 'errorDistribution']) {
      const { [key]: _gone, ...rest } = whole;
      const problem = problemOf(encode(rest));
      assert.equal(problem.code, 'driver-failed');
      assert.match(problem.message, new RegExp(`${key}: `));
    }
  });

  it('refuses other JSON, cut JSON, no JSON and nothing, each with its place', () => {
    assert.match(problemOf(encode({ memory_kb: 7516 })).message, /not the JSON of oha .*summary: /);
    assert.match(problemOf(encode([])).message, /not the JSON of oha .*root: /);
    assert.match(problemOf(fixture('open-loop.json').subarray(0, 200)).message, /it is not JSON .*200 bytes/);
    assert.match(problemOf(Uint8Array.of(0xff, 0xfe)).message, /it is not JSON .*2 bytes/);
    assert.match(problemOf(new Uint8Array()).message, /it is not JSON .*0 bytes/);
  });

  it('refuses counts that cannot be', () => {
    const whole = JSON.parse(fixture('open-loop.json').toString()) as Record<string, unknown>;
    for (const statusCodeDistribution of [{ '200': -1 }, { '200': 1.5 }, { ok: 3 }]) {
      assert.match(problemOf(encode({ ...whole, statusCodeDistribution })).message, /statusCodeDistribution/);
    }
  });

  it('never lets another error out, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (bytes) => {
          assert.equal(problemOf(bytes).code, 'driver-failed');
        },
      ),
    );
  });
});
