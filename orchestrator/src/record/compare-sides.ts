import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { nearest } from '../nearest.js';
import { BenchError, EXIT, usageError } from '../errors.js';
import { holdsRun, readRun, type StoredRun } from './run-directory.js';

/** A run, and which of its targets stand on this side of the comparison. */
export interface CompareSide {
  readonly run: StoredRun;
  readonly targets: readonly string[];
}

/** Both sides of a comparison, their targets in matching order, and what was left out. */
export interface ChosenSides {
  readonly a: CompareSide;
  readonly b: CompareSide;
  readonly notes: readonly string[];
}

/**
 * Finds out what is to be compared: two directories (gateways of the same name, whatever their versions), `DIR:TARGET` on either
 * side, or one directory with exactly two gateways.
 * @throws BenchError `run-missing`, `bad-value`, `nothing-in-common`, `run-differs` when two directories hold one run differently
 */
export function chooseSides(first: string, second: string | undefined): ChosenSides {
  const a = openSide(first);
  if (second === undefined) return withinOne(first, a);
  const b = openSide(second, a);
  if (a.target !== null || b.target !== null) {
    const [left, right] = [a.target ?? b.target ?? '', b.target ?? a.target ?? ''];
    return {
      a: { run: a.run, targets: [known(a.run, left)] },
      b: { run: b.run, targets: [known(b.run, right)] },
      notes: [],
    };
  }
  const pairs = gatewaysOf(a.run).flatMap((name) => {
    const same = counterpart(name, gatewaysOf(b.run));
    return same === null ? [] : [[name, same] as const];
  });
  if (pairs.length === 0) {
    throw usageError(
      'nothing-in-common',
      `The two runs have no gateway in common: ${gatewaysOf(a.run).join(', ')} in a, ${gatewaysOf(b.run).join(', ')} in b.`,
      'Name the two: compare DIR:GATEWAY DIR:GATEWAY.',
    );
  }
  const [left, right] = [pairs.map(([name]) => name), pairs.map(([, name]) => name)];
  return {
    a: { run: a.run, targets: left },
    b: { run: b.run, targets: right },
    notes: [...leftOut('a', gatewaysOf(a.run), left), ...leftOut('b', gatewaysOf(b.run), right)],
  };
}

interface OpenedSide {
  readonly directory: string;
  readonly run: StoredRun;
  readonly target: string | null;
}

/** Where the target begins: behind a directory that holds a run, because the name of a build of one's own (`crabllm:mine`) has a colon too. */
function targetColon(word: string): number {
  const colons = [...word.matchAll(/:/g)].map(({ index }) => index);
  return colons.find((at) => at > 0 && holdsRun(resolve(word.slice(0, at)))) ?? colons.at(-1) ?? -1;
}

/** @param other the side that is open already: the same directory is read once, and a copy of it has to be one */
function openSide(word: string, other?: OpenedSide): OpenedSide {
  const at = targetColon(word);
  const whole = at < 1 || holdsRun(resolve(word));
  const directory = whole ? word : word.slice(0, at);
  const target = whole ? null : word.slice(at + 1);
  if (other === undefined) return { directory, run: readSide(directory), target };
  if (isSameDirectory(directory, other.directory)) return { ...other, target };
  const run = readSide(directory);
  if (run.manifest.id !== other.run.manifest.id) return { directory, run, target };
  if (isDeepStrictEqual(run, other.run)) return { directory, run: other.run, target };
  throw usageError(
    'run-differs',
    `${other.directory} and ${directory} both say that they are run ${run.manifest.id}, but their records differ: one was changed, or copied before it had ended.`,
    `See which one holds: verify ${other.directory}, verify ${directory}.`,
  );
}

function isSameDirectory(one: string, other: string): boolean {
  return holdsRun(resolve(one)) && realpathSync(one) === realpathSync(other);
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

function withinOne(directory: string, { run, target }: OpenedSide): ChosenSides {
  const gateways = gatewaysOf(run);
  const [first, second, ...more] = gateways;
  if (target === null && first !== undefined && second !== undefined && more.length === 0)
    return { a: { run, targets: [first] }, b: { run, targets: [second] }, notes: [] };
  throw usageError(
    'bad-value',
    `${directory} is one run: name the two gateways to compare. It holds ${gateways.join(', ') || 'none'}.`,
    `Name two of them (compare DIR:${first ?? 'GATEWAY'} DIR:${second ?? 'GATEWAY'}), or give a second directory.`,
  );
}

function gatewaysOf({ manifest }: StoredRun): string[] {
  return manifest.targets.filter(({ kind }) => kind !== 'direct').map(({ name }) => name);
}

function known({ manifest }: StoredRun, name: string): string {
  const names = manifest.targets.map((target) => target.name);
  if (names.includes(name)) return name;
  throw usageError(
    'bad-value',
    `Run ${manifest.id} has no target "${name}".${nearest(name, names)}`,
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
