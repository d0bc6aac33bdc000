import type { Options } from 'yargs';
import { type ExitCode, usageError } from '../../errors.js';
import type { SettingsRecord } from '../../record/manifest.js';

/** Values as yargs hands them over: strings, repeated strings, booleans. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** One command of the program: what it understands, and what it does. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly about: string;
  /** Names of the words that follow the command, all of them required. */
  readonly words: readonly string[];
  /** Names of words that may follow those. */
  readonly optionalWords?: readonly string[];
  /** Whether the last of {@link Command.words} may be followed by any number like it. */
  readonly moreWords?: boolean;
  /** yargs' description of its options; the command checks their values. */
  readonly options: Readonly<Record<string, Options>>;
  /** What its exit codes mean, where that is not what they mean for a run. */
  readonly exitCodes?: string;
  /** Command lines behind the program's name, each with what it is for. */
  readonly examples: readonly (readonly [line: string, about: string])[];
  /**
   * Does it.
   * @param given the options that were given, defaults of flags left out
   * @param words as many as {@link Command.words}, and those optional ones that were given
   * @param settings the file that some of the options come from; null: all were typed
   * @returns the exit code of the process
   * @throws BenchError everything a person can do something about
   */
  run(given: RawOptions, words: readonly string[], settings: SettingsRecord | null): Promise<ExitCode>;
}

/** An option with a value, which stays text until the command checks it. */
export function textOption(group: string, describe: string, defaultDescription?: string): Options {
  return {
    type: 'string',
    requiresArg: true,
    group,
    describe,
    ...(defaultDescription === undefined ? {} : { defaultDescription }),
  };
}

const REPEATABLE = ' (repeatable)';

/** An option with a value that may be given several times, each counting. */
export function repeatableOption(group: string, describe: string): Options {
  return textOption(group, `${describe}${REPEATABLE}`);
}

/** Whether all values of an option count, or the last. */
export function isRepeatable({ describe }: Options): boolean {
  return describe?.endsWith(REPEATABLE) === true;
}

/** An option that is there or not. */
export function flagOption(group: string, describe: string): Options {
  return { type: 'boolean', group, describe };
}

/** All values of an option, in the order in which they were given. */
export function valuesOf(given: RawOptions, name: string): string[] {
  const value = given[name];
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** The value of an option; the last one when it was given several times. */
export function valueOf(given: RawOptions, name: string): string | undefined {
  return valuesOf(given, name).at(-1);
}

/** The first of these options that was given; a flag that was switched off was not. */
export function firstGiven(given: RawOptions, names: readonly string[]): string | undefined {
  return names.find((name) => given[name] !== undefined && given[name] !== false);
}

/**
 * Refuses options that would say nothing beside another one, or something else than they say.
 * @throws BenchError `bad-value` that names both
 */
export function refuseBeside(given: RawOptions, name: string, others: readonly string[], hint: string): void {
  const beside = firstGiven(given, others);
  if (beside !== undefined) throw usageError('bad-value', `--${beside} cannot go with --${name}.`, hint);
}
