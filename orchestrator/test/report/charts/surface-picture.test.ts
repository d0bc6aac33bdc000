import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Capacity, CapacityAnswer } from '#src/record/capacity.js';
import type { SurfacePoint } from '#src/record/surface.js';
import { surfacePictures } from '#src/report/charts/surface-files.js';
import { ARROW } from '#src/report/charts/surface-picture.js';
import { surfaceLines } from '#src/report/charts/surface-lines.js';
import { THEMES } from '#src/report/charts/theme.js';

const MIB = 2 ** 20;

function point(gateway: string, cpus: number | null, mib: number, more: Partial<SurfacePoint> = {}): SurfacePoint {
  const rps = (cpus ?? 4) * 1000;
  return {
    gateway,
    target: `${gateway}:${cpus}cpu-${mib}mib`,
    scenario: 'chat-minimal',
    cpus,
    memoryBytes: mib * MIB,
    workers: null,
    state: 'found',
    rps: { value: rps, low: 0.9 * rps, high: 1.1 * rps },
    requestsPerCpuSecond: null,
    efficiency: null,
    costPerMillion: null,
    gaveWay: 'its CPU: 1.00 of 1 CPUs',
    ...more,
  };
}

function without(state: SurfacePoint['state'], message: string): Partial<SurfacePoint> {
  return { state, rps: null, gaveWay: null, reason: { code: state, message } };
}

function searched(
  surface: readonly SurfacePoint[],
  limits: Readonly<Record<string, CapacityAnswer['limit']>> = {},
): Capacity {
  const answers = surface.map(({ target, scenario }) => ({ target, scenario, limit: limits[target] ?? 'cpu' }));
  return { schemaVersion: 1, run: 'r', objectives: [], surface: [...surface], answers: answers as CapacityAnswer[] };
}

function svgOf(capacity: Capacity): string {
  return String(surfacePictures(capacity, { png: false, looks: ['light'] })[0]?.content);
}

function wordsIn(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, words = '']) => words);
}

describe('the lines of a surface', () => {
  it('go along the CPUs, one a gateway and memory, the place without a limit last', () => {
    const points = [
      point('crabllm', null, 256),
      point('crabllm', 2, 256),
      point('crabllm', 1, 512),
      point('nginx', 1, 512),
    ];
    const { along, places, lines } = surfaceLines(points);
    assert.deepEqual([along, places], ['cpus', [1, 2, null]]);
    assert.deepEqual(
      lines.map(({ gateway, setting, index, points: own }) => [gateway, setting, index, own.map(({ cpus }) => cpus)]),
      [
        ['crabllm', '256 MiB', 0, [2, null]],
        ['crabllm', '512 MiB', 1, [1]],
        ['nginx', '512 MiB', 0, [1]],
      ],
    );
  });

  it('go along the memory or the workers where only those were varied, and say of a setting only what differs', () => {
    const byMemory = surfaceLines([point('crabllm', 1, 512), point('crabllm', 1, 256)]);
    assert.deepEqual(
      [byMemory.along, byMemory.places, byMemory.lines[0]?.setting],
      ['memoryBytes', [256 * MIB, 512 * MIB], ''],
    );
    const workers = [4, 1].map((count) => point('crabllm', 1, 512, { workers: count }));
    assert.deepEqual([surfaceLines(workers).along, surfaceLines(workers).places], ['workers', [1, 4]]);
  });
});

describe('the picture of a surface', () => {
  it('is one a scenario and look, and none of a search at the limits of the compose file', () => {
    const capacity = searched([point('crabllm', 1, 512), point('crabllm', 1, 512, { scenario: 'chat-stream' })]);
    assert.deepEqual(
      surfacePictures(capacity, { png: false, looks: ['light', 'transparent'] }).map(({ name }) => name),
      ['chat-minimal', 'chat-stream'].flatMap((scenario) =>
        ['', '-transparent'].map((look) => `charts/surface-${scenario}${look}.svg`),
      ),
    );
    assert.deepEqual(surfacePictures(searched([]), { png: true, looks: ['light'] }), []);
  });

  it('has the ends of each range and what gave way above it, at its place', () => {
    const points = [
      point('crabllm', 1, 512),
      point('crabllm', 2, 512, { state: 'at-least', rps: { value: null, low: 1500, high: null } }),
      point('litellm', 1, 512, without('absent', 'it cannot live in 512 MiB')),
      point('litellm', 2, 512, without('none', 'not at 5 rps')),
    ];
    const words = wordsIn(svgOf(searched(points, { 'crabllm:2cpu-512mib': 'machine' })));
    const at = (text: string): string | undefined => words[words.indexOf(text) + 1];
    assert.equal(at('900–1100'), 'CPU');
    assert.equal(at('≥ 1500'), 'the machine');
    assert.deepEqual(
      words.filter((word) => /\[\d\]/.test(word)),
      ['absent [1]', 'none holds [2]', '[1] it cannot live in 512 MiB', '[2] not at 5 rps'],
    );
    assert.match(words.join(' '), /CPU: it used all that it may · the machine: shared with driver and mock/);
  });

  it('points upwards from a rate that is at least so much, and downwards from a cost that is at most so much', () => {
    const open = { state: 'at-least' as const, rps: { value: null, low: 1500, high: null } };
    const points = [
      point('crabllm', 1, 512, { costPerMillion: { value: 0.05, low: 0.04, high: 0.06 } }),
      point('crabllm', 2, 512, { ...open, costPerMillion: { value: null, low: null, high: 0.03 } }),
      point('crabllm', 4, 512, { costPerMillion: { value: 0.02, low: 0.01, high: 0.03 } }),
    ];
    // What else is drawn is no line of that length straight up or down.
    const arrows = [...svgOf(searched(points)).matchAll(/d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/g)]
      .map(([, ...ends]) => ends.map(Number))
      .filter(([x, from = 0, toX, to = 0]) => x === toX && Math.abs(to - from) === ARROW);
    assert.deepEqual(
      arrows.map(([, from = 0, , to = 0]) => Math.sign(to - from)),
      [-1, 1],
    );
  });

  it('says why nothing holds, and keeps its places where no point has a rate', () => {
    const points = [1, 2].map((cpus) => ({
      ...point('crabllm', cpus, 512),
      state: 'none' as const,
      rps: null,
      gaveWay: null,
    }));
    const words = wordsIn(svgOf(searched(points)));
    assert.ok(words.includes('no point has a figure'));
    assert.deepEqual(
      words.filter((word) => word === '1' || word === '2' || word.startsWith('none holds')),
      ['1', '2', 'none holds [1]', 'none holds [1]'],
    );
    assert.ok(words.includes('[1] the conditions did not hold at the lowest rate that was asked for'));
  });

  it('has an axis of costs where a price was given, and draws each gateway in its colour', () => {
    const cost = { value: 0.01, low: 0.009, high: 0.011 };
    const priced = svgOf(searched([point('crabllm', 1, 512, { costPerMillion: cost }), point('litellm', 1, 512)]));
    const [free] = [svgOf(searched([point('crabllm', 1, 512)]))];
    assert.ok(wordsIn(priced).some((word) => word.startsWith('cost of a million requests')));
    assert.ok(!wordsIn(free).some((word) => word.startsWith('cost of')));
    const { sienna, blue } = THEMES.light.targets;
    assert.deepEqual(
      [sienna, blue].map((colour) => [priced.includes(colour), free.includes(colour)]),
      [
        [true, true],
        [true, false],
      ],
    );
  });

  it('has a log axis where the rates span far', () => {
    const points = [point('crabllm', 1, 512), point('litellm', 1, 512, { rps: { value: 20, low: 18, high: 22 } })];
    assert.ok(wordsIn(svgOf(searched(points))).includes('requests a second, log'));
    assert.ok(wordsIn(svgOf(searched(points.slice(0, 1)))).includes('requests a second'));
  });
});
