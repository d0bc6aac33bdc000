#!/usr/bin/env node
// How often `crabllm-bench history` says that something changed where nothing did, and which steps it finds: simulated pages of lines whose
// runs share a mood and have one of their own.
//
//   node scripts/simulate-history.mjs                               400 pages a row
//   node scripts/simulate-history.mjs --pages 1000 --lines 40
//
// A page is a false alarm when any of its lines shows a change point, or a newest run that is better or worse. The steps are planted in one
// line, in the middle of the runs; sd is that of a run's figure between runs, logarithmic, half of its variance common to all lines.
import { historyOf } from '../orchestrator/build/analyse/history/history.js';
import { seededRandom } from '../orchestrator/build/plan/random.js';
import { refuse, scriptOptions } from './support/script-options.mjs';

const { pages, lines } = scriptOptions({ pages: 400, lines: 20 });
if (![pages, lines].every((value) => Number.isInteger(value))) refuse('--pages and --lines are whole numbers');

const LEVEL = { kind: 'rps', value: 100 };
const REFERENCE_US = 1000;

function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function target(name) {
  return { name, kind: 'gateway', version: null, digest: null, limits: {}, url: '', absent: null };
}

/** One run as a history keeps it: four blocks that differ by half of what runs do. */
function run(place, { sd, factorOf }, random) {
  const names = Array.from({ length: lines }, (_, i) => `gateway-${i}`);
  const startedAt = new Date(Date.UTC(2026, 0, 1 + place)).toISOString();
  const manifest = {
    id: startedAt,
    startedAt,
    options: {},
    scenarios: [{ name: 'chat', levels: [LEVEL] }],
    targets: names.map(target),
    versions: {},
    host: {},
  };
  const mood = normal(random) * Math.SQRT1_2;
  const cells = names.map((name, i) => {
    const own = Math.exp(sd * (mood + normal(random) * Math.SQRT1_2)) * factorOf(i, place);
    const blocks = Array.from({ length: 4 }, () => REFERENCE_US * own * Math.exp((sd / 2) * normal(random)));
    const figures = [{ name: 'cpu', by: null, unit: 'us', blocks, floor: 0, reference: REFERENCE_US }];
    const about = { name, target: name, kind: 'gateway', version: null, scenario: 'chat', level: LEVEL };
    return { ...about, state: 'ok', reason: null, certain: true, figures };
  });
  // What a history does not look at is left out.
  return /** @type {any} */ ({ manifest, comparable: { manifest, trials: [] }, cells, commit: null });
}

function page(seed, runs, sd, factorOf = () => 1) {
  const random = seededRandom(seed);
  return historyOf(Array.from({ length: runs }, (_, place) => run(place, { sd, factorOf }, random)));
}

function share(count, of) {
  return `${((100 * count) / of).toFixed(1)} %`;
}

console.log(`${pages} pages of ${lines} lines a row\n`);
console.log('nothing changes      pages with a change point   with a newest step   with either');
for (const runs of [10, 15, 30])
  for (const sd of [0.03, 0.1]) {
    let [points, steps, either] = [0, 0, 0];
    for (let seed = 0; seed < pages; seed += 1) {
      const told = page(1 + seed + 100_000 * runs, runs, sd).lines;
      const hasPoint = told.some(({ changes }) => changes.length > 0);
      const hasStep = told.some(({ newest }) => 'verdict' in newest && ['better', 'worse'].includes(newest.verdict));
      points += Number(hasPoint);
      steps += Number(hasStep);
      either += Number(hasPoint || hasStep);
    }
    console.log(
      `${runs} runs, sd ${100 * sd} %`.padEnd(21) +
        share(points, pages).padEnd(28) +
        share(steps, pages).padEnd(21) +
        share(either, pages),
    );
  }

console.log('\na step of 5 % in one line, half-way      found   of those at its run   within one run');
const few = Math.max(1, Math.round(pages / 4));
for (const runs of [10, 20, 30])
  for (const sd of [0.01, 0.02, 0.03, 0.05]) {
    let [found, exact, near] = [0, 0, 0];
    for (let seed = 0; seed < few; seed += 1) {
      const factorOf = (line, place) => (line === 0 && place >= runs / 2 ? 1.05 : 1);
      const [change] = page(1 + seed + 1_000_000 * runs, runs, sd, factorOf).lines[0].changes;
      if (change === undefined) continue;
      found += 1;
      exact += Number(change.run === runs / 2);
      near += Number(Math.abs(change.run - runs / 2) <= 1);
    }
    console.log(
      `${runs} runs, sd ${100 * sd} %`.padEnd(41) +
        share(found, few).padEnd(8) +
        (found === 0 ? '–' : share(exact, found)).padEnd(22) +
        (found === 0 ? '–' : share(near, found)),
    );
  }
