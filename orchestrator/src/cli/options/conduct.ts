import { resolve } from 'node:path';
import type { ConductLimit } from '../../analyse/conduct/limits.js';
import { usageError } from '../../errors.js';
import type { ConductJobRequest } from '../../measure/conduct-request.js';
import { CONDUCT_CASES, type ConductPace } from '../../plan/conduct-cases.js';
import { type RawOptions, valueOf, valuesOf } from './command.js';
import { readConductLimits } from './conduct-limits.js';
import { DRIVERS } from './equipment.js';
import { readServe } from './serve.js';
import { outputDirectory } from './shown.js';
import { parseChoice, parseMockPort, parseNames, parseNumber, parseSeed } from './values.js';

/** The group of `bench` that has cases in place of scenarios and levels. */
export const CONDUCT_GROUP = 'conduct';

/** What a person asked of `--group conduct`, checked. */
export interface ConductOptions extends ConductJobRequest {
  readonly runtime: 'auto' | 'docker' | 'process';
  readonly driver: 'oha' | 'native';
  /** Compose files that are laid over the project's own. */
  readonly composeFiles: readonly string[];
  /** What is required of gateways; none: nothing is. */
  readonly limits: readonly ConductLimit[];
  /** Write report.html. */
  readonly html: boolean;
  /** Port of `--serve`, 0 for any; null: nobody looks on. */
  readonly servePort: number | null;
  readonly dryRun: boolean;
  readonly json: boolean;
}

const KNOWN = new Set([
  'group',
  'scenarios',
  'gateways',
  'variants',
  'compose',
  'runtime',
  'driver',
  'quick',
  'blocks',
  'seed',
  'rps',
  'mock-port',
  'output',
  'require',
  'html',
  'serve',
  'serve-port',
  'wait',
  'dry-run',
  'json',
]);

/** Cases that have a close relative, which `--quick` leaves out unless they are named, as it does those that last long. */
const NOT_QUICK = new Set(['rate-limit-long', 'no-done', 'unauthorized']);

/** Long enough for a cooldown of five seconds and pauses of seconds; what lasts longer has cases with phases of their own. */
const USUAL: ConductPace = { beforeMs: 3000, faultMs: 8000, afterMs: 7000, rps: 50 };
const QUICK: ConductPace = { beforeMs: 2000, faultMs: 5000, afterMs: 5000, rps: 50 };

/** Less shows nothing within seconds; more is a load of its own for a gateway that waits for whoever is silent. */
const RPS = { min: 5, max: 500, unit: 'requests a second' } as const;

/**
 * Checks every value of `--group conduct`.
 * @throws BenchError `bad-value` and the like, exit code 2
 */
export function readConductOptions(raw: RawOptions): ConductOptions {
  const strange = Object.keys(raw).find((name) => !KNOWN.has(name));
  if (strange !== undefined)
    throw usageError(
      'bad-value',
      `--${strange} says nothing of --group conduct.`,
      `It takes ${[...KNOWN].map((name) => `--${name}`).join(', ')}; its phases are fixed.`,
    );
  const driver = parseChoice('driver', valueOf(raw, 'driver') ?? 'native', DRIVERS);
  if (driver === 'oha')
    throw usageError(
      'bad-value',
      '--driver oha knows no single requests.',
      'Leave it out: the native driver makes the load of --group conduct.',
    );
  const quick = raw['quick'] === true;
  const [gateways, variants, cases, blocks, rps, limits] = [
    'gateways',
    'variants',
    'scenarios',
    'blocks',
    'rps',
    'require',
  ].map((name) => valueOf(raw, name));
  const pace = quick ? QUICK : USUAL;
  return {
    gateways: gateways === undefined ? null : parseNames('gateways', gateways, 'crabllm,litellm'),
    variants: variants === undefined ? [] : parseNames('variants', variants, 'auth,cache'),
    cases:
      cases === undefined
        ? CONDUCT_CASES.filter(({ name, long }) => !quick || (long === null && !NOT_QUICK.has(name)))
        : readCases(parseNames('scenarios', cases, 'outage-503,cut-streams')),
    casesNamed: cases !== undefined,
    quick,
    pace: rps === undefined ? pace : { ...pace, rps: parseNumber('rps', rps, RPS) },
    blocks:
      blocks === undefined ? (quick ? 1 : 3) : parseNumber('blocks', blocks, { min: 1, max: 1000, integer: true }),
    seed: parseSeed(valueOf(raw, 'seed')),
    mockPort: parseMockPort(valueOf(raw, 'mock-port')),
    wait: raw['wait'] === true,
    output: outputDirectory(raw),
    runtime: parseChoice('runtime', valueOf(raw, 'runtime') ?? 'auto', ['auto', 'docker', 'process'] as const),
    driver,
    composeFiles: valuesOf(raw, 'compose').map((path) => resolve(path)),
    limits: limits === undefined ? [] : readConductLimits(limits),
    html: raw['html'] === true,
    servePort: readServe(raw),
    dryRun: raw['dry-run'] === true,
    json: raw['json'] === true,
  };
}

function readCases(names: readonly string[]): ConductOptions['cases'] {
  const known = CONDUCT_CASES.map(({ name }) => name);
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined)
    throw usageError(
      'bad-value',
      `${JSON.stringify(wrong)} is no case of --group conduct.`,
      `Its cases: ${known.join(', ')}.`,
    );
  return CONDUCT_CASES.filter(({ name }) => names.includes(name));
}
