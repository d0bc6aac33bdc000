import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBenchOptions } from '#src/cli/options/bench.js';
import { choiceOf } from '#src/cli/options/bench-request.js';
import { chooseEquipment } from '#src/measure/equipment.js';

test('what lays out a schedule is refused of sessions, by name', () => {
  for (const given of [
    { arrivals: 'constant' },
    { shape: 'ramp:0.1-1' },
    { pacing: 'spin' },
    { closed: '4' },
    { paired: true },
    { 'find-capacity': true, slo: 'p99<20ms' },
  ])
    assert.throws(() => readBenchOptions({ group: 'agent-loop', ...given }), {
      code: 'bad-value',
      message: new RegExp(`^--${Object.keys(given)[0]} cannot go with agent-loop, whose sessions arrive at random`),
    });
  assert.equal(readBenchOptions({ group: 'agent-loop', connections: 'new' }).load.connections, 'new');
});

test('the driver oha is refused of sessions, with the reason', async () => {
  const options = readBenchOptions({ group: 'agent-loop', driver: 'oha', runtime: 'external' });
  await assert.rejects(
    chooseEquipment(choiceOf(options), 'run', [], () => {}),
    {
      code: 'driver-needs-native',
      message:
        'group agent-loop, in which each request of a session waits for the answer to the one before, is not known to the driver oha.',
    },
  );
});
