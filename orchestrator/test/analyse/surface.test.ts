import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { renderCapacityMarkdown } from '#src/report/capacity-markdown.js';
import { renderCapacity } from '#src/report/capacity-text.js';
import type { TrialRecord } from '#src/record/trial.js';
import { bracket, MIB, point, searchedSurface, surface, window } from './searched-surface.js';

const one = point(1, 512 * MIB);
const two = point(2, 512 * MIB);

describe('a surface', () => {
  const { capacity, run, windows } = searchedSurface();
  const [first, second] = capacity.surface;

  test('has the rate with its ends, and the requests that a second of CPU is enough for', () => {
    assert.deepEqual(first?.rps, { value: 440, low: 400, high: 484 });
    // 400 requests take 0.8 s of CPU.
    assert.deepEqual(first.requestsPerCpuSecond, { value: 500, low: 500, high: 500 });
    assert.deepEqual(second?.requestsPerCpuSecond?.value, 400);
  });

  test('says how well the rate follows the CPUs, with what either interval allows', () => {
    assert.deepEqual(first?.efficiency, { value: 1, low: 1, high: 1 });
    // Half of 660 over 440; at the ends 600 over 484 and 726 over 400.
    assert.deepEqual(second?.efficiency, { value: 0.75, low: 0.62, high: 0.908 });
  });

  test('prices a million requests by the limits, dearest at the lowest rate', () => {
    // (0.04 + 0.5 · 0.02) an hour: 1e6 / (440 · 3600) hours.
    assert.deepEqual(first?.costPerMillion, { value: 0.03157, low: 0.0287, high: 0.03472 });
  });

  test('is in the summary as well, and in words for a person and a page', () => {
    const summary = analyse(run, windows);
    assert.deepEqual(
      summary.surface?.map(({ target, rps }) => [target, rps]),
      capacity.surface.map(({ target, rps }) => [target, rps]),
    );
    const text = renderCapacity(capacity, { columns: 200, colour: false });
    assert.match(text, /Capacity by limits/);
    assert.match(text, /crabllm\s+│ 2\s+│ 512\.?0? /);
    assert.match(renderCapacityMarkdown(capacity), /\| crabllm \| 2 \| 512.*\| 600 to 726 \| 400/);
  });
});

test('workers are compared where the CPUs are the same', () => {
  const [single, double] = [point(2, 512 * MIB, 1), point(2, 512 * MIB, 2)];
  const { capacity } = surface(
    [single, double],
    [...bracket(single.name, 400, 484, 0.8), ...bracket(double.name, 800, 968, 1.6)],
  );
  assert.deepEqual(capacity.surface[1]?.efficiency, { value: 1, low: 0.826, high: 1.21 });
  assert.equal(capacity.surface[0]?.costPerMillion, null, 'no price was given');
});

test('an end that is not the gateway’s own leaves its side open, and a price of what is not limited is none', () => {
  const open = { ...point(2, 512 * MIB), limits: { cpus: 2, memoryBytes: null, enforced: true } };
  const held = Array.from({ length: 7 }, () => window(open.name, 900, 1));
  const { capacity } = surface([one, open], [...bracket(one.name, 400, 484, 0.8), ...held], 'gib-hour=0.02');
  const point2 = capacity.surface[1];
  assert.deepEqual([point2?.state, point2?.rps], ['at-least', { value: null, low: 900, high: null }]);
  assert.equal(point2?.costPerMillion, null);
});

test('limits that a gateway does not live in are an absence with its reason', () => {
  const dead = {
    ...one,
    absent: { code: 'limits-not-enforced', message: 'limits of CPUs cannot be enforced here' },
  };
  const { capacity } = surface([dead, two], bracket(two.name, 600, 726, 1.5));
  const [absent, only] = capacity.surface;
  assert.deepEqual([absent?.state, absent?.reason?.code, absent?.rps], ['absent', 'limits-not-enforced', null]);
  assert.equal(only?.efficiency, null, 'there is no point to compare with');
  const killed: TrialRecord = {
    ...window(one.name, 100, 0),
    state: 'failed',
    load: null,
    reason: { code: 'not-ready', message: 'it was killed for want of memory' },
  };
  const { capacity: lost } = surface([one], [killed]);
  assert.deepEqual(
    [lost.surface[0]?.state, lost.surface[0]?.reason?.message],
    ['failed', 'it was killed for want of memory'],
  );
});
