import { BenchError, EXIT } from '../errors.js';
import { connectionsFor } from '../load/oha/arguments.js';
import { OWN_DESCRIPTORS } from '../load/native/plan-lanes.js';
import type { Plan } from '../plan/plan.js';
import { type Level, formatLevel } from '../record/cell.js';
import type { HostLimits } from '../resources/host-limits.js';

/** What a level needs of the system at least, before the target has shown how slow it is. */
export interface Needs {
  readonly level: Level;
  /** Connections between load and all targets of a moment; as many again, at most, between targets and mock. */
  readonly connections: number;
  /** Descriptors of the process that makes the load, and of a gateway with a connection upstream for each. */
  readonly driverDescriptors: number;
  readonly gatewayDescriptors: number;
  /** Local ports for one address, those that wait in TIME_WAIT among them. */
  readonly ports: number;
}

/** What a plan is made with, as far as descriptors and ports depend on it. */
export interface LoadMade {
  readonly driver: 'oha' | 'native';
  /** Each request opens a connection of its own. */
  readonly connectionEach: boolean;
  /** How many targets are loaded at the same time, each at the level. */
  readonly sides: number;
}

/** What a request is thought to take where nobody has asked yet; connections by Little's law, twice over and a few more. */
const THOUGHT_MS = 20;
const SPARE = 16;
/** Of a gateway's process for everything but connections, and of oha. */
const OTHERS = 64;
/** A closed connection keeps its port for so long (TIME_WAIT), on Linux always; where ports are reused, for a second. */
const TIME_WAIT_S = 60;
/** From here on a stalled target is met with fewer connections than the driver would open. */
const COMFORTABLE_DESCRIPTORS = 1024;

const NOTHING: Needs = {
  level: { kind: 'rps', value: 0 },
  connections: 0,
  driverDescriptors: 0,
  gatewayDescriptors: 0,
  ports: 0,
};

/** What the most demanding level of a plan needs. */
export function needsOf(
  { scenarios }: Pick<Plan, 'scenarios'>,
  { driver, connectionEach, sides }: LoadMade,
  limits: HostLimits,
): Needs {
  const levels = scenarios.flatMap((scenario) => scenario.levels);
  const all = levels.map((level): Needs => {
    const open = Math.ceil((level.value * THOUGHT_MS * 2) / 1000) + SPARE;
    const each =
      level.kind === 'streams'
        ? level.value
        : driver === 'oha'
          ? connectionsFor({ level, expectedLatencyMs: 1 })
          : open;
    const connections = sides * each;
    const held =
      connectionEach && level.kind === 'rps'
        ? sides * level.value * (limits.reusesPorts === true ? 1 : TIME_WAIT_S)
        : 0;
    return {
      level,
      connections,
      driverDescriptors: connections + (driver === 'oha' ? OTHERS : OWN_DESCRIPTORS),
      gatewayDescriptors: 2 * each + OTHERS,
      ports: connections + held,
    };
  });
  return all.reduce(
    (most, each) => (each.connections + each.ports > most.connections + most.ports ? each : most),
    NOTHING,
  );
}

/**
 * Holds what a plan needs against what there is, before a second is spent on it.
 * @returns lines for a person, where it may become tight
 * @throws BenchError `too-few-descriptors`, `too-few-ports`, exit code 4
 */
export function checkNeeds(needs: Needs, { descriptors, ports }: HostLimits): string[] {
  const { level, connections, driverDescriptors, gatewayDescriptors } = needs;
  const at = `${formatLevel(level)} takes at least ${connections} connections`;
  const most = Math.max(driverDescriptors, gatewayDescriptors);
  if (descriptors !== null && driverDescriptors > descriptors)
    throw new BenchError({
      code: 'too-few-descriptors',
      message: `${at}, for which the load needs ${driverDescriptors} file descriptors; it may have ${descriptors}.`,
      hint: `Raise the limit (ulimit -n ${Math.max(4096, 2 * most)}), or ask for a lower level.`,
      exitCode: EXIT.environment,
    });
  if (ports !== null && needs.ports > ports)
    throw new BenchError({
      code: 'too-few-ports',
      message: `${at}, and with those that are just closed ${needs.ports} local ports; there are ${ports}.`,
      hint: 'Widen net.ipv4.ip_local_port_range, keep connections alive, or ask for a lower level.',
      exitCode: EXIT.environment,
    });
  if (descriptors === null || descriptors >= Math.max(COMFORTABLE_DESCRIPTORS, most)) return [];
  const gateway = gatewayDescriptors > descriptors ? `a gateway may need ${gatewayDescriptors}, and ` : '';
  return [
    `file descriptors are few (ulimit -n ${descriptors}): ${gateway}a target that stalls is met with fewer connections; 4096 are enough`,
  ];
}
