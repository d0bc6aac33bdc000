import { z } from 'zod';

/** What the id of each of them begins with: no driver's request has it. */
export const WITNESS_PREFIX = 'witness';

const moment = z.number().nullable();

/** A request beside the load, kept with all that it was answered. Moments are microseconds of the host's monotonic clock. */
const witnessedSchema = z.strictObject({
  id: z.string(),
  /** Null: it was asked of the target; else the provider that was asked directly, for what it says itself. */
  provider: z.string().nullable(),
  outcome: z.enum(['ok', 'status', 'timeout', 'broken', 'malformed']),
  dueUs: z.number(),
  endUs: moment,
  /** 0: none came. */
  status: z.number().int().nonnegative(),
  retryAfter: z.string().nullable(),
  /** Its beginning, without what is a secret of the configuration. */
  body: z.string(),
  /** What of the provider head or body show that is none of a client's business. */
  shows: z.array(z.enum(['address', 'key'])),
});
export type WitnessedAnswer = z.infer<typeof witnessedSchema>;

const fileSchema = z.strictObject({ schemaVersion: z.literal(1), answers: z.array(witnessedSchema) });

/** The bytes of a case's witnesses as they lie in the output directory: JSON. */
export function writeWitnesses(answers: readonly WitnessedAnswer[]): Uint8Array {
  return Buffer.from(`${JSON.stringify({ schemaVersion: 1, answers })}\n`);
}

/** @throws Error where the bytes are no such file */
export function readWitnesses(bytes: Uint8Array): readonly WitnessedAnswer[] {
  return fileSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).answers;
}
