import type { MockConfig } from '../config.js';
import type { Latency } from '../timing/latency.js';
import type { Directive } from './directive.js';

/** How requests are answered: the mock's own settings, or those with one request's wishes laid over them. */
export interface Behaviour {
  /** Before the first byte of a plain answer. */
  readonly plainLatency: Latency;
  /** Before the first frame of a stream. */
  readonly ttft: Latency;
  /** Between two frames of a stream. */
  readonly gap: Latency;
  /** Tokens of the answer; undefined leaves it to the request. */
  readonly tokens: number | undefined;
  /** Share of requests that fail, 0 to 1. */
  readonly errorRate: number;
  /** Status of those that fail. */
  readonly errorStatus: number;
}

/** The behaviour that the command line asks for. */
export function configuredBehaviour(config: MockConfig): Behaviour {
  const { plainLatency, ttft, gap, errorRate, errorStatus } = config;
  return { plainLatency, ttft, gap, tokens: undefined, errorRate, errorStatus };
}

/** A behaviour with a request's wishes laid over it. */
export function overlay(base: Behaviour, wishes: Directive): Behaviour {
  return {
    plainLatency: wishes.ttft ?? base.plainLatency,
    ttft: wishes.ttft ?? base.ttft,
    gap: wishes.gap ?? base.gap,
    tokens: wishes.tokens ?? base.tokens,
    // A status without a rate means: always.
    errorRate: wishes.errorRate ?? (wishes.status === undefined ? base.errorRate : 1),
    errorStatus: wishes.status ?? base.errorStatus,
  };
}
