import { LEAST_EFFECT } from '../analyse/overhead.js';
import { type Check, good, note, warn } from './check.js';
import type { Findings, HostFacts, SelfTest } from './host-facts.js';
import { formatUs, gib, percent } from './figures.js';
import type { PeerFigures } from './peers.js';

/** What this machine can and cannot show. */
export interface Diagnosis {
  readonly checks: readonly Check[];
  /** The smallest overhead that a run as long as the self-test would call one, microseconds, in the worst of its levels; null without it. */
  readonly smallestOverhead: { readonly p50Us: number | null; readonly p99Us: number | null };
}

/** Mock, gateway and driver, with one to spare for the engine and the system. */
const ENOUGH_CPUS = 4;
const BUSY_SHARE = 0.1;
const STEAL_SHARE = 0.01;
const OVERSLEEP_P99_US = 1000;
const LOOPBACK_P99_US = 500;
/** Every gateway may take 512 MiB, the mock as much, and the driver. */
const ENOUGH_MEMORY_BYTES = 1.5 * 1024 ** 3;
/** As many connections as the native driver opens at most would take 8342; 4096 are enough for every level of the groups. */
const ENOUGH_DESCRIPTORS = 4096;
/** The kernel's own range has 28 232. */
const ENOUGH_PORTS = 16_384;
/** Clocks whose reading costs a system call or more than a microsecond. */
const SLOW_CLOCKS = ['hpet', 'acpi_pm', 'jiffies', 'refined-jiffies'];

/** How a check is named that is of the way to somebody elsewhere. */
export const WAY_TO = 'way to ';
/** From here on a start that is off is a warning of a run (docs/agents.md, `agent-start`). */
const CLOCK_BOUND_US = 1000;

/** Says of everything that was found what it does to results. */
export function diagnose(findings: Findings): Diagnosis {
  const { host } = findings;
  return {
    checks: [
      cpuCheck(host),
      placingCheck(findings),
      ...machineChecks(findings),
      engineCheck(findings),
      ...(findings.selfTest === null ? [] : floorChecks(findings.selfTest)),
    ],
    smallestOverhead: { p50Us: smallest(findings.selfTest, 'p50Us'), p99Us: smallest(findings.selfTest, 'p99Us') },
  };
}

/** Of these, what is of the machine whatever is put on it. */
function machineChecks(findings: Findings): Check[] {
  const { host } = findings;
  return [
    governorCheck(host),
    ...loadChecks(findings),
    memoryCheck(host),
    descriptorCheck(host),
    portCheck(host),
    ...clockChecks(findings),
    loopbackCheck(findings),
    ...findings.peers.map(peerCheck),
    priorityCheck(host),
  ];
}

/** What was found on a machine that has one role of a run alone: it need not hold the others as well. */
export function roleChecks(findings: Findings): Check[] {
  return [...machineChecks(findings), ...(findings.selfTest === null ? [] : floorChecks(findings.selfTest))];
}

function cpuCheck({ usableCpus, cpus, cpuModel }: HostFacts): Check {
  const found = `${usableCpus === cpus ? usableCpus : `${usableCpus} of ${cpus}`} (${cpuModel ?? 'unknown model'})`;
  if (usableCpus >= ENOUGH_CPUS) return good('CPUs', found);
  return warn(
    'CPUs',
    found,
    `Mock, gateway and load share them, so a gateway’s latency holds waiting for a CPU: compare differences, not absolute figures, and stay at low rates. ${ENOUGH_CPUS} are enough.`,
  );
}

function placingCheck({ placing: { pins, text } }: Findings): Check {
  return pins
    ? { name: 'placing', state: 'good', found: '--pin auto gives each cores of its own', meaning: text }
    : note('placing', '--pin auto would change nothing', text);
}

function governorCheck({ governor, isVirtual }: HostFacts): Check {
  if (governor === 'performance') return good('frequency', governor);
  if (governor !== null)
    return warn(
      'frequency',
      `governor ${governor}`,
      'The clock follows the load, so light load looks slow: set the governor to performance (cpupower frequency-set -g performance).',
    );
  if (isVirtual === false) return note('frequency', 'not told', 'Whether the clock follows the load is not known.');
  return note(
    'frequency',
    'virtual machine; its host decides',
    'Speed may change between runs: compare what was measured in the same run only.',
  );
}

function loadChecks({ idle: { stealShare, busyShare, swappedBytes } }: Findings): Check[] {
  const busy =
    busyShare === null
      ? note('other load', 'unknown', 'The system does not tell how busy it is.')
      : busyShare <= BUSY_SHARE
        ? good('other load', percent(busyShare))
        : warn('other load', percent(busyShare), 'Something else uses the CPUs: stop it, or tails are its own.');
  const steal =
    stealShare === null
      ? note('steal', 'unknown', 'Whether the hypervisor gives CPU time to others is not known.')
      : stealShare <= STEAL_SHARE
        ? good('steal', percent(stealShare))
        : warn(
            'steal',
            percent(stealShare),
            'The hypervisor gives this CPU to others: pauses in results may be theirs.',
          );
  const swap =
    swappedBytes === null || swappedBytes === 0
      ? []
      : [warn('swap', 'in use', 'The system swaps; a gateway that is swapped out looks slow.')];
  return [busy, steal, ...swap];
}

function memoryCheck({ freeMemoryBytes, memoryBytes }: HostFacts): Check {
  const found = `${gib(freeMemoryBytes)} of ${gib(memoryBytes)} GiB available`;
  if (freeMemoryBytes >= ENOUGH_MEMORY_BYTES) return good('memory', found);
  return warn('memory', found, 'A gateway may take 512 MiB, and the mock as much: free some, or they are killed.');
}

function descriptorCheck({ limits: { descriptors } }: HostFacts): Check {
  if (descriptors === null) return good('descriptors', 'no limit');
  const found = `${descriptors} a process (ulimit -n)`;
  if (descriptors >= ENOUGH_DESCRIPTORS) return good('descriptors', found);
  return warn(
    'descriptors',
    found,
    `Each connection takes one, in a gateway two: higher levels are refused, and a target that stalls is met with fewer connections. ulimit -n ${ENOUGH_DESCRIPTORS} is enough.`,
  );
}

function portCheck({ limits: { ports, reusesPorts } }: HostFacts): Check {
  if (ports === null)
    return note('local ports', 'not told', 'Whether there are enough for new connections is not known.');
  const found = `${ports}${reusesPorts === true ? ', reused at once on loopback' : ''}`;
  if (ports >= ENOUGH_PORTS) return good('local ports', found);
  return warn(
    'local ports',
    found,
    'Each new connection takes one and keeps it for a minute: a gateway without keep-alive runs out of them. Widen net.ipv4.ip_local_port_range.',
  );
}

function clockChecks({ host: { clockSource }, clockStepUs, oversleep, idle: { clockJumpMs } }: Findings): Check[] {
  const found = `${clockSource ?? 'unknown source'}, steps of ${formatUs(clockStepUs)}`;
  const clock = SLOW_CLOCKS.includes(clockSource ?? '')
    ? warn('clock', found, 'Reading this clock is slow, which every latency then holds.')
    : good('clock', found);
  const sleeping = `wakes ${formatUs(oversleep.p50Us)} late, 1 % more than ${formatUs(oversleep.p99Us)}`;
  const timer =
    oversleep.p99Us <= OVERSLEEP_P99_US
      ? good('timer', sleeping)
      : warn(
          'timer',
          sleeping,
          'Requests are sent late when the driver wakes late; latency counts from the intended time.',
        );
  const jumped = clockJumpMs !== null && Math.abs(clockJumpMs) > 5;
  return [
    clock,
    timer,
    ...(jumped
      ? [
          note(
            'wall clock',
            `moved by ${clockJumpMs.toFixed(0)} ms`,
            'Times of day in the records jump; durations do not.',
          ),
        ]
      : []),
  ];
}

function loopbackCheck({ loopback: { p50Us, p99Us } }: Findings): Check {
  const found = `${formatUs(p50Us)} there and back, 1 % more than ${formatUs(p99Us)}`;
  if (p99Us <= LOOPBACK_P99_US) return good('loopback', found);
  return warn('loopback', found, 'Even a byte that nobody works on takes this long: no tail below it means anything.');
}

/** How far somebody elsewhere is, and how well their clock is known. */
function peerCheck(peer: PeerFigures): Check {
  const name = `${WAY_TO}${peer.name}`;
  if (peer.state === 'absent') return note(name, 'not measured', `${peer.reason.message} (${peer.reason.code}).`);
  const { roundTrip, clock } = peer;
  const way = `${formatUs(roundTrip.p50Us)} there and back by HTTP, 1 % more than ${formatUs(roundTrip.p99Us)}`;
  if (clock === 'same') return good(name, `${way}; both read one clock`);
  // By how much they differ says when each was booted, and nothing else.
  const found = `${way}; a clock of its own, known to ± ${formatUs(clock.boundUs)}`;
  if (clock.boundUs <= CLOCK_BOUND_US) return good(name, found);
  return warn(
    name,
    found,
    'Agents start at a common moment, which is held no better than clocks are known: starts that are more than a millisecond apart are told in every run.',
  );
}

function priorityCheck({ mayRunFirst }: HostFacts): Check {
  if (mayRunFirst) return good('priority', 'the driver runs before others');
  return note(
    'priority',
    'the driver waits its turn',
    'As root, or with CAP_SYS_NICE, it would run first and its own waiting would not be in the tails.',
  );
}

function engineCheck({ runtime: { kind, versions, enforcesLimits }, host }: Findings): Check {
  const { engine, cgroup } = versions;
  if (kind !== 'docker' || engine === undefined)
    return note(
      'engine',
      `not used; gateways run as processes${host.cgroup === null ? '' : ` (cgroup ${host.cgroup})`}`,
      enforcesLimits
        ? 'CPU and memory limits are enforced by control groups.'
        : 'CPU and memory limits are not enforced: a gateway may use the whole machine.',
    );
  return good('engine', `Docker ${engine}, cgroup ${cgroup ?? 'unknown'}`);
}

function floorChecks({ driver, blocks, levels }: SelfTest): Check[] {
  return levels.map(({ scenario, level, direct, floor }) => {
    const found = `p50 ${plusMinus(direct.p50Us, floor.p50Us)}, p99 ${plusMinus(direct.p99Us, floor.p99Us)}`;
    const name = `${scenario}, ${level}`;
    if (floor.p50Us === null)
      return warn(name, found, 'Direct could not be measured twice: see what the self-test said.');
    const wide = direct.p50Us !== null && floor.p50Us > direct.p50Us / 4;
    return wide
      ? warn(
          name,
          found,
          `Direct differs much from itself (driver ${driver}, ${blocks} blocks): measure more blocks, or find what disturbs.`,
        )
      : good(name, found);
  });
}

function plusMinus(valueUs: number | null, floorUs: number | null): string {
  if (valueUs === null) return 'not carried by the sample';
  return floorUs === null ? `${formatUs(valueUs)}, floor unknown` : `${formatUs(valueUs)} ± ${formatUs(floorUs)}`;
}

/** The interval of a difference has to be beyond the floor, and the difference 3 % of direct (analyse/overhead): nothing smaller than either is told. */
function smallest(selfTest: SelfTest | null, quantile: 'p50Us' | 'p99Us'): number | null {
  const each = (selfTest?.levels ?? []).flatMap(({ direct, floor }) => {
    const [valueUs, floorUs] = [direct[quantile], floor[quantile]];
    return valueUs === null || floorUs === null ? [] : [Math.max(floorUs, LEAST_EFFECT * valueUs)];
  });
  return each.length === 0 ? null : Math.round(Math.max(...each));
}
