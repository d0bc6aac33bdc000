/** The providers that the mock plays in a case: the first is the one that fails, the second is what a gateway may go to. */
export const CONDUCT_PROVIDERS = ['a', 'b'] as const;
const [, SECOND] = CONDUCT_PROVIDERS;

/** The model of the second provider alone, for whose sake it is asked whether the outage of one model is that of another. */
export const ASIDE_MODEL = 'bench-aside';

/** The second provider says so many tokens, and the first what it says by itself: usage tells which of them an answer is of. */
const SECOND_TOKENS = 24;

/** How the mock behaves in a phase, in the words of its scenario files; laid over what it does otherwise. */
type Behaviour = Readonly<Record<string, unknown>>;

/** One way in which providers fail. */
export interface ConductCase {
  readonly name: string;
  /** For a person: what happens while the fault lasts. */
  readonly about: string;
  /** Which rows can be told from it. */
  readonly kind:
    | 'outage'
    | 'slow'
    | 'limit'
    | 'overload'
    | 'cut'
    | 'stall'
    | 'terminal'
    | 'leave'
    | 'isolation'
    | 'calm';
  readonly streaming: boolean;
  /** The provider that is asked first and fails. */
  readonly primary: string;
  /** What all providers do in every phase, and what those that fail do while the fault lasts. */
  readonly always: Behaviour;
  readonly fault: Behaviour;
  /** Whether every provider fails, or the primary alone. */
  readonly everywhere: boolean;
  /** Whether connections are refused by the kernel, which no provider sees. */
  readonly refuses: boolean;
  /** The Retry-After that is sent, milliseconds; null: none is. */
  readonly retryAfterMs: number | null;
  /** How long the client waits for its whole answer. */
  readonly patienceMs: number;
  /** Whether it is also asked of gateways that know one provider alone: what they do then is another thing. */
  readonly alone: boolean;
  /** Phases of its own, where what it is about takes longer than the usual ones; null: it is played at the usual pace. */
  readonly long: (Pick<ConductPace, 'faultMs' | 'afterMs'> & { readonly mostRps?: number }) | null;
}

/** How long the phases of a case last, and how hard it is loaded. */
export interface ConductPace {
  readonly beforeMs: number;
  readonly faultMs: number;
  readonly afterMs: number;
  /** Requests a second, in a steady open loop. */
  readonly rps: number;
}

/** A phase in the words of the mock's timeline. */
interface WrittenPhase {
  readonly name: string;
  readonly from: string;
  readonly [word: string]: unknown;
}

/** Longer than the phases of a case: nobody's patience ends within it but in the cases about that. */
const PATIENT_MS = 15_000;

/** Every case, in the order in which it is played. */
export const CONDUCT_CASES: readonly ConductCase[] = [
  outage('outage-refused', 'connections to the primary are refused', faults('connection-refused'), { refuses: true }),
  outage('outage-503', 'the primary answers 503', faults('error:503'), { alone: true }),
  outage('outage-503-stream', 'the primary answers streams with 503', faults('error:503'), {
    streaming: true,
    alone: true,
  }),
  outage('outage-long', 'the primary answers 503, for as long as ejections last', faults('error:503'), {
    long: { faultMs: 35_000, afterMs: 35_000 },
  }),
  outage('outage-silence', 'the primary answers nothing', faults('stall'), { kind: 'slow', patienceMs: 3000 }),
  outage(
    'slow-first-token',
    'the primary takes eight seconds to the first token of a stream; clients wait for three',
    { latency: { plain: 5, ttft: 8000, gap: 1 } },
    { kind: 'slow', streaming: true, patienceMs: 3000 },
  ),
  outage(
    'brown-out',
    '30 % of the primary’s answers are errors, and it slows down to 500 ms',
    { 'error-rate': 0.3, latency: { plain: 'ramp:5:500:3s' } },
    { alone: true },
  ),
  outage(
    'flapping',
    'connections to the primary are refused for one second of every two',
    {
      faults: [{ fault: 'connection-refused', every: '2s', from: 0, to: '1s' }],
    },
    { refuses: true },
  ),
  outage('everything-down', 'every provider answers 503', faults('error:503'), { everywhere: true }),
  outage('rate-limit', 'every provider answers 429 and asks for one second', faults('rate-limit:1'), {
    kind: 'limit',
    alone: true,
    everywhere: true,
    retryAfterMs: 1000,
  }),
  outage('rate-limit-long', 'every provider answers 429 and asks for one minute', faults('rate-limit:60'), {
    kind: 'limit',
    everywhere: true,
    retryAfterMs: 60_000,
  }),
  outage('cut-streams', 'streams of every provider are cut behind four frames', faults('cut:4'), {
    kind: 'cut',
    streaming: true,
    everywhere: true,
  }),
  outage(
    'error-frame',
    'streams of every provider end with an error event behind four frames',
    faults('error-frame:4'),
    {
      kind: 'cut',
      streaming: true,
      everywhere: true,
    },
  ),
  outage('no-done', 'streams of every provider lack their [DONE]', faults('no-done'), {
    kind: 'cut',
    streaming: true,
    everywhere: true,
  }),
  outage(
    'stalled-long',
    'streams of every provider stall behind four frames; clients wait for forty seconds',
    faults('stall:4'),
    {
      kind: 'stall',
      streaming: true,
      everywhere: true,
      patienceMs: 40_000,
      // Few enough that as many open streams are no load of their own, and loaded until the last of them has ended.
      long: { faultMs: 8000, afterMs: 43_000, mostRps: 5 },
    },
  ),
  outage('stalled-streams', 'streams of every provider stall behind four frames', faults('stall:4'), {
    kind: 'stall',
    streaming: true,
    everywhere: true,
    patienceMs: 5000,
  }),
  outage('content-filter', 'a filter of every provider ends streams behind two frames', faults('content-filter:2'), {
    kind: 'terminal',
    streaming: true,
    everywhere: true,
  }),
  outage('bad-request', 'every provider answers 400', faults('error:400'), { kind: 'terminal', everywhere: true }),
  outage('unauthorized', 'every provider answers 401', faults('error:401'), { kind: 'terminal', everywhere: true }),
  outage(
    'client-leaves',
    'every provider takes two seconds, and clients leave after half a second',
    {
      latency: { plain: 2000 },
    },
    { kind: 'leave', everywhere: true, patienceMs: 500 },
  ),
  outage(
    'overload',
    'every provider answers a fifth of the load, two requests at a time, and queues ten',
    // How long each takes is of the pace (`overloadedAt`).
    {},
    { kind: 'overload', everywhere: true },
  ),
  outage(
    'another-model',
    'the primary answers nothing; half of the requests are for a model that it does not have',
    faults('stall'),
    { kind: 'isolation', patienceMs: 3000 },
  ),
  // The last one: what all the others left behind.
  outage('afterwards', 'nothing fails any more', {}, { kind: 'calm' }),
];

function outage(name: string, about: string, fault: Behaviour, more: Partial<ConductCase> = {}): ConductCase {
  return {
    name,
    about,
    kind: 'outage',
    streaming: false,
    primary: CONDUCT_PROVIDERS[0],
    always: { latency: { plain: 5, ttft: 5, gap: 1 } },
    fault,
    everywhere: false,
    refuses: false,
    retryAfterMs: null,
    patienceMs: PATIENT_MS,
    alone: false,
    long: null,
    ...more,
  };
}

function faults(fault: string): Behaviour {
  return { faults: [{ fault }] };
}

/** A provider that answers a fifth of a load. */
function overloadedAt({ rps }: Pick<ConductPace, 'rps'>): Behaviour {
  const slots = 2;
  return { capacity: { slots, queue: 10 }, latency: { plain: (1000 * slots) / (rps / 5) } };
}

/** How much later than the load the timeline may begin, at the longest, for the last phase to be loaded whole. */
const LATE_MS = 500;

/** A case as the mock's timeline, to be started with the load. Its last phase does not end, so that what is still under way is answered. */
export function conductTimeline(
  { always, fault, everywhere, primary, kind }: ConductCase,
  { beforeMs, faultMs, rps }: Pick<ConductPace, 'beforeMs' | 'faultMs' | 'rps'>,
): { readonly phases: readonly WrittenPhase[] } {
  const second = { tokens: SECOND_TOKENS };
  const failing = { ...always, ...(kind === 'overload' ? overloadedAt({ rps }) : fault) };
  const well = { ...always, providers: { [SECOND]: { ...always, ...second } } };
  const failed = everywhere
    ? { ...failing, providers: { [SECOND]: { ...failing, ...second } } }
    : { ...always, providers: { [primary]: failing, [SECOND]: { ...always, ...second } } };
  return {
    phases: [
      { name: 'before', from: '0ms', ...well },
      { name: 'fault', from: `${beforeMs}ms`, ...failed },
      { name: 'after', from: `${beforeMs + faultMs}ms`, ...well },
    ],
  };
}

/** Cases of which answers are looked at word for word: what they say of an error, and of who answered. */
const WITNESSED: readonly ConductCase['kind'][] = ['outage', 'slow', 'limit', 'terminal', 'calm'];

/** Whether a few requests beside the load are kept with all that they were answered. */
export function isWitnessed({ kind }: Pick<ConductCase, 'kind'>): boolean {
  return WITNESSED.includes(kind);
}

/** Cases about single requests, of which nothing has to come back. */
const BRIEF: readonly ConductCase['kind'][] = ['cut', 'terminal', 'leave', 'calm'];
const BRIEF_MS = { before: 2000, fault: 5000, after: 2000 } as const;

/** What a case is asked of in a block. */
export interface Asked {
  readonly isDirect: boolean;
  /** Whether it knows one provider alone. */
  readonly isAlone: boolean;
  /** Whether the cases were asked for by name. */
  readonly isNamed: boolean;
  /** From 1. */
  readonly block: number;
}

/**
 * Whether a case is played: the control and what lasts long in the first block alone, and of who knows one provider those cases in which that is
 * another thing.
 */
export function isPlayed(
  { long, alone }: Pick<ConductCase, 'long' | 'alone'>,
  { isDirect, isAlone, isNamed, block }: Asked,
): boolean {
  if (block > 1 && (isDirect || long !== null)) return false;
  return !isAlone || isNamed || alone;
}

/** The pace of a case: the usual one; longer where its phases have to be, shorter where nothing is waited for. */
export function paceOf({ kind, long }: Pick<ConductCase, 'kind' | 'long'>, pace: ConductPace): ConductPace {
  if (long !== null) {
    const { mostRps = pace.rps, ...phases } = long;
    return { ...pace, ...phases, rps: Math.min(pace.rps, mostRps) };
  }
  if (!BRIEF.includes(kind)) return pace;
  return {
    ...pace,
    beforeMs: Math.min(pace.beforeMs, BRIEF_MS.before),
    faultMs: Math.min(pace.faultMs, BRIEF_MS.fault),
    afterMs: Math.min(pace.afterMs, BRIEF_MS.after),
  };
}

/** How long a case is loaded: its phases, however late they begin. */
export function conductLoadMs({ beforeMs, faultMs, afterMs }: ConductPace): number {
  return LATE_MS + beforeMs + faultMs + afterMs;
}
