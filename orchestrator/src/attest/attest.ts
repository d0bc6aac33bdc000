import { Buffer } from 'node:buffer';
import type { ExpectedAnswer } from '../answers/expected-answer.js';
import { AnswerFault, textsOf } from '../answers/expected-of.js';
import { vectorsOf } from '../answers/vectors.js';
import type { Scenario } from '../catalogue/scenario.js';
import { scenarioBody } from '../catalogue/scenarios.js';
import { messageOf } from '../errors.js';
import type { Reason } from '../record/reason.js';
import { type Answer, ask } from './ask.js';

/** Where and how a target is asked. */
export interface AskedTarget {
  readonly url: string;
  readonly modelPrefix: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The proof, before the clock starts, that a target answers a scenario correctly and really streams. */
export type Attestation =
  | {
      readonly state: 'passed';
      readonly latencyMs: number;
      /** What answers under load have to say, for each kind of request of a blend; else for the only one. */
      readonly expected: readonly ExpectedAnswer[];
    }
  | { readonly state: 'failed'; readonly reason: Reason };

/** The pace that the mock is asked for, to tell a stream from a lump: 8 tokens, 25 ms apart. */
const PACE = { gapMs: 25, tokens: 8 };
/** Share of the planned time between first and last token that must be seen; a buffering gateway shows next to nothing. */
const MIN_SPREAD_SHARE = 0.5;
const ASK_TIMEOUT_MS = 30_000;
const LATENCY_SAMPLES = 3;

/**
 * Asks a target what it will be asked under load and compares the meaning with the mock's own answer.
 * Adaptations of the wire that keep the meaning (ids, extra fields, white space) are no fault.
 */
export async function attest(
  target: AskedTarget,
  mock: AskedTarget,
  scenario: Scenario,
  signal: AbortSignal,
): Promise<Attestation> {
  const { blend } = scenario;
  if (blend === undefined) return attestOne(target, mock, scenario, signal);
  if ('weights' in blend.draw) return attestEach(target, mock, blend.kinds, signal);
  const attested = await attestOne(target, mock, scenario, signal);
  return attested.state === 'failed' ? attested : attestSizes(attested, target, mock, scenario, signal);
}

async function attestEach(
  target: AskedTarget,
  mock: AskedTarget,
  scenarios: readonly Scenario[],
  signal: AbortSignal,
): Promise<Attestation> {
  const expected: ExpectedAnswer[] = [];
  let latencyMs = 0;
  for (const scenario of scenarios) {
    const attested = await attest(target, mock, scenario, signal);
    if (attested.state === 'failed') {
      const { code, message } = attested.reason;
      return { state: 'failed', reason: { code, message: `${scenario.name}: ${message}` } };
    }
    expected.push(...attested.expected);
    latencyMs = Math.max(latencyMs, attested.latencyMs);
  }
  return { state: 'passed', latencyMs, expected };
}

/** What the mock says in n tokens is the beginning of what it says in more: the longest answer is asked for, and tells all others. */
async function attestSizes(
  attested: Extract<Attestation, { readonly state: 'passed' }>,
  target: AskedTarget,
  mock: AskedTarget,
  scenario: Scenario,
  signal: AbortSignal,
): Promise<Attestation> {
  const sizes = answerTokens(scenario);
  const longest = sizes.reduce((most, tokens) => Math.max(most, tokens), 0);
  try {
    const expected = await askScenario(mock, scenario, `tokens=${longest}`, signal);
    const fault = compare(await askScenario(target, scenario, `tokens=${longest}`, signal), expected);
    if (fault !== null) return failed('attestation-failed', fault);
    const tokens = textsOf(expected.format, expected.body);
    if (tokens.length !== longest)
      return failed(
        'attestation-failed',
        `the mock sent ${longest} tokens in ${tokens.length} frames, not one in each`,
      );
    const whole = attested.expected[0] as ExpectedAnswer;
    const text = tokens.join('');
    let length = 0;
    const ends = [0, ...tokens.map((token) => (length += token.length))];
    const said = (size: number): ExpectedAnswer => ({ ...whole, text: text.slice(0, ends[size]) });
    return { ...attested, expected: sizes.map(said) };
  } catch (thrown) {
    return failedAsking(thrown, signal);
  }
}

/** Of each kind of a replayed trace. */
function answerTokens({ blend }: Scenario): number[] {
  if (blend === undefined || !('trace' in blend.draw)) return [];
  const { trace, kindOf } = blend.draw;
  const sizes: number[] = [];
  for (const [row, kind] of kindOf.entries()) sizes[kind] = trace.outputTokens[row] as number;
  return sizes;
}

async function attestOne(
  target: AskedTarget,
  mock: AskedTarget,
  scenario: Scenario,
  signal: AbortSignal,
): Promise<Attestation> {
  try {
    const [expected, actual] = [
      await askScenario(mock, scenario, '', signal),
      await askScenario(target, scenario, '', signal),
    ];
    const fault = compare(actual, expected);
    if (fault !== null) return failed('attestation-failed', fault);
    const lump = scenario.streaming ? await checkPace(target, scenario, signal) : null;
    if (lump !== null) return failed('does-not-stream', lump);
    const latencyMs = await typicalLatency(target, scenario, signal);
    // Under load the target's own answer is expected, not the mock's: gateways may write a right answer in ways of their own.
    // Not its count of tokens, which some estimate.
    return { state: 'passed', latencyMs, expected: [{ ...actual.said, usage: null }] };
  } catch (thrown) {
    return failedAsking(thrown, signal);
  }
}

function failedAsking(thrown: unknown, signal: AbortSignal): Attestation {
  signal.throwIfAborted();
  const what = thrown instanceof AnswerFault ? thrown.message : `no answer: ${messageOf(thrown)}`;
  return failed('attestation-failed', what);
}

function compare(actual: Answer, expected: Answer): string | null {
  if (!actual.model.endsWith(expected.model))
    return `the answer names model "${actual.model}" instead of "${expected.model}"`;
  const [is, shouldBe] = [meaningOf(actual), meaningOf(expected)];
  if (is !== shouldBe) return `the content differs: ${shorten(is)} instead of ${shorten(shouldBe)}`;
  if (actual.said.finishReason !== expected.said.finishReason)
    return `finish_reason is ${actual.said.finishReason} instead of ${expected.said.finishReason}`;
  return null;
}

/** Content reduced to what it means, so that two targets' answers can be compared however they write it. */
function meaningOf({ format, body, said }: Answer): string {
  if (format === 'embeddings') return JSON.stringify(vectorsOf(Buffer.from(body).toString('utf8')));
  const calls = (said.tools ?? []).map((call) => `${call.name}(${canonical(call.arguments)})`);
  return [...(said.text === '' ? [] : [said.text]), ...calls].join('; ');
}

/** JSON arguments without regard to white space; anything else as it is. */
function canonical(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}

async function checkPace(target: AskedTarget, scenario: Scenario, signal: AbortSignal): Promise<string | null> {
  const { arrivalsMs } = await askScenario(target, scenario, `gap=${PACE.gapMs} tokens=${PACE.tokens}`, signal);
  const plannedMs = PACE.gapMs * (PACE.tokens - 1);
  const spreadMs = (arrivalsMs.at(-1) ?? 0) - (arrivalsMs[0] ?? 0);
  if (spreadMs >= MIN_SPREAD_SHARE * plannedMs) return null;
  return `it does not stream: ${PACE.tokens} tokens sent over ${plannedMs} ms arrived within ${spreadMs.toFixed(0)} ms`;
}

/** The quickest of a few, with the scenario's own behaviour: what a request takes when nothing is in its way. */
async function typicalLatency(target: AskedTarget, scenario: Scenario, signal: AbortSignal): Promise<number> {
  const behaviour = scenario.expectedErrorShare > 0 ? '' : scenario.behaviour;
  let quickestMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < LATENCY_SAMPLES; i += 1) {
    quickestMs = Math.min(quickestMs, (await askScenario(target, scenario, behaviour, signal)).elapsedMs);
  }
  return quickestMs;
}

function askScenario(target: AskedTarget, scenario: Scenario, behaviour: string, signal: AbortSignal): Promise<Answer> {
  return ask(
    {
      url: target.url + scenario.path,
      headers: target.headers,
      body: scenarioBody(scenario, target.modelPrefix, behaviour),
      streaming: scenario.streaming,
      timeoutMs: ASK_TIMEOUT_MS,
    },
    signal,
  );
}

function failed(code: 'attestation-failed' | 'does-not-stream', what: string): Attestation {
  return { state: 'failed', reason: { code, message: `attestation failed: ${what}` } };
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}
