import { z } from 'zod';

const count = z.number().int().nonnegative();

/** What `GET /__relay/planted` answers: the truth about one relay since it started. Rows in the order of arrival, the latest 2¹⁸. */
export const plantedSchema = z.strictObject({
  /** When each request had come whole, milliseconds of the Unix epoch, with a fraction. */
  receivedAtMs: z.array(z.number()),
  /**
   * The delay that was planted, and how long it was until the request was passed on, microseconds; null when it never was. The
   * second holds what every relay's every request is held by, planted or not.
   */
  meantUs: z.array(z.number()),
  heldUs: z.array(z.number().nullable()),
  /** For how long a core was kept busy beside, microseconds; left out by a relay that does not. */
  burntUs: z.number().nonnegative().optional(),
  /** What was done wrong, and how often. */
  sins: z.strictObject({ buffered: count, framesDropped: count, wrong: count, rejected: count, queued: count }),
});
export type Planted = z.infer<typeof plantedSchema>;
export type SinCounts = { -readonly [name in keyof Planted['sins']]: number };

/** Where a relay tells what it planted. */
export const PLANTED_PATH = '/__relay/planted';
