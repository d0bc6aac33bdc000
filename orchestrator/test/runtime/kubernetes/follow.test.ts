import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { atAddresses, inHostList, openMock } from '#src/runtime/kubernetes/addresses.js';
import { LogTail } from '#src/runtime/kubernetes/log-tail.js';
import { bytesOf, cpuQuantity, cpusOf } from '#src/runtime/kubernetes/quantity.js';
import { readResultLine, resultLine } from '#src/runtime/kubernetes/result.js';

describe('a log that is followed', () => {
  it('hands every line on once, however it is cut and asked for again', () => {
    const stamps = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(stamps, fc.array(fc.tuple(fc.nat(40), fc.nat(6))), (steps, looks) => {
        let nanoseconds = 0;
        const lines = steps.map((step, i) => {
          nanoseconds += step * 100_000_000;
          return `2026-11-29T10:00:${String(Math.floor(nanoseconds / 1e9)).padStart(2, '0')}.${
            String(nanoseconds % 1e9)
              .padStart(9, '0')
              .replace(/0+$/, '') || '0'
          }Z line ${i}`;
        });
        const tail = new LogTail();
        const had: string[] = [];
        let until = 0;
        for (const [more, overlap] of [...looks, [lines.length, 6] as const]) {
          // A look begins at a whole time stamp at the latest, as the server's does: never in the middle of equal ones that were not seen.
          const stampOf = (line: string | undefined): string => (line ?? '').split(' ')[0] ?? '';
          let from = Math.max(0, until - overlap);
          while (from > 0 && stampOf(lines[from - 1]) === stampOf(lines[Math.max(0, until - 1)])) from -= 1;
          until = Math.min(lines.length, until + more);
          had.push(...tail.take(`${lines.slice(from, until).join('\n')}\n`));
        }
        assert.deepEqual(
          had,
          lines.map((_, i) => `line ${i}`),
        );
      }),
    );
  });

  it('compares times whatever digits are left out', () => {
    const tail = new LogTail();
    assert.deepEqual(tail.take('2026-11-29T10:00:00.5Z a\n2026-11-29T10:00:00.51Z b\nno stamp\n'), ['a', 'b']);
    assert.deepEqual(tail.take('2026-11-29T10:00:00.51Z b\n2026-11-29T10:00:01Z c\n'), ['c']);
  });

  it('says by a line of its own that there is a result, and nothing else does', () => {
    for (const exitCode of [3, null]) {
      const result = { exitCode, bytes: 12, sha256: 'ab' };
      assert.deepEqual(readResultLine(resultLine(result)), result);
    }
    const whole = resultLine({ exitCode: 3, bytes: 12, sha256: 'ab' });
    for (const line of ['', 'direct 100 rps', '[[crabllm-bench result {"exitCode":1}]]', `x${whole}`])
      assert.equal(readResultLine(line), null);
  });
});

describe('addresses and quantities', () => {
  it('put the Pods of others in the place of ports of one host, and open one’s own', () => {
    const addresses = new Map([[9999, { host: '10.1.2.3', port: 9999 }]]);
    const text = 'a http://127.0.0.1:9999/v1 b 127.0.0.1:6666 c 127.0.0.1:99990 d 127.0.0.1:6379';
    assert.equal(
      atAddresses(text, 6666, addresses),
      'a http://10.1.2.3:9999/v1 b 0.0.0.0:6666 c 127.0.0.1:99990 d 127.0.0.1:6379',
    );
    assert.equal(inHostList('localhost,127.0.0.1,::1', '10.1.2.3'), 'localhost,10.1.2.3,::1');
    assert.equal(inHostList('127.0.0.1', '10.1.2.3'), '127.0.0.1');
    assert.deepEqual(openMock(['mock', '--host', '127.0.0.1']), ['mock', '--host', '0.0.0.0', '--control', 'token']);
    assert.deepEqual(openMock(['mock', '--control', 'any']), ['mock', '--control', 'any']);
  });

  it('read quantities as Kubernetes writes them', () => {
    assert.deepEqual(['2', '500m', '1930m', '1e3', '0.1'].map(cpusOf), [2, 0.5, 1.93, 1000, 0.1]);
    assert.deepEqual(['1Ki', '7Gi', '1M', '12'].map(bytesOf), [1024, 7 * 2 ** 30, 1_000_000, 12]);
    assert.ok(Number.isNaN(cpusOf('much')));
    assert.deepEqual([1, 0.2, 1.5].map(cpuQuantity), ['1', '200m', '1500m']);
  });
});
