import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { demux, tailOf } from '#src/runtime/docker/output.js';
import { frameOf } from './fake-engine.js';

const frames = fc.array(fc.tuple(fc.constantFrom<1 | 2>(1, 2), fc.uint8Array({ maxLength: 300 })));

test('any frames come apart again', () => {
  fc.assert(
    fc.property(frames, (written) => {
      const { stdout, stderr, both } = demux(
        Buffer.concat(written.map(([stream, bytes]) => frameOf(stream, Buffer.from(bytes)))),
      );
      const of = (stream: number) => Buffer.concat(written.filter(([s]) => s === stream).map(([, bytes]) => bytes));
      assert.deepEqual(stdout, of(1));
      assert.deepEqual(stderr, of(2));
      assert.deepEqual(both, Buffer.concat(written.map(([, bytes]) => bytes)));
    }),
  );
});

test('output that was cut off anywhere gives what is there of it', () => {
  fc.assert(
    fc.property(frames, fc.nat(), (written, cut) => {
      const whole = Buffer.concat(written.map(([stream, bytes]) => frameOf(stream, Buffer.from(bytes))));
      const part = demux(whole.subarray(0, cut % (whole.length + 1))).both;
      assert.deepEqual(part, demux(whole).both.subarray(0, part.length));
    }),
  );
});

test('a tail begins at a line', () => {
  assert.equal(tailOf(Buffer.from('one\ntwo\nthree\n'), 100), 'one\ntwo\nthree\n');
  assert.equal(tailOf(Buffer.from('one\ntwo\nthree\n'), 8), 'three\n');
  assert.equal(tailOf(Buffer.from('a line without end'), 3), 'end');
});
