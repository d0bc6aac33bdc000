import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCalibrateOptions } from '#src/cli/options/calibrate.js';

test('calibrate takes --pin and --awake where what it measures heeds them', () => {
  const { pin, awake } = readCalibrateOptions({ pin: 'mock=0,target=1', awake: 'spin', only: 'observer' });
  assert.deepEqual([pin.kind, awake?.way], ['lists', 'spin']);
  assert.equal(readCalibrateOptions({ pin: 'auto' }).pin.kind, 'auto');
  assert.deepEqual([readCalibrateOptions({}).pin.kind, readCalibrateOptions({}).awake], ['none', null]);
});

test('and refuses them where nothing would', () => {
  assert.throws(() => readCalibrateOptions({ pin: 'auto', only: 'blame' }), {
    message: '--pin does nothing for --only blame.',
  });
  assert.throws(() => readCalibrateOptions({ awake: 'latency', drivers: true }), {
    message: '--awake does nothing for --drivers.',
  });
});
