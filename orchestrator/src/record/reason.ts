import { z } from 'zod';

/** Why something asked for is not there, or may not be used: a stable code and one sentence for a person. */
export const reasonSchema = z.strictObject({
  /** Stable, kebab-case, for example `image-missing`, `attestation-failed`, `saturated`, `out-of-memory`. */
  code: z.string(),
  /** One sentence with the evidence and, where there is one, the command that would help. */
  message: z.string(),
  /** Figures behind the message, of a gate with the limit that they are held against. */
  evidence: z.record(z.string(), z.number()).optional(),
});

/** Why something asked for is not there, or may not be used. */
export type Reason = z.infer<typeof reasonSchema>;

/** Of a target that ended, by itself or by somebody else, while it was measured. */
const ENDED: readonly string[] = [
  'exited',
  'out-of-memory',
  'evicted',
  'node-lost',
  'pod-deleted',
  'deadline-exceeded',
];

/** Whether a trial has this reason because its target ended: what its driver saw from then on is nobody's answer, and no pause either. */
export function saysEnded(reason: Reason | null): boolean {
  return reason !== null && ENDED.includes(reason.code);
}
