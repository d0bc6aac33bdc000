import { monotonicUs } from '../clock/clock.js';
import { type ClockDomain, clockDomain } from '../clock/clock-domain.js';

/** The clock that an agent's moments are of. */
export interface AgentClock {
  /** How far it is ahead of the monotonic clock of its host, microseconds: nothing, but where a clock is made up. */
  readonly aheadUs: () => number;
  /** Null where the system does not tell. */
  readonly domain: ClockDomain | null;
}

/** That of this host. */
export function agentClock(): AgentClock {
  return { aheadUs: () => 0, domain: clockDomain() };
}

/** What it says, microseconds. */
export function timeBy({ aheadUs }: Pick<AgentClock, 'aheadUs'>): number {
  return monotonicUs() + aheadUs();
}
