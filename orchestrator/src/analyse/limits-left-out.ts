import type { LimitLeftOut } from '../record/limit-left-out.js';
import type { Manifest } from '../record/manifest.js';
import type { Finding } from '../record/summary.js';

/** What each limit would have bounded. */
const BOUNDED: Readonly<Record<LimitLeftOut['limit'], string>> = {
  cpus: 'latencies, rates, CPU time and capacity are those of a target that may use every CPU',
  memory: 'memory is that of a target that may take all there is, and no figure is one of a target near its limit',
  swap: 'memory is bounded and swap is not: near its limit it swaps where it should be killed',
  cpuset: 'latencies and CPU time are those of a target that runs on the CPUs of mock and driver too',
};

/** Names, for each target, the limits that were not in force and the figures that they would have bounded. */
export function limitsLeftOut({ targets }: Pick<Manifest, 'targets'>): Finding[] {
  return targets.flatMap(({ name, limits }) =>
    (limits.leftOut ?? []).map(
      ({ limit, said }): Finding => ({
        code: 'limit-left-out',
        severity: 'warning',
        target: name,
        scenario: null,
        level: null,
        message: `The engine cannot enforce ${limit === 'swap' ? 'a limit of swap' : `the limit of ${limit}`} (${said} in its /info is false): of all figures of ${name}, ${BOUNDED[limit]}.`,
        evidence: { limit, said },
      }),
    ),
  );
}
