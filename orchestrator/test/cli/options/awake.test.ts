import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAwake } from '#src/cli/options/awake.js';
import { BenchError } from '#src/errors.js';

test('reads how cores are kept awake', () => {
  assert.equal(readAwake({}), null);
  assert.equal(readAwake({ awake: 'off' }), null);
  assert.deepEqual(readAwake({ awake: 'latency' }), { way: 'latency' });
  assert.deepEqual(readAwake({ awake: 'spin' }), { way: 'spin', beforeUs: 150, afterUs: 150 });
  assert.deepEqual(readAwake({ awake: 'spin:100,0' }), { way: 'spin', beforeUs: 100, afterUs: 0 });
});

const said = (awake: string): string => {
  try {
    readAwake({ awake });
    return '';
  } catch (thrown) {
    assert.ok(thrown instanceof BenchError && thrown.code === 'bad-value' && thrown.exitCode === 2);
    return thrown.message;
  }
};

test('says of what cannot be used what is wrong with it', () => {
  assert.equal(said('spinn'), '--awake "spinn": "spinn" is not known. Did you mean "spin"?');
  for (const spans of ['', '100', '100,', '-1,5', '1.5,2', '0,0', '1,2,3', '9000,9000'])
    assert.equal(
      said(`spin:${spans}`),
      `--awake "spin:${spans}": ${JSON.stringify(spans)} is not two whole numbers of microseconds, together 1 to 10000.`,
    );
});
