import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wholeRequest } from '#src/relay/request-end.js';

const request = (body: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  ]);

test('a request has come when its last byte has, and what follows is not its own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 50 }), fc.nat(), (body, more, cut) => {
      const whole = request(Buffer.from(body));
      const part = whole.subarray(0, cut % whole.length);
      assert.equal(wholeRequest(part), null);
      const found = wholeRequest(Buffer.concat([whole, more]));
      assert.deepEqual(found, {
        method: 'POST',
        path: '/v1/chat/completions',
        length: whole.length,
        bodyStart: whole.length - body.length,
      });
    }),
  );
});

test('a request without a body ends with its head', () => {
  const head = Buffer.from('GET /health HTTP/1.1\r\nhost: x\r\n\r\n');
  assert.equal(wholeRequest(head)?.length, head.length);
});

for (const [what, text, message] of [
  ['a body in chunks', 'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n', /body in chunks/],
  ['what is no HTTP', 'hello\r\n\r\n', /no HTTP/],
  ['an endless head', 'G'.repeat(70_000), /too long/],
] as const)
  test(`${what} is refused`, () =>
    assert.throws(() => wholeRequest(Buffer.from(text)), { name: 'RangeError', message }));
