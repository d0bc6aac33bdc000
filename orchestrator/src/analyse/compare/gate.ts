import { type ComparedCell, type ComparedMeasure, type Comparison, cellName } from '../../record/comparison.js';
import type { Gate, GateFailure, GateResult } from '../../record/gate.js';

/**
 * A cell that no longer keeps up fails every gate; one that could not be measured lets none pass. A change fails when its whole interval is
 * beyond the limit: were it the change itself, a gateway that is worse by just the limit would fail every other time.
 *
 * A quantity that only some cells have (a quantile that a low rate does not carry, a time to first token without a stream) is judged in
 * those; `reach` names the others.
 */
export function checkGates(gates: readonly Gate[], { cells }: Comparison): GateResult {
  const lost = cells.filter(({ verdict, reason }) => verdict === 'worse' && reason !== null);
  const failures = gates.flatMap((gate) =>
    cells.flatMap((cell) =>
      cell.measures
        .filter((found) => isAbout(gate, found) && fails(found, gate.least))
        .map((measure): GateFailure => ({ cell, broken: { gate, measure } })),
    ),
  );
  return {
    failures: [...lost.map((cell) => ({ cell, broken: null })), ...failures],
    unjudged: [...cells.flatMap(unmeasured), ...gates.flatMap((gate) => unjudgedBy(gate, cells))],
    reach: gates.flatMap((gate) => [...reachOf(gate, cells), ...untouchedBy(gate, cells)]),
  };
}

function isAbout({ measure }: Gate, { name }: ComparedMeasure): boolean {
  return measure === null || name === measure;
}

/** A cell of which nothing is known that any gate could be about. */
function unmeasured(cell: ComparedCell): string[] {
  if (cell.verdict === 'not-compared') return [`${cellName(cell)}: ${cell.reason ?? ''}`];
  if (cell.reason !== null || cell.measures.length > 0) return [];
  return [`${cellName(cell)}: both kept up, but no figure is there on both sides from two blocks or more`];
}

/** Where a gate could not have failed, whatever the gateway did. */
function unjudgedBy(gate: Gate, cells: readonly ComparedCell[]): string[] {
  const decided = cells.some(
    ({ measures, verdict }) =>
      measures.some((found) => isAbout(gate, found)) || (gate.measure === null && verdict === 'better'),
  );
  if (!decided)
    return [
      `${gate.text}: no cell has ${gate.measure === null ? 'any' : 'that'} figure on both sides, from two blocks or more`,
    ];
  return cells.flatMap((cell) => {
    const names = cell.measures
      .filter((found) => isAbout(gate, found) && found.noiseFloor === null)
      .map(({ name }) => name);
    if (names.length === 0) return [];
    return [
      `${gate.text}: ${cellName(cell)} ${names.join(', ')}: no block holds direct twice, so the noise floor is unknown and nothing can be told`,
    ];
  });
}

/** The cells that do not have a gate's quantity while others do. */
function untouchedBy(gate: Gate, cells: readonly ComparedCell[]): string[] {
  const measured = cells.filter(({ measures }) => measures.length > 0);
  const without = measured.filter(({ measures }) => !measures.some((found) => isAbout(gate, found)));
  if (without.length === 0 || without.length === measured.length) return [];
  return [
    `${gate.text}: says nothing of ${without.map(cellName).join(', ')}, where that figure is not there on both sides`,
  ];
}

/** The worst that the intervals leave possible, where that is beyond the gate's own limit. */
function reachOf({ text, measure, least }: Gate, cells: readonly ComparedCell[]): string[] {
  if (measure === null) return [];
  const open = cells.flatMap((cell) =>
    cell.measures
      .filter(({ name, verdict }) => name === measure && verdict !== 'better')
      .filter((found) => exceeds(found, found.change.high, least) && !fails(found, least))
      .map(({ a, change }) => ({ cell, share: a === 0 ? Number.POSITIVE_INFINITY : change.high / Math.abs(a) })),
  );
  const worst = open.toSorted((one, other) => other.share - one.share)[0];
  if (worst === undefined) return [];
  const upTo = Number.isFinite(worst.share) ? `up to +${(100 * worst.share).toFixed(0)} %` : 'any';
  return [
    `${text}: not proven, but ${upTo} is not excluded either (${cellName(worst.cell)}); more blocks would narrow it`,
  ];
}

function fails(found: ComparedMeasure, least: Gate['least']): boolean {
  return found.verdict === 'worse' && exceeds(found, found.change.low, least);
}

function exceeds({ a }: ComparedMeasure, change: number, least: Gate['least']): boolean {
  return change > ('share' in least ? least.share * Math.abs(a) : least.amount);
}
