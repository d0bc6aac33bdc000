import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { clockDomain, isOneClock } from '#src/clock/clock-domain.js';

const OURS = { bootId: 'boot-a', timeNamespace: 'time:[1]' };

test('clocks are one only where boot and time namespace are the same, and known', () => {
  assert.equal(isOneClock(OURS, { ...OURS }), true);
  assert.equal(isOneClock(OURS, { ...OURS, bootId: 'boot-b' }), false);
  assert.equal(isOneClock(OURS, { ...OURS, timeNamespace: 'time:[2]' }), false);
  assert.equal(isOneClock(OURS, null), false);
  assert.equal(isOneClock(null, null), false);
});

test('every process of a host says the same of its clock', { skip: process.platform !== 'linux' }, () => {
  const own = clockDomain() ?? assert.fail('Linux tells');
  const module = JSON.stringify(new URL('../../build/clock/clock-domain.js', import.meta.url).href);
  const script = `const { clockDomain } = await import(${module}); console.log(JSON.stringify(clockDomain()))`;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd, encoding: 'utf8' });
  assert.deepEqual(JSON.parse(printed), own);
});
