import { saysEnded } from '../../record/reason.js';
import type { Finding } from '../../record/summary.js';
import type { Pause, TrialRecord } from '../../record/trial.js';
import { meanOf, standardDeviation } from '../student.js';
import { type Case, found } from './case.js';
import { delayedAck, LONGEST_CAUGHT_US } from './delayed-ack.js';

/** One as long as this is worth telling by itself; shorter ones where they come again and are alike. */
const LONG_US = 100_000;
const LEAST_ALIKE = 3;
/** Pauses of one cause last alike: standard deviation over mean. */
const ALIKE = 0.5;
/** How much longer than the longest of direct a pause has to be: what direct shows as well is the machine's, or the mock's. */
const BEYOND_DIRECT = 2;
/** Share of the time from which on pauses are more than a curiosity. */
const WARNING_SHARE = 0.01;
const MAX_EXAMPLES = 10;
/** What the gates of a trial say of the machine: where nothing stands beside, its pauses and a target's look alike. */
const OF_THE_MACHINE = ['other-load', 'steal', 'clock-jump'];

interface PauseOfBlock extends Pause {
  readonly block: number;
}

/**
 * Times in which a target answered nothing although requests waited, as its driver saw them: at every rate, with both drivers, and also
 * where the target saturated or failed by them. Of records that do not tell, see habitsOfSeconds.
 */
export function pausesOfTarget(suspect: Case): Finding[] {
  const { cell, direct } = suspect;
  if (cell.target.kind === 'direct') return [];
  // One that was killed answers nothing until the window's end: that is its end, told as the trial's reason, and no pause.
  const trials = cell.standing.trials.filter(({ reason }) => !saysEnded(reason));
  const directUs = longestOf(direct === null ? [] : allPauses(direct.cell.standing.trials));
  const own = notCaught(
    suspect,
    allPauses(trials).filter(({ lengthUs }) => lengthUs > BEYOND_DIRECT * directUs),
  );
  const longestUs = longestOf(own);
  if (longestUs < LONG_US && !comeAgain(own)) return [];
  const totalUs = own.reduce((sum, { lengthUs }) => sum + lengthUs, 0);
  const windowUs = trials.reduce((sum, { load }) => sum + (load?.windowMs ?? 0) * 1000, 0);
  const blocks = new Set(own.map(({ block }) => block)).size;
  const disturbances = direct === null ? disturbancesOf(trials, own) : [];
  const plain = disturbances.length === 0 && (longestUs >= LONG_US || totalUs >= WARNING_SHARE * windowUs);
  const severity = plain ? 'warning' : 'info';
  const requests = own.reduce((sum, pause) => sum + pause.requests, 0);
  return [
    found(
      suspect,
      'pauses',
      severity,
      describe(own, trials, { blocks, requests, directUs, known: direct !== null, disturbances }),
      {
        pauses: own.length,
        blocks,
        ofBlocks: new Set(trials.map(({ block }) => block)).size,
        totalUs,
        longestUs,
        everySeconds: periodOf(own),
        requests,
        directLongestUs: direct === null ? null : directUs,
        examples: [...own].sort((a, b) => b.lengthUs - a.lengthUs).slice(0, MAX_EXAMPLES),
      },
    ),
  ];
}

/** Where requests are caught in a delayed acknowledgement, some are at the same time: that is told, and no pause of the target's own. */
function notCaught(suspect: Case, pauses: readonly PauseOfBlock[]): readonly PauseOfBlock[] {
  const longer = pauses.filter(({ lengthUs }) => lengthUs > LONGEST_CAUGHT_US);
  return longer.length < pauses.length && delayedAck(suspect).length > 0 ? longer : pauses;
}

interface Beside {
  readonly blocks: number;
  readonly requests: number;
  readonly directUs: number;
  /** Whether direct is there to be held against. */
  readonly known: boolean;
  /** What is known of the machine, see {@link disturbancesOf}. */
  readonly disturbances: readonly string[];
}

/** What else went on in every block in which a target paused; empty where it paused in one that was quiet, too. */
function disturbancesOf(trials: readonly TrialRecord[], own: readonly PauseOfBlock[]): string[] {
  const paused = trials.filter(({ block }) => own.some((pause) => pause.block === block));
  const codes = paused.map(({ warnings }) =>
    warnings.map(({ code }) => code).filter((code) => OF_THE_MACHINE.includes(code)),
  );
  return codes.every((some) => some.length > 0) ? [...new Set(codes.flat())] : [];
}

function describe(
  own: readonly PauseOfBlock[],
  trials: readonly TrialRecord[],
  { blocks, requests, directUs, known, disturbances }: Beside,
): string {
  const [first] = own as [PauseOfBlock];
  const longest = duration(longestOf(own));
  const shortest = duration(own.reduce((least, { lengthUs }) => Math.min(least, lengthUs), Number.POSITIVE_INFINITY));
  const everyS = periodOf(own);
  const howOften = own.length === 1 ? 'once' : `${own.length} times`;
  const howLong = shortest === longest ? longest : `${shortest} to ${longest}`;
  const when = `${everyS === null ? '' : `every ${everyS.toFixed(1)} s, `}${own.length === 1 ? '' : 'first '}${(Math.max(0, first.fromUs) / 1e6).toFixed(1)} s into block ${first.block}`;
  const beside = !known ? 'no direct beside' : directUs === 0 ? 'direct: none' : `direct: up to ${duration(directUs)}`;
  const whose =
    disturbances.length === 0
      ? "pauses of the target's own, as a garbage collection, a fork or a full disk makes them"
      : `the target's own or the machine's, which was disturbed meanwhile (${disturbances.join(', ')})`;
  return (
    `It answered nothing for ${howLong}, ${howOften} in ${blocks} of ${new Set(trials.map(({ block }) => block)).size} blocks ` +
    `(${when}), while ${requests} requests waited (${beside}): ${whose}.`
  );
}

function allPauses(trials: readonly TrialRecord[]): PauseOfBlock[] {
  return trials.flatMap(({ block, load }) => (load?.pauses?.longest ?? []).map((pause) => ({ ...pause, block })));
}

function longestOf(pauses: readonly Pause[]): number {
  return pauses.reduce((longest, { lengthUs }) => Math.max(longest, lengthUs), 0);
}

function comeAgain(pauses: readonly Pause[]): boolean {
  const lengths = pauses.map(({ lengthUs }) => lengthUs);
  return lengths.length >= LEAST_ALIKE && standardDeviation(lengths) <= ALIKE * meanOf(lengths);
}

/** Seconds from one to the next, where they come regularly; null where that cannot be said. */
function periodOf(pauses: readonly PauseOfBlock[]): number | null {
  const gaps = pauses.slice(1).flatMap((one, i) => {
    const before = pauses[i] as PauseOfBlock;
    return one.block === before.block ? [(one.fromUs - before.fromUs) / 1e6] : [];
  });
  return gaps.length >= 3 && standardDeviation(gaps) <= meanOf(gaps) / 4 ? meanOf(gaps) : null;
}

function duration(us: number): string {
  return us >= 1e6 ? `${(us / 1e6).toFixed(1)} s` : `${(us / 1000).toFixed(0)} ms`;
}
