import { cellName } from '../record/comparison.js';
import type { GateFailure, GateResult } from '../record/gate.js';
import { figuresText } from './comparison-rows.js';

/** What gates say, line by line. */
export interface GateLines extends Pick<GateResult, 'unjudged' | 'reach'> {
  readonly failures: readonly string[];
}

/** What gates say, for a person. */
export function gateLines({ failures, unjudged, reach }: GateResult): GateLines {
  return { failures: failures.map(failureLine), unjudged, reach };
}

function failureLine({ cell, broken }: GateFailure): string {
  if (broken === null) return `${cellName(cell)}: ${cell.reason ?? ''}`;
  const { gate, measure } = broken;
  return `${gate.text}: ${cellName(cell)} ${measure.name} is worse: ${figuresText(measure)}`;
}
