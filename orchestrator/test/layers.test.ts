import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** One source tree: its rooms top to bottom. A room imports from lines below its own, and from those of its line that `aside` names. */
interface House {
  readonly name: string;
  /** Beside the built sources that tests import. */
  readonly sources: string;
  readonly layers: readonly (readonly string[])[];
  /** Arrows within a line of `layers`, each with its reason. */
  readonly aside: Readonly<Record<string, string>>;
  /** Packages that only one room may import. */
  readonly doors: Readonly<Record<string, RegExp>>;
}

const ORCHESTRATOR: House = {
  name: 'orchestrator',
  sources: fileURLToPath(new URL('../src', import.meta.url)),
  layers: [
    ['run'],
    ['cli'],
    ['calibrate', 'doctor', 'fidelity', 'serve', 'verify'],
    ['measure'],
    ['certificate', 'execute'],
    ['sink'],
    ['relay'],
    ['report'],
    ['analyse'],
    ['agent'],
    ['attest', 'load'],
    ['resources'],
    ['runtime', 'plan'],
    ['catalogue'],
    ['record'],
    ['answers', 'clock'],
    ['place-fault'],
    [
      'capitalised',
      'errors',
      'grouping',
      'kernel-file',
      'nearest',
      'own-requests',
      'pause',
      'stream-into',
      'sum-if-known',
      'version',
    ],
    ['installation'],
  ],
  aside: {},
  doors: {
    yargs: /^cli\//,
    dockerode: /^runtime\/docker\//,
    '@kubernetes/client-node': /^runtime\/kubernetes\//,
    piscina: /^load\//,
    echarts: /^report\/charts\//,
  },
};

const MOCK: House = {
  name: 'mock',
  sources: fileURLToPath(new URL('../../mock/src', import.meta.url)),
  layers: [
    ['main'],
    ['start', 'start-mock'],
    ['command-line'],
    ['cluster', 'worker'],
    ['fleet'],
    ['store'],
    ['control'],
    ['request'],
    ['config'],
    ['faults'],
    ['api'],
    ['health', 'ledger', 'stream', 'schema'],
    ['wire'],
    ['timing'],
  ],
  aside: {},
  doors: {},
};

/** What only computes: it reads no file and no clock, and knows neither how services run nor how load is made. */
const PURE = /^(analyse|plan|report|grouping|nearest|sum-if-known)(\/|\.)/;
/** The few that write what was drawn, or load what draws. */
const DRAWS = /^report\/charts\/|^report\/page-document\./;
const OUTSIDE =
  /^node:(fs|net|http|child_process|worker_threads|dns|timers)|^(runtime|load|attest|resources|execute|measure|clock)\//;

interface Arrow {
  readonly from: string;
  /** A path below the sources, or a package's name. */
  readonly to: string;
}

for (const house of [ORCHESTRATOR, MOCK]) {
  const arrows = arrowsOf(house.sources);

  describe(`the layers of the ${house.name}`, () => {
    test('there are arrows to look at', () => assert.ok(arrows.length > 100));
    test('each room stands on those below it', () => assert.deepEqual(wrongArrows(house, arrows), []));
    test('no two files need each other', () => assert.deepEqual(circles(arrows), []));
    test('packages with a door come in through it alone', () =>
      assert.deepEqual(arrows.filter(({ from, to }) => house.doors[to]?.test(from) === false).map(asText), []));
  });
}

describe('what the layers refuse', () => {
  test('what computes knows nothing of the outside', () => {
    const arrows = arrowsOf(ORCHESTRATOR.sources);
    const knowing = arrows.filter(({ from, to }) => PURE.test(from) && !DRAWS.test(from) && OUTSIDE.test(to));
    assert.deepEqual(knowing.map(asText), []);
  });

  test('a wrong import is named, with where it belongs', () => {
    const planted = (from: string, to: string): string[] => wrongArrows(ORCHESTRATOR, [{ from, to }]);
    assert.deepEqual(planted('record/trial.ts', 'analyse/quantile.ts'), [
      'record/trial.ts imports analyse/quantile.ts: analyse stands above record. Move what both need down to record or below, or the importing part up.',
    ]);
    assert.deepEqual(planted('attest/attest.ts', 'load/driver.ts'), [
      'attest/attest.ts imports load/driver.ts: load stands beside attest. Move what both need down below them, or declare the arrow with its reason.',
    ]);
    assert.deepEqual(planted('attic/a.ts', 'errors.ts'), [
      'attic/a.ts: the room attic has no layer. Give it one in this test, and a line in CONTRIBUTING.md.',
    ]);
  });

  test('a circle is named', () => {
    const [one, two] = ['a/one.ts', 'a/two.ts'];
    const planted = [
      { from: one, to: two },
      { from: two, to: one },
    ];
    assert.deepEqual(circles(planted), ['a/one.ts → a/two.ts → a/one.ts']);
  });
});

function asText({ from, to }: Arrow): string {
  return `${from} imports ${to}`;
}

function wrongArrows({ layers, aside }: House, arrows: readonly Arrow[]): string[] {
  return arrows.flatMap((arrow) => {
    const [here, there] = [roomOf(arrow.from), roomOf(arrow.to)];
    if (here === there || !arrow.to.endsWith('.ts')) return [];
    const [line, other] = [here, there].map((room) => layers.findIndex((rooms) => rooms.includes(room))) as [
      number,
      number,
    ];
    if (line === -1)
      return [`${arrow.from}: the room ${here} has no layer. Give it one in this test, and a line in CONTRIBUTING.md.`];
    if (other > line || aside[`${here} → ${there}`] !== undefined) return [];
    if (other === line)
      return [
        `${asText(arrow)}: ${there} stands beside ${here}. Move what both need down below them, or declare the arrow with its reason.`,
      ];
    return [
      `${asText(arrow)}: ${there} stands above ${here}. Move what both need down to ${here} or below, or the importing part up.`,
    ];
  });
}

/** Each circle once, from its first file in the order of names. */
function circles(arrows: readonly Arrow[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of arrows) if (to.endsWith('.ts')) next.set(from, [...(next.get(from) ?? []), to]);
  const found = new Set<string>();
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at !== -1) {
      const circle = path.slice(at);
      const first = circle.indexOf(circle.toSorted()[0] as string);
      found.add([...circle.slice(first), ...circle.slice(0, first), circle[first]].join(' → '));
    }
    if (at !== -1 || done.has(file)) return;
    for (const to of next.get(file) ?? []) walk(to, [...path, file]);
    done.add(file);
  };
  for (const file of [...next.keys()].toSorted()) walk(file, []);
  return [...found];
}

function arrowsOf(sources: string): Arrow[] {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((file) => {
    const text = readFileSync(join(sources, file), 'utf8');
    const words = [...text.matchAll(/(?:from|import|import\()\s*'([^']+)'/g)].map(([, word]) => word as string);
    return words.map((word) => ({ from: file, to: targetOf(word, join(sources, dirname(file)), sources) }));
  });
}

function targetOf(word: string, directory: string, sources: string): string {
  if (!word.startsWith('.')) return word;
  return relative(sources, resolve(directory, word)).replace(/\.js$/, '.ts');
}

function roomOf(path: string): string {
  return (path.split('/', 1)[0] as string).replace(/\.ts$/, '');
}
