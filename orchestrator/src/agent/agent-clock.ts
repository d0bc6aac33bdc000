import { monotonicUs } from '../clock/clock.js';
import { clockDomain } from '../clock/clock-domain.js';
import type { AgentClock } from './run-agent.js';

/** The monotonic clock of this host. */
export function agentClock(): AgentClock {
  return { nowUs: monotonicUs, domain: clockDomain() };
}
