import { z } from 'zod';

/** A limit of the compose file that was not in force, because what starts the services cannot enforce it. */
export const limitLeftOutSchema = z.strictObject({
  /** `swap`: the memory is bounded, and as much again may be swapped. */
  limit: z.enum(['cpus', 'memory', 'swap', 'cpuset']),
  /** What says so: a member of the engine's `/info`. */
  said: z.string(),
});
export type LimitLeftOut = z.infer<typeof limitLeftOutSchema>;
