import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownHint } from '#src/cli/main.js';

test('a hint names options of the command at hand only', () => {
  const doctor = { options: { runtime: {}, driver: {}, json: {} } };
  assert.equal(ownHint(doctor, 'Start the engine again. Go on with --resume.'), 'Start the engine again.');
  assert.equal(ownHint(doctor, 'Give the path with --compose FILE.'), '');
  assert.equal(
    ownHint(doctor, 'Without Docker: --runtime process. Without oha: --driver native.'),
    'Without Docker: --runtime process. Without oha: --driver native.',
  );
  assert.equal(ownHint(doctor, 'Remove it: docker rm --force x.'), 'Remove it: docker rm --force x.');
  assert.equal(
    ownHint(doctor, 'Measure both (crabllm-bench --gateways A,B).'),
    'Measure both (crabllm-bench --gateways A,B).',
  );
});
