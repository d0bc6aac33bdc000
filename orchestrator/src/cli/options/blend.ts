import type { Options } from 'yargs';
import { BadBody, BODIES_FORM, readBodies } from '../../catalogue/bodies.js';
import { mixOf, replayOf, TraceTooVaried, type WeightedScenario } from '../../catalogue/blend.js';
import type { Scenario } from '../../catalogue/scenario.js';
import { SCENARIOS } from '../../catalogue/scenarios.js';
import { readTrace, spanUs, type TracePart, WHOLE_TRACE } from '../../catalogue/trace.js';
import { messageOf, usageError } from '../../errors.js';
import type { Level } from '../../record/cell.js';
import { type RawOptions, refuseBeside, textOption, valueOf } from './command.js';
import { parseChoice, parseDuration, parseNumber, scenarioName } from './values.js';

/** A scenario that is made up for a run, of requests that are not all alike. */
export interface BlendOption {
  /** How it was asked for. */
  readonly option: '--mix' | '--trace' | '--bodies';
  readonly scenario: Scenario;
  /** That it says itself; null: as for any scenario. */
  readonly levels: readonly Level[] | null;
  /** How long a trial of it is; null: as long as any. */
  readonly trialMs: number | null;
}

/** yargs' description of the options that make up a scenario; of the native driver only. */
export function blendOptions(group: string): Readonly<Record<string, Options>> {
  return {
    mix: textOption(group, 'Several scenarios in one load, by weight: chat-minimal=3,chat-stream=1 (native driver)'),
    trace: textOption(
      group,
      'Replay a file of times and sizes: CSV such as the Azure LLM traces and BurstGPT, or JSON lines such as Mooncake; also in gzip (native driver)',
    ),
    bodies: textOption(
      group,
      'Send requests of your own, one a line of a file, each checked against what the mock answers to it (native driver)',
    ),
    'trace-from': textOption(group, 'Begin so long after the first request of the trace: 90m'),
    'trace-for': textOption(group, 'Replay so much of the trace: 10m'),
    'trace-speed': textOption(group, 'Replay the trace so many times as fast as it came: 10'),
  };
}

const BESIDE_MIX = ['group', 'scenarios', 'streams'];
const BESIDE_TRACE = [
  'mix',
  'bodies',
  ...BESIDE_MIX,
  'rps',
  'closed',
  'duration',
  'quick',
  'arrivals',
  'shape',
  'find-capacity',
  'soak',
];

/**
 * Checks `--mix`, `--bodies`, `--trace` and its part, and reads what they name; null without any.
 * @throws BenchError `bad-value`, `trace-unreadable`, `trace-invalid`, `bodies-unreadable`, `bodies-invalid`
 */
export function readBlend(raw: RawOptions): BlendOption | null {
  const [mix, trace] = [valueOf(raw, 'mix'), valueOf(raw, 'trace')];
  if (trace !== undefined) {
    refuseBeside(raw, 'trace', BESIDE_TRACE, 'A trace says itself what is sent, when and for how long.');
    return replay(trace, readPart(raw));
  }
  const ofTrace = PART.find((name) => valueOf(raw, name) !== undefined);
  if (ofTrace !== undefined)
    throw usageError('bad-value', `--${ofTrace} says nothing without --trace.`, 'Give the trace: --trace FILE.');
  const bodies = valueOf(raw, 'bodies');
  if (bodies !== undefined) {
    refuseBeside(raw, 'bodies', ['mix', ...BESIDE_MIX], 'The file says itself what is sent.');
    return { option: '--bodies', scenario: bodiesOf(bodies), levels: null, trialMs: null };
  }
  if (mix === undefined) return null;
  refuseBeside(raw, 'mix', BESIDE_MIX, 'A mix says itself which scenarios are sent.');
  return { option: '--mix', scenario: mixOf(parseMix(mix)), levels: null, trialMs: null };
}

const PART = ['trace-from', 'trace-for', 'trace-speed'] as const;
const LONGEST_MS = 365 * 86_400_000;

function readPart(raw: RawOptions): TracePart {
  const [from, length, speed] = PART.map((name) => valueOf(raw, name));
  const us = (name: string, text: string, minMs: number): number =>
    parseDuration(name, text, { minMs, maxMs: LONGEST_MS }) * 1000;
  return {
    fromUs: from === undefined ? WHOLE_TRACE.fromUs : us('trace-from', from, 0),
    forUs: length === undefined ? WHOLE_TRACE.forUs : us('trace-for', length, 1000),
    speed: speed === undefined ? 1 : parseNumber('trace-speed', speed, { min: 0.001, max: 1_000_000, unit: 'times' }),
  };
}

function replay(path: string, part: TracePart): BlendOption {
  const trace = readTrace(path, part);
  const trialMs = Math.max(1, Math.ceil(spanUs(trace) / 1000));
  const rps = Number(((trace.atUs.length * 1000) / trialMs).toPrecision(4));
  try {
    return { option: '--trace', scenario: replayOf(trace), levels: [{ kind: 'rps', value: rps }], trialMs };
  } catch (thrown) {
    if (!(thrown instanceof TraceTooVaried)) throw thrown;
    throw usageError(
      'trace-invalid',
      `--trace ${path} cannot be replayed: ${thrown.message}.`,
      'Each pair of sizes is held ready as a request: replay a part of it (--trace-from TIME, --trace-for TIME), or round its sizes.',
    );
  }
}

function bodiesOf(file: string): Scenario {
  try {
    return readBodies(file);
  } catch (thrown) {
    if (thrown instanceof BadBody)
      throw usageError('bodies-invalid', `--bodies ${file} cannot be sent: ${thrown.message}.`, `Give ${BODIES_FORM}.`);
    throw usageError(
      'bodies-unreadable',
      `--bodies ${file} cannot be read: ${messageOf(thrown)}.`,
      'Give the path of a file of requests, one a line.',
    );
  }
}

/** `NAME=WEIGHT,NAME=WEIGHT`; a weight that is left out is 1. */
function parseMix(text: string): WeightedScenario[] {
  const names = SCENARIOS.map(({ name }) => name);
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', weight = '1', ...more] = part.split('=');
      if (more.length > 0) throw badMix(`--mix ${JSON.stringify(part)} is not understood.`);
      const scenario = SCENARIOS.find(
        (candidate) => candidate.name === parseChoice('mix', scenarioName(name.trim(), names), names),
      ) as Scenario;
      return {
        scenario,
        weight: parseNumber('mix', weight, { min: 0.001, max: 1_000_000, unit: `weight of ${name}` }),
      };
    });
  if (new Set(parts.map(({ scenario }) => scenario)).size < parts.length)
    throw badMix(`--mix ${JSON.stringify(text)} names a scenario twice.`);
  if (parts.length < 2) throw badMix(`--mix ${JSON.stringify(text)} has fewer than two scenarios.`);
  return parts;
}

function badMix(message: string): Error {
  return usageError('bad-value', message, 'Give NAME=WEIGHT,NAME=WEIGHT, for example chat-minimal=3,chat-stream=1.');
}
