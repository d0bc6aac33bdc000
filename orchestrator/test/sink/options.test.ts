import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BenchError } from '#src/errors.js';
import { readSinkOptions } from '#src/sink/options.js';

const read = (line: string) => readSinkOptions(line === '' ? [] : line.split(' '));

describe('readSinkOptions', () => {
  it('has a port of its own for each kind', () => {
    assert.deepEqual(read('otlp'), { kind: 'otlp', port: 4318, host: '127.0.0.1', delayUs: 0, verdicts: 'allow' });
    assert.deepEqual(read('webhook'), {
      kind: 'webhook',
      port: 4319,
      host: '127.0.0.1',
      delayUs: 0,
      verdicts: 'allow',
    });
  });

  it('understands what a webhook is to say, and how slowly', () => {
    const options = read('webhook --port 25010 --deny-containing bad --delay 1.5ms');
    assert.ok(options !== 'help');
    assert.deepEqual([options.port, options.delayUs, options.verdicts], [25_010, 1500, { denyContaining: 'bad' }]);
    assert.equal(read('--help'), 'help');
  });

  const refused = [
    ['', 'no kind is given.'],
    ['otpl', '"otpl" is no kind.'],
    ['otlp webhook', '"otlp webhook" is no kind.'],
    ['otlp --port 0', '--port "0" cannot be used.'],
    ['otlp --verdict deny', '--verdict says nothing to otlp.'],
    ['webhook --verdict maybe', '--verdict "maybe" is not known.'],
    ['webhook --verdict deny --deny-containing x', '--verdict and --deny-containing cannot be had together.'],
    ['webhook --delay 5', '--delay "5" is no time that can be used.'],
    ['webhook --porf 1', "Unknown option '--porf'."],
  ] as const;
  for (const [line, message] of refused)
    it(`refuses ${JSON.stringify(line)}`, () => {
      assert.throws(
        () => read(line),
        (thrown: unknown) => thrown instanceof BenchError && thrown.message === message && thrown.exitCode === 2,
      );
    });
});
