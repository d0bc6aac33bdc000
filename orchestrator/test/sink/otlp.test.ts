import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { otlp } from '#src/sink/otlp.js';
import { SinkFault } from '#src/sink/sink.js';
import { exported, span } from './otlp-messages.js';

const PROTOBUF = 'application/x-protobuf';

describe('otlp', () => {
  it('counts spans in protobuf, those without a parent apart, and by name', () => {
    const sink = otlp();
    const body = exported([[[span('POST', ''), span('llm', 'parent01')], [span('llm', 'parent02')]], [[]]]);
    assert.deepEqual(sink.take({ path: '/v1/traces', contentType: PROTOBUF, body }), {
      contentType: PROTOBUF,
      body: '',
    });
    assert.deepEqual(sink.counts(), {
      spans: 3,
      rootSpans: 1,
      metrics: 0,
      logRecords: 0,
      byName: { POST: 1, llm: 2 },
    });
    sink.reset();
    assert.deepEqual(sink.counts(), { spans: 0, rootSpans: 0, metrics: 0, logRecords: 0, byName: {} });
  });

  it('counts the same in JSON', () => {
    const sink = otlp();
    const spans = [{ name: 'POST', parentSpanId: '' }, { name: 'llm', parentSpanId: 'ab' }, { name: 'GET' }];
    const body = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }, {}] }));
    assert.deepEqual(sink.take({ path: '/v1/traces', contentType: 'application/json', body }), {
      contentType: 'application/json',
      body: '{}',
    });
    const { spans: all, rootSpans } = sink.counts();
    assert.deepEqual([all, rootSpans], [3, 2]);
  });

  it('counts metrics and log records at their paths', () => {
    const sink = otlp();
    const body = exported([[[Buffer.alloc(0), Buffer.alloc(0)]]]);
    sink.take({ path: '/v1/metrics', contentType: PROTOBUF, body });
    sink.take({ path: '/v1/logs', contentType: PROTOBUF, body });
    const { spans, metrics, logRecords } = sink.counts();
    assert.deepEqual([spans, metrics, logRecords], [0, 2, 2]);
  });

  it('has no more than a hundred names', () => {
    const sink = otlp();
    const spans = Array.from({ length: 250 }, (_, i) => span(`chat ${i}`, ''));
    sink.take({ path: '/v1/traces', contentType: PROTOBUF, body: exported([[spans]]) });
    const byName = sink.counts()['byName'] as Record<string, number>;
    assert.equal(Object.keys(byName).length, 101);
    assert.equal(byName['(others)'], 150);
  });

  it('serves nothing elsewhere', () => {
    assert.equal(otlp().take({ path: '/v1/profiles', contentType: PROTOBUF, body: Buffer.alloc(0) }), null);
  });

  it('counts whatever number of spans there is, and none of a body that is cut', () => {
    const shape = fc.array(fc.array(fc.array(fc.string(), { maxLength: 4 }), { maxLength: 3 }), { maxLength: 3 });
    fc.assert(
      fc.property(shape, fc.nat(), (names, cut) => {
        const body = exported(names.map((scopes) => scopes.map((list) => list.map((name) => span(name, '')))));
        const sink = otlp();
        sink.take({ path: '/v1/traces', contentType: PROTOBUF, body });
        assert.equal(sink.counts()['spans'], names.flat(2).length);
        sink.reset();
        const part = body.subarray(0, body.length === 0 ? 0 : cut % body.length);
        try {
          sink.take({ path: '/v1/traces', contentType: PROTOBUF, body: part });
        } catch (thrown) {
          // A cut between two resources leaves a whole request; any other is told, and nothing of it counts.
          assert.ok(thrown instanceof SinkFault);
          assert.equal(sink.counts()['spans'], 0);
        }
      }),
    );
  });

  it('never throws anything but its own fault at any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(PROTOBUF, 'application/json', ''),
        (bytes, type) => {
          try {
            otlp().take({ path: '/v1/traces', contentType: type, body: Buffer.from(bytes) });
          } catch (thrown) {
            assert.ok(thrown instanceof SinkFault, String(thrown));
          }
        },
      ),
    );
  });
});
