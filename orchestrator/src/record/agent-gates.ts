import type { Level } from './cell.js';
import { exhaustionGates } from './exhaustion.js';
import { latenessGates } from './lateness.js';
import { standstillGates } from './standstill.js';
import { driverGates, type Gate, hostGates } from './surroundings.js';
import type { AgentRecord } from './trial.js';
import { keptUp, offeredRps } from './validity.js';

/**
 * Clocks. A start that is off by less than the first is within what a schedule is kept by anyway; by more than the second the agents did not load
 * together. No clock that runs gains more than 1000 parts of a million on another (each is steered by up to 500): one that does was set, or its
 * host stood still.
 */
const LIMIT = { skewUs: { warning: 1000, void: 20_000 }, driftPpm: 1000 } as const;

/**
 * Holds each agent of a trial against the gates of a driver and its host, and against the others. What one of them did badly is in a part of the
 * requests only and may not show in the whole, so one bad agent voids the trial, and is named.
 */
export function agentGates(agents: readonly AgentRecord[] | undefined, level: Level): Gate[] {
  if (agents === undefined) return [];
  return agents.flatMap((agent) => {
    const { load, host } = agent;
    const stopped = standstillGates(load);
    const gates = [
      ...exhaustionGates(load),
      ...(stopped.length > 0 ? stopped : latenessGates(load)),
      ...(host === null ? [] : [...hostGates(host), ...driverGates(host, load)]),
      ...clockGates(agent),
      ...slowGates(agent, agents, level),
    ];
    return gates.map(({ effect, reason }) => ({
      effect,
      reason: { ...reason, message: `agent ${agent.index} of ${agents.length}: ${reason.message}` },
    }));
  });
}

function clockGates({ start: { skewUs, boundUs }, drift: { ppm, boundPpm } }: AgentRecord): Gate[] {
  const gates: Gate[] = [];
  if (Math.abs(ppm) - boundPpm > LIMIT.driftPpm)
    gates.push({
      effect: 'void',
      reason: {
        code: 'agent-clock',
        message: `its clock gained ${ppm.toFixed(0)} ± ${boundPpm.toFixed(0)} parts of a million on the orchestrator's (limit ${LIMIT.driftPpm}): set anew, or its host stood still`,
        evidence: { driftPpm: ppm, boundPpm, limit: LIMIT.driftPpm },
      },
    });
  const furthestUs = Math.abs(skewUs) + boundUs;
  if (furthestUs > LIMIT.skewUs.warning) {
    const effect = furthestUs > LIMIT.skewUs.void ? 'void' : 'warning';
    const limit = LIMIT.skewUs[effect];
    gates.push({
      effect,
      reason: {
        code: 'agent-start',
        message: `it began ${ms(skewUs)} ± ${ms(boundUs)} ms from the common start (limit ${ms(limit)} ms)`,
        evidence: { skewUs, boundUs, limit },
      },
    });
  }
  return gates;
}

/** Answers that may be under way when the window ends, by chance more of one agent's than of another's. */
const UNDER_WAY = 5;

/** A target that does not keep up does not with any of them; where it does with some, the others or their way to it are slow. */
function slowGates({ load }: AgentRecord, agents: readonly AgentRecord[], level: Level): Gate[] {
  const share = { ...level, value: level.value / agents.length };
  if (level.kind !== 'rps' || keptUp(load, share) || !agents.some((other) => keptUp(other.load, share))) return [];
  const { achievedRps, windowMs } = load;
  if ((offeredRps(load, share) - achievedRps) * (windowMs / 1000) <= UNDER_WAY) return [];
  const message = `its share was answered at ${achievedRps.toFixed(1)} of ${share.value.toFixed(1)} requests a second while others' were whole: it, or its way to the target, is slow`;
  return [{ effect: 'void', reason: { code: 'agent-slow', message, evidence: { achievedRps, limit: share.value } } }];
}

function ms(us: number): string {
  return (us / 1000).toFixed(2);
}
