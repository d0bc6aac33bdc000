import { Buffer } from 'node:buffer';
import { AnswerFault } from '../answers/answer-fault.js';
import type { ExpectedAnswer } from '../answers/expected-answer.js';
import { textsOf } from '../answers/expected-of.js';
import { vectorsOf } from '../answers/vectors.js';
import type { Scenario } from '../catalogue/scenario.js';
import type { Reason } from '../record/reason.js';
import { type MockTally, mockTally } from '../resources/mock-health.js';
import { type Answer, StatusFault } from './ask.js';
import { type Answered, type AskedTarget, Asker, described, MockFault } from './asker.js';
import { formatOf } from '../catalogue/format-of.js';
import { NoAnswer } from './no-answer.js';
import { checkPace } from './pace.js';
import { requestChanges } from './request-changes.js';
import { askedInVain, checkUpstream } from './upstream.js';

/** The proof, before the clock starts, that a target answers a scenario correctly, really streams, and has our mock behind it. */
export type Attestation = Attested | Unattested;

/** What a target that passed has shown; the latency in milliseconds is the quickest of a few single requests. */
export interface Attested {
  readonly state: 'passed';
  readonly latencyMs: number;
  /** What answers under load have to say, for each kind of request of a blend; else for the only one. */
  readonly expected: readonly ExpectedAnswer[];
  /** What was odd and is tolerated, to stand wherever the figures do. */
  readonly notes: readonly Reason[];
}

/** `failed`: by the target. `void`: by the instrument or a busy machine. `absent`: the target does not offer the scenario. */
export interface Unattested {
  readonly state: 'failed' | 'void' | 'absent';
  readonly reason: Reason;
}

const LATENCY_SAMPLES = 3;
/** What a target says that has no such endpoint. */
const NOT_OFFERED = [404, 405, 501];

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
  if (blend !== undefined && blend.bodies === undefined && ('weights' in blend.draw || 'rates' in blend.draw))
    return attestEach(target, mock, blend.kinds, signal);
  const asker = new Asker(target, mock, signal);
  // What is asked in vain from here on is by the target's doing, unless somebody else is up too, as of a pair.
  const before = asker.isAlone ? await mockTally(mock) : null;
  try {
    const attested = await attestOne(asker, mostSaid(scenario));
    if (attested.state !== 'passed' || blend === undefined) return attested;
    if ('sessions' in blend.draw || blend.bodies !== undefined) return await attestTurns(asker, attested, blend.kinds);
    return await attestSizes(asker, attested, scenario);
  } catch (thrown) {
    signal.throwIfAborted();
    return unattestedBy(thrown, scenario, before, await mockTally(mock));
  }
}

async function attestEach(
  target: AskedTarget,
  mock: AskedTarget,
  scenarios: readonly Scenario[],
  signal: AbortSignal,
): Promise<Attestation> {
  const expected: ExpectedAnswer[] = [];
  const notes: Reason[] = [];
  let latencyMs = 0;
  for (const scenario of scenarios) {
    const attested = await attest(target, mock, scenario, signal);
    if (attested.state !== 'passed') {
      const { code, message } = attested.reason;
      return { state: attested.state, reason: { code, message: `${scenario.name}: ${message}` } };
    }
    expected.push(...attested.expected);
    notes.push(...attested.notes);
    latencyMs = Math.max(latencyMs, attested.latencyMs);
  }
  return { state: 'passed', latencyMs, expected, notes };
}

/** Of sessions, and of requests of somebody's own, the last one that is answered by a text, whose pace can be told; any other scenario itself. */
function mostSaid(scenario: Scenario): Scenario {
  const { blend } = scenario;
  if (blend === undefined || !('sessions' in blend.draw || blend.bodies !== undefined)) return scenario;
  const texts = blend.kinds.filter(({ answer }) => answer === 'chat');
  return texts.findLast(({ streaming }) => streaming) ?? texts.at(-1) ?? scenario;
}

/** What each turn of a session, or each request of somebody's own, is answered by, held against the mock's own answer to it. */
async function attestTurns(asker: Asker, attested: Attested, turns: readonly Scenario[]): Promise<Attestation> {
  const expected: ExpectedAnswer[] = [];
  for (const turn of turns) {
    const shouldBe = await asker.mock(turn, '');
    const actual = await asker.target(turn, '');
    const fault = compare(actual, shouldBe);
    if (fault !== null) return failed('attestation-failed', `${turn.name}: ${fault}`);
    expected.push({ ...actual.said, usage: null });
  }
  return { ...attested, expected };
}

/** What the mock says in n tokens is the beginning of what it says in more: the longest answer is asked for, and tells all others. */
async function attestSizes(asker: Asker, attested: Attested, scenario: Scenario): Promise<Attestation> {
  const sizes = answerTokens(scenario);
  const longest = sizes.reduce((most, tokens) => Math.max(most, tokens), 0);
  const expected = await asker.mock(scenario, `tokens=${longest}`);
  const fault = compare(await asker.target(scenario, `tokens=${longest}`), expected);
  if (fault !== null) return failed('attestation-failed', fault);
  const whole = attested.expected[0] as ExpectedAnswer;
  const tokens = textsOf(expected.format, expected.body);
  if (tokens.length !== longest) {
    const message = `the mock sends ${longest} tokens in ${tokens.length} frames: texts of each length are not held against what they should be`;
    const notes = [...attested.notes, { code: 'texts-unchecked', message }];
    return { ...attested, notes, expected: sizes.map(() => ({ ...whole, text: null })) };
  }
  const text = tokens.join('');
  let length = 0;
  const ends = [0, ...tokens.map((token) => (length += token.length))];
  const said = (size: number): ExpectedAnswer => ({ ...whole, text: text.slice(0, ends[size]) });
  return { ...attested, expected: sizes.map(said) };
}

/** Of each kind of a replayed trace. */
function answerTokens({ blend }: Scenario): number[] {
  if (blend === undefined || !('trace' in blend.draw)) return [];
  const { trace, kindOf } = blend.draw;
  const sizes: number[] = [];
  for (const [row, kind] of kindOf.entries()) sizes[kind] = trace.outputTokens[row] as number;
  return sizes;
}

async function attestOne(asker: Asker, scenario: Scenario): Promise<Attestation> {
  const expected = await asker.mock(scenario, '');
  const actual = await asker.target(scenario, '');
  const foreign = await checkUpstream(asker, scenario, expected, actual);
  // Before the content: another provider's answer would only be called wrong.
  if (foreign !== null) return { state: 'failed', reason: spoken(foreign) };
  const fault = compare(actual, expected);
  if (fault !== null) return failed('attestation-failed', fault);
  const pace = scenario.streaming ? await checkPace(asker, scenario) : null;
  if (pace?.state === 'lumps') return { state: 'failed', reason: spoken(pace.reason) };
  if (pace?.state === 'unclear') return { state: 'void', reason: pace.reason };
  const latencyMs = await typicalLatency(asker, scenario);
  const notes = [
    ...asker.notes,
    ...(pace?.state === 'streams' ? pace.notes : []),
    ...framesNote(asker, actual, expected),
    ...endNote(asker, actual),
    ...(await requestChanges(asker, scenario)),
  ];
  // Under load the target's own answer is expected, not the mock's: gateways may write a right answer in ways of their own.
  // Not its count of tokens, which some estimate.
  return { state: 'passed', latencyMs, expected: [{ ...actual.said, usage: null }], notes };
}

/** Why nothing came of it, out of what asking threw. */
function unattestedBy(
  thrown: unknown,
  scenario: Scenario,
  before: MockTally | null,
  after: MockTally | null,
): Unattested {
  if (thrown instanceof MockFault) return { state: 'void', reason: { code: 'mock-unclear', message: thrown.message } };
  if (!(thrown instanceof AnswerFault || thrown instanceof NoAnswer)) throw thrown;
  const vain = askedInVain(before, after);
  if (thrown instanceof StatusFault && NOT_OFFERED.includes(thrown.status) && vain === '') {
    const message = `not offered: ${formatOf(scenario)} (${described(scenario, '')} was answered with ${thrown.message})`;
    return { state: 'absent', reason: { code: 'not-offered', message } };
  }
  return failed('attestation-failed', `${thrown.message}${vain === '' ? '' : `; it asked the mock in vain: ${vain}`}`);
}

/** Frames that were put together or taken apart on the way: no fault, but its gaps between tokens are then not the mock's. */
function framesNote({ isDirect }: Asker, actual: Answered, expected: Answered): Reason[] {
  const [received, sent] = [actual.arrivalsMs.length, expected.arrivalsMs.length];
  if (isDirect || received === sent) return [];
  const merged = received < sent;
  const message = `${sent} frames with content left the mock and ${received} arrived: it ${merged ? 'merges' : 'splits'} frames, so its times between tokens are of other pieces than the mock's`;
  return [{ code: merged ? 'frames-merged' : 'frames-split', message, evidence: { sent, received } }];
}

function endNote(asker: Asker, { said }: Answered): Reason[] {
  if (said.withoutEnd !== true || !asker.accepts('no-done')) return [];
  const message =
    'its streams end without [DONE], which its entry in the compose file accepts (x-bench.accept: no-done)';
  return [{ code: 'accepted-no-done', message }];
}

function compare(actual: Answer, expected: Answer): string | null {
  if (!actual.model.endsWith(expected.model))
    return `the answer names model "${actual.model}" instead of "${expected.model}"`;
  const [coding, asked] = [codingOf(actual), codingOf(expected)];
  if (coding !== asked) return `its vectors come as ${coding}, where they were asked for as ${asked}`;
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

/** How an answer's vectors are written; `''` where it has none. Clients decode what they asked for, and make other numbers of anything else. */
function codingOf({ format, body }: Answer): string {
  if (format !== 'embeddings') return '';
  const [vector] = vectorsOf(Buffer.from(body).toString('utf8'));
  return typeof vector === 'string' ? 'base64' : 'numbers';
}

/** JSON arguments without regard to white space; anything else as it is. */
function canonical(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}

/** The quickest of a few, with the scenario's own behaviour: what a request takes when nothing is in its way. */
async function typicalLatency(asker: Asker, scenario: Scenario): Promise<number> {
  const behaviour = scenario.expectedErrorShare > 0 ? '' : scenario.behaviour;
  let quickestMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < LATENCY_SAMPLES; i += 1)
    quickestMs = Math.min(quickestMs, (await asker.target(scenario, behaviour)).elapsedMs);
  return quickestMs;
}

function failed(code: string, what: string): Unattested {
  return { state: 'failed', reason: spoken({ code, message: what }) };
}

function spoken(reason: Reason): Reason {
  return { ...reason, message: `attestation failed: ${reason.message}` };
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}
