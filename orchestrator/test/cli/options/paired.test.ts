import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBenchOptions } from '#src/cli/options/bench.js';
import { choiceOf } from '#src/cli/options/bench-request.js';
import { chooseEquipment } from '#src/measure/equipment.js';

test('a pair is measured when it is asked for', () => {
  assert.equal(readBenchOptions({}).paired, false);
  assert.equal(readBenchOptions({ paired: true, rps: '100' }).paired, true);
  assert.equal(readBenchOptions({ paired: true, mix: 'chat-minimal=1,chat-stream=1' }).paired, true);
});

test('what has no schedule that two could share, and what is of one target, is refused by name', () => {
  for (const [name, given] of Object.entries({
    closed: { closed: '5' },
    streams: { streams: '5', group: 'concurrent' },
    soak: { soak: '30s' },
    'find-capacity': { 'find-capacity': true, slo: 'p99<20ms' },
    'keep-up': { 'keep-up': true },
    precision: { precision: '5%' },
  }))
    assert.throws(() => readBenchOptions({ paired: true, ...given }), {
      code: 'bad-value',
      message: `--${name} cannot go with --paired.`,
    });
  assert.throws(() => readBenchOptions({ paired: true, group: 'concurrent' }), {
    code: 'bad-value',
    message: /^--paired cannot be had of concurrent-streams, which is a closed loop/,
  });
});

test('the driver oha is refused, with the reason', async () => {
  const options = readBenchOptions({ paired: true, driver: 'oha', runtime: 'external' });
  await assert.rejects(
    chooseEquipment(choiceOf(options), 'run', [], () => {}),
    { code: 'driver-needs-native', message: /at the same time by the driver oha: it loads one address/ },
  );
});
