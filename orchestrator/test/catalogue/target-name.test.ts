import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeServiceName, parseTargetName, plainName, targetName } from '#src/catalogue/target-name.js';

test('a name is a gateway, a variant and a version, and a version may hold a + of its own', () => {
  const names: [string, ReturnType<typeof parseTargetName>][] = [
    ['crabllm', { gateway: 'crabllm', variant: null, version: null }],
    ['crabllm+auth', { gateway: 'crabllm', variant: 'auth', version: null }],
    ['crabllm+auth@0.0.24', { gateway: 'crabllm', variant: 'auth', version: '0.0.24' }],
    ['crabllm@1.0+build', { gateway: 'crabllm', variant: null, version: '1.0+build' }],
  ];
  for (const [text, name] of names) {
    assert.deepEqual(parseTargetName(text), name);
    assert.equal(targetName(name), text);
  }
});

test('containers are named without +, and Compose knows them by their service', () => {
  assert.equal(plainName('crabllm+auth@0.0.24'), 'crabllm-auth-0.0.24');
  assert.equal(composeServiceName('crabllm+auth@0.0.24'), 'crabllm-auth');
  assert.equal(composeServiceName('crabllm+auth:mine'), 'crabllm-auth');
  assert.equal(composeServiceName('crabllm+bare'), 'crabllm');
  assert.equal(composeServiceName('crabllm:mine'), 'crabllm');
});
