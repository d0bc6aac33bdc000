import type { Finding } from '../../record/summary.js';
import type { LedgerRecord } from '../../record/trial.js';
import { type Case, found, loadsOf, percent } from './case.js';

/** A single one may be a connection that went stale; this share is a habit. */
const LEAST_SHARE = 0.001;
/** More connections than this share of the requests, and than twice those that the load came over, are not kept alive. */
const CHURN = { share: 0.1, timesOwn: 2 } as const;
/** Too few requests make every start-up look like churn. */
const LEAST_REQUESTS = 200;

/**
 * What the mock's ledger tells of the target's way to its provider: streams held back, retries, connections, answers from elsewhere. It is the
 * mock's own account of single requests: where `direct` is void it is as good.
 */
export function upstreamHabits(suspect: Case): Finding[] {
  const ledgers = suspect.cell.standing.trials.flatMap(({ ledger }) => ledger ?? []);
  const joined = total(ledgers, ({ joined: own }) => own);
  if (suspect.cell.target.kind === 'direct') return [];
  return [
    ...buffering(suspect, ledgers, joined),
    ...retries(suspect, ledgers, joined),
    ...churn(suspect, ledgers),
    ...elsewhere(suspect, ledgers, joined),
  ];
}

function buffering(suspect: Case, ledgers: readonly LedgerRecord[], joined: number): Finding[] {
  const streams = total(ledgers, ({ buffered }) => buffered.streams);
  const share = shareOf(streams, joined);
  if (share <= LEAST_SHARE) return [];
  const [example] = ledgers.flatMap(({ buffered }) => buffered.examples);
  const such =
    example === undefined
      ? ''
      : ` One was sent over ${ms(example.providerSpanUs)} and arrived within ${ms(example.clientSpanUs)}.`;
  const message = `${percent(share)} of the streams were held back and arrived in a lump (${streams} of ${joined}).${such}`;
  return [found(suspect, 'buffered-streams', 'warning', message, { streams, joined, share, ...example })];
}

function retries(suspect: Case, ledgers: readonly LedgerRecord[], joined: number): Finding[] {
  const requests = total(ledgers, ({ repeated }) => repeated.requests);
  const attempts = total(ledgers, ({ repeated }) => repeated.attempts);
  const share = shareOf(requests, joined + requests);
  if (share <= LEAST_SHARE) return [];
  const message =
    `${requests} of ${joined + requests} requests (${percent(share)}) reached the provider more than once, ${attempts} times in all: ` +
    'the target retries. They are left out of its per-request overhead.';
  return [found(suspect, 'retries', 'warning', message, { requests, attempts, share })];
}

function churn(suspect: Case, ledgers: readonly LedgerRecord[]): Finding[] {
  const known = ledgers.flatMap(({ upstreamConnections }) => upstreamConnections ?? []);
  const connections = known.reduce((sum, own) => sum + own, 0);
  const requests = requestsAtMock(suspect);
  // A retry comes because its connection was cut as often as not: that it takes another is no habit of not keeping them.
  const retried = total(ledgers, ({ repeated }) => repeated.attempts - repeated.requests);
  const opened = Math.max(0, connections - retried);
  const share = shareOf(opened, requests);
  const own = loadsOf(suspect.cell).reduce((sum, load) => sum + load.connections, 0);
  if (known.length < ledgers.length || requests < LEAST_REQUESTS) return [];
  if (share <= CHURN.share || opened <= CHURN.timesOwn * own) return [];
  const besides = retried > 0 ? `, besides ${connections - opened} behind retries` : '';
  const message =
    `The target opened ${opened} connections to its provider for ${requests} requests there, one for every ${(1 / share).toFixed(1)}${besides}: ` +
    'they are not kept alive, and each new one costs a handshake (with TLS, several).';
  const evidence = { connections, retried, requests, share, limit: CHURN.share };
  return [found(suspect, 'connection-churn', 'info', message, evidence)];
}

/** Everything that reached the mock, however it was answered: right answers alone are fewer the more requests fail. */
function requestsAtMock({ cell }: Case): number {
  return cell.standing.trials.reduce((sum, { load, ledger }) => {
    if (ledger === null) return sum;
    const { missing, repeated, joined } = ledger;
    const once = (load === null ? 0 : load.scheduled - load.dropped) - missing - repeated.requests;
    return sum + Math.max(joined, once) + repeated.attempts;
  }, 0);
}

function elsewhere(suspect: Case, ledgers: readonly LedgerRecord[], joined: number): Finding[] {
  // With records overwritten, what is missing says nothing.
  if (ledgers.some(({ overwritten }) => overwritten > 0)) return [];
  // One cause is told once: the trials have failed by it.
  if (suspect.cell.standing.trials.some(({ reason }) => reason?.code === 'foreign-upstream')) return [];
  const missing = total(ledgers, (ledger) => ledger.missing);
  const share = shareOf(missing, joined + missing);
  if (share <= LEAST_SHARE || (suspect.row.successRate ?? 0) < 1 - share / 2) return [];
  const message =
    `${missing} of ${joined + missing} requests (${percent(share)}) were answered and never reached the provider: ` +
    'a cache or a canned answer, whose latency is not that of a gateway.';
  return [found(suspect, 'answered-elsewhere', 'warning', message, { missing, share })];
}

/** Of nothing, none. */
function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function total(ledgers: readonly LedgerRecord[], of: (ledger: LedgerRecord) => number): number {
  return ledgers.reduce((sum, ledger) => sum + of(ledger), 0);
}

function ms(valueUs: number): string {
  return `${(valueUs / 1000).toFixed(valueUs < 10_000 ? 1 : 0)} ms`;
}
