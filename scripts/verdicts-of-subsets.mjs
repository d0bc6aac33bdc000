#!/usr/bin/env node
// What a few blocks of real runs would have said, and whether the rest agrees: verdicts, places and intervals from 2, 3, 5 and all blocks.
//
//   npm run build && node scripts/verdicts-of-subsets.mjs DIR…
//   node scripts/verdicts-of-subsets.mjs --build /elsewhere/orchestrator/build DIR…      by another build, for before and after
//
// Of so many blocks every set that there is is analysed, or --sets of them drawn by a seed. `told` is the share of verdicts that a gateway is
// above direct, `pairs` that of pairs told apart in the places, `against` how many of either the whole run tells the other way round; `half`
// the median half-width of an interval over its value. `holds` is how often the interval of a set, and that of the blocks left out, were as near
// as two intervals of one truth are (the difference of logarithms within 1.96 standard errors of both together, t for 1.96): of the latency,
// all targets, and of the target that is held least often. Cells of one run share their blocks: these shares illustrate, they prove nothing.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { seededRandom } from '../orchestrator/build/plan/random.js';
import { refuse } from './support/script-options.mjs';

const given = process.argv.slice(2);
const option = (name, otherwise) => {
  const at = given.indexOf(`--${name}`);
  return at === -1 ? otherwise : given.splice(at, 2)[1];
};
const build = resolve(option('build', join(import.meta.dirname, '../orchestrator/build')));
const sets = Number(option('sets', '36'));
const sizes = option('blocks', '2,3,5').split(',').map(Number);
if (given.length === 0) refuse('name at least one directory of a run');
if (!existsSync(join(build, 'analyse/analyse.js'))) refuse(`--build ${build} holds no analyse/analyse.js`);
const { analyse } = await import(pathToFileURL(join(build, 'analyse/analyse.js')).href);

/** Every set of so many numbers from 1 to n. */
function setsOf(n, size, from = 1) {
  if (size === 0) return [[]];
  return Array.from({ length: n - from + 1 }, (_, i) => from + i).flatMap((first) =>
    setsOf(n, size - 1, first + 1).map((rest) => [first, ...rest]),
  );
}

function drawn(all, count) {
  const random = seededRandom(1);
  const keyed = all.map((set) => [random(), set]).sort(([a], [b]) => a - b);
  return keyed.slice(0, count).map(([, set]) => set);
}

const keyOf = ({ target, scenario, level }) => `${target} ${scenario} ${level.value}`;
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const percent = (part, whole) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`);

/** The headline as a report leads with it; earlier summaries have the verdict beside the overhead of each request. */
const headlineOf = (cell, quantile) => cell.perRequest?.shiftUs?.[quantile] ?? cell.overheadUs?.[quantile];

/** The pairs that a ranking tells apart, faster first, whatever its schema. */
function toldPairs({ pairs, places }) {
  if (pairs !== undefined) return pairs.filter(({ told }) => told).map(({ faster, slower }) => `${faster} < ${slower}`);
  return places.flatMap(({ targets }, i) =>
    places.slice(i + 1).flatMap((later) => targets.flatMap((a) => later.targets.map((b) => `${a} < ${b}`))),
  );
}

const pairCount = ({ pairs, places }) => {
  const n = pairs === undefined ? places.flatMap(({ targets }) => targets).length : places.length;
  return (n * (n - 1)) / 2;
};

/** The interval on a logarithmic scale; one that reaches below 0 is as wide as its upper half. */
function logInterval({ value, low, high }) {
  if (!(value > 0) || !(high > value)) return null;
  const up = Math.log(high / value);
  return { at: Math.log(value), reach: low > 0 ? Math.max(up, Math.log(value / low)) : up };
}

function newTally() {
  return { cells: 0, above: 0, pairs: 0, told: 0, against: 0, widths: [], held: new Map() };
}

function note(tally, summary, whole, rest) {
  const others = new Map((rest?.cells ?? []).map((cell) => [keyOf(cell), cell]));
  const wholeCells = new Map(whole.cells.map((cell) => [keyOf(cell), cell]));
  for (const cell of summary.cells) {
    for (const quantile of ['p50', 'p90']) {
      const headline = headlineOf(cell, quantile);
      if (headline === undefined) continue;
      tally.cells += 1;
      if (headline.verdict === 'above') tally.above += 1;
      const verdicts = [headline.verdict, headlineOf(wholeCells.get(keyOf(cell)), quantile)?.verdict];
      if (verdicts.includes('above') && verdicts.includes('below')) tally.against += 1;
      tally.widths.push((headline.high - headline.low) / 2 / Math.abs(headline.value));
      const [one, other] = [cell, others.get(keyOf(cell))].map((of) => logInterval(of?.latencyUs[quantile] ?? {}));
      if (one === null || other === null) continue;
      const held = tally.held.get(cell.target) ?? { hits: 0, of: 0 };
      tally.held.set(cell.target, held);
      held.of += 1;
      if (Math.abs(one.at - other.at) <= Math.hypot(one.reach, other.reach)) held.hits += 1;
    }
  }
  for (const ranking of summary.ranking) {
    tally.pairs += pairCount(ranking);
    const told = toldPairs(ranking);
    tally.told += told.length;
    const same = whole.ranking.find(
      (one) => keyOf({ ...one, target: one.quantile }) === keyOf({ ...ranking, target: ranking.quantile }),
    );
    const finallyTold = new Set(same === undefined ? [] : toldPairs(same));
    tally.against += told.filter((pair) => finallyTold.has(pair.split(' < ').toReversed().join(' < '))).length;
  }
}

function rowOf(label, { cells, above, pairs, told, against, widths, held }) {
  const rows = [...held].map(([target, { hits, of }]) => ({ target, hits, of }));
  const worst = rows.toSorted((a, b) => a.hits / a.of - b.hits / b.of)[0];
  const all = rows.reduce((sum, { hits, of }) => ({ hits: sum.hits + hits, of: sum.of + of }), { hits: 0, of: 0 });
  const holds =
    all.of === 0 ? '' : `  holds ${percent(all.hits, all.of)}, least ${worst.target} ${percent(worst.hits, worst.of)}`;
  return `  ${label.padEnd(10)} told ${percent(above, cells).padStart(7)}  pairs ${percent(told, pairs).padStart(7)}  against ${String(against).padStart(3)}  half ±${(100 * median(widths)).toFixed(0)} %${holds}`;
}

for (const directory of given) {
  const manifest = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'));
  const lines = readFileSync(join(directory, 'trials.jsonl'), 'utf8').trim().split('\n');
  const trials = lines.map((line) => JSON.parse(line));
  const of = (blocks) => {
    const chosen = new Set(blocks);
    return analyse(
      manifest,
      trials.filter(({ block, repeats }) => chosen.has(repeats ?? block)),
    );
  };
  const everything = Array.from({ length: manifest.blocks }, (_, i) => i + 1);
  const whole = of(everything);
  console.log(`${directory}, ${manifest.blocks} blocks`);
  for (const size of sizes.filter((each) => each < manifest.blocks)) {
    const tally = newTally();
    for (const set of drawn(setsOf(manifest.blocks, size), sets)) {
      note(tally, of(set), whole, of(everything.filter((block) => !set.includes(block))));
    }
    console.log(rowOf(`${size} blocks`, tally));
  }
  const tally = newTally();
  note(tally, whole, whole, null);
  console.log(rowOf('all', tally));
}
