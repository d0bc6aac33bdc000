import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPin } from '#src/cli/options/pin.js';

test('nothing, or what this program makes of the machine, or CPUs by hand', () => {
  assert.deepEqual(readPin({}), { kind: 'none' });
  assert.deepEqual(readPin({ pin: 'none' }), { kind: 'none' });
  assert.deepEqual(readPin({ pin: 'auto' }), { kind: 'auto' });
  assert.deepEqual(readPin({ pin: 'mock=0,target=1-2,5,driver=3 rest=4' }), {
    kind: 'lists',
    lists: { mock: [0], target: [1, 2, 5], driver: [3], rest: [4] },
  });
});

test('what is wrong with it is said', () => {
  const refused = (pin: string, message: RegExp): void =>
    assert.throws(() => readPin({ pin }), { code: 'bad-value', message });
  refused('atuo', /"atuo" is not known\. Did you mean "auto"\?/);
  refused('traget=1', /"traget" is none of mock, target, driver, rest\. Did you mean "target"\?/);
  refused('mock=1,mock=2', /mock is named twice/);
  refused('mock=3-1', /"3-1" is no list of CPUs/);
  refused('mock=1=2', /"1=2" is no list of CPUs/);
  refused('mock=', /"" is no list of CPUs/);
  refused('mock=0,auto', /"0,auto" is no list of CPUs/);
  refused('', /"" is not known/);
});
