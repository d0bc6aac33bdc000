import { monotonicUs } from '../clock/clock.js';
import { type ClockDomain, clockDomain } from '../clock/clock-domain.js';

/** The monotonic clock that an agent's moments are of. */
export interface AgentClock {
  readonly nowUs: () => number;
  /** Null where the system does not tell. */
  readonly domain: ClockDomain | null;
}

/** That of this host. */
export function agentClock(): AgentClock {
  return { nowUs: monotonicUs, domain: clockDomain() };
}
