import { groupBy } from '../../grouping.js';

/** What the driver saw of one request; moments in microseconds of the monotonic clock, null where the moment did not come. */
export interface ConductRequest {
  readonly id: string;
  /** The driver's word for what became of it: `ok` is a right and whole answer, `timeout` one that the client did not wait for. */
  readonly outcome: string;
  readonly dueUs: number;
  /** When its answer was whole, right or wrong; null when its transport broke before. */
  readonly lastByteUs: number | null;
  /** When it was decided, whatever became of it. */
  readonly endUs: number | null;
  /** HTTP status at the client; 0: none came. */
  readonly status: number;
  /** Whether it was for the other model, whose provider does not fail. Left out: it was not. */
  readonly isAside?: true;
}

/** One request as a provider saw it; moments as above. */
export interface Attempt {
  readonly id: string;
  readonly provider: string;
  /** In which phase it came, as its provider tells; null: in none. */
  readonly phase: string | null;
  readonly arrivedUs: number;
  /** Last byte that was sent; null when none was. */
  readonly lastByteUs: number | null;
  /** When the provider was done with it, or saw that whoever asked was gone; null while it is not. */
  readonly endUs: number | null;
  readonly status: number | null;
  readonly end: 'open' | 'complete' | 'aborted' | 'fault';
  /** The fault that was played; null: none. */
  readonly fault: string | null;
}

/** A time in which providers behaved in one way. */
export interface ConductPhase {
  readonly name: 'before' | 'fault' | 'after';
  readonly fromUs: number;
  readonly untilUs: number;
}

/** A request with its attempts, the first one first. */
export interface Fate {
  readonly request: ConductRequest;
  readonly attempts: readonly Attempt[];
  /** That in which its first attempt came; without one that in which it was due. Null: outside of all. */
  readonly phase: ConductPhase['name'] | null;
}

/** Requests and what is known of their attempts. */
export interface Fates {
  readonly known: readonly Fate[];
  /** Requests whose attempts cannot be told: the ledger lost their records, or the gateway their ids. */
  readonly unknown: number;
  /** Attempts with an id that no request has. */
  readonly strange: number;
}

/**
 * Joins requests with attempts by id. A request that was answered rightly and reached no provider has lost its id on the way; one that was due
 * before the oldest record of a ledger that had to forget may have had attempts which nobody knows. Neither is guessed at.
 * @param overwritten records that the ledger had to forget
 */
export function joinFates(
  requests: readonly ConductRequest[],
  attempts: readonly Attempt[],
  phases: readonly ConductPhase[],
  overwritten: number,
): Fates {
  const ofId = groupBy(attempts, ({ id }) => id);
  const oldestUs = attempts.reduce((least, { arrivedUs }) => Math.min(least, arrivedUs), Number.POSITIVE_INFINITY);
  const known: Fate[] = [];
  let unknown = 0;
  for (const request of requests) {
    const own = [...(ofId.get(request.id) ?? [])].sort((a, b) => a.arrivedUs - b.arrivedUs);
    ofId.delete(request.id);
    const forgotten = overwritten > 0 && request.dueUs <= oldestUs;
    if (forgotten || (own.length === 0 && (overwritten > 0 || request.outcome === 'ok'))) unknown += 1;
    else known.push({ request, attempts: own, phase: phaseOf(request, own, phases) });
  }
  return { known, unknown, strange: [...ofId.values()].reduce((sum, { length }) => sum + length, 0) };
}

/** A worker of the mock may be late to change phases; what it played is the truth, and where nothing arrived the clock is all there is. */
function phaseOf(
  { dueUs }: ConductRequest,
  [first]: readonly Attempt[],
  phases: readonly ConductPhase[],
): ConductPhase['name'] | null {
  const played = phases.find(({ name }) => name === first?.phase);
  return (played ?? phases.find(({ fromUs, untilUs }) => dueUs >= fromUs && dueUs < untilUs))?.name ?? null;
}

/** Whether an attempt ended as its provider meant it to: an answer of 2xx that was not spoilt. */
export function isWell({ end, fault, status }: Attempt): boolean {
  return end === 'complete' && fault === null && status !== null && status < 300;
}

/** Whether an attempt failed by its provider's doing. One that nobody waited for to the end says nothing of its provider. */
export function isFailed(attempt: Attempt): boolean {
  return attempt.end === 'fault' || (attempt.status !== null && attempt.status >= 400);
}

/** Whether a request was served: whole and right. */
export function isServed({ request }: Pick<Fate, 'request'>): boolean {
  return request.outcome === 'ok';
}

/** Whether the client had left before an answer came: it is the driver's patience that ended. */
export function hasLeft({ request }: Pick<Fate, 'request'>): boolean {
  return request.outcome === 'timeout' || request.outcome === 'open';
}

/**
 * Those of a phase that began early enough for their last attempt to come within it. A request whose retries outlast the fault has fewer of
 * them for no merit of the gateway's; whether one is left out depends on when it began and not on how it went. Half of the phase is kept
 * however long requests take.
 * @param fates whose first attempts came in the phase
 */
export function wholeCourses(fates: readonly Fate[], { fromUs, untilUs }: ConductPhase): Fate[] {
  const courses = fates.map(({ attempts }) => (attempts.at(-1)?.arrivedUs ?? 0) - (attempts[0]?.arrivedUs ?? 0));
  const longestUs = courses.reduce((longest, us) => Math.max(longest, us), 0);
  const lastUs = untilUs - Math.min(longestUs, (untilUs - fromUs) / 2);
  return fates.filter(({ request, attempts }) => (attempts[0]?.arrivedUs ?? request.dueUs) < lastUs);
}
