#!/usr/bin/env node
// Whether verdicts, places and intervals hold what they promise: whole runs are simulated, block by block, of which the truth is known, and
// judged by the very code that judges real ones.
//
//   npm run build && node scripts/simulate-verdicts.mjs               60 runs a row, a minute or two
//   npm run build && node scripts/simulate-verdicts.mjs --runs 3000 --blocks 2,3,6,9
//   npm run build && node scripts/simulate-verdicts.mjs --seed 7      other draws than those that the method was chosen on (seed 1)
//
// A run is `direct` twice and six gateways at three scenarios and two levels, spread as on the quiet two-core machine that the method was chosen
// on. Each gateway adds a time of its own with a law of its own: normal, lognormal, heavy tails (t with 3 degrees), drifting over the run,
// twice as noisy as the others, bimodal (one start in three takes ten times as long).
//
//   coverage   how often a 95 % interval held the truth, per cent: of the latency, of the ratio to direct, of the shift; each cell for itself
//              (own) and with the spread that the run lends (lent), with the median half-width as a factor
//   told       how often a pair of gateways at two levels of difference was told apart, and how often a gateway was said to be above direct
//   nothing    of families (the pairs of one scenario, level and quantile) in which nothing differs, how many told something apart
import { analyse } from '../orchestrator/build/analyse/analyse.js';
import { seededRandom } from '../orchestrator/build/plan/random.js';
import { refuse, scriptOptions } from './support/script-options.mjs';
import { bareTrial, manifestFor, normal, studentT3 } from './support/simulated-run.mjs';

const options = scriptOptions({ runs: 60, blocks: '2,3,6,9', seed: 1 });
const BLOCKS = options.blocks.split(',').map(Number);
if (!BLOCKS.every((blocks) => Number.isInteger(blocks) && blocks > 1)) {
  refuse(`--blocks ${JSON.stringify(options.blocks)} is not a list of whole numbers above 1, such as 2,3`);
}

const LEVELS = ['chat-minimal', 'chat-stream', 'embeddings'].flatMap((scenario) =>
  [100, 500].map((value) => ({ scenario, level: { kind: 'rps', value } })),
);

/** Standard deviations of logarithms: a block for everybody, a visit of direct; `direct` takes 150 µs. */
const NOISE = { block: 0.12, visit: 0.28, directUs: 150 };

/** What a gateway's own time is multiplied by in a block, block b of n. The geometric mean of each is 1, but for `bimodal`. */
const LAWS = {
  normal: (random) => 1 + 0.12 * normal(random),
  lognormal: (random) => Math.exp(0.15 * normal(random)),
  heavy: (random) => Math.exp(0.1 * studentT3(random)),
  drifting: (random, b, n) => Math.exp(0.1 * normal(random) + (n < 2 ? 0 : 0.3 * ((b - 1) / (n - 1) - 0.5))),
  noisy: (random) => Math.exp(0.3 * normal(random)),
  bimodal: (random) => Math.exp(0.15 * normal(random)) * (random() < 1 / 3 ? 10 : 1),
};
const NAMES = Object.keys(LAWS);

/** One run: what each gateway adds in microseconds, by name. */
function simulate(random, blocks, added, laws = LAWS) {
  const trials = [];
  for (let block = 1; block <= blocks; block += 1) {
    for (const at of LEVELS) {
      const common = NOISE.block * normal(random);
      const visit = () => NOISE.directUs * Math.exp(common + NOISE.visit * normal(random));
      for (const replica of [1, 2]) trials.push(bareTrial({ ...at, target: 'direct', block, replica }, visit()));
      for (const [target, law] of Object.entries(laws)) {
        const own = added[target] === 0 ? 0 : added[target] * law(random, block, blocks) * Math.exp(common / 2);
        trials.push(bareTrial({ ...at, target, block, replica: 1 }, visit() + own));
      }
    }
  }
  return analyse(manifestFor(Object.keys(laws), LEVELS, blocks), trials);
}

/** The truths of each gateway, as many blocks as one likes: of the latency, of the ratio and of the shift, means of logarithms. */
function truthsOf(added) {
  const random = seededRandom(99);
  const draws = 40_000;
  return Object.fromEntries(
    NAMES.map((name) => {
      const sums = { latency: 0, ratio: 0, shift: 0, positive: 0 };
      for (let i = 0; i < draws; i += 1) {
        const common = NOISE.block * normal(random);
        const visit = () => common + NOISE.visit * normal(random) + Math.log(NOISE.directUs);
        const direct = (visit() + visit()) / 2;
        // Drift is even over the run.
        const own = added[name] * LAWS[name](random, 1 + (i % 9), 9) * Math.exp(common / 2);
        const target = Math.exp(visit()) + own;
        sums.latency += Math.log(target);
        sums.ratio += Math.log(target) - direct;
        if (target > Math.exp(direct)) {
          sums.shift += Math.log(target - Math.exp(direct));
          sums.positive += 1;
        }
      }
      const { latency, ratio, shift, positive } = sums;
      return [
        name,
        {
          latency: Math.exp(latency / draws),
          ratio: Math.exp(ratio / draws),
          shift: Math.exp(shift / positive),
          direct: NOISE.directUs,
        },
      ];
    }),
  );
}

/** Draws of one row; each has a stream of its own. */
const drawsOf = (row) => seededRandom(row + 10_000 * (options.seed - 1));

class Coverage {
  #rows = new Map();

  /** @param {{ low: number, high: number, value: number, own?: { low: number, high: number } }} interval */
  add(name, interval, truth) {
    const { low, high, value, own } = interval;
    const row = this.#rows.get(name) ?? { runs: 0, lent: 0, own: 0, lentWidths: [], ownWidths: [] };
    this.#rows.set(name, row);
    row.runs += 1;
    // Records are tenths of microseconds, ratios four digits.
    const holds = (bounds) => bounds.low <= truth * 1.001 && bounds.high >= truth * 0.999;
    if (holds({ low, high })) row.lent += 1;
    if (holds(own ?? { low, high })) row.own += 1;
    row.lentWidths.push(high / value);
    row.ownWidths.push((own ?? { high }).high / value);
  }

  print(title) {
    const median = (all) => all.toSorted((a, b) => a - b)[all.length >> 1] ?? Number.NaN;
    const text = (of) => {
      const share = (kind) => ((100 * of[kind]) / of.runs).toFixed(1);
      return `own ${share('own')} (×÷${median(of.ownWidths).toFixed(2)}), lent ${share('lent')} (×÷${median(of.lentWidths).toFixed(2)})`;
    };
    const all = [...this.#rows.values()];
    const total = {
      runs: all.reduce((sum, row) => sum + row.runs, 0),
      own: all.reduce((sum, row) => sum + row.own, 0),
      lent: all.reduce((sum, row) => sum + row.lent, 0),
      ownWidths: all.flatMap(({ ownWidths }) => ownWidths),
      lentWidths: all.flatMap(({ lentWidths }) => lentWidths),
    };
    console.log(`  ${title.padEnd(10)} all        ${text(total)}`);
    for (const [name, row] of this.#rows) console.log(`  ${''.padEnd(10)} ${name.padEnd(10)} ${text(row)}`);
  }
}

const percent = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;

function coverage(blocks) {
  const random = drawsOf(blocks);
  const added = Object.fromEntries(NAMES.map((name, i) => [name, 400 * 1.3 ** i]));
  const truths = truthsOf(added);
  const [latency, ratio, shift] = [new Coverage(), new Coverage(), new Coverage()];
  for (let run = 0; run < options.runs; run += 1) {
    for (const cell of simulate(random, blocks, added).cells) {
      const truth = truths[cell.target];
      const overhead = cell.overheadUs?.p50;
      if (truth === undefined || overhead === undefined) continue;
      latency.add(cell.target, cell.latencyUs.p50, truth.latency);
      ratio.add(cell.target, overhead.ratio, truth.ratio);
      // Not to be told from noise, it is direct's figure times what the ratio is above 1.
      shift.add(cell.target, overhead, overhead.verdict === 'above' ? truth.shift : truth.direct * (truth.ratio - 1));
    }
  }
  latency.print('latency');
  ratio.print('ratio');
  shift.print('shift');
}

/** Of pairs and of families, how many were told. */
function told(blocks, added, laws) {
  const random = drawsOf(1000 + blocks);
  const sums = { pairs: 0, told: 0, families: 0, any: 0, cells: 0, above: 0, anyAbove: 0 };
  for (let run = 0; run < options.runs; run += 1) {
    const { ranking, cells } = simulate(random, blocks, added, laws);
    for (const { pairs, quantile } of ranking) {
      if (quantile !== 'p50') continue;
      sums.pairs += pairs.length;
      sums.told += pairs.filter((pair) => pair.told).length;
      sums.families += 1;
      if (pairs.some((pair) => pair.told)) sums.any += 1;
    }
    const judged = cells.flatMap(({ overheadUs }) => overheadUs?.p50 ?? []);
    sums.cells += judged.length;
    sums.above += judged.filter(({ verdict }) => verdict !== 'within-noise').length;
  }
  return sums;
}

const times = (law, count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`g${i + 1}`, law]));
const same = (laws, us) => Object.fromEntries(Object.keys(laws).map((name) => [name, us]));

for (const blocks of BLOCKS) {
  console.log(`${blocks} blocks`);
  coverage(blocks);
  const three = times(LAWS.lognormal, 3);
  const twofold = told(blocks, { g1: 400, g2: 950, g3: 2050 }, three);
  console.log(`  twofold    pairs of latencies 1 : 2 : 4 told apart: ${percent(twofold.told, twofold.pairs)}`);
  const double = told(blocks, same(three, 150), three);
  console.log(`  twofold    as slow as twice direct said to be above it: ${percent(double.above, double.cells)}`);
  for (const [name, laws] of Object.entries({
    steady: times(LAWS.lognormal, 4),
    heavy: times(LAWS.heavy, 4),
    drifting: times(LAWS.drifting, 4),
    bimodal: times(LAWS.bimodal, 4),
    mixed: { g1: LAWS.lognormal, g2: LAWS.heavy, g3: LAWS.normal, g4: LAWS.lognormal },
  })) {
    const nothing = told(blocks, same(laws, 500), laws);
    console.log(
      `  nothing    ${name.padEnd(9)} families of 6 pairs that told something: ${percent(nothing.any, nothing.families)}`,
    );
  }
  const none = told(blocks, same(three, 0), three);
  console.log(
    `  nothing    added nothing, said to differ from direct: ${percent(none.above, none.cells)} of the cells`,
  );
}
