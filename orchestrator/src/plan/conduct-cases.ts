/** The providers that the mock plays in a case: the first is the one that fails, the second is what a gateway may go to. */
export const CONDUCT_PROVIDERS = ['a', 'b'] as const;

/** How the mock behaves in a phase, in the words of its scenario files; laid over what it does otherwise. */
type Behaviour = Readonly<Record<string, unknown>>;

/** One way in which providers fail. */
export interface ConductCase {
  readonly name: string;
  /** For a person: what happens while the fault lasts. */
  readonly about: string;
  /** Which rows can be told from it. */
  readonly kind: 'outage' | 'limit' | 'overload' | 'cut' | 'stall' | 'terminal' | 'leave';
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
  outage('outage-503', 'the primary answers 503', faults('error:503')),
  outage('outage-503-stream', 'the primary answers streams with 503', faults('error:503'), { streaming: true }),
  outage('outage-silence', 'the primary answers nothing', faults('stall'), { patienceMs: 3000 }),
  outage('brown-out', '30 % of the primary’s answers are errors, and it slows down to 500 ms', {
    'error-rate': 0.3,
    latency: { plain: 'ramp:5:500:3s' },
  }),
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
    everywhere: true,
    retryAfterMs: 1000,
  }),
  outage('cut-streams', 'streams of every provider are cut behind four frames', faults('cut:4'), {
    kind: 'cut',
    streaming: true,
    everywhere: true,
  }),
  outage('stalled-streams', 'streams of every provider stall behind four frames', faults('stall:4'), {
    kind: 'stall',
    streaming: true,
    everywhere: true,
    patienceMs: 5000,
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
    'every provider answers two requests at a time, each in 200 ms, and queues ten',
    {
      capacity: { slots: 2, queue: 10 },
      latency: { plain: 200 },
    },
    { kind: 'overload', everywhere: true },
  ),
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
    ...more,
  };
}

function faults(fault: string): Behaviour {
  return { faults: [{ fault }] };
}

/** How much later than the load the timeline may begin, at the longest, for the last phase to be loaded whole. */
const LATE_MS = 1000;

/** A case as the mock's timeline, to be started with the load. Its last phase does not end, so that what is still under way is answered. */
export function conductTimeline(
  { always, fault, everywhere, primary }: ConductCase,
  { beforeMs, faultMs }: Pick<ConductPace, 'beforeMs' | 'faultMs'>,
): { readonly phases: readonly WrittenPhase[] } {
  const failing = everywhere
    ? { ...always, ...fault }
    : { ...always, providers: { [primary]: { ...always, ...fault } } };
  return {
    phases: [
      { name: 'before', from: '0ms', ...always },
      { name: 'fault', from: `${beforeMs}ms`, ...failing },
      { name: 'after', from: `${beforeMs + faultMs}ms`, ...always },
    ],
  };
}

/** How long a case is loaded: its phases, however late they begin. */
export function conductLoadMs({ beforeMs, faultMs, afterMs }: ConductPace): number {
  return LATE_MS + beforeMs + faultMs + afterMs;
}
