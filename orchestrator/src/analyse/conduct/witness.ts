import { Buffer } from 'node:buffer';
import { SseReader } from '../../answers/sse-reader.js';
import type { WitnessedAnswer } from '../../record/conduct-witness.js';
import { type Attempt, type ConductPhase, type Fate, isFailed, isWell, joinFates } from './fate.js';
import { type ConductRow, nothingSeen, shareRow } from './row.js';

/** What the answers of a few requests beside the load say, word for word; of those that met the fault. */
export interface WitnessRows {
  /** Errors that say what the provider's say: kind, code and message in their places. */
  readonly errorKeptShare: ConductRow;
  /** … that say the provider's message, in another place or with another kind or code. */
  readonly errorWrappedShare: ConductRow;
  /** … that say nothing of what the provider said. */
  readonly errorLostShare: ConductRow;
  /** Errors that show the provider's address or key. */
  readonly errorShowsShare: ConductRow;
  /** Answers 429 that have a Retry-After, of those for which a provider sent one. */
  readonly retryAfterPassedShare: ConductRow;
  /** Served answers whose usage, and whose model, are those of the provider that answered. */
  readonly usageKeptShare: ConductRow;
  readonly modelKeptShare: ConductRow;
}

/** A witness with its attempts. */
export interface WitnessFate {
  readonly fate: Fate;
  readonly answer: WitnessedAnswer;
  /** What its last provider says by itself of the same; null: nobody asked it in time. */
  readonly reference: WitnessedAnswer | null;
}

/** What the witnesses of a case were answered and what is known of their attempts, in the order in which they were due. */
export function witnessFates(
  answers: readonly WitnessedAnswer[],
  attempts: readonly Attempt[],
  phases: readonly ConductPhase[],
  overwritten: number,
): WitnessFate[] {
  const references = answers.flatMap((answer) => {
    const attempt = answer.provider === null ? undefined : attempts.find(({ id }) => id === answer.id);
    return attempt === undefined ? [] : [{ answer, attempt }];
  });
  const asked = new Map(answers.filter(({ provider }) => provider === null).map((answer) => [answer.id, answer]));
  const requests = [...asked.values()].map(({ id, outcome, dueUs, endUs, status }) => ({
    id,
    outcome,
    dueUs,
    endUs,
    status,
    lastByteUs: outcome === 'timeout' || outcome === 'broken' ? null : endUs,
  }));
  return joinFates(requests, attempts, phases, overwritten).known.map((fate) => {
    const told = toldBy(fate);
    const alike = references.filter(({ attempt }) => isAlike(attempt, told));
    const own = alike.find(({ attempt }) => attempt.provider === told?.provider) ?? alike[0];
    // What was well is told apart by its provider; of errors all providers say the same.
    const reference = told !== undefined && isWell(told) && own?.attempt.provider !== told.provider ? undefined : own;
    return {
      fate,
      answer: asked.get(fate.request.id) as WitnessedAnswer,
      reference: reference?.answer ?? null,
    };
  });
}

/** The attempt that the client's answer is of. */
function toldBy({ attempts, request }: Fate): Attempt | undefined {
  return (request.outcome === 'ok' ? attempts.findLast(isWell) : undefined) ?? attempts.at(-1);
}

function isAlike(one: Attempt, told: Attempt | undefined): boolean {
  return told !== undefined && one.status === told.status && isFailed(one) === isFailed(told);
}

/** The rows of what clients were told while a provider failed, word for word. */
export function witnessRows(witnesses: readonly WitnessFate[]): WitnessRows {
  const during = witnesses.filter(({ fate }) => fate.phase === 'fault');
  const errors = during.filter(({ answer }) => answer.status >= 400);
  const comparable = errors.flatMap((each) => fidelityOf(each) ?? []);
  const share = (which: Fidelity): ConductRow =>
    shareRow(comparable.filter((found) => found === which).length, comparable.length, 'errors of providers');
  const limited = errors.filter(({ reference }) => reference !== null && reference.retryAfter !== null);
  const served = during.flatMap((each) => accountOf(each) ?? []);
  return {
    errorKeptShare: share('kept'),
    errorWrappedShare: share('wrapped'),
    errorLostShare: share('lost'),
    errorShowsShare: shareRow(errors.filter(isShowing).length, errors.length, 'errors'),
    retryAfterPassedShare: shareRow(
      limited.filter(({ answer }) => answer.retryAfter !== null).length,
      limited.length,
      'errors for which a provider sent a Retry-After',
    ),
    usageKeptShare: keptRow(served.map(({ usage }) => usage)),
    modelKeptShare: keptRow(served.map(({ model }) => model)),
  };
}

function keptRow(kept: readonly (boolean | null)[]): ConductRow {
  const told = kept.filter((each) => each !== null);
  if (told.length === 0) return nothingSeen('there were no plain answers of which the provider’s own is known');
  return shareRow(told.filter(Boolean).length, told.length, 'plain answers');
}

/** What became of a provider's error on its way. */
export type Fidelity = 'kept' | 'wrapped' | 'lost';

/** Of an error at the client; null where the provider's own is not known, or was none. */
export function fidelityOf({ fate, answer, reference }: WitnessFate): Fidelity | null {
  const last = fate.attempts.at(-1);
  if (answer.status < 400 || last === undefined || last.status === null || last.status < 400) return null;
  const sent = reference === null ? null : errorIn(reference.body);
  if (sent === null) return null;
  const came = errorIn(answer.body);
  if (came !== null && came.type === sent.type && came.code === sent.code && came.message.includes(sent.message))
    return 'kept';
  return withoutEscapes(answer.body).includes(withoutEscapes(sent.message)) ? 'wrapped' : 'lost';
}

/** Whether an error shows what is none of its client's business. */
export function isShowing({ answer }: WitnessFate): boolean {
  return answer.status >= 400 && answer.shows.length > 0;
}

/** Whether model and usage of a served answer are those of who answered; null where one of them says none. */
export function accountOf({
  fate,
  answer,
  reference,
}: WitnessFate): { readonly usage: boolean | null; readonly model: boolean | null } | null {
  if (fate.request.outcome !== 'ok' || reference === null) return null;
  const [came, sent] = [accountIn(answer.body), accountIn(reference.body)];
  if (sent === null) return null;
  return {
    usage: sent.usage === null ? null : came?.usage === sent.usage,
    model: sent.model === null ? null : came?.model === sent.model,
  };
}

interface SentError {
  readonly type: string | null;
  readonly code: string | null;
  readonly message: string;
}

/** An error as OpenAI's API words it; null for anything else. */
function errorIn(body: string): SentError | null {
  const error = memberOf(parsed(body), 'error');
  const message = memberOf(error, 'message');
  if (typeof message !== 'string') return null;
  return { type: wordOf(memberOf(error, 'type')), code: wordOf(memberOf(error, 'code')), message };
}

interface Account {
  readonly usage: string | null;
  readonly model: string | null;
}

/** Of a plain answer, or of a stream: the last usage and the last model that one of its events names. */
function accountIn(body: string): Account | null {
  const answer = parsed(body);
  if (answer !== null) return accountOfObject(answer);
  const events = eventsIn(body).map(accountOfObject);
  if (events.length === 0) return null;
  const last = (name: keyof Account): string | null => events.findLast((event) => event[name] !== null)?.[name] ?? null;
  return { usage: last('usage'), model: last('model') };
}

function accountOfObject(answer: unknown): Account {
  const usage = memberOf(answer, 'usage');
  const counts = ['prompt_tokens', 'completion_tokens'].map((name) => memberOf(usage, name));
  return {
    usage: counts.every((count) => typeof count === 'number') ? counts.join('/') : null,
    model: wordOf(memberOf(answer, 'model')),
  };
}

/** The JSON objects of a stream of server-sent events, in their order; what is none, such as `[DONE]`, is left out. */
function eventsIn(body: string): unknown[] {
  const found: unknown[] = [];
  const reader = new SseReader({
    onEvent: (bytes, start, end) => {
      const event = parsed(Buffer.from(bytes.subarray(start, end)).toString('utf8'));
      if (event !== null) found.push(event);
    },
  });
  const bytes = Buffer.from(body);
  reader.push(bytes, 0, bytes.length);
  return found;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return null;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** A code that is a number is the same code. */
function wordOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/** A body that is put into another one as a text has its quotes escaped, once for each time. */
function withoutEscapes(text: string): string {
  return text.replaceAll('\\', '');
}
