import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import type { PinChoice } from '../../measure/pinning.js';
import { nearest } from '../../nearest.js';
import { parseCpuList } from '../../record/cpu-list.js';
import { PINNED_ROLES, type PinnedRole } from '../../record/pinning.js';
import { type RawOptions, textOption, valueOf } from './command.js';

/** yargs' description of `--pin`. */
export function pinOption(group: string): Readonly<Record<string, Options>> {
  return {
    pin: textOption(
      group,
      'CPUs of their own for mock, target, driver and the rest: auto (four cores or more), or e.g. mock=0,target=1-2,driver=3',
      'none',
    ),
  };
}

/** Who is to be kept on which CPUs. @throws BenchError `bad-value` that names what is wrong */
export function readPin(raw: RawOptions): PinChoice {
  const text = (valueOf(raw, 'pin') ?? 'none').trim();
  if (text === 'none' || text === 'auto') return { kind: text };
  const lists: Partial<Record<PinnedRole, readonly number[]>> = {};
  // CPUs are separated by commas as well: a role begins at each word with an equals sign.
  for (const part of text.split(/[,\s]+(?=[^,\s=]*=)/)) {
    const [, name = part, list] = /^([^=]*)=(.*)$/.exec(part) ?? [];
    const role = PINNED_ROLES.find((known) => known === name);
    if (role === undefined || list === undefined) throw badPin(text, faultOf(name, list));
    if (lists[role] !== undefined) throw badPin(text, `${role} is named twice.`);
    const cpus = parseCpuList(list);
    if (cpus === null) throw badPin(text, `${JSON.stringify(list)} is no list of CPUs.`);
    lists[role] = cpus;
  }
  return { kind: 'lists', lists };
}

function faultOf(name: string, list: string | undefined): string {
  return list === undefined
    ? `${JSON.stringify(name)} is not known.${nearest(name, ['auto', 'none'])}`
    : `${JSON.stringify(name)} is none of ${PINNED_ROLES.join(', ')}.${nearest(name, PINNED_ROLES)}`;
}

function badPin(text: string, what: string): Error {
  return usageError(
    'bad-value',
    `--pin ${JSON.stringify(text)}: ${what}`,
    'Give auto, none, or CPUs for some of mock, target, driver and rest, for example --pin mock=0,target=1-2,driver=3.',
  );
}
