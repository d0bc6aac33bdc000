import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  checkSettings,
  mergeSettings,
  readScenario,
  requirePlayable,
  requireSlots,
  settingsOf,
} from '#src/faults/settings.js';

const folder = mkdtempSync(join(tmpdir(), 'mock-scenario-'));

function scenario(text: string): ReturnType<typeof readScenario> {
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, text);
  return readScenario(file);
}

function settings(text: string) {
  const { settings: all, providers } = scenario(text);
  assert.deepEqual(providers, {});
  return all;
}

describe('a scenario file', () => {
  it('says everything there is to say', () => {
    const text = `
seed: 7
latency: { plain: 3, ttft: "lognormal:40:0.3", gap: 5 }
tokens: 12
error-rate: 0.25
error-status: 503
capacity: { slots: 4, queue: 10 }
faults:
  - { fault: "cut:3", share: 0.5, path: /v1/chat }
  - { fault: "error:529", first: 3, from: 5s, to: 1m }
  - { fault: stall, from: 250ms, to: 2 }
`;
    assert.deepEqual(settings(text), {
      seed: 7,
      latency: { plain: '3', ttft: 'lognormal:40:0.3', gap: '5' },
      tokens: 12,
      'error-rate': 0.25,
      'error-status': 503,
      capacity: { slots: 4, queue: 10 },
      faults: [
        { fault: 'cut:3', share: 0.5, from: 0, path: '/v1/chat' },
        { fault: 'error:529', share: 1, first: 3, from: 5, to: 60 },
        { fault: 'stall', share: 1, from: 0.25, to: 2 },
      ],
    });
  });

  it('is refused with an alias of nothing', () =>
    assert.throws(() => scenario('seed: *none\n'), /scenario\.yaml: .*none/));

  it('may be empty', () => assert.deepEqual(settings(''), {}));

  it('tells the providers of a fleet apart', () => {
    const story = scenario('tokens: 5\nlatency: { gap: 1 }\nproviders:\n  b: { tokens: 9, latency: { ttft: 2 } }\n');
    assert.deepEqual(settingsOf(story, 'a'), { tokens: 5, latency: { gap: '1' } });
    assert.deepEqual(settingsOf(story, 'b'), { tokens: 9, latency: { gap: '1', ttft: '2' } });
    assert.throws(() => requirePlayable(story, ['a', 'c'], 1), {
      message: 'providers: no provider is named "b" (a, c)',
    });
  });

  const bad: Record<string, [text: string, message: RegExp]> = {
    'an unknown key': ['seed: 1\nspeed: 3\n', /:2:8: Unrecognized key: "speed" \(allowed: seed, latency, /],
    'an unknown key of a rule': [
      'faults:\n  - fault: stall\n    often: 3\n',
      /:3:12: faults\.0: Unrecognized key: "often" \(allowed: fault, share, first, from, to, every, path\)/,
    ],
    'a wrong value': ['error-rate: 2\n', /:1:13: error-rate: Too big: expected number to be <=1/],
    'an unknown key of a provider': [
      'providers:\n  b: { speed: 1 }\n',
      /:2:15: providers\.b: Unrecognized key: "speed" \(allowed: seed, latency, /,
    ],
    'an unknown fault': ['faults:\n  - fault: boom\n', /:2:12: faults\.0\.fault: "boom" is not a fault/],
    'a wrong latency': ['latency:\n  gap: slow\n', /:2:8: latency\.gap: "slow" is not a latency/],
    'a wrong time': ['faults:\n  - { fault: stall, from: 5h }\n', /:2:27: faults\.0\.from: .*500ms, 5s or 2m/],
    'no YAML': ['seed: [1\n', /scenario\.yaml:\d+:\d+: /],
  };
  for (const [name, [text, message]] of Object.entries(bad)) {
    it(`refuses ${name} with line and column`, () => assert.throws(() => scenario(text), message));
  }

  it('says so when it cannot be read', () => {
    assert.throws(() => readScenario(join(folder, 'none.yaml')), /scenario .*none\.yaml cannot be read: ENOENT/);
  });
});

describe('settings over settings', () => {
  it('replace what they say and leave the rest', () => {
    const base = checkSettings({ seed: 3, latency: { ttft: 5, gap: 6 }, capacity: { slots: 2 } });
    assert.deepEqual(mergeSettings(base, checkSettings({ latency: { gap: 1 }, capacity: null })), {
      seed: 3,
      latency: { ttft: '5', gap: '1' },
      capacity: null,
    });
  });
});

describe('a capacity', () => {
  it('has a slot for each worker at least', () => {
    for (const capacity of [{ slots: 4 }, null, undefined]) {
      assert.doesNotThrow(() => requireSlots(checkSettings({ capacity }), 4));
    }
    assert.throws(
      () => requireSlots(checkSettings({ capacity: { slots: 2 } }), 4),
      /capacity: 2 slots cannot be divided among 4 workers; give at least 4 slots, or start the mock with --workers 2/,
    );
  });
});
