import { z } from 'zod';
import { hostRecordSchema, loadRecordSchema } from '../record/trial.js';
import { readySchema } from './wire.js';

/** What an agent saw of its share of a trial, beside its rows. */
export const reportSchema = z.strictObject({
  /** How far the orchestrator's clock is ahead behind the load. */
  trips: readySchema.shape.trips,
  record: loadRecordSchema,
  /** The driver's own output. */
  raw: z.looseObject({ startedAtUs: z.number() }),
  /** What else went on on its host; null where that is watched otherwise. */
  host: hostRecordSchema.nullable(),
});
export type AgentReport = z.infer<typeof reportSchema>;
