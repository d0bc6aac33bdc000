import { FEATURE_GROUP, NATIVE_GROUPS } from '../../catalogue/scenarios.js';
import type { EquipmentChoice } from '../../measure/equipment.js';
import type { MeasureRequest } from '../../measure/request.js';
import type { SettingsRecord } from '../../record/manifest.js';
import type { BenchOptions } from './bench.js';
import { chosenScenarios } from './chosen-scenarios.js';
import type { RawOptions } from './command.js';
import { nativeOnly } from './load.js';
import { recordableOptions } from './target.js';

/** The equipment that a command line asks for. */
export function choiceOf({
  group,
  runtime,
  driver,
  externals,
  load,
  blend,
  paired,
  pin,
  agents,
  awake,
}: BenchOptions): EquipmentChoice {
  return {
    runtime,
    driver,
    externals,
    load,
    pin,
    awake,
    paired,
    ...(agents === null ? {} : { agents }),
    nativeOnly: [
      ...(group in NATIVE_GROUPS ? [`group ${group}, ${NATIVE_GROUPS[group]},`] : []),
      ...(blend === null ? [] : [blend.option]),
      ...(agents === null ? [] : ['--agents']),
      ...nativeOnly(load),
      ...(awake === null ? [] : ['--awake']),
      ...externals.filter(({ url }) => url.startsWith('https:')).map(({ name, url }) => `--target ${name}=${url}`),
    ],
  };
}

/**
 * The run that a command line asks for.
 * @param raw what `run.json` keeps of it
 * @param settings the file that part of it comes from; null: none
 */
export function requestOf(options: BenchOptions, raw: RawOptions, settings: SettingsRecord | null): MeasureRequest {
  return {
    asked: recordableOptions(raw),
    settings,
    scenarios: chosenScenarios(options),
    gateways: options.gateways,
    variants: options.variants,
    withVariantsOnly: options.group === FEATURE_GROUP,
    limits: options.limits,
    externals: options.externals,
    programs: options.programs,
    ...options.cluster?.scaling,
    durationMs: options.durationMs,
    blocks: options.blocks,
    precision: options.precision,
    warmupMs: options.warmupMs,
    timeoutMs: options.timeoutMs,
    seed: options.seed,
    mockPort: options.mockPort,
    keepUp: options.keepUp,
    skipHopeless: options.skipHopeless,
    unwatched: [],
    secondChances: options.secondChances,
    wait: options.wait,
    output: options.output,
    // Over a soak nothing is compared with direct; only the mock is needed. Beside a pair its visits would be of a machine half as loaded.
    withDirect: options.soakMs === null && !options.paired,
    paired: options.paired,
    note: options.quick ? 'a quick look: the intervals are wide; leave --quick out for figures to rely on' : null,
  };
}
