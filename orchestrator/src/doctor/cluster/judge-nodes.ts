import { loadText, seatWarnings } from '../../runtime/kubernetes/agent-seats.js';
import { besideText } from '../../runtime/kubernetes/other-runs.js';
import { NODE_ROLES, type NodeFacts, ROLE_LABEL } from '../../runtime/kubernetes/node-roles.js';
import { type Check, good, note, warn } from '../check.js';
import { gib } from '../figures.js';
import type { ClusterLook, UsedNode } from './findings.js';
import { listed } from '../../report/listed.js';
import { type Advice, joined, type Judged, seen } from './judged.js';

/** Which nodes there are, which of them a run would use for what, and how far they differ. */
export function judgeNodes(look: ClusterLook): Judged {
  return joined([
    seen(good('cluster', `${look.cluster}, Kubernetes ${look.version}`)),
    seen(...look.used.map(nodeCheck), ...othersCheck(look)),
    judgeRoles(look),
    judgeAgents(look),
    judgeOtherRuns(look),
    judgeRoom(look),
    seen(...differenceChecks(look.used)),
    judgeZones(look.used),
  ]);
}

function nodeCheck({ name, roles, role, cpus, memoryBytes, details, tenants }: UsedNode): Check {
  const { kernel, kubelet, containerRuntime, zone, instanceType } = details;
  const found = [
    `${roles.join(', ')}${role === null ? '' : ` (labelled ${role})`}`,
    `${cpus} CPUs and ${gib(memoryBytes)} GiB for Pods`,
    ...('unknown' in tenants ? [] : [tenantsText(tenants)]),
    `kubelet ${kubelet ?? 'unknown'}`,
    containerRuntime ?? 'container runtime unknown',
    `kernel ${kernel ?? 'unknown'}`,
    ...(instanceType === null ? [] : [instanceType]),
    ...(zone === null ? [] : [`zone ${zone}`]),
  ];
  return good(name, found.join('; '));
}

function tenantsText({ pods, cpus }: { readonly pods: number; readonly cpus: number }): string {
  if (pods === 0) return 'no Pods there';
  return pods === 1 ? `a Pod there requests ${cpus}` : `${pods} Pods there request ${cpus}`;
}

/** Nodes that a run leaves alone. */
function othersCheck({ nodes, used }: ClusterLook): Check[] {
  const others = nodes.filter(({ name }) => !used.some((one) => one.name === name));
  if (others.length === 0) return [];
  const unfit = others.filter((node): node is NodeFacts & { readonly unfit: string } => node.unfit !== null);
  const found = `${others.length} that a run would not use`;
  if (unfit.length === 0) return [good('other nodes', found)];
  const reasons = unfit.slice(0, SHOWN_REASONS).map(({ name, unfit: why }) => `${name}: ${why}`);
  const more = unfit.length > reasons.length ? `; and ${unfit.length - reasons.length} more` : '';
  return [note('other nodes', found, `Of them ${unfit.length} cannot be used: ${reasons.join('; ')}${more}.`)];
}

const SHOWN_REASONS = 5;

function judgeRoles({ places, used }: ClusterLook): Judged {
  const spread = NODE_ROLES.filter((role) => used.find(({ name }) => name === places.nodes[role])?.role !== role);
  const found = NODE_ROLES.map((role) => `${role} on ${places.nodes[role]}`).join(', ');
  const isShared = new Set(Object.values(places.nodes)).size < NODE_ROLES.length;
  const caution = isShared ? ['Compare differences, not absolute figures, and stay at low rates.'] : [];
  const meaning = [...places.warnings.map((warning) => `${warning}.`), ...caution].join(' ');
  const checks = places.warnings.length === 0 ? [] : [warn('roles', found, meaning)];
  const advice: Advice[] = [];
  if (isShared)
    advice.push({
      change: `Make ${NODE_ROLES.length} nodes usable, one for each role (uncordon, add, or take the taint off)`,
      because: `two roles share ${listed(sharedNodes(Object.values(places.nodes)))}`,
      gives: 'a gateway’s latency without the time in which it waits for the mock or the driver',
    });
  else if (spread.length > 0)
    advice.push({
      change: `Label the nodes: ${spread.map((role) => `kubectl label node ${places.nodes[role]} ${ROLE_LABEL}=${role}`).join('; ')}`,
      because: `no label says which node is for ${listed(spread)}: the largest that is free is taken, which is another one when the cluster changes`,
      gives: 'the same machines in every run, so that two runs can be compared',
    });
  if (checks.length > 0) return { checks, advice };
  if (spread.length === 0) return seen(good('roles', `${found}, as labelled`));
  const chosen = `Chosen by size, since no label (${ROLE_LABEL}) says it for ${listed(spread)}.`;
  return { checks: [note('roles', found, chosen)], advice };
}

function sharedNodes(nodes: readonly string[]): string[] {
  return [...new Set(nodes.filter((node, index) => nodes.indexOf(node) !== index))];
}

function judgeAgents({ seats, places }: ClusterLook): Judged {
  const found = loadText(seats, places.orchestrator);
  const crowded = seatWarnings(seats);
  if (crowded.length > 0)
    return {
      checks: crowded.map((warning) => warn('load', found, `${warning}.`)),
      advice: [
        {
          change: 'Give the driver a node with two CPUs or more, or label more nodes bench.role=driver',
          because: 'an agent has less than a core of its own',
          gives: 'requests that leave when they are due: a late driver voids trials (driver-late)',
        },
      ],
    };
  const isBeside = seats.some(({ node }) => node === places.orchestrator);
  if (!isBeside) return seen(good('load', found));
  return {
    checks: [
      note('load', found, 'The orchestrator works beside an agent: what it does between trials takes time there.'),
    ],
    advice: [
      {
        change: `Label one more node ${ROLE_LABEL}=orchestrator, or leave one without a role`,
        because: 'the orchestrator shares the node of an agent',
        gives: 'a driver whose lateness is its own',
      },
    ],
  };
}

function judgeOtherRuns({ others, places, used }: ClusterLook): Judged {
  if (others === null)
    return {
      checks: [note('other runs', 'not known', `${besideText(null, places).join('. ')}.`)],
      advice: [
        {
          change: 'Have somebody who may apply deploy/kubernetes/runs-reader.yaml',
          because: 'this account may not list the Pods of all namespaces',
          gives: 'a run that keeps off the nodes of others, and a plan that says what they have taken of each node',
        },
      ],
    };
  if (others.length === 0) return seen(good('other runs', 'none in the cluster'));
  return joined(
    others.map((run): Judged => {
      const found = besideText([run], places).join('');
      if (!run.nodes.some((node) => used.some(({ name }) => name === node))) return seen(good('other runs', found));
      return {
        checks: [warn('other runs', found, 'What both measure there is each other.')],
        advice: [
          {
            change: `Wait for the end of the run in ${run.namespace}, or label other nodes ${ROLE_LABEL}`,
            because: `it measures on ${listed(run.nodes)}`,
            gives: 'figures of the gateway alone',
          },
        ],
      };
    }),
  );
}

/** Whether what a run asks for fits beside what is there. */
function judgeRoom({ used, room }: ClusterLook): Judged {
  const judged = room.flatMap(({ node, cpus, of }) => {
    const found = used.find(({ name }) => name === node);
    if (found === undefined) return [];
    const taken = 'unknown' in found.tenants ? null : found.tenants.cpus;
    const free = Math.round(1000 * (found.cpus - (taken ?? 0))) / 1000;
    return [{ node, wanted: cpus, of, free, taken }];
  });
  const tight = judged.filter(({ wanted, free }) => wanted > free);
  const unknown = judged.filter(({ taken }) => taken === null).map(({ node }) => node);
  if (tight.length > 0)
    return {
      checks: tight.map(({ node, wanted, of, free }) =>
        warn(
          'room',
          `${node} has ${free} CPUs free, and ${wanted} are wanted (${of.join(', ')})`,
          'A Pod for which there is no room stays Pending, and its cell is missing: unschedulable.',
        ),
      ),
      advice: tight.map(({ node, wanted, free }) => ({
        change: `Move Pods away from ${node} (kubectl drain), take a larger node, or lower --gateway-cpus`,
        because: `a run asks for ${wanted} CPUs there and ${free} are free`,
        gives: 'Pods that are scheduled',
      })),
    };
  if (unknown.length > 0)
    return seen(
      note(
        'room',
        'what Pods of others request is not known',
        'This account may not list them (deploy/kubernetes/runs-reader.yaml): whether a run fits is seen when it starts (unschedulable).',
      ),
    );
  return seen(
    good('room', judged.map(({ node, wanted, free }) => `${node} ${wanted} of ${free} free CPUs`).join(', ')),
  );
}

/** What makes figures of one role those of another machine. */
function differenceChecks(used: readonly UsedNode[]): Check[] {
  const kinds: readonly (readonly [what: string, of: (node: UsedNode) => string | null])[] = [
    ['kernels', ({ details }) => details.kernel],
    ['kubelets', ({ details }) => details.kubelet],
    ['container runtimes', ({ details }) => details.containerRuntime],
    ['architectures', ({ details }) => details.architecture],
    ['instance types', ({ details }) => details.instanceType],
  ];
  const differing = kinds.flatMap(([what, of]) => (new Set(used.map(of)).size > 1 ? [what] : []));
  if (differing.length === 0) return [];
  const meaning = `Move no role to another node between runs that are compared: ${listed(differing)} of these nodes differ.`;
  return [note('differences', differing.join(', '), meaning)];
}

function judgeZones(used: readonly UsedNode[]): Judged {
  const zones = [
    ...new Set(
      used
        .filter(({ roles }) => roles.some((role) => role !== 'orchestrator'))
        .flatMap(({ details: { zone } }) => zone ?? []),
    ),
  ];
  if (zones.length < 2) return seen();
  return {
    checks: [
      warn(
        'zones',
        zones.join(', '),
        'The roles stand in different zones: every request of a gateway crosses between them twice, and so does direct.',
      ),
    ],
    advice: [
      {
        change: `Choose nodes of one zone for the roles (labels ${ROLE_LABEL})`,
        because: `they stand in ${listed(zones)}`,
        gives: 'a way between them that is shorter and steadier, in direct and in every gateway’s figures',
      },
    ],
  };
}
