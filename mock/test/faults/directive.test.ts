import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bodyDirective, parseDirective } from '#src/faults/directive.js';
import fc from 'fast-check';

describe('the marker in a body', () => {
  it('is the first one, wherever it stands', () => {
    const body = '{"messages":[{"content":"a [[bench id=one tokens=5]] b [[bench id=two]]"}]}';
    assert.deepEqual(bodyDirective(Buffer.from(body)), { id: 'one', tokens: 5 });
  });

  it('is refused when it does not end within 256 bytes, for its id would be lost', () => {
    const unfinished = /no "\]\]" within 256 bytes/;
    assert.throws(() => bodyDirective(Buffer.from(`[[bench id=${'a'.repeat(20)}`)), unfinished);
    assert.throws(() => bodyDirective(Buffer.from(`[[bench id=a ${'tokens=1 '.repeat(40)}]]`)), unfinished);
  });

  it('does not begin any other word', () => {
    assert.equal(bodyDirective(Buffer.from('[[benchmark id=a]]')), undefined);
  });

  it('finds any id in any text', () => {
    const id = fc.string({ unit: fc.constantFrom(...'abcXYZ019_-'.split('')), minLength: 1, maxLength: 32 });
    const text = fc.string().filter((each) => !each.includes('[[bench '));
    fc.assert(
      fc.property(text, id, text, (before, wanted, after) => {
        const body = Buffer.from(`${before}[[bench id=${wanted}]]${after}`);
        assert.deepEqual(bodyDirective(body), { id: wanted });
      }),
    );
  });
});

describe('wishes', () => {
  it('reads every key', () => {
    const wishes = parseDirective('id=a-1 ttft=normal:5:1 gap=2.5 tokens=8 error-rate=0.5 status=503 fault=cut:5');
    assert.deepEqual(
      { ...wishes, ttft: wishes.ttft?.text, gap: wishes.gap?.text },
      {
        id: 'a-1',
        ttft: 'normal:5:1',
        gap: '2.5',
        tokens: 8,
        errorRate: 0.5,
        status: 503,
        fault: { kind: 'cut', value: 5 },
      },
    );
  });

  const bad: Record<string, RegExp> = {
    'id=': /id "" is not 1 to 32/,
    'id=a/b': /id "a\/b" is not 1 to 32/,
    [`id=${'a'.repeat(33)}`]: /is not 1 to 32/,
    'tokens=0': /tokens "0" is not a number from 1 to 100000/,
    'error-rate=1.5': /error-rate "1.5" is not a number from 0 to 1/,
    'status=200': /status "200" is not a number from 400 to 599/,
    'ttft=soon': /ttft "soon" is not a latency/,
    'fault=boom': /fault "boom" is none that the mock plays, or its number is out of bounds/,
    'fault=rate-limit:x': /the fault is none that the mock plays/,
    'finish=never': /finish "never" is not one of stop, length/,
    'speed=1':
      /unknown key "speed" \(id, ttft, gap, tokens, error-rate, status, fault, as, say, calls, tool, finish, strict, keep\)/,
  };
  for (const [text, message] of Object.entries(bad)) {
    it(`refuses ${text}`, () => {
      assert.throws(
        () => parseDirective(text),
        (error: Error) => {
          assert.match(error.message, message);
          // A gateway that finds these words makes another error of it.
          assert.doesNotMatch(error.message, /rate.?limit|overload|context.?length|quota/i);
          return true;
        },
      );
    });
  }
});
