import { AnswerFault } from '../../answers/answer-fault.js';
import type { FeatureProof } from '../../catalogue/feature.js';
import type { Scenario } from '../../catalogue/scenario.js';
import { NoAnswer } from '../no-answer.js';
import { proveByHit } from './cached.js';
import { proveByCalls, proveByLines, proveByScrape } from './counted.js';
import { proveByProcesses } from './processes.js';
import { type Proof, type Subject, unproved } from './proof.js';
import { proveBothAsked, proveFirstAsked, proveOtherAnswers } from './providers.js';
import { proveByLimit, proveByWrongKey } from './refused.js';

/**
 * Whether a feature works in the instance that is about to be measured. What misbehaves leaves it unproved, and is no error.
 * @returns null where that instance cannot show it, but {@link proveChanged} can
 */
export function prove(
  subject: Subject,
  proof: FeatureProof,
  scenario: Scenario,
  signal: AbortSignal,
): Promise<Proof | null> {
  return inWords(async () => {
    switch (proof.by) {
      case 'wrong-key':
        return proveByWrongKey(subject, proof, scenario, signal);
      case 'log-lines':
        return proveByLines(subject, proof, scenario, signal);
      case 'scrape':
        return proveByScrape(subject, proof, scenario, signal);
      case 'calls':
        return proveByCalls(subject, proof, scenario, signal);
      case 'cache-hit':
      case 'cache-miss':
        return proveByHit(subject, scenario, signal);
      case 'both-providers':
        return proveBothAsked(subject, scenario, signal);
      case 'other-provider':
        return proveFirstAsked(subject, scenario, signal);
      case 'processes':
        return proveByProcesses(subject, proof, signal);
      case 'limit':
        break;
    }
    return null;
  }, signal);
}

/** The same of an instance in which the proof's text was changed, and which is not measured. */
export async function proveChanged(
  subject: Subject,
  by: 'limit' | 'other-provider',
  scenario: Scenario,
  signal: AbortSignal,
): Promise<Proof> {
  const asked = await inWords(
    () => (by === 'limit' ? proveByLimit(subject, scenario, signal) : proveOtherAnswers(subject, scenario, signal)),
    signal,
  );
  return asked ?? unproved('nothing was asked');
}

async function inWords(asking: () => Promise<Proof | null>, signal: AbortSignal): Promise<Proof | null> {
  try {
    return await asking();
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof AnswerFault || thrown instanceof NoAnswer) return unproved(thrown.message);
    throw thrown;
  }
}
