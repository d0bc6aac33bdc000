import type { Change } from '../catalogue/feature.js';
import { rewrittenService } from '../catalogue/rewritten-service.js';
import type { StageTarget } from './stage.js';

/**
 * The target with one text of it changed, wherever it stands.
 * @param directory for copies of the config files that change
 * @returns null where none of its files, words, variables and headers has the text
 * @throws BenchError where a copy cannot be written
 */
export function altered(target: StageTarget, { from, to }: Change, directory: string): StageTarget | null {
  let found = false;
  const text = (before: string): string => {
    found ||= before.includes(from);
    return before.replaceAll(from, to);
  };
  // What it is to be changed by names the text as well.
  const { attest, ...service } = target.service;
  const changed = rewrittenService(service, {
    text,
    directory,
    copies: 'copies of config files with a value changed to attest a feature',
  });
  return found ? { ...target, service: { ...changed, ...(attest === undefined ? {} : { attest }) } } : null;
}
