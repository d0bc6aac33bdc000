import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonObject } from '#src/wire/json.js';
import fc from 'fast-check';

const scan = new JsonObject();

/** What JSON.parse says of a text. */
function expected(text: string) {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? 'object' : 'other';
  } catch {
    return 'invalid';
  }
}

function agrees(text: string): void {
  const bytes = Buffer.from(text);
  const kind = scan.read(bytes);
  assert.equal(kind, expected(bytes.toString()), JSON.stringify(text));
  if (kind !== 'object') return;
  const parsed = JSON.parse(bytes.toString()) as Record<string, unknown>;
  assert.deepEqual(new Set(scan.keys()), new Set(Object.keys(parsed)));
  for (const key of Object.keys(parsed).filter((name) => Buffer.byteLength(name) === name.length)) {
    assert.deepEqual(scan.value(key), parsed[key]);
    assert.equal(scan.isTrue(key), parsed[key] === true);
    assert.equal(scan.has(key), parsed[key] !== null);
    assert.deepEqual(scan.string(key), typeof parsed[key] === 'string' ? parsed[key] : undefined);
    assert.deepEqual(scan.number(key), typeof parsed[key] === 'number' ? parsed[key] : undefined);
  }
}

test('a JSON text is read as JSON.parse reads it, however it is spaced', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, '\t', '\r\n \t'), (value, space) => {
      agrees(JSON.stringify(value, null, space));
    }),
  );
});

test('an object with arbitrary keys is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary-ascii' })), fc.jsonValue()),
      (o) => agrees(JSON.stringify(o)),
    ),
  );
});

test('a damaged text is refused exactly when JSON.parse refuses it', () => {
  const damage = fc.record({
    value: fc.dictionary(fc.constantFrom('stream', 'model', 'a'), fc.jsonValue()),
    at: fc.nat(),
    remove: fc.nat(3),
    insert: fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0019eE+-.truefalsn \t\n\u0001'.split('')), maxLength: 3 }),
  });
  fc.assert(
    fc.property(damage, ({ value, at, remove, insert }) => {
      const text = JSON.stringify(value);
      const cut = at % (text.length + 1);
      agrees(text.slice(0, cut) + insert + text.slice(cut + remove));
    }),
    { numRuns: 5000 },
  );
});

test('texts made of the pieces of JSON are judged as JSON.parse judges them', () => {
  const pieces = fc.constantFrom(
    ...'{}[],:'.split(''),
    '"a"',
    '"',
    '\\',
    '0',
    '1',
    '-',
    '.',
    'e',
    'true',
    'null',
    ' ',
    '{"a":',
    '\\u00',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => agrees(parts.join(''))),
    { numRuns: 5000 },
  );
});

test('of a repeated key the last counts, also when it is written with escapes', () => {
  scan.read(Buffer.from('{"stream":false,"str\\u0065am":true}'));
  assert.equal(scan.isTrue('stream'), true);
});

test('a key inside a string or a nested object is not one of the object itself', () => {
  scan.read(Buffer.from('{"messages":[{"content":"\\"stream\\": true","stream":true}],"stream" : false}'));
  assert.equal(scan.isTrue('stream'), false);
});

test('nesting a million deep does not exhaust the stack', () => {
  const depth = 1_000_000;
  const text = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  assert.equal(scan.read(Buffer.from(text)), 'object');
  assert.equal(scan.span('a'), 2 * depth);
});
