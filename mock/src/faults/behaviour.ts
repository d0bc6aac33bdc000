import { NO_LATENCY, parseLatency, type Latency } from '../timing/latency.js';
import { answerWish, type AnswerWish } from '../api/answer-wish.js';
import type { Directive } from './directive.js';
import { CLOSED_PORT, parseFault, type Fault } from './fault.js';
import type { FaultRule, Settings } from './settings.js';

/** A rule of the fault plan, ready to be asked. */
export interface PlannedFault extends FaultRule {
  /** Its place in the plan. */
  readonly index: number;
  readonly plays: Fault;
}

/** How requests are answered: the mock's own settings, or those with one request's wishes laid over them. */
export interface Behaviour {
  readonly seed: number;
  /** Before the first byte of a plain answer. */
  readonly plainLatency: Latency;
  /** Before the first frame of a stream. */
  readonly ttft: Latency;
  /** Between two frames of a stream. */
  readonly gap: Latency;
  /** Tokens of the answer; undefined leaves it to the request. */
  readonly tokens: number | undefined;
  /** What every answer is to be. */
  readonly answer: AnswerWish;
  /** Requests are answered that the provider would refuse, as long as they can be. */
  readonly lenient: boolean;
  /** Share of requests that fail, 0 to 1. */
  readonly errorRate: number;
  /** Status of those that fail. */
  readonly errorStatus: number;
  /** Looked at in this order; the first that applies is played. */
  readonly faults: readonly PlannedFault[];
}

/**
 * The behaviour that these settings ask for.
 * @param startedMs since when they hold, on the clock of `performance.now()`
 */
export function behaviourOf(settings: Settings, startedMs: number = performance.now()): Behaviour {
  const { latency = {} } = settings;
  const model = (text: string | undefined) => (text === undefined ? NO_LATENCY : parseLatency(text, startedMs));
  return {
    seed: settings.seed ?? 1,
    plainLatency: model(latency.plain ?? latency.ttft),
    ttft: model(latency.ttft),
    gap: model(latency.gap),
    tokens: settings.tokens ?? undefined,
    answer: answerWish(settings.answer ?? {}),
    lenient: settings.lenient ?? false,
    errorRate: settings['error-rate'] ?? 0,
    errorStatus: settings['error-status'] ?? 500,
    faults: (settings.faults ?? [])
      .map((rule, index) => ({ ...rule, index, plays: parseFault(rule.fault) }))
      .filter(({ plays }) => plays.kind !== CLOSED_PORT),
  };
}

/** A behaviour with a request's wishes laid over it. */
export function overlay(base: Behaviour, wishes: Directive): Behaviour {
  return {
    ...base,
    plainLatency: wishes.ttft ?? base.plainLatency,
    ttft: wishes.ttft ?? base.ttft,
    gap: wishes.gap ?? base.gap,
    tokens: wishes.tokens ?? base.tokens,
    answer: wishes.answer === undefined ? base.answer : answerWish(base.answer, wishes.answer),
    lenient: wishes.strict === undefined ? base.lenient : !wishes.strict,
    // A status without a rate means: always.
    errorRate: wishes.errorRate ?? (wishes.status === undefined ? base.errorRate : 1),
    errorStatus: wishes.status ?? base.errorStatus,
  };
}
