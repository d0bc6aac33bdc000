import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BenchError } from '#src/errors.js';
import type { Executed } from '#src/runtime/kubernetes/cluster.js';
import { ResultFetch } from '#src/runtime/kubernetes/fetch-result.js';

const NEVER = new AbortController().signal;
const bytes = Buffer.from('an archive of some length, for a test');

function extentOf(end: number): { readonly bytes: number; readonly sha256: string } {
  return { bytes: end, sha256: createHash('sha256').update(bytes.subarray(0, end)).digest('hex') };
}

function executed(stdout: Buffer): Promise<Executed> {
  return Promise.resolve({ stdout, stderr: '', exitCode: null });
}

describe('a result that is fetched', () => {
  it('goes on where a connection was cut', async () => {
    const asked: number[] = [];
    const had: Buffer[] = [];
    const fetch = new ResultFetch({
      read: async (from) => {
        asked.push(from);
        if (asked.length === 2) throw new Error('reset');
        return executed(bytes.subarray(from, from + 10));
      },
      deliver: async (archive) => void had.push(archive),
    });
    await fetch.all(extentOf(bytes.length), NEVER);
    assert.deepEqual(had, [bytes]);
    assert.deepEqual(asked, [0, 10, 10, 20, 30]);
  });

  it('is refused when it is not what was sent', async () => {
    const fetch = new ResultFetch({ read: async () => executed(bytes), deliver: () => assert.fail() });
    const all = fetch.all({ bytes: bytes.length, sha256: 'ff' }, NEVER);
    await assert.rejects(all, (thrown) => thrown instanceof BenchError && thrown.code === 'result-lost');
  });

  it('is delivered once and in order while it grows, whatever was cut or came to nothing on the way', async () => {
    const lengths = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lengths, fc.array(fc.integer({ min: -1, max: 40 })), async (ends, cuts) => {
        const had: Buffer[] = [];
        const fetch = new ResultFetch({
          read: async (from, until) => {
            const cut = cuts.shift() ?? 40;
            if (cut === -1) throw new Error('reset');
            return executed(bytes.subarray(from, Math.min(until, from + cut)));
          },
          deliver: async (archive) => void had.push(archive),
        });
        for (const end of ends.toSorted((a, b) => a - b)) {
          await fetch.some(extentOf(end));
          const so = Buffer.concat(had);
          assert.deepEqual(so, bytes.subarray(0, so.length));
          assert.ok(so.length <= end);
        }
        cuts.length = 0;
        await fetch.all(extentOf(bytes.length), NEVER);
        assert.deepEqual(Buffer.concat(had), bytes);
      }),
      { numRuns: 100 },
    );
  });

  it('is asked for again from its last sound byte where a part of it came spoilt', async () => {
    const had: string[] = [];
    let spoilt = true;
    const fetch = new ResultFetch({
      read: async (from, until) =>
        executed(Buffer.from(bytes.subarray(from, until).map((byte) => byte ^ (spoilt ? 1 : 0)))),
      deliver: async (archive) => void had.push(archive.toString()),
    });
    spoilt = false;
    await fetch.some(extentOf(2));
    spoilt = true;
    await fetch.some(extentOf(10));
    spoilt = false;
    await fetch.some(extentOf(10));
    assert.deepEqual(had, ['an', ' archive']);
  });
});
