import { z } from 'zod';

/**
 * How a target was set up: what the services of the compose files became when the run began, for the runtime that started it. Whatever is
 * named, or looks, like a secret was taken out before it was written.
 */
export const configurationSchema = z.strictObject({
  /** The image that was asked for; null: none was started. */
  image: z.string().nullable(),
  /** Null: what the image has. */
  entrypoint: z.array(z.string()).nullable(),
  command: z.array(z.string()).nullable(),
  /** Null: unset. */
  environment: z.record(z.string(), z.string().nullable()),
  /** What it saw of this host's files. */
  files: z.array(
    z.strictObject({
      /** Where the target saw it. */
      path: z.string(),
      /** Null: `note` says why. */
      text: z.string().nullable(),
      note: z.string().optional(),
    }),
  ),
  user: z.string().nullable(),
  cpuset: z.string().nullable(),
  port: z.number().int(),
  health: z.string().nullable(),
  basePath: z.string(),
  modelPrefix: z.string(),
  /** Sent with each request. */
  headers: z.record(z.string(), z.string()),
  accept: z.array(z.string()),
});
export type Configuration = z.infer<typeof configurationSchema>;
