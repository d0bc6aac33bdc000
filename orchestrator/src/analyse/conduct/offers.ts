import type { CaseResult, RowName } from './case-rows.js';
import { type ConductRow, isMeasured } from './row.js';

/** What rows are about that a gateway need not have. */
interface Mechanism {
  readonly rows: readonly RowName[];
  /** Whether a figure says only that it is lacking; else a figure shows that it is there after all. */
  readonly figureIsLack: boolean;
}

/** By the name under which an entry of the compose file says that it is lacking. */
const MECHANISMS: Readonly<Record<string, Mechanism>> = {
  fallback: {
    rows: ['failoverUs', 'servedAddedUs', 'returnFirstUs', 'returnUs', 'mustNotRetryFallback'],
    figureIsLack: false,
  },
  breaker: { rows: ['probesPerSecond', 'primaryTouchedShare'], figureIsLack: true },
  'stream-idle': { rows: ['stallBoundUs'], figureIsLack: false },
  'retry-after': { rows: ['retryAfterHonoured'], figureIsLack: true },
  jitter: { rows: ['jitter'], figureIsLack: true },
};

/** A result in which nobody is said to fail in what is not offered. @param lacks by mechanism, each with the reason */
export function withOffers(result: CaseResult, lacks: Readonly<Record<string, string>> = {}): CaseResult {
  const rows: Partial<Record<RowName, ConductRow>> = { ...result.rows };
  for (const [name, reason] of Object.entries(lacks)) {
    const mechanism = MECHANISMS[name];
    for (const row of mechanism?.rows ?? []) {
      const found = rows[row];
      if (found === undefined) continue;
      if (!isMeasured(found)) rows[row] = { state: 'not-offered', reason: `${reason}; ${found.reason}` };
      else if (mechanism?.figureIsLack === true) rows[row] = { state: 'not-offered', reason, value: found.value };
    }
  }
  return { ...result, rows };
}
