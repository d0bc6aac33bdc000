import { resolve } from 'node:path';
import type { Options } from 'yargs';
import { FEATURES } from '../../catalogue/feature.js';
import type { OwnProgram } from '../../catalogue/own-program.js';
import { ALL_GROUPS, FEATURE_GROUP, GROUPS, SCENARIOS } from '../../catalogue/scenarios.js';
import { usageError } from '../../errors.js';
import type { ExternalTarget } from '../../measure/request.js';
import { parseBinary } from './binary.js';
import { type RawOptions, refuseBeside, repeatableOption, textOption, valueOf, valuesOf } from './command.js';
import { CONDUCT_GROUP } from './conduct.js';
import { parseTarget } from './target.js';
import type { UsualOptions } from './usual.js';
import { parseChoice, parseLevels, parseNames, scenarioName } from './values.js';

/** Which cells: what is measured, with what, how hard. */
export interface SelectionOptions {
  readonly group: string;
  /** Narrows the group; null: all of it. */
  readonly scenarios: readonly string[] | null;
  /** Null: every gateway of the catalogue, as far as it can be had. */
  readonly gateways: readonly string[] | null;
  readonly variants: readonly string[];
  readonly externals: readonly ExternalTarget[];
  readonly programs: readonly OwnProgram[];
  readonly composeFiles: readonly string[];
  readonly rps: readonly number[] | null;
  readonly streams: readonly number[] | null;
  /** Levels of a closed loop, in place of requests per second. */
  readonly closed: readonly number[] | null;
}

/** What `--group` may be. */
export const BENCH_GROUPS: readonly string[] = [...GROUPS.map(({ name }) => name), 'all', CONDUCT_GROUP];

/** yargs' description of the options that choose cells; values are checked by {@link readSelection}. */
export function selectionOptions(group: string): Readonly<Record<string, Options>> {
  return {
    group: textOption(
      group,
      `Scenarios run together: ${[...GROUPS.map(({ name }) => name), 'all'].join(', ')}; ${CONDUCT_GROUP}: what they do while providers fail`,
      'overhead',
    ),
    scenarios: textOption(group, 'Only these of the group, e.g. chat-minimal,chat-stream'),
    gateways: textOption(
      group,
      'Only these gateways, e.g. crabllm,litellm; versions side by side: crabllm@0.0.24,crabllm@0.0.25; a variant: crabllm+ext; all: every one that can be had; direct: the mock alone',
      'the usual ones, as far as they can be had',
    ),
    variants: textOption(
      group,
      'Beside each gateway these of its variants, and its own configuration once more (NAME+bare), e.g. auth',
    ),
    target: repeatableOption(
      group,
      "Measure something that already runs in front of the mock: NAME=URL, or a URL; behind it base-path=, health=, model=, model-prefix=, header=, serves=, accept=, as of an entry's x-bench",
    ),
    binary: repeatableOption(
      group,
      'Measure a build of your own: GATEWAY=PATH in its place, GATEWAY:NAME=PATH beside it',
    ),
    compose: repeatableOption(group, 'Add the gateways of a Compose file of your own'),
    rps: textOption(group, 'Levels in requests per second, e.g. "100 500"', "the group's"),
    streams: textOption(group, 'Levels of the group concurrent, in open streams', '100 500 1000'),
    closed: textOption(group, 'Closed loop instead of --rps: so many requests at a time, each followed by the next'),
  };
}

/**
 * Checks the options that choose cells.
 * @param usual what is taken where nothing is said
 * @throws BenchError `bad-value` and the like
 */
export function readSelection(raw: RawOptions, usual: UsualOptions): SelectionOptions {
  const one = (name: string): string | undefined => valueOf(raw, name);
  const group = parseChoice('group', one('group') ?? 'overhead', BENCH_GROUPS);
  const [scenarios, gateways, variants] = [one('scenarios'), one('gateways'), one('variants')];
  const [rps, streams] = [one('rps'), one('streams')];
  const usualScenarios = group === 'overhead' ? usual.scenarios : null;
  return {
    group,
    scenarios:
      scenarios === undefined
        ? usualScenarios
        : readScenarios(group, parseNames('scenarios', scenarios, 'chat-minimal,chat-stream')),
    gateways: gateways === undefined ? null : parseNames('gateways', gateways, 'crabllm,litellm'),
    variants: variants === undefined ? usualVariants(group) : parseNames('variants', variants, 'auth,cache-hit'),
    externals: valuesOf(raw, 'target').map((text) => parseTarget(text)),
    programs: valuesOf(raw, 'binary').map(parseBinary),
    composeFiles: valuesOf(raw, 'compose').map((path) => resolve(path)),
    rps: rps === undefined ? usual.rps : parseLevels('rps', rps, 1_000_000),
    streams: streams === undefined ? null : parseLevels('streams', streams, 100_000),
    closed: readClosed(raw),
  };
}

/** A group of variants takes them all. */
function usualVariants(group: string): readonly string[] {
  return group === FEATURE_GROUP ? FEATURES.map(({ name }) => name) : [];
}

function readClosed(raw: RawOptions): number[] | null {
  const closed = valueOf(raw, 'closed');
  if (closed === undefined) return null;
  refuseBeside(raw, 'closed', ['rps'], 'Give one of them, or measure twice.');
  return parseLevels('closed', closed, 100_000);
}

function readScenarios(group: string, names: readonly string[]): string[] {
  const groups = group === 'all' ? ALL_GROUPS : [group];
  const allowed = GROUPS.filter(({ name }) => groups.includes(name)).flatMap(({ scenarios }) => scenarios);
  const all = SCENARIOS.map(({ name }) => name);
  const chosen = names.map((given) => {
    const name = scenarioName(given, all);
    const elsewhere = allowed.includes(name) ? undefined : GROUPS.find(({ scenarios }) => scenarios.includes(name));
    if (elsewhere === undefined) return parseChoice('scenarios', name, allowed);
    throw usageError(
      'bad-value',
      `--scenarios ${name} is not in --group ${group}.`,
      `Add --group ${elsewhere.name}, or choose of: ${allowed.join(', ')}.`,
    );
  });
  return all.filter((name) => chosen.includes(name));
}
