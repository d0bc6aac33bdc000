import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ClosedTimes } from '#src/faults/closed-times.js';
import { checkSettings } from '#src/faults/settings.js';
import { checkTimeline, nextChange, phaseAt, readTimeline, settingsIn } from '#src/faults/timeline.js';

const THREE = {
  phases: [
    { name: 'before' },
    { name: 'fault', from: '5s', providers: { a: { 'error-rate': 1 } } },
    { name: 'after', from: 10, to: 20 },
  ],
};

describe('a timeline', () => {
  it('is phases in their order, each until the next', () => {
    const timeline = checkTimeline(THREE);
    assert.deepEqual(
      timeline.map(({ name, from, to }) => [name, from, to]),
      [
        ['before', 0, 5],
        ['fault', 5, 10],
        ['after', 10, 20],
      ],
    );
    assert.deepEqual(
      [0, 4.999, 5, 19, 20, -1].map((at) => phaseAt(timeline, at)),
      [0, 0, 1, 2, -1, -1],
    );
    assert.deepEqual(
      [0, 5, 10, 20].map((at) => nextChange(timeline, at)),
      [5, 10, 20, Infinity],
    );
  });

  it('lays a phase over the settings of each provider', () => {
    const timeline = checkTimeline(THREE);
    const base = { settings: { tokens: 5 }, providers: { b: { tokens: 7 } } };
    assert.deepEqual(settingsIn(base, timeline[1], 'a'), { tokens: 5, 'error-rate': 1, latency: {} });
    assert.deepEqual(settingsIn(base, timeline[1], 'b').tokens, 7);
    assert.equal(settingsIn(base, timeline[1], 'b')['error-rate'], undefined);
    assert.deepEqual(settingsIn(base, undefined, 'a'), { tokens: 5 });
  });

  const bad: Record<string, [timeline: unknown, message: RegExp]> = {
    'no phases': [{ phases: [] }, /^phases: Too small/],
    'an unknown key': [
      { phases: [{ name: 'a', speed: 1 }] },
      /^phases\.0: Unrecognized key: "speed" \(allowed: name, from, to, seed/,
    ],
    'two phases of one name': [
      { phases: [{ name: 'a' }, { name: 'a', from: 1 }] },
      /^phases\.1\.name: "a" is the name of an earlier/,
    ],
    'phases out of order': [
      {
        phases: [
          { name: 'a', from: 2 },
          { name: 'b', from: 1 },
        ],
      },
      /^phases\.1\.from: 1 s is not behind .* at 2 s/,
    ],
    'phases that overlap': [
      {
        phases: [
          { name: 'a', to: 3 },
          { name: 'b', from: 2 },
        ],
      },
      /^phases\.0\.to: 3 s is not more than 0 and at most 2, where the next phase begins/,
    ],
    'a phase that ends before it begins': [
      { phases: [{ name: 'a', from: 2, to: 1 }] },
      /^phases\.0\.to: 1 s is not more than 2$/,
    ],
    'a name that is none': [{ phases: [{ name: 'a\n' }] }, /^phases\.0\.name: expected a name of 1 to 64/],
  };
  for (const [name, [timeline, message]] of Object.entries(bad)) {
    it(`is refused with ${name}`, () =>
      assert.throws(() => checkTimeline(timeline), { name: 'SettingsError', message }));
  }

  it('is refused in a file with line and column', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'mock-timeline-')), 'outage.yaml');
    writeFileSync(file, 'phases:\n  - name: a\n    faults:\n      - fault: boom\n');
    assert.throws(() => readTimeline(file), {
      message: /outage\.yaml:4:16: phases\.0\.faults\.0\.fault: "boom" is not a fault/,
    });
  });
});

describe('the times at which a port is closed', () => {
  const timesOf = (...faults: object[]) => new ClosedTimes(checkSettings({ faults }));

  it('are those of its rules, again and again where they say so', () => {
    const flapping = timesOf(
      { fault: 'connection-refused', every: '4s', from: '1s', to: '2s' },
      { fault: 'error:500' },
    );
    assert.deepEqual(
      [0, 1, 1.5, 2, 3, 5, 6].map((at) => flapping.closedAt(at)),
      [false, true, true, false, false, true, false],
    );
    assert.deepEqual(
      [0, 1, 2, 4].map((at) => flapping.nextChange(at)),
      [1, 2, 4, 5],
    );
    assert.deepEqual([timesOf().closedAt(3), timesOf().nextChange(3)], [false, Infinity]);
  });

  it('change only when it is said that they may', () => {
    const seconds = fc.integer({ min: 0, max: 40 }).map((tenths) => tenths / 10);
    const rule = fc
      .record({ from: seconds, length: seconds, every: fc.option(seconds, { nil: undefined }) })
      .map(({ from, length, every }) => ({
        fault: 'connection-refused',
        from,
        to: from + length + 0.1,
        ...(every === undefined ? {} : { every: every + from + length + 0.2 }),
      }));
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 3 }), seconds, (rules, at) => {
        const times = timesOf(...rules);
        const next = times.nextChange(at);
        assert.ok(next > at);
        const until = Math.min(next, at + 10);
        for (let i = 0; i < 20; i++) {
          const between = at + ((until - at) * i) / 20;
          assert.equal(times.closedAt(between), times.closedAt(at), `${between} in ${at} to ${next}`);
        }
      }),
    );
  });
});
