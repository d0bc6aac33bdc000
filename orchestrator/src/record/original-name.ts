import { z } from 'zod';
import type { CellId } from './cell.js';

/** Scenarios of the original suite, and whether their answers are streams. Longer names first: an ending must not win over the whole. */
export const ORIGINAL_SCENARIOS: ReadonlyMap<string, { readonly streaming: boolean }> = new Map([
  ['chat-large-context', { streaming: false }],
  ['chat-long-stream', { streaming: true }],
  ['chat-minimal', { streaming: false }],
  ['chat-stream', { streaming: true }],
  ['chat-tools', { streaming: false }],
  ['embeddings', { streaming: false }],
  ['concurrent-streams', { streaming: true }],
]);

const levelValue = z.coerce.number().int().positive();

/**
 * The cell that a file of the original suite is about: `{gateway}-{scenario}-{N}rps.json` or `{gateway}-concurrent-{N}.json`.
 * Gateways and scenarios may both hold hyphens, so the scenario is the known one that the name ends with. Null for any other name.
 */
export function parseOriginalName(file: string): CellId | null {
  const paced = /^(.+)-([0-9]+)rps\.json$/.exec(file);
  if (paced !== null) {
    const [, subject = '', value] = paced;
    const scenario = [...ORIGINAL_SCENARIOS.keys()].find((name) => subject.endsWith(`-${name}`));
    return scenario === undefined ? null : cell(subject.slice(0, -scenario.length - 1), scenario, 'rps', value);
  }
  const [, gateway = '', value] = /^(.+)-concurrent-([0-9]+)\.json$/.exec(file) ?? [];
  return value === undefined ? null : cell(gateway, 'concurrent-streams', 'streams', value);
}

function cell(target: string, scenario: string, kind: 'rps' | 'streams', value: string | undefined): CellId | null {
  const parsed = levelValue.safeParse(value);
  return parsed.success && target !== '' ? { target, scenario, level: { kind, value: parsed.data } } : null;
}
