import { z } from 'zod';
import { reasonSchema } from './reason.js';

/** Who is kept on CPUs of its own. `rest`: this program but for its load, and what helps it. */
export const PINNED_ROLES = ['mock', 'target', 'driver', 'rest'] as const;
export type PinnedRole = (typeof PINNED_ROLES)[number];

/** CPUs as the kernel lists them, `0-3,8`. */
const cpuListSchema = z.string().regex(/^\d+(-\d+)?(,\d+(-\d+)?)*$/);

/** Where `--pin` put mock, target, driver and everything else; or why `--pin auto` put them nowhere. */
export const pinningSchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('pinned'),
    asked: z.enum(['auto', 'lists']),
    /** The CPUs that this program might use when the run began. */
    usable: cpuListSchema,
    /** Null: not asked to be kept anywhere, and might run on all that are usable. */
    mock: cpuListSchema.nullable(),
    target: cpuListSchema.nullable(),
    driver: cpuListSchema.nullable(),
    rest: cpuListSchema.nullable(),
  }),
  z.strictObject({ state: z.literal('left-out'), reason: reasonSchema }),
]);
export type PinningRecord = z.infer<typeof pinningSchema>;

/** Of a run in which everything has its place. */
export type Pinned = Extract<PinningRecord, { state: 'pinned' }>;
