import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBenchOptions } from '#src/cli/options/bench.js';

const GROUP = { group: 'noisy-neighbour' };

test('a neighbour comes by a schedule of its own, which is refused beside what has none to share', () => {
  for (const given of [{ closed: '4' }, { paired: true }, { 'find-capacity': true, slo: 'p99<20ms' }])
    assert.throws(() => readBenchOptions({ ...GROUP, ...given }), {
      code: 'bad-value',
      message: `--${Object.keys(given)[0]} cannot go with neighbour-contexts, whose neighbour comes by a schedule of its own.`,
    });
});

test('what a neighbour does is told against the same without: that may not be left out', () => {
  assert.throws(() => readBenchOptions({ ...GROUP, scenarios: 'neighbour-none,neighbour-streams' }), {
    code: 'bad-value',
    message:
      'neighbour-streams is told against neighbour-none and neighbour-none-again, and neighbour-none-again is left out.',
    hint: 'Add it: --scenarios neighbour-none,neighbour-none-again,neighbour-streams.',
  });
  const chosen = readBenchOptions({
    ...GROUP,
    scenarios: 'neighbour-none,neighbour-none-again,neighbour-streams',
  }).scenarios;
  assert.equal(chosen?.length, 3);
});
