import type { Scenario } from '../catalogue/scenario.js';
import type { Reason } from '../record/reason.js';
import type { Asker } from './asker.js';

/** The pace that the mock is asked for, to tell a stream from a lump: so many frames, so far apart. */
const GAP_MS = 25;
const FRAMES = 8;
/** Share of the time between first and last frame that must be seen; a buffering gateway shows next to nothing. */
const LEAST_SPREAD_SHARE = 0.5;
/** The mock's own frames, in the same moment, spread less or more than this: then the moment was disturbed, and says nothing. */
const UNDISTURBED = { least: 0.75, most: 1.5 };
/** Streams that have to come in their pace, of at most {@link MOST_TRIES}: one that is buffered two times of three must not pass. */
const GOOD_TRIES = 2;
const MOST_TRIES = 3;
/** Frames that arrive within so much of each other came in one lot. */
const LOT_MS = GAP_MS / 5;
/** Fewer lots than this share of the mock's own, or of the frames that arrived, are frames joined on the way. */
const LEAST_LOTS_SHARE = 0.75;

/** What became of the question whether a target streams. */
export type PaceVerdict =
  | { readonly state: 'streams'; readonly notes: readonly Reason[] }
  | { readonly state: 'lumps' | 'unclear'; readonly reason: Reason };

interface Try {
  readonly spreadMs: number;
  readonly mockSpreadMs: number;
  readonly lumped: boolean;
  readonly disturbed: boolean;
  readonly frames: number;
  readonly received: number;
  readonly lots: number;
  readonly mockLots: number;
}

/**
 * Whether frames reach the client as the mock sends them. Asked of the target and, in the same moment, of the mock: what delays both is the
 * machine's, so a lump counts against the target where the mock's own stream came in its pace, and where it did not the question is put
 * again. Every try is in the evidence.
 * @throws as asking does
 */
export async function checkPace(asker: Asker, scenario: Scenario): Promise<PaceVerdict> {
  const behaviour = await paced(asker, scenario);
  const tries: Try[] = [];
  while (tries.length < MOST_TRIES) {
    const one = await tryOnce(asker, scenario, behaviour);
    tries.push(one);
    // The mock in front of itself is what is compared with: it cannot fail its own comparison.
    if (one.lumped && !one.disturbed && !asker.isDirect) return { state: 'lumps', reason: lumps(one, tries) };
    if (asker.isDirect || tries.filter(({ lumped }) => !lumped).length === GOOD_TRIES)
      return { state: 'streams', notes: notesOf(tries) };
  }
  return { state: 'unclear', reason: unclear(tries) };
}

/** How to ask for so many frames that their spread can be told, however many tokens the mock puts into one. */
async function paced(asker: Asker, scenario: Scenario): Promise<string> {
  const { arrivalsMs } = await asker.mock(scenario, `tokens=${FRAMES}`);
  const tokens = FRAMES * Math.max(1, Math.ceil(FRAMES / Math.max(1, arrivalsMs.length)));
  return `gap=${GAP_MS} tokens=${tokens}`;
}

async function tryOnce(asker: Asker, scenario: Scenario, behaviour: string): Promise<Try> {
  const [target, mock] = await Promise.all([asker.target(scenario, behaviour), asker.mock(scenario, behaviour)]);
  const plannedMs = GAP_MS * (mock.arrivalsMs.length - 1);
  const [spreadMs, mockSpreadMs] = [spreadOf(target.arrivalsMs), spreadOf(mock.arrivalsMs)];
  const share = mockSpreadMs / plannedMs;
  return {
    spreadMs,
    mockSpreadMs,
    lumped: spreadMs < LEAST_SPREAD_SHARE * plannedMs,
    disturbed: share < UNDISTURBED.least || share > UNDISTURBED.most,
    frames: mock.arrivalsMs.length,
    received: target.arrivalsMs.length,
    lots: lotsOf(target.arrivalsMs),
    mockLots: lotsOf(mock.arrivalsMs),
  };
}

function spreadOf(arrivalsMs: readonly number[]): number {
  return (arrivalsMs.at(-1) ?? 0) - (arrivalsMs[0] ?? 0);
}

function lotsOf(arrivalsMs: readonly number[]): number {
  return arrivalsMs.filter((ms, i) => i === 0 || ms - (arrivalsMs[i - 1] as number) > LOT_MS).length;
}

function evidenceOf(tries: readonly Try[]): Record<string, number> {
  const each = tries.flatMap(({ spreadMs, mockSpreadMs, lots }, i) => [
    [`spreadMs${i + 1}`, spreadMs] as const,
    [`mockSpreadMs${i + 1}`, mockSpreadMs] as const,
    [`lots${i + 1}`, lots] as const,
  ]);
  return { tries: tries.length, frames: tries[0]?.frames ?? 0, ...Object.fromEntries(each) };
}

function lumps({ frames, spreadMs, mockSpreadMs }: Try, tries: readonly Try[]): Reason {
  const message =
    `it does not stream: ${frames} frames sent over ${GAP_MS * (frames - 1)} ms arrived within ${spreadMs.toFixed(0)} ms ` +
    `(the mock's own, at the same time: ${mockSpreadMs.toFixed(0)} ms)`;
  return { code: 'does-not-stream', message, evidence: evidenceOf(tries) };
}

function unclear(tries: readonly Try[]): Reason {
  const message =
    `whether it streams cannot be told: frames arrived in a lump ${tries.filter(({ lumped }) => lumped).length} times of ${tries.length}, ` +
    `and the mock's own pace was disturbed then too (${tries.map(({ mockSpreadMs }) => `${mockSpreadMs.toFixed(0)} ms`).join(', ')} ` +
    `instead of ${GAP_MS * ((tries[0]?.frames ?? 1) - 1)} ms): the machine is busy`;
  return { code: 'pace-disturbed', message, evidence: evidenceOf(tries) };
}

function notesOf(tries: readonly Try[]): Reason[] {
  const lumped = tries.filter((one) => one.lumped).length;
  const calm = tries.filter(({ disturbed }) => !disturbed);
  const joined =
    calm.length > 0 &&
    calm.every(({ lots, mockLots, received }) => lots < LEAST_LOTS_SHARE * Math.min(mockLots, received));
  const { frames, lots } = calm[0] ?? { frames: 0, lots: 0 };
  return [
    ...(lumped === 0
      ? []
      : [
          {
            code: 'attested-again',
            message: `a stream arrived in a lump while the mock's own pace was disturbed too: asked ${tries.length} times`,
            evidence: evidenceOf(tries),
          },
        ]),
    ...(joined
      ? [
          {
            code: 'frames-joined',
            message: `${frames} frames that left the mock ${GAP_MS} ms apart arrived in ${lots} lots: the gaps between tokens are the target's`,
            evidence: evidenceOf(tries),
          },
        ]
      : []),
  ];
}
