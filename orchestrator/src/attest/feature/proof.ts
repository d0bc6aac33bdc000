import type { Reason } from '../../record/reason.js';
import type { AskedTarget } from '../asker.js';

/** Whether a feature was seen to work. */
export type Proof =
  | { readonly state: 'proved'; readonly how: string; readonly evidence: Readonly<Record<string, number>> }
  | { readonly state: 'unproved'; readonly why: string };

/** Who is asked: an instance, the mock behind it, and what else can be seen of it. */
export interface Subject {
  readonly target: AskedTarget;
  readonly mock: AskedTarget;
  /** Where it listens, without a path. */
  readonly origin: string;
  /** What it has printed. */
  logs(): Promise<string>;
  /** Command lines of its processes; null where they cannot be seen. */
  processes(): Promise<readonly string[] | null>;
  /** CPU time that it has used, microseconds; null where that is not known. */
  cpuUs(): Promise<number | null>;
}

/** Behind the figures of a variant whose feature was attested. */
export const FEATURE_ATTESTED = 'feature-attested';

/** A proof as a note beside a trial's figures, or as the reason for there being none. */
export function noteOf(feature: string, proof: Proof): Reason {
  return proof.state === 'proved'
    ? { code: FEATURE_ATTESTED, message: `${feature} works: ${proof.how}`, evidence: { ...proof.evidence } }
    : { code: 'feature-unproved', message: `${feature} was not seen to work: ${proof.why}` };
}

/** A feature that was seen to work. @param how what was seen, in words @param evidence the same in numbers */
export function proved(how: string, evidence: Readonly<Record<string, number>>): Proof {
  return { state: 'proved', how, evidence };
}

/** A feature that was not seen to work. @param why in words */
export function unproved(why: string): Proof {
  return { state: 'unproved', why };
}
