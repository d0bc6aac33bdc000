import type { Scenario } from '../catalogue/scenario.js';
import type { Reason } from '../record/reason.js';
import { ledgerOf } from '../resources/mock-ledger.js';
import { type MockTally, mockTally } from '../resources/mock-health.js';
import { type Answered, type Asker, described } from './asker.js';

/** Questions that are put once more where an id was not found: as many have to reach the mock, whatever they carry. */
const PROBES = 3;

/**
 * Whether what the target answered came from the mock: its question has to be in the mock's ledger, or the target has something else behind
 * it, and that would be measured.
 * @param ofMock a question that the mock itself was asked: when its ledger lacks that too, it keeps none and cannot tell
 * @returns why it may not be measured; null when it may
 */
export async function checkUpstream(
  asker: Asker,
  scenario: Scenario,
  ofMock: Answered,
  answered: Answered,
): Promise<Reason | null> {
  if (asker.isDirect) return null;
  const kept = await ledgerOf(asker.behind, ofMock.id);
  if (kept === null || kept.length === 0) return null;
  const own = await ledgerOf(asker.behind, answered.id);
  if (own === null || own.length > 0) return null;
  const { isAlone } = asker;
  const before = await mockTally(asker.behind);
  for (let i = 0; i < PROBES; i += 1) await asker.target(scenario, '');
  const after = await mockTally(asker.behind);
  if (before === null || after === null) return null;
  const arrived = arrivedBetween(before, after);
  if (arrived >= PROBES) {
    const message =
      'what it sends to the mock does not carry the ids of our requests (the text was changed on the way): nothing is known of single requests';
    asker.notes.push({ code: 'ids-lost', message, evidence: { probes: PROBES, arrived } });
    return null;
  }
  return {
    code: 'foreign-upstream',
    message:
      `it answered ${described(scenario, '')} with status 200, and the mock at ${asker.behind.url} never saw that request: ` +
      `something else stands behind it, or it answers by itself. Of ${PROBES} more the mock saw ${saw(arrived, isAlone ? askedInVain(before, after) : '')}`,
    evidence: { probes: PROBES, arrived },
  };
}

function saw(arrived: number, vain: string): string {
  if (vain !== '') return `${arrived === 0 ? 'none' : arrived}, and was asked in vain: ${vain}`;
  return arrived === 0 ? 'none' : `${arrived}`;
}

/** Requests that reached the mock between two looks at it. */
export function arrivedBetween(before: MockTally, after: MockTally): number {
  return after.requests - before.requests;
}

/** What the mock was asked in vain between two looks at it: `30 × GET /healthz → 404`; `''`: nothing, or nobody looked before. */
export function askedInVain(before: MockTally | null, after: MockTally | null): string {
  if (before === null) return '';
  return (after?.refused ?? [])
    .map((refusal) => {
      const { method, path, status } = refusal;
      const earlier = before.refused.find((one) => one.method === method && one.path === path && one.status === status);
      return { ...refusal, count: refusal.count - (earlier?.count ?? 0) };
    })
    .filter(({ count }) => count > 0)
    .slice(0, 3)
    .map(({ method, path, status, count }) => `${count} × ${method} ${path} → ${status}`)
    .join(', ');
}
