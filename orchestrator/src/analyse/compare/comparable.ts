import { formatLevel } from '../../record/cell.js';
import { LOAD_DEFAULTS, TIMEOUT_SECONDS } from '../../record/load-defaults.js';
import type { Manifest, TargetRecord } from '../../record/manifest.js';
import type { StoredRun } from '../../record/run-directory.js';
import type { CompareSide } from '../../record/compare-sides.js';

/** What must be equal in two runs, for a difference between them to be one of the gateways. */
const SAME: readonly (readonly [name: string, of: (manifest: Manifest) => unknown])[] = [
  ['runtime', ({ runtime }) => runtime],
  ['driver', ({ driver }) => driver],
  ['CPUs of mock, target, driver and the rest', ({ pinning }) => placesOf(pinning)],
  ['cores kept awake', ({ awake }) => awake ?? 'off'],
  ['measured milliseconds of a trial', ({ measureMs }) => measureMs],
  ['targets measured at the same time', ({ paired }) => paired !== undefined],
  ['warm-up milliseconds', ({ warmupMs }) => warmupMs],
  [
    'warm-up milliseconds behind a trial of the same scenario',
    ({ warmupMs, againWarmupMs }) => againWarmupMs ?? warmupMs,
  ],
  ['mix', ({ scenarios }) => scenarios.flatMap(({ mix }) => mix ?? [])],
  ['bodies', ({ scenarios }) => scenarios.flatMap(({ bodies }) => bodies?.sha256 ?? [])],
  [
    'trace',
    ({ scenarios }) =>
      scenarios.flatMap(({ trace }) => (trace === undefined ? [] : [trace.sha256, trace.part ?? 'whole'])),
  ],
];

/**
 * Options of `bench` that change the load or what stands beside it, with what each is when it was not given. Those that a manifest
 * holds in a field of its own are above.
 */
const LOAD_OPTIONS: readonly (readonly [name: string, otherwise: (manifest: Manifest) => string])[] = [
  ...Object.entries(LOAD_DEFAULTS).map(([name, otherwise]) => [name, () => otherwise] as const),
  ['timeout', ({ options }) => String(TIMEOUT_SECONDS[options['find-capacity'] === true ? 'search' : 'run'])],
  ['keep-up', () => 'false'],
  ['abort', () => 'none'],
];

/**
 * Why a difference between two runs would not be one between the gateways: other programs, another machine, another plan.
 * Empty within one run, in which all of that is the same.
 */
export function whyNotComparable(a: CompareSide, b: CompareSide): string[] {
  const [one, other] = [a.run.manifest, b.run.manifest];
  if (one.id === other.id) return [];
  return [
    ...SAME.flatMap(([name, of]) => differing(name, of(one), of(other))),
    ...LOAD_OPTIONS.flatMap(([name, otherwise]) =>
      differing(`--${name}`, optionOf(one, name, otherwise), optionOf(other, name, otherwise)),
    ),
    ...noCommonCell(one, other),
    ...differingMembers('version of', one.versions, other.versions),
    ...differingMembers('host', one.host, other.host),
    ...differing('version of the driver', driverVersions(a.run), driverVersions(b.run)),
    ...differingHolds(a.run, b.run),
    ...directOf(one).flatMap((direct) =>
      directOf(other).flatMap((there) => [
        ...differing(
          'mock',
          `${direct.version} ${direct.digest ?? ''}`.trim(),
          `${there.version} ${there.digest ?? ''}`.trim(),
        ),
      ]),
    ),
    ...a.targets.flatMap((name, i) => differingLimits(one, name, other, b.targets[i] ?? name)),
    ...a.targets.flatMap((name, i) => differingBeside(one, name, other, b.targets[i] ?? name)),
  ];
}

/** Where each was kept; one that was kept nowhere is as one that nobody asked for. */
function placesOf(pinning: Manifest['pinning']): unknown {
  if (pinning?.state !== 'pinned') return 'not pinned';
  const { mock, target, driver, rest } = pinning;
  return { mock, target, driver, rest };
}

/** As it took effect: the last of several, in one spelling. */
function optionOf(manifest: Manifest, name: string, otherwise: (manifest: Manifest) => string): string {
  const given = [manifest.options[name] ?? []].flat().at(-1) ?? otherwise(manifest);
  const text = (typeof given === 'string' ? given : JSON.stringify(given)).replaceAll(/\s/g, '');
  if (name === 'timeout') return String(Number(text));
  return text === 'ramp' ? 'ramp:0.1-1' : text;
}

function noCommonCell(one: Manifest, other: Manifest): string[] {
  const [here, there] = [plannedLevels(one), plannedLevels(other)];
  if (here.some((cell) => there.includes(cell))) return [];
  return [
    `scenarios and levels, none of which is in both: ${here.join(', ') || 'none'} in a, ${there.join(', ') || 'none'} in b`,
  ];
}

function plannedLevels({ scenarios }: Manifest): string[] {
  return scenarios.flatMap(({ name, levels }) => levels.map((level) => `${name} ${formatLevel(level)}`));
}

function directOf({ targets }: Manifest): TargetRecord[] {
  return targets.filter(({ kind }) => kind === 'direct');
}

function driverVersions({ trials }: StoredRun): string {
  return [...new Set(trials.flatMap(({ load }) => (load === null ? [] : `${load.driver.name} ${load.driver.version}`)))]
    .toSorted()
    .join(', ');
}

/** Runs without a ledger have no overhead that it could matter to. */
function differingHolds(one: StoredRun, other: StoredRun): string[] {
  const [here, there] = [holdsOf(one), holdsOf(other)];
  return here === '' || there === '' ? [] : differing('moment from which on the mock holds a request', here, there);
}

function holdsOf({ trials }: StoredRun): string {
  const from = trials.flatMap(({ ledger }) =>
    ledger === null ? [] : [ledger.heldFrom === 'whole' ? 'having all of it' : 'its first byte'],
  );
  return [...new Set(from)].toSorted().join(', ');
}

function differingLimits(one: Manifest, nameOfA: string, other: Manifest, nameOfB: string): string[] {
  const [here, there] = [one, other].map(({ targets }, i) =>
    targets.find(({ name }) => name === (i === 0 ? nameOfA : nameOfB)),
  );
  return here === undefined || there === undefined ? [] : differing(`limits of ${nameOfA}`, here.limits, there.limits);
}

/** Of two that were each measured beside another: what burns more takes more from its neighbour. */
function differingBeside(one: Manifest, nameOfA: string, other: Manifest, nameOfB: string): string[] {
  if (one.paired === undefined || other.paired === undefined) return [];
  return differing(`measured at the same time as ${nameOfA}`, besideOf(one, nameOfA), besideOf(other, nameOfB));
}

function besideOf({ paired, targets }: Manifest, name: string): string {
  const beside = paired?.a === name ? paired.b : paired?.a;
  const { version = null, digest = null } = targets.find((target) => target.name === beside) ?? {};
  return [beside, version, digest].filter((part) => part !== null).join(' ');
}

function differingMembers(
  what: string,
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) =>
    differing(`${what} ${key}`, one[key], other[key]),
  );
}

function differing(what: string, a: unknown, b: unknown): string[] {
  const [one, other] = [a, b].map((value) => JSON.stringify(value) ?? 'unknown');
  return one === other ? [] : [`${what}: ${one} in a, ${other} in b`];
}
