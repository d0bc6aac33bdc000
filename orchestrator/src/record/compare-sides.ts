import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { nearest } from '../nearest.js';
import { BenchError, EXIT, usageError } from '../errors.js';
import { holdsRun, readRun, type StoredRun } from './run-directory.js';

/** A run, and which of its targets stand on this side of the comparison. */
export interface CompareSide<Run = StoredRun> {
  readonly run: Run;
  readonly targets: readonly string[];
}

/** Both sides of a comparison, their targets in matching order, and what was left out. */
export interface ChosenSides<Run = StoredRun> {
  readonly a: CompareSide<Run>;
  readonly b: CompareSide<Run>;
  readonly notes: readonly string[];
}

/** How runs of one kind are found and read. */
export interface RunKind<Run> {
  readonly holds: (directory: string) => boolean;
  /** @throws BenchError `run-missing`, `run-damaged`, `run-empty` */
  readonly read: (directory: string) => Run;
  readonly idOf: (run: Run) => string;
  readonly targetsOf: (run: Run) => readonly string[];
  /** Those that may be compared by themselves: all but `direct`. */
  readonly gatewaysOf: (run: Run) => readonly string[];
}

/** What `bench` measures in cells. */
export const RUNS_OF_CELLS: RunKind<StoredRun> = {
  holds: holdsRun,
  read: readSide,
  idOf: ({ manifest }) => manifest.id,
  targetsOf: ({ manifest }) => manifest.targets.map(({ name }) => name),
  gatewaysOf: ({ manifest }) => manifest.targets.filter(({ kind }) => kind !== 'direct').map(({ name }) => name),
};

/**
 * Finds out what is to be compared: two directories (gateways of the same name, whatever their versions), `DIR:TARGET` on either
 * side, or one directory with exactly two gateways.
 * @throws BenchError `run-missing`, `bad-value`, `nothing-in-common`, `run-differs` when two directories hold one run differently
 */
export function chooseSides<Run>(first: string, second: string | undefined, kind: RunKind<Run>): ChosenSides<Run> {
  const a = openSide(first, kind);
  if (second === undefined) return withinOne(first, a, kind);
  const b = openSide(second, kind, a);
  if (a.target !== null || b.target !== null) {
    const [left, right] = [a.target ?? b.target ?? '', b.target ?? a.target ?? ''];
    return {
      a: { run: a.run, targets: [known(a.run, left, kind)] },
      b: { run: b.run, targets: [known(b.run, right, kind)] },
      notes: [],
    };
  }
  const [ofA, ofB] = [kind.gatewaysOf(a.run), kind.gatewaysOf(b.run)];
  const pairs = ofA.flatMap((name) => {
    const same = counterpart(name, ofB);
    return same === null ? [] : [[name, same] as const];
  });
  if (pairs.length === 0) {
    throw usageError(
      'nothing-in-common',
      `The two runs have no gateway in common: ${ofA.join(', ')} in a, ${ofB.join(', ')} in b.`,
      'Name the two: compare DIR:GATEWAY DIR:GATEWAY.',
    );
  }
  const [left, right] = [pairs.map(([name]) => name), pairs.map(([, name]) => name)];
  return {
    a: { run: a.run, targets: left },
    b: { run: b.run, targets: right },
    notes: [...leftOut('a', ofA, left), ...leftOut('b', ofB, right)],
  };
}

/** Whether a word of the command line, a directory or `DIR:TARGET`, leads to a run of a kind. */
export function leadsTo(word: string, { holds }: Pick<RunKind<unknown>, 'holds'>): boolean {
  return holds(resolve(word)) || targetColon(word, holds) !== null;
}

interface OpenedSide<Run> {
  readonly directory: string;
  readonly run: Run;
  readonly target: string | null;
}

/**
 * Where the target begins: behind a directory that holds a run, because the name of a build of one's own (`crabllm:mine`) has a colon too.
 * @returns null where no part of the word is such a directory
 */
function targetColon(word: string, holds: RunKind<unknown>['holds']): number | null {
  const colons = [...word.matchAll(/:/g)].map(({ index }) => index);
  return colons.find((at) => at > 0 && holds(resolve(word.slice(0, at)))) ?? null;
}

/** @param other the side that is open already: the same directory is read once, and a copy of it has to be one */
function openSide<Run>(word: string, kind: RunKind<Run>, other?: OpenedSide<Run>): OpenedSide<Run> {
  const at = targetColon(word, kind.holds) ?? word.lastIndexOf(':');
  const whole = at < 1 || kind.holds(resolve(word));
  const directory = whole ? word : word.slice(0, at);
  const target = whole ? null : word.slice(at + 1);
  if (other === undefined) return { directory, run: kind.read(directory), target };
  if (isSameDirectory(directory, other.directory, kind)) return { ...other, target };
  const run = kind.read(directory);
  if (kind.idOf(run) !== kind.idOf(other.run)) return { directory, run, target };
  if (isDeepStrictEqual(run, other.run)) return { directory, run: other.run, target };
  throw usageError(
    'run-differs',
    `${other.directory} and ${directory} both say that they are run ${kind.idOf(run)}, but their records differ: one was changed, or copied before it had ended.`,
    `See which one holds: verify ${other.directory}, verify ${directory}.`,
  );
}

function isSameDirectory(one: string, other: string, { holds }: Pick<RunKind<unknown>, 'holds'>): boolean {
  return holds(resolve(one)) && realpathSync(one) === realpathSync(other);
}

function readSide(directory: string): StoredRun {
  const run = readRun(resolve(directory));
  if (run.trials.length > 0) return run;
  throw new BenchError({
    code: 'run-empty',
    message: `${directory} holds a run without a single trial.`,
    hint: 'It ended before anything was measured.',
    exitCode: EXIT.usage,
  });
}

function withinOne<Run>(directory: string, { run, target }: OpenedSide<Run>, kind: RunKind<Run>): ChosenSides<Run> {
  const gateways = kind.gatewaysOf(run);
  const [first, second, ...more] = gateways;
  if (target === null && first !== undefined && second !== undefined && more.length === 0)
    return { a: { run, targets: [first] }, b: { run, targets: [second] }, notes: [] };
  throw usageError(
    'bad-value',
    `${directory} is one run: name the two gateways to compare. It holds ${gateways.join(', ') || 'none'}.`,
    `Name two of them (compare DIR:${first ?? 'GATEWAY'} DIR:${second ?? 'GATEWAY'}), or give a second directory.`,
  );
}

function known<Run>(run: Run, name: string, { idOf, targetsOf }: RunKind<Run>): string {
  const names = targetsOf(run);
  if (names.includes(name)) return name;
  throw usageError(
    'bad-value',
    `Run ${idOf(run)} has no target "${name}".${nearest(name, [...names])}`,
    `It has ${names.join(', ')}.`,
  );
}

/** The same name; else the only other version of it. */
function counterpart(name: string, names: readonly string[]): string | null {
  if (names.includes(name)) return name;
  const versions = names.filter((other) => baseOf(other) === baseOf(name));
  return versions.length === 1 ? (versions[0] as string) : null;
}

function baseOf(name: string): string {
  return name.split('@', 1)[0] ?? name;
}

function leftOut(side: string, all: readonly string[], used: readonly string[]): string[] {
  const rest = all.filter((name) => !used.includes(name));
  return rest.length === 0 ? [] : [`${rest.join(', ')} in ${side} has no counterpart and is left out`];
}
