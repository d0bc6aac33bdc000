import { z } from 'zod';

/** How large what was started is on disk. */
export const installedSizeSchema = z.strictObject({
  bytes: z.number().int().nonnegative(),
  /** `program`: the one file, of what was installed by somebody else. */
  of: z.enum(['image', 'installation', 'program']),
});
export type InstalledSize = z.infer<typeof installedSizeSchema>;
