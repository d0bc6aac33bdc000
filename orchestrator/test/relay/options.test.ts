import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BenchError } from '#src/errors.js';
import { readRelayOptions } from '#src/relay/options.js';

const read = (line: string) => readRelayOptions(line === '' ? [] : line.split(' '));

describe('readRelayOptions', () => {
  it('passes everything on as it is by default', () => {
    assert.deepEqual(read(''), {
      port: 9900,
      host: '127.0.0.1',
      upstream: { host: '127.0.0.1', port: 9999 },
      delay: { kind: 'fixed', us: 0 },
      sins: { bufferStreams: false, dropFrameEvery: null, wrongShare: 0, limit: null },
      burnUs: 0,
      seed: 1,
    });
  });

  it('understands how long a core is kept busy', () => {
    const options = read('--burn 2ms');
    assert.ok(options !== 'help');
    assert.equal(options.burnUs, 2000);
  });

  const delays = [
    ['--delay 0', { kind: 'fixed', us: 0 }],
    ['--delay 200us', { kind: 'fixed', us: 200 }],
    ['--delay 200µs', { kind: 'fixed', us: 200 }],
    ['--delay 1.5ms', { kind: 'fixed', us: 1500 }],
    ['--lognormal 1ms,0.6', { kind: 'lognormal', medianUs: 1000, sigma: 0.6 }],
    ['--spikes 1%,50ms', { kind: 'spikes', share: 0.01, us: 50_000 }],
    ['--spikes 0.01,50ms', { kind: 'spikes', share: 0.01, us: 50_000 }],
    ['--erratic 1.5ms,60ms,4s', { kind: 'erratic', leastUs: 1500, mostUs: 60_000, stayUs: 4e6 }],
  ] as const;
  for (const [line, delay] of delays)
    it(`understands ${line}`, () => {
      const options = read(line);
      assert.ok(options !== 'help');
      assert.deepEqual(options.delay, delay);
    });

  const refused = [
    ['--delay 5', '--delay "5" is no time that can be used.'],
    ['--delay 61s', '--delay "61s" is no time that can be used.'],
    ['--delay -1ms', ''],
    ['--delay 1ms --spikes 1%,5ms', '--delay and --spikes cannot be had together.'],
    ['--lognormal 1ms', '--lognormal "1ms" cannot be used.'],
    ['--lognormal 1ms,4', '--lognormal "4" cannot be used.'],
    ['--spikes 101%,5ms', '--spikes "101%" is no share.'],
    ['--erratic 60ms,1.5ms,4s', '--erratic "60ms,1.5ms,4s" cannot be used.'],
    ['--erratic 1.5ms,60ms', '--erratic "1.5ms,60ms" cannot be used.'],
    ['--erratic 1.5ms,60ms,4', '--erratic "4" is no time that can be used.'],
    ['--erratic 0,60ms,4s', '--erratic "0,60ms,4s" cannot be used.'],
    ['--wrong-share x', '--wrong-share "x" is no share.'],
    ['--drop-frame-every 0', '--drop-frame-every "0" cannot be used.'],
    ['--limit-by queue', '--limit-by says nothing without a limit.'],
    ['--limit-rps 10 --limit-by drop', '--limit-by "drop" is not known.'],
    ['--upstream https://example.com', '--upstream "https://example.com" cannot be used.'],
    ['--upstream http://127.0.0.1:9999/v1', '--upstream "http://127.0.0.1:9999/v1" cannot be used.'],
    ['--port 0', '--port "0" cannot be used.'],
    ['--port 1.5', '--port "1.5" cannot be used.'],
    ['--dealy 1ms', "Unknown option '--dealy'."],
    ['surplus', ''],
  ] as const;
  for (const [line, message] of refused)
    it(`refuses ${line}`, () => {
      assert.throws(
        () => read(line),
        (thrown) =>
          thrown instanceof BenchError &&
          thrown.exitCode === 2 &&
          thrown.hint !== undefined &&
          (message === '' || thrown.message === message),
      );
    });
});
