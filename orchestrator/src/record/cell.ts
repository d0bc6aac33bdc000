import { z } from 'zod';

/** How hard a target is driven: requests per second (open loop), or requests in flight (closed loop; the first scenario of one had streams). */
export const levelSchema = z.strictObject({
  kind: z.enum(['rps', 'streams']),
  value: z.number().positive(),
});
export type Level = z.infer<typeof levelSchema>;

/** One row of the result: target × scenario × level. */
export interface CellId {
  readonly target: string;
  readonly scenario: string;
  readonly level: Level;
}

/** A string that is equal for equal cells; for use as a key in memory, never parsed back. */
export function cellKey(cell: CellId): string {
  return JSON.stringify([cell.target, cell.scenario, cell.level.kind, cell.level.value]);
}

/** How a level is written for a person: `500 rps`, `100 in flight`. */
export function formatLevel({ value, kind }: Level): string {
  return `${value} ${LEVEL_UNIT[kind]}`;
}

/** Not every request in flight is a stream. */
export const LEVEL_UNIT: Readonly<Record<Level['kind'], string>> = { rps: 'rps', streams: 'in flight' };
