import type { AskedTarget } from '../attest/asker.js';
import { formatOf } from '../catalogue/format-of.js';
import { scriptOf } from './answers.js';
import { type AnswerScript, type AnswerVariant, type FidelityCase, HEADER, type ProviderAnswer } from './case.js';
import type { Translation } from './equivalents.js';
import { filledIn } from './filled-in.js';
import { foldedStream } from './folded-stream.js';
import { type Json, type JsonMembers, type Leaf, leavesOf, valueAt } from './json-place.js';
import { type Arrived, judgePassage } from './judge-passage.js';
import { type ClientAnswer, providerModel, putQuestion, questionOf } from './put-question.js';
import type { CaseFidelity, FieldFate, Passage } from './result.js';
import { streamOf } from './stream-of.js';
import type { Say, Witness, WitnessedRequest } from './witness.js';

const OK = 200;
/** What a target says that has no such endpoint. */
const NOT_OFFERED = [404, 405, 501];
/** Of what a target says against a request, so much is shown. */
const LONGEST_WORDS = 160;

/** A question that was put and answered, and how it reached the provider the last time. */
interface Put {
  readonly answer: ClientAnswer;
  readonly request: WitnessedRequest;
}

/**
 * Asks a target one case's question: with the least, with everything, with the fullest answer, and with each other outcome. What it refuses
 * is found one by one and left out, so that one member which it does not know hides nothing of the others.
 * @throws the signal's reason
 */
export async function examineCase(
  target: AskedTarget,
  one: FidelityCase,
  witness: Witness,
  signal: AbortSignal,
): Promise<CaseFidelity> {
  const ask = (places: readonly string[], say: Say = () => null) =>
    witness.during(one.kind, say, () => putQuestion(target, one, questionOf(one, places), signal));
  const first = await ask([]);
  const whyNot = unanswered(one.name, first.result, first.seen.length);
  if (whyNot !== null) return whyNot;
  const put = async (places: readonly string[], say?: Say): Promise<Put | string> => {
    const { result, seen } = await ask(places, say);
    const request = seen.at(-1);
    if (typeof result === 'string') return result;
    if (request === undefined) return `status ${result.status}, and the provider was not asked: ${folded(result.text)}`;
    return { answer: result, request };
  };
  const asked = await everythingAccepted(Object.keys(one.optional), (places) => put(places).then(onlyOk));
  if (asked.last === null) return { case: one.name, state: 'failed', reason: failure(asked.words) };
  const { request } = asked.last;
  const format = formatOf(one);
  const script = scriptOf(one.kind, request.format, request.body);
  const answered = await everythingAccepted(Object.keys(script.optional), (places) =>
    put(asked.places, saying(script, answerWith(script, places))).then(onlyOk),
  );
  if (answered.last === null) return { case: one.name, state: 'failed', reason: failure(answered.words) };
  const back: Translation = { from: request.format, to: format, of: 'answer' };
  const others: FieldFate[] = [];
  for (const variant of script.variants)
    others.push(...variantFates(await put(asked.places, saying(script, variant.answer)), variant, one, back));
  const whole = answerPassage(answered.last, answerWith(script, answered.places), script, one, back);
  const outward = withRefused(whole, answered.refused);
  return {
    case: one.name,
    state: 'seen',
    asked: format,
    passedOn: request.format,
    request: withRefused(requestPassage(one, asked.places, request), asked.refused),
    answer: { ...outward, fields: [...outward.fields, ...others] },
    notes: first.seen.length === 1 ? [] : [`one question reached the provider ${first.seen.length} times`],
  };
}

/** Why nothing can be said of a case; null where the plainest question was answered by the provider. */
function unanswered(name: string, got: ClientAnswer | string, times: number): CaseFidelity | null {
  if (typeof got === 'string') return { case: name, state: 'failed', reason: failure(got) };
  const words = `status ${got.status}: ${folded(got.text)}`;
  if (NOT_OFFERED.includes(got.status) && times === 0)
    return { case: name, state: 'not-offered', reason: { code: 'not-offered', message: words } };
  if (got.status !== OK) return { case: name, state: 'failed', reason: failure(words) };
  if (times > 0) return null;
  const message = 'it answered with status 200, and the provider was never asked: something else stands behind it';
  return { case: name, state: 'failed', reason: { code: 'foreign-upstream', message } };
}

function failure(message: string) {
  return { code: 'no-answer', message };
}

interface Accepted {
  readonly places: readonly string[];
  readonly refused: readonly FieldFate[];
  /** Null: not even the least was answered a second time. */
  readonly last: Put | null;
  /** Why not. */
  readonly words: string;
}

/** Everything at once; and where that is not answered, one after the other, leaving out what brings a refusal. */
async function everythingAccepted(
  all: readonly string[],
  put: (places: readonly string[]) => Promise<Put | string>,
): Promise<Accepted> {
  const whole = await put(all);
  if (typeof whole !== 'string') return { places: all, refused: [], last: whole, words: '' };
  const least = await put([]);
  if (typeof least === 'string') return { places: [], refused: [], last: null, words: least };
  const places: string[] = [];
  const refused: FieldFate[] = [];
  let last = least;
  for (const place of all) {
    const got = await put([...places, place]);
    if (typeof got === 'string') {
      refused.push({ field: place, state: 'refused', detail: got });
      continue;
    }
    places.push(place);
    last = got;
  }
  return { places, refused, last, words: '' };
}

function onlyOk(put: Put | string): Put | string {
  if (typeof put === 'string' || put.answer.status === OK) return put;
  return `status ${put.answer.status}: ${folded(put.answer.text)}`;
}

/** Says it where it is asked in the format that the answer is of. */
function saying({ format }: AnswerScript, answer: ProviderAnswer): Say {
  return (request) => (request.format === format ? answer : null);
}

function answerWith({ base, optional }: AnswerScript, places: readonly string[]): ProviderAnswer {
  return { ...base, ...filledIn(base, optional, places) };
}

function requestPassage(one: FidelityCase, places: readonly string[], request: WitnessedRequest): Passage {
  const format = formatOf(one);
  const { headers, body } = questionOf(one, places);
  const sent = { model: providerModel(format), ...body };
  const fields = [...unitsOf(sent, places), ...headerLeaves(headers)];
  return judgePassage(sent, fields, request, { from: format, to: request.format, of: 'request' });
}

function answerPassage(
  { answer, request }: Put,
  said: ProviderAnswer,
  { optional }: AnswerScript,
  one: FidelityCase,
  translation: Translation,
): Passage {
  const sent = asSent(said, request, one.streaming);
  const fields = [...unitsOf(sent, Object.keys(optional)), ...headerLeaves(said.headers)];
  return judgePassage(sent, fields, arrivedOf(answer), translation);
}

/** What tells one outcome from others. */
function variantFates(
  got: Put | string,
  { name, answer, places }: AnswerVariant,
  one: FidelityCase,
  translation: Translation,
): FieldFate[] {
  const called = (place: string): string => `${place} (${name})`;
  const isError = answer.status !== OK;
  if (typeof got === 'string' || (got.answer.status !== OK && !isError)) {
    const detail = typeof got === 'string' ? got : `status ${got.answer.status}: ${folded(got.answer.text)}`;
    // An error that is told as no answer at all is lost; an answer that is told as an error is refused.
    const state = isError ? 'lost' : 'refused';
    return places.map((place) => ({ field: called(place), state, detail }));
  }
  const sent = asSent(answer, got.request, one.streaming);
  const headers: Record<string, string> = { ...answer.headers, ':status': String(answer.status) };
  const fields = places.flatMap((place): Leaf[] => {
    const value = place.startsWith(HEADER) ? headers[place.slice(HEADER.length)] : valueAt(sent, place);
    return value === undefined ? [] : [{ place, value }];
  });
  const { fields: fates } = judgePassage(sent, fields, arrivedOf(got.answer), translation);
  return fates.map((fate) => ({ ...fate, field: called(fate.field) }));
}

/** What the provider said, in the form in which it is compared: of a stream what it comes to. */
function asSent(
  { status, body }: ProviderAnswer,
  { format, body: asked }: WitnessedRequest,
  streaming: boolean,
): JsonMembers {
  if (!streaming || asked['stream'] !== true || status !== OK) return body;
  return foldedStream(format, Buffer.from(streamOf(format, body, asked)));
}

function arrivedOf({ status, headers, body }: ClientAnswer): Arrived {
  return { headers: { ...headers, ':status': String(status) }, body };
}

/** What is judged each for itself: the pieces of a value, and as a whole what was added as a whole. */
function unitsOf(sent: JsonMembers, wholes: readonly string[]): Leaf[] {
  const units = new Map<string, Json>();
  for (const { place, value } of leavesOf(sent)) {
    const whole = wholes.find((one) => place === one || place.startsWith(`${one}.`) || place.startsWith(`${one}[`));
    if (whole === undefined) units.set(place, value);
    else units.set(whole, valueAt(sent, whole) as Json);
  }
  return [...units].map(([place, value]) => ({ place, value }));
}

function headerLeaves(headers: Readonly<Record<string, string>>): Leaf[] {
  return Object.entries(headers).map(([name, value]) => ({ place: HEADER + name, value }));
}

function withRefused(passage: Passage, refused: readonly FieldFate[]): Passage {
  return { ...passage, fields: [...passage.fields, ...refused] };
}

function folded(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST_WORDS ? `${line.slice(0, LONGEST_WORDS - 1)}…` : line;
}
