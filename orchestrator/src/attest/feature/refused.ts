import type { FeatureProof } from '../../catalogue/feature.js';
import type { Scenario } from '../../catalogue/scenario.js';
import { StatusFault } from '../ask.js';
import { Asker } from '../asker.js';
import { type Proof, proved, type Subject, unproved } from './proof.js';

/** Nobody's key. */
const WRONG_KEY = 'sk-wrong-key';
const REFUSALS = [401, 403];
const TOO_MANY = 429;
/** The first one may have been used up while the instance got ready. */
const MOST_ASKED = 5;

/** Another key than the right one, with which it was attested. */
export async function proveByWrongKey(
  { target, mock }: Subject,
  { header, status: refusal }: Extract<FeatureProof, { by: 'wrong-key' }>,
  scenario: Scenario,
  signal: AbortSignal,
): Promise<Proof> {
  const name = Object.keys(target.headers).find((one) => one.toLowerCase() === header.toLowerCase());
  if (name === undefined) return unproved(`its entry sends no header ${header} whose key could be a wrong one`);
  const scheme = /^(\S+) /.exec(target.headers[name] ?? '')?.[0] ?? '';
  const wrong = { ...target, headers: { ...target.headers, [name]: scheme + WRONG_KEY } };
  const status = await statusOf(new Asker(wrong, mock, signal), scenario);
  return (refusal === undefined ? REFUSALS : [refusal]).includes(status)
    ? proved(`a wrong key is refused with status ${status}`, { status })
    : unproved(`a wrong key is answered with status ${status}`);
}

/** Of an instance whose limit is one request a minute. */
export async function proveByLimit({ target, mock }: Subject, scenario: Scenario, signal: AbortSignal): Promise<Proof> {
  const asker = new Asker(target, mock, signal);
  for (let asked = 1; asked <= MOST_ASKED; asked += 1) {
    const status = await statusOf(asker, scenario);
    if (status === TOO_MANY) return proved(`with a limit of 1 it refuses with status ${status}`, { status, asked });
  }
  return unproved(`with a limit of 1 it answers ${MOST_ASKED} requests`);
}

/** @throws what is no answer at all */
async function statusOf(asker: Asker, scenario: Scenario): Promise<number> {
  try {
    await asker.target(scenario, '');
    return 200;
  } catch (thrown) {
    if (thrown instanceof StatusFault) return thrown.status;
    throw thrown;
  }
}
