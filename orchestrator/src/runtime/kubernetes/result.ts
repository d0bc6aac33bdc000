import { z } from 'zod';

/** What the orchestrator says of its result when there is something of it to be fetched. */
export const resultSchema = z.strictObject({
  /** Of the run; null: it goes on, and this is what it has by now. */
  exitCode: z.number().nullable(),
  /** Of the archive, to which is only ever added; 0: there is none, because the run ended before it had a directory. */
  bytes: z.number(),
  /** Of all these bytes. */
  sha256: z.string(),
});
export type Result = z.infer<typeof resultSchema>;

/** Files below the working directory of the orchestrator. */
export const RESULTS = 'results';
/** There is one of that name when it may be fetched: when the run has ended, or rests between two visits for it. */
export const ARCHIVE = 'result.tar';
/** Somebody who makes this one has the whole archive. */
export const FETCHED = 'fetched';

/** Files by which whoever fetches so many bytes of the archive says that it has begun to, and that it has them. */
export function marksOf(bytes: number): { readonly begun: string; readonly had: string } {
  return { begun: `begun-${bytes}`, had: `had-${bytes}` };
}

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
