// The rows of the table of how good the ruler is: a figure, how sure it is, and whether what is wanted was reached.
import { contrastOf } from '../../orchestrator/dist/analyse/judge/contrast.js';
import { meanOf, medianOf } from '../../orchestrator/dist/analyse/student.js';
import { judgeDelays } from '../../orchestrator/dist/calibrate/delays.js';
import { repeatedRunOf } from '../../orchestrator/dist/calibrate/judge.js';
import { judgeObserver } from '../../orchestrator/dist/calibrate/observer.js';
import { asOneRun } from '../../orchestrator/dist/calibrate/reference.js';
import { SAME } from '../../orchestrator/dist/calibrate/relays.js';
import { judgeResolution } from '../../orchestrator/dist/calibrate/resolution.js';

/** Of two shared cores in a calm hour; times microseconds. */
const WANTED = {
  watching: 1.1,
  p99Us: 1000,
  p50Us: 150,
  recovered: 40 / 42,
  covered: { least: 0.93, most: 0.97 },
  beside: 0.2,
  observer: 0.01,
};

/** What watching does to a target. @param runs of the experiment *observer*, one a pass */
export function observerRows(runtime, runs) {
  if (runs.length === 0) return [];
  const result = judgeObserver(asOneRun(runs.map(({ run }) => run)));
  return ['p99', 'p90', 'p50'].map((quantile) => {
    const ratio = result[quantile];
    return {
      what: `${quantile} watched over not watched, ${runtime} (one relay, ${result.pairs} pairs)`,
      figure: ratio === null ? '–' : `${ratio.value.toFixed(2)} ×`,
      interval: ratio === null ? '' : `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}`,
      wanted: `≤ ${WANTED.watching} ×`,
      outcome: ratio === null ? 'not known' : withIn(ratio, WANTED.watching),
    };
  });
}

/**
 * What the ruler tells apart, whether planted delays come out, and whether a plan measured twice says the same. A certificate rests on two
 * runs of the plan: so does each figure here, one for each two passes, and the range of those is its interval.
 */
export function rulerRows(passes, relays) {
  if (passes.length === 0) return [];
  const [a = '', b = '', c = ''] = SAME.map(({ name }) => name);
  const twos = passes.length === 1 ? [passes] : everyTwo(passes);
  const certificates = twos.map((two) => {
    const run = asOneRun(two.map((one) => one.run));
    const planted = two.flatMap((one) => one.planted);
    const rows = judgeDelays(run, planted, relays, [a, b]);
    const medians = rows.filter(({ quantile }) => quantile === 'p50');
    return {
      tells: judgeResolution(run, [a, b, c]),
      medians: medians.length,
      recovered: medians.filter(({ recovered }) => recovered).length,
      comparisons: rows.length,
      covered: rows.filter(({ covered }) => covered).length,
      repeated: two.length === 1 ? null : repeatedRunOf(two.map((one) => one.run)),
    };
  });
  const each = (of) => certificates.map(of);
  const count = certificates[0];
  return [
    timeRow(
      'p99 that a certificate tells apart, process',
      each(({ tells }) => tells.p99Us),
      WANTED.p99Us,
    ),
    timeRow(
      'p50 that a certificate tells apart, process',
      each(({ tells }) => tells.p50Us),
      WANTED.p50Us,
    ),
    {
      ...rangeOf(
        `planted delays: medians within max(30 µs, 5 %), of ${count.medians}`,
        each(({ recovered }) => recovered),
        (value) => value.toFixed(0),
      ),
      wanted: `≥ ${Math.ceil(WANTED.recovered * count.medians)}`,
      outcome: reachedIf(each(({ recovered, medians }) => recovered >= WANTED.recovered * medians)),
    },
    coverageRow(certificates),
    repeatedRow(each(({ repeated }) => repeated).filter((repeated) => repeated !== null)),
  ];
}

/** Where the time of the ordinary plan goes. @param manifests `run.json` of a run of it, one a pass */
export function planRow(manifests, windowS) {
  const times = manifests.flatMap(({ time }) => time ?? []);
  if (times.length === 0) return [];
  const beside = times.map(({ wholeMs, measuredMs }) => 1 - measuredMs / wholeMs);
  const share = (part) => percent(meanOf(times.map((time) => time[part] / time.wholeMs)));
  const parts = [
    ['warm-up', 'warmupMs'],
    ['around the load', 'aroundLoadMs'],
    ['starting', 'startingMs'],
    ['checking', 'checkingMs'],
    ['stopping', 'stoppingMs'],
  ];
  // Whatever lies beside a window is as long for a longer one.
  const mean = meanOf(beside);
  const needed = (windowS * (mean / (1 - mean)) * (1 - WANTED.beside)) / WANTED.beside;
  return [
    {
      what: `time beside measuring, windows of ${windowS} s (${parts.map(([name, part]) => `${name} ${share(part)}`).join(', ')}; ${percent(WANTED.beside)} with windows of ${needed.toFixed(1)} s)`,
      figure: percent(mean),
      interval: beside.length < 2 ? '' : spread(contrastOf(beside), percent),
      wanted: `≤ ${percent(WANTED.beside)}`,
      outcome: mean <= WANTED.beside ? 'reached' : 'missed',
    },
  ];
}

/** CPU that this program's own thread took of watched windows; its other threads sleep while one is measured. */
export function watchingRow(runs) {
  const shares = runs
    .flatMap(({ trials }) => trials)
    .flatMap(({ observer }) =>
      observer === null || observer === undefined ? [] : observer.cpuUs / 1000 / observer.ofMs,
    )
    .toSorted((one, other) => one - other);
  if (shares.length === 0) return [];
  const at = (p) => shares[Math.min(shares.length - 1, Math.floor(p * shares.length))];
  return [
    {
      what: `CPU beside target, mock and driver in a window, of one core, process (${shares.length} windows)`,
      figure: percent(meanOf(shares), 2),
      interval: `90 % of windows ${percent(at(0.05), 2)} to ${percent(at(0.95), 2)}`,
      wanted: `≤ ${percent(WANTED.observer)}`,
      outcome: at(0.95) <= WANTED.observer ? 'reached' : 'missed',
    },
  ];
}

function timeRow(what, values, wantedUs) {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { what, figure: '–', interval: '', wanted: `≤ ${wantedUs} µs`, outcome: 'not known' };
  return {
    ...rangeOf(what, known, (value) => `${value.toFixed(0)} µs`),
    wanted: `≤ ${wantedUs} µs`,
    outcome: reachedIf(known.map((value) => value <= wantedUs)),
  };
}

/** Wilson's interval of the share, as if comparisons of two passes were independent, which they are not quite. */
function coverageRow(certificates) {
  const comparisons = certificates[0].comparisons;
  const share = meanOf(certificates.map((one) => one.covered / one.comparisons));
  const z = 1.96;
  const centre = (share + z ** 2 / (2 * comparisons)) / (1 + z ** 2 / comparisons);
  const half =
    (z / (1 + z ** 2 / comparisons)) * Math.sqrt((share * (1 - share)) / comparisons + z ** 2 / (4 * comparisons ** 2));
  const { least, most } = WANTED.covered;
  return {
    what: `planted delays: intervals that hold the truth, of ${comparisons}`,
    figure: percent(share, 1),
    interval: spread({ low: Math.max(0, centre - half), high: Math.min(1, centre + half) }, percent),
    wanted: `${percent(least)} to ${percent(most)}`,
    outcome: coverageOutcome(share, { low: centre - half, high: centre + half }),
  };
}

function coverageOutcome(share, { low, high }) {
  const { least, most } = WANTED.covered;
  if (share >= least && share <= most) return 'reached';
  if (high < least) return 'missed';
  return low > most ? 'missed: wider than they need be' : 'too few to say';
}

function repeatedRow(results) {
  const what = 'the same plan twice: overheads and latencies that agree';
  const wanted = 'passed';
  if (results.length === 0) return { what, figure: '–', interval: '', wanted, outcome: 'one pass says nothing of it' };
  const told = results.map(({ overheads, latencies }) =>
    [overheads, latencies].map(({ agreeing, cells }) => `${agreeing} of ${cells}`).join(' and '),
  );
  const against = results.map(
    ({ overheads, latencies, contradictions }) =>
      overheads.disagreements.length + latencies.disagreements.length + contradictions.length,
  );
  const vague = results.map(({ overheads, latencies }) => overheads.vague.length + latencies.vague.length);
  return {
    what,
    figure: told.join('; '),
    interval: `too wide to say: ${vague.join(', ')}; do not agree: ${against.join(', ')}`,
    wanted,
    outcome: reachedIf(
      results.map(({ outcome }) => outcome === 'passed'),
      [...new Set(results.map(({ outcome }) => outcome))].join(', '),
    ),
  };
}

function rangeOf(what, values, text) {
  return {
    what,
    figure: text(medianOf(values)),
    interval: `${text(Math.min(...values))} to ${text(Math.max(...values))}`,
  };
}

/** What is reached in some and not in other pairs of passes is not reached. */
function reachedIf(each, instead = 'missed') {
  if (each.every(Boolean)) return 'reached';
  return each.some(Boolean) && instead === 'missed'
    ? `missed: reached in ${each.filter(Boolean).length} of ${each.length}`
    : instead;
}

function withIn({ low, high }, most) {
  if (high <= most) return 'reached';
  return low > most ? 'missed' : 'too few to say';
}

function everyTwo(values) {
  return values.flatMap((one, i) => values.slice(i + 1).map((other) => [one, other]));
}

function percent(share, digits = 0) {
  return `${(100 * share).toFixed(digits)} %`;
}

function spread(contrast, text) {
  return contrast === null ? '' : `${text(Math.max(0, contrast.low))} to ${text(Math.min(1, contrast.high))}`;
}
