import { isOneClock } from '../../clock/clock-domain.js';
import type { Distribution, LedgerFigures, LedgerRecord } from '../../record/trial.js';
import type { ColumnFile } from './column-file.js';
import type { LedgerFile } from './ledger-file.js';
import { clientRows, joinLedger, type LedgerJoin, type RequestOverhead } from './ledger-join.js';
import { type Window, WindowSamples } from './window-samples.js';

/** Streams held back that are shown as evidence. */
const MAX_EXAMPLES = 5;

/** What a record says of how it was made, for whoever makes it again of its files. */
export interface LedgerRule {
  /** Whether the clocks count as one where the file of requests is of a version that does not tell whose clock it was written by. */
  readonly sharedClock: boolean;
  /** As in the record. */
  readonly heldFrom?: LedgerRecord['heldFrom'];
}

const THIS_VERSION: LedgerRule = { sharedClock: false, heldFrom: 'whole' };

/**
 * What driver and ledger say together, as a trial's record holds it: of the whole, and of each part where there are several.
 * @param beside the trial that was run at the same time: its requests in the ledger are no strangers
 * @param as how an earlier version had it; left out: as this one
 */
export function ledgerRecord(
  requests: ColumnFile,
  ledger: LedgerFile,
  beside: Pick<ColumnFile, 'header'> | null = null,
  as: LedgerRule = THIS_VERSION,
): LedgerRecord {
  const others = beside?.header.idPrefix;
  const own = others === undefined ? ledger.rows : ledger.rows.filter(({ id }) => !id.startsWith(others));
  const rows = as.heldFrom === 'whole' ? own : own.map((row) => ({ ...row, arrivedWholeUs: row.arrivedUs }));
  const { clockDomain, agents = [{ clockDomain }] } = requests.header;
  const sharedClock = agents.every((agent) =>
    agent.clockDomain === undefined ? as.sharedClock : isOneClock(agent.clockDomain, ledger.clockDomain),
  );
  const join = joinLedger(clientRows(requests), rows, sharedClock);
  const { warmupUs, measureUs, kinds } = requests.header;
  const window: Window = { startUs: warmupUs, endUs: warmupUs + measureUs, seconds: Math.ceil(measureUs / 1e6) };
  const figures = (overheads: readonly RequestOverhead[]) => figuresOf(overheads, window);
  const parts = [...new Set(kinds.map(({ part }) => part))];
  return {
    ...figures(join.overheads),
    sharedClock,
    ...(as.heldFrom === 'whole' ? { heldFrom: as.heldFrom } : {}),
    overwritten: ledger.overwritten,
    missing: join.missing.count,
    repeated: {
      requests: join.repeated.length,
      attempts: join.repeated.reduce((sum, { times }) => sum + times, 0),
    },
    strange: join.strange.count,
    aborts: aborts(join, window),
    buffered: { streams: join.buffered.length, examples: join.buffered.slice(0, MAX_EXAMPLES).map(rounded) },
    upstreamConnections: join.upstreamConnections,
    ...(parts.length < 2
      ? {}
      : {
          parts: parts.map((name) => ({
            name,
            ledger: figures(join.overheads.filter(({ kind }) => kinds[kind]?.part === name)),
          })),
        }),
  };
}

function figuresOf(overheads: readonly RequestOverhead[], window: Window): LedgerFigures {
  const over = (pick: (overhead: RequestOverhead) => number | null): Distribution => {
    const samples = new WindowSamples(window);
    for (const overhead of overheads) {
      const value = pick(overhead);
      if (value !== null) samples.add(overhead.dueUs, value);
    }
    return samples.distribution();
  };
  return {
    joined: overheads.length,
    overheadUs: over(({ overheadUs }) => overheadUs),
    requestPathUs: orNull(over(({ requestPathUs }) => requestPathUs)),
    responsePathUs: orNull(over(({ responsePathUs }) => responsePathUs)),
    addedFirstFrameUs: orNull(over(({ addedFirstFrameUs }) => addedFirstFrameUs)),
    addedGapUs: orNull(over(({ addedGapUs }) => addedGapUs)),
  };
}

function aborts({ aborts: all }: LedgerJoin, window: Window): LedgerRecord['aborts'] {
  const times = new WindowSamples({ ...window, seconds: 0 });
  // The mock may look at its clock before the client that gave up does.
  for (const { passedOnUs } of all) if (passedOnUs !== null) times.add(0, Math.max(0, passedOnUs));
  return {
    givenUp: all.length,
    passedOn: all.filter(({ passedOn }) => passedOn).length,
    passedOnUs: orNull({ ...times.distribution(), seconds: null }),
    wastedFrames: all.reduce((sum, { wastedFrames }) => sum + wastedFrames, 0),
  };
}

function rounded<Stream extends { readonly providerSpanUs: number; readonly clientSpanUs: number }>(
  stream: Stream,
): Stream {
  return {
    ...stream,
    providerSpanUs: Math.round(stream.providerSpanUs),
    clientSpanUs: Math.round(stream.clientSpanUs),
  };
}

/** Nothing was seen, because there was nothing to be seen: no stream, no shared clock, no abort. */
function orNull(distribution: Distribution): Distribution | null {
  return distribution.count === 0 ? null : distribution;
}
