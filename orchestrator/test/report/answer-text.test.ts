import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import type { FeatureCost, NeighbourEffect, Ranking, Summary } from '#src/record/summary.js';
import { answerSentences } from '#src/report/answer-text.js';
import { reportModel } from '#src/report/model.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const { manifest, trials } = syntheticRun({ ledger: true });
const whole = analyse(manifest, trials);

/** Four gateways at two levels, each with the letters given, the fastest first. */
function placed(levels: readonly (readonly (readonly [string, string])[])[]): Summary {
  const names = [...new Set(levels.flat().map(([name]) => name))];
  const cells = names.flatMap((target, i) =>
    levels.map((_, at) => ({
      ...(whole.cells.find((cell) => cell.target === 'crabllm') ?? assert.fail()),
      target,
      level: { kind: 'rps' as const, value: 100 * (at + 1) },
      perRequest: perRequest(1000 * (i + 1)),
      memoryPeakBytes: null,
    })),
  );
  const ranking = levels.map((letters, at): Ranking => {
    const pairs = letters.flatMap(([faster, own], i) =>
      letters.slice(i + 1).map(([slower, other]) => ({
        faster,
        slower,
        told: !own.split('').some((letter) => other.includes(letter)),
      })),
    );
    const given = whole.ranking[0] ?? assert.fail();
    return {
      ...given,
      quantile: 'p50',
      level: { kind: 'rps', value: 100 * (at + 1) },
      places: letters.map(([target, own]) => ({ ...(given.places[0] ?? assert.fail()), target, letters: own })),
      pairs: pairs.map((pair) => ({ ...(given.pairs[0] ?? assert.fail()), ...pair })),
    };
  });
  return { ...whole, cells, ranking };
}

function perRequest(value: number): NonNullable<Summary['cells'][number]['perRequest']> {
  const given = whole.cells.find(({ target }) => target === 'crabllm')?.perRequest ?? assert.fail();
  const p50 = given.shiftUs?.p50 ?? assert.fail();
  return { ...given, shiftUs: { ...given.shiftUs, p50: { ...p50, value, low: value, high: value } } };
}

function without<T extends object, K extends keyof T>(of: T, keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(of).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>;
}

function answer(summary: Summary): string {
  return answerSentences(summary, reportModel(summary)).join(' ');
}

const ONE = [
  ['a', 'a'],
  ['b', 'b'],
  ['c', 'b'],
] as const;

test('one that adds least at every level is named, with what it adds', () => {
  assert.equal(
    answer(placed([ONE, ONE])),
    'a added least at the median at both levels compared (+1.00 ms). All of them kept up with every level.',
  );
  assert.match(answer(placed([ONE])), /^a added least at the median at the one level compared \(\+1\.00 ms\)/);
});

test('two of four that cannot be told apart share the first place', () => {
  const tied = [
    ['a', 'a'],
    ['b', 'a'],
    ['c', 'b'],
    ['d', 'c'],
  ] as const;
  assert.match(
    answer(placed([tied, tied])),
    /^a and b added least at the median at both levels compared, and could not be told apart \(a \+1\.00 ms, b \+2\.00 ms\)\./,
  );
  const alone = [
    ['a', 'a'],
    ['b', 'b'],
    ['c', 'c'],
    ['d', 'd'],
  ] as const;
  assert.match(
    answer(placed([alone, tied, alone])),
    /^a added least at the median at 2 of 3 levels compared; at 1 a and b could not be told apart \(a \+1\.00 ms, b \+2\.00 ms\)\./,
  );
  const three = [...tied.slice(0, 2), ['c', 'a'], ['d', 'b']] as const;
  assert.match(
    answer(placed([tied, three])),
    /^at the median, at 1 of 2 levels compared, a and b could not be told apart, at 1 a, b and c \(/,
  );
});

test('where nobody can be told from anybody there is no first', () => {
  const alike = [
    ['a', 'a'],
    ['b', 'a'],
    ['c', 'a'],
  ] as const;
  assert.match(
    answer(placed([alike, alike])),
    /^at the median no two gateways could be told apart, at either level compared: a \+1\.00 ms, b \+2\.00 ms, c \+3\.00 ms\./,
  );
  assert.match(answer(placed([alike])), /could be told apart, at the one level compared: a/);
});

test('one gateway alone is compared with nobody, and kept up by itself', () => {
  assert.equal(
    answer({ ...placed([[['a', 'a']]]), ranking: [] }),
    'added at the median: a +1.00 ms; there was nobody to compare it with. a kept up with every level.',
  );
});

test('sessions are held to no rate: who answers them slowly holds them up, and is not said to have kept up', () => {
  const at = { scenario: 'agent-loop', level: { kind: 'rps', value: 50 } } as const;
  const cellOf = (target: string, achievedRps: number): Summary['cells'][number] => ({
    ...(whole.cells.find((cell) => cell.target === target) ?? assert.fail()),
    ...at,
    state: 'ok',
    achievedRps,
  });
  const sessions = [{ ...at, rows: [] }];
  const cells = [cellOf('direct', 48), cellOf('crabllm', 47), cellOf('litellm', 14.6)];
  const said = answer({ ...whole, cells, ranking: [], sessions });
  assert.match(
    said,
    /Sessions are held up, turns a second of those at direct: litellm 15 of 48 \(agent-loop at 50 rps\)\./,
  );
  assert.doesNotMatch(said, /kept up|crabllm 47/);
});

test('a pool of connections asks for no rate that could be kept up with', () => {
  const [cell = assert.fail()] = whole.cells.filter(({ target }) => target === 'crabllm');
  const closed = { ...cell, level: { kind: 'streams', value: 8 } } as const;
  assert.match(answer({ ...whole, ranking: [], cells: [cell] }), /crabllm kept up with every level\./);
  assert.doesNotMatch(answer({ ...whole, ranking: [], cells: [closed] }), /kept up/);
});

test('where all is void nothing is claimed, neither what is added nor that anybody kept up', () => {
  const voided = placed([ONE]);
  const cells = voided.cells.map((cell) => ({
    ...without(cell, ['perRequest', 'overheadUs']),
    latencyUs: {},
    state: 'invalid' as const,
    reason: { code: 'driver-late', message: 'the driver sent late' },
  }));
  assert.equal(answer({ ...voided, cells, ranking: [] }), 'what a, b and c add is not known: no figure counts.');
  const [first = assert.fail(), ...others] = placed([ONE]).cells;
  const some = { ...voided, cells: [first, ...cells.slice(1)], ranking: [] };
  assert.equal(others.length, 2);
  assert.equal(
    answer(some),
    'added at the median: a +1.00 ms, not known of b and c; no two gateways have figures at one level. ' +
      'Wherever figures count the load was kept up with (1 of 3 cells of gateways).',
  );
});

test('without a gateway there is nothing to say of any', () => {
  const direct = whole.cells
    .filter(({ target }) => target === 'direct')
    .map((cell) => ({ ...cell, memoryPeakBytes: null }));
  assert.equal(answer({ ...whole, cells: direct, ranking: [] }), 'no gateway was measured.');
});

test('a proxy is no better gateway: it stands for reference, and who is first among gateways is said without it', () => {
  const beside = (names: readonly string[]): string =>
    answer({ ...placed([ONE, ONE]), references: names.map((target) => ({ target, plays: 'proxy' as const })) });
  assert.equal(
    beside(['a']),
    'at the median no two gateways could be told apart, at either level compared: b +2.00 ms, c +3.00 ms. ' +
      'For reference: a, a proxy, +1.00 ms. All of them kept up with every level.',
  );
  assert.match(
    beside(['a', 'b']),
    /^added at the median: c \+3\.00 ms; there was nobody to compare it with\. For reference: a, a proxy, \+1\.00 ms; b, a proxy, \+2\.00 ms\./,
  );
  assert.match(beside(['a', 'b', 'c']), /^a added least at the median at both levels compared \(\+1\.00 ms\)\. All/);
});

const AT = { scenario: 'chat-minimal', level: { kind: 'rps' as const, value: 100 } };
const judged = (value: number, verdict: 'above' | 'below' | 'within-noise') => ({
  value,
  low: value - 20,
  high: value + 20,
  verdict,
  ratio: { value: 1, low: 0.9, high: 1.1 },
});

function cost(gateway: string, feature: string, more: Partial<FeatureCost>): FeatureCost {
  return { gateway, feature, target: `${gateway}+${feature}`, ...AT, state: 'ok', blocks: 3, ...more };
}

test('of a run with variants it is what they cost, and the plain gateways are held against each other alone', () => {
  const told = (value: number, verdict: 'above' | 'below' = 'above') => ({ addedUs: { p50: judged(value, verdict) } });
  const lost = { state: 'absent' as const, reason: { code: 'feature-unproved', message: 'no line came' } };
  const offered = { state: 'not-offered' as const, reason: { code: 'not-offered', message: 'it has none' } };
  const features = [
    cost('crabllm', 'log', told(120)),
    cost('crabllm', 'webhook', told(2400)),
    cost('crabllm', 'webhook', { ...told(3100), level: { kind: 'rps', value: 200 } }),
    cost('crabllm', 'auth', { addedUs: { p50: judged(15, 'within-noise') } }),
    cost('crabllm', 'otel', offered),
    cost('nginx', 'cache-hit', told(-300, 'below')),
    cost('nginx', 'log', lost),
  ];
  const letters = [
    ['crabllm', 'a'],
    ['crabllm+log', 'a'],
    ['nginx', 'b'],
    ['nginx+log', 'c'],
  ] as const;
  const summary = placed([letters]);
  const sentences = answerSentences({ ...summary, features }, reportModel(summary));
  assert.deepEqual(sentences.slice(0, 4), [
    'features add at the median: crabllm webhook +2.40 to +3.10 ms, log +0.120 ms; nginx cache-hit −0.300 ms.',
    'No more than the gateway differs by from itself: crabllm auth.',
    'Without a figure: nginx log.',
    'Crabllm added least at the median at the one level compared (+1.00 ms).',
  ]);
  assert.doesNotMatch(sentences.slice(3).join(' '), /added.*\+log/);
});

test('of a run in which no feature is told from none that is said; of one gateway nobody is missed', () => {
  const summary = placed([
    [
      ['crabllm', 'a'],
      ['crabllm+auth', 'a'],
    ],
  ]);
  const features = [cost('crabllm', 'auth', { addedUs: { p50: judged(15, 'within-noise') } })];
  const [first, ...more] = answerSentences({ ...summary, features }, reportModel(summary));
  assert.equal(first, 'no feature adds more at the median than its gateway differs by from itself.');
  assert.doesNotMatch(more.join(' '), /nobody to compare|told apart/);
});

test('of a run with neighbours it is whom they move, and whom not', () => {
  const effect = (target: string, more: Partial<NeighbourEffect>): NeighbourEffect => ({
    target,
    scenario: 'neighbour-contexts',
    neighbour: 'contexts',
    level: AT.level,
    part: 'p',
    against: ['a'],
    state: 'ok',
    blocks: 4,
    ...more,
  });
  const neighbours = [
    effect('direct', { movedUs: { p99: judged(3000, 'above') } }),
    effect('crabllm', { movedUs: { p99: judged(20, 'within-noise') } }),
    effect('nginx', { state: 'failed', reason: { code: 'saturated', message: 'it was' } }),
    effect('direct', { neighbour: 'streams', movedUs: { p50: judged(2, 'within-noise') } }),
  ];
  const sentences = answerSentences({ ...whole, neighbours }, reportModel(whole));
  assert.deepEqual(sentences.slice(0, 2), [
    'beside contexts at 100 rps of short chats, the p99 of others moves at direct by +3.00 ms; crabllm as without; of nginx it is not known.',
    "Beside streams at 100 rps of short chats, nobody's p50 moves.",
  ]);
});
