import type { Scenario } from '../../catalogue/scenario.js';
import { receivedBy } from '../../resources/mock-received.js';
import { Asker } from '../asker.js';
import { type Proof, proved, type Subject, unproved } from './proof.js';

const ASKED = 3;
/** By lot as well: that one of two is never drawn in so many is one chance in 500,000. */
const MOST_BY_TURNS = 20;

/** Of the instance that is measured: the first provider is asked, and it alone. */
export async function proveFirstAsked(subject: Subject, scenario: Scenario, signal: AbortSignal): Promise<Proof> {
  const paths = await pathsOf(subject, scenario, ASKED, signal);
  const first = paths.filter((path) => path === scenario.path).length;
  return first === ASKED
    ? proved('the first provider is asked', { first })
    : unproved(`of ${ASKED} requests the first provider got ${first}`);
}

/** Of an instance whose first provider cannot be reached: the second answers, which is the mock at another path. */
export async function proveOtherAnswers(subject: Subject, scenario: Scenario, signal: AbortSignal): Promise<Proof> {
  const paths = await pathsOf(subject, scenario, ASKED, signal);
  const second = paths.filter((path) => path !== null && path !== scenario.path).length;
  return second === ASKED
    ? proved('when the first provider is down the second answers', { second })
    : unproved(`with the first provider down the second got ${second} of ${ASKED} requests`);
}

/** Each of two providers gets some of the requests. */
export async function proveBothAsked(subject: Subject, scenario: Scenario, signal: AbortSignal): Promise<Proof> {
  const counts = new Map<string, number>();
  for (let asked = 1; asked <= MOST_BY_TURNS; asked += 1) {
    const [path] = await pathsOf(subject, scenario, 1, signal);
    if (path !== undefined && path !== null) counts.set(path, (counts.get(path) ?? 0) + 1);
    const [first, second] = [...counts.values()];
    if (first !== undefined && second !== undefined)
      return proved(`of ${asked} requests one provider got ${first}, the other ${second}`, { asked, first, second });
  }
  const [path = 'no provider'] = counts.keys();
  return unproved(`${MOST_BY_TURNS} requests all went to ${path}`);
}

/** Where each of some requests arrived at the mock; null where it cannot tell. */
async function pathsOf(
  { target, mock }: Subject,
  scenario: Scenario,
  count: number,
  signal: AbortSignal,
): Promise<(string | null)[]> {
  const asker = new Asker(target, mock, signal);
  const paths: (string | null)[] = [];
  for (let i = 0; i < count; i += 1) {
    const { id } = await asker.target(scenario, 'keep=yes');
    paths.push((await receivedBy(mock, id))?.path ?? null);
  }
  return paths;
}
