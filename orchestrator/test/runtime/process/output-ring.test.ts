import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OutputRing } from '#src/runtime/process/output-ring.js';

test('keeps the last bytes, whatever the chunks', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme-ascii' })),
      fc.integer({ min: 0, max: 40 }),
      (chunks, capacity) => {
        const ring = new OutputRing(capacity);
        for (const chunk of chunks) ring.write(Buffer.from(chunk));
        const all = chunks.join('');
        const dropped = Math.max(0, all.length - capacity);
        const notice = dropped === 0 ? '' : `[${dropped} earlier bytes dropped]\n`;
        assert.equal(ring.text(), notice + all.slice(dropped));
      },
    ),
  );
});
