import type { Manifest } from '../record/manifest.js';
import { type Colour, colourOf } from './target-colour.js';
import { type TargetFacts, targetFacts } from './target-text.js';

/** A target as a page knows it. */
export interface PageTarget extends TargetFacts {
  readonly name: string;
  readonly colour: Colour;
  /** What it is where it is no LLM gateway; else empty. */
  readonly plays: string;
  /** Why it was not measured at all; empty where it was. */
  readonly absent: string;
}

/** A target with what the manifest says of it. */
export function pageTarget({ targets }: Pick<Manifest, 'targets'>, name: string, absent: string): PageTarget {
  const record = targets.find((one) => one.name === name);
  const facts = record === undefined ? { facts: [], configuration: '' } : targetFacts(record);
  return { name, colour: colourOf(name), ...facts, plays: record?.plays ?? '', absent };
}
