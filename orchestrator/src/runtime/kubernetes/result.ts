import { z } from 'zod';

/** What the orchestrator says of its result when it is ready to be fetched. */
export const resultSchema = z.strictObject({
  /** Of the run. */
  exitCode: z.number(),
  /** Of the archive; 0: there is none, because the run ended before it had a directory. */
  bytes: z.number(),
  sha256: z.string(),
});
export type Result = z.infer<typeof resultSchema>;

/** Files below the working directory of the orchestrator. */
export const RESULTS = 'results';
export const ARCHIVE = 'result.tar';
/** Somebody who makes this one has the archive. */
export const FETCHED = 'fetched';

const MARK = '[[crabllm-bench result ';

/** The line of the log by which the orchestrator says that. */
export function resultLine(result: Result): string {
  return `${MARK}${JSON.stringify(result)}]]`;
}

/** What a line of the log says of a result; null: it is any other line. */
export function readResultLine(line: string): Result | null {
  if (!line.startsWith(MARK) || !line.endsWith(']]')) return null;
  try {
    return resultSchema.parse(JSON.parse(line.slice(MARK.length, -2)));
  } catch {
    return null;
  }
}
