import { z } from 'zod';
import { clockDomainSchema } from '../../clock/clock-domain.js';
import { reasonSchema } from '../../record/reason.js';
import { resourceSampleSchema } from '../resource-sample.js';

/**
 * What the container that watches beside a service answers (`agent --duty watch --listen`), each question with the token of the watch
 * (`authorization: Bearer …`):
 *
 *     GET /v1/look?depth=whole|light[&pod=UID…]   a look, now       {@link lookedSchema}
 *     GET /v1/time                                what time is it?  {@link timeSchema}
 *
 * One that sees the control groups of its node (`--pods`) looks at the Pods that the question names.
 */
export const lookedSchema = z.strictObject({
  /** Null: there is nobody to look at. `atMs` is of the watcher's own clock. */
  sample: resourceSampleSchema.nullable(),
  /** CPU time of the watcher since its start, microseconds. */
  observerCpuUs: z.number().nonnegative(),
  /** Figures that were in no sample so far, each with its reason. */
  unknown: z.array(reasonSchema),
});
export type Looked = z.infer<typeof lookedSchema>;

/** When the question was heard and answered, by the watcher's monotonic clock, and which clock that is. */
export const timeSchema = z.strictObject({
  heardUs: z.number(),
  answeredUs: z.number(),
  clockDomain: clockDomainSchema.nullable(),
});
