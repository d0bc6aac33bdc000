import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import { NETWORKS, type PodManner, SECURITY_LEVELS } from '../../runtime/kubernetes/manner.js';
import { NAMESPACE } from '../../runtime/kubernetes/prepare-namespace.js';
import { isIP } from 'node:net';
import type { PodSelector } from '../../runtime/kubernetes/deployed.js';
import { parseTarget } from './target.js';
import { type RawOptions, refuseBeside, textOption, valueOf, valuesOf } from './command.js';
import type { Scaling } from '../../measure/replicas.js';
import { parseChoice, parseLevels, parseNumber } from './values.js';

/** Which cluster, and where in it. */
export interface ClusterPlace {
  /** Null: what kubectl would take. */
  readonly kubeconfig: string | null;
  readonly context: string | null;
  readonly namespace: string;
}

/** How a run is made on a cluster. */
export interface ClusterOptions extends ClusterPlace {
  readonly manner: PodManner;
  readonly scaling: Scaling;
  /** The Pods behind the only `--target`; null: nobody is looked for. */
  readonly targetPods: PodSelector | null;
  /** Whether somebody is put on their nodes. */
  readonly watchNodes: boolean;
}

/** More Pods of one gateway than this are a typing error rather than a plan. */
const MOST_REPLICAS = 64;

const MOST_MOCKS = 64;

/** The heading of these options. */
export const ON_CLUSTER = 'On a cluster (--runtime kubernetes)';

/** Where the cluster is; for every command that goes to one. */
export const PLACE_OPTIONS: Readonly<Record<string, Options>> = {
  kubeconfig: textOption(ON_CLUSTER, 'Kubeconfig', 'KUBECONFIG, else ~/.kube/config, else the account of its own Pod'),
  context: textOption(ON_CLUSTER, 'Context of the kubeconfig', 'its current one'),
  namespace: textOption(ON_CLUSTER, 'Namespace; created where it is missing and may be', NAMESPACE),
};

/** yargs' description of the options of a run on a cluster. */
export const CLUSTER_OPTIONS: Readonly<Record<string, Options>> = {
  ...PLACE_OPTIONS,
  network: textOption(
    ON_CLUSTER,
    `How Pods are reached: ${NETWORKS.join(', ')} (pod: by their address; host: on their node's network; service: through a Service, direct too)`,
    'pod',
  ),
  replicas: textOption(
    ON_CLUSTER,
    'Numbers of Pods of each gateway behind a Service, e.g. 1,2,4: each is a target of its own (crabllm:x2)',
    'one Pod, named as the gateway',
  ),
  mocks: textOption(
    ON_CLUSTER,
    'Mocks behind a Service, on the nodes that are labelled for them in turn, where one does not carry the load',
    'one, with nothing before it',
  ),
  'gateway-cpus': textOption(ON_CLUSTER, 'CPUs of each Pod of a gateway, e.g. 0.2', "the compose file's"),
  'target-selector': textOption(
    ON_CLUSTER,
    'Labels of the Pods behind --target, as for kubectl -l: NAMESPACE/app=litellm, or app=litellm in the namespace of its name; a trial in which they change is void',
  ),
  'watch-nodes': {
    type: 'boolean',
    group: ON_CLUSTER,
    describe:
      'With --target-selector: have a Pod on the nodes of those Pods read their control groups (a path of the host, which Pod Security admits at the level privileged alone)',
  },
  'cpu-limit': {
    type: 'boolean',
    default: true,
    group: ON_CLUSTER,
    describe: 'Hold gateways to their CPUs by a quota (--no-cpu-limit: requests alone, so that nothing is throttled)',
  },
  watch: {
    type: 'boolean',
    default: true,
    group: ON_CLUSTER,
    describe:
      'Have a container beside each service read its CPU, memory and throttled time (--no-watch: the Pod is the service alone)',
  },
  'pod-security': textOption(
    ON_CLUSTER,
    `Level of Pod Security that Pods are made for: ${SECURITY_LEVELS.join(', ')} (baseline leaves images the user that they name)`,
    'restricted',
  ),
  'image-registry': textOption(
    ON_CLUSTER,
    'Registry for the images that this project builds (crabllm-bench, crabllm-bench-portkey), e.g. registry.example/bench',
    'none: nodes have them',
  ),
  image: textOption(ON_CLUSTER, 'Image of the orchestrator and of the mock', "this version's"),
};

/** What belongs to this machine and is not there where the run happens: files, CPUs, addresses, a browser. */
const OF_THIS_MACHINE = ['compose', 'binary', 'trace', 'bodies', 'pin', 'serve'];

/**
 * The options of a run on a cluster; null for another runtime.
 * @throws BenchError `bad-value` for one of them without `--runtime kubernetes`, or beside what cannot be had there
 */
export function readClusterOptions(raw: RawOptions, runtime: string): ClusterOptions | null {
  if (runtime !== 'kubernetes') {
    const given = Object.keys(CLUSTER_OPTIONS).find((name) => raw[name] !== undefined);
    if (given === undefined) return null;
    throw usageError(
      'bad-value',
      `--${given} is of --runtime kubernetes.`,
      'Add --runtime kubernetes, or leave it out.',
    );
  }
  refuseBeside(
    raw,
    'runtime kubernetes',
    OF_THIS_MACHINE,
    'The run happens inside the cluster, where the files, CPUs and addresses of this machine are not.',
  );
  if (valueOf(raw, 'group') === 'conduct')
    throw usageError(
      'bad-value',
      '--group conduct cannot go with --runtime kubernetes.',
      'Its providers are closed and opened on ports of one host: use --runtime process or docker.',
    );
  const scaling = readScaling(raw);
  const several = (['replicas', 'mocks'] as const).find((name) => scaling[name] !== undefined);
  const network = parseChoice(
    'network',
    valueOf(raw, 'network') ?? (several === undefined ? 'pod' : 'service'),
    NETWORKS,
  );
  if (several !== undefined && network !== 'service')
    throw usageError(
      'bad-value',
      `--${several} cannot go with --network ${network}.`,
      'Several Pods have one address through a Service alone: leave --network out, and direct goes through one, too.',
    );
  return {
    ...readClusterPlace(raw),
    scaling,
    targetPods: readTargetPods(raw),
    watchNodes: readWatchNodes(raw),
    manner: {
      network,
      cpuLimit: raw['cpu-limit'] !== false,
      watch: raw['watch'] !== false,
      security: parseChoice('pod-security', valueOf(raw, 'pod-security') ?? 'restricted', SECURITY_LEVELS),
      imageRegistry: readRegistry(valueOf(raw, 'image-registry')),
      ownImage: valueOf(raw, 'image') ?? null,
    },
  };
}

/** `app=litellm`, with the namespace that stands before it, or in the name `svc.namespace` of the target, or where the run is. */
function readTargetPods(raw: RawOptions): PodSelector | null {
  const text = valueOf(raw, 'target-selector');
  if (text === undefined) return null;
  const fault = (what: string): Error =>
    usageError(
      'bad-value',
      `--target-selector ${JSON.stringify(text)}: ${what}.`,
      'Give one --target, and the labels of the Pods behind it, for example --target-selector app=litellm.',
    );
  const targets = valuesOf(raw, 'target');
  if (targets.length !== 1) throw fault(`it is of one --target, and there are ${targets.length}`);
  const [, given, selector = ''] = /^(?:([a-z0-9][a-z0-9-]*)\/(?=[^=]*\w))?(.+)$/.exec(text) ?? [];
  if (!/^[\w.\-/]+(?:=|==|!=)[\w.-]+(?:,[\w.\-/]+(?:=|==|!=)[\w.-]+)*$/.test(selector))
    throw fault('labels are KEY=VALUE, separated by commas');
  const { hostname } = new URL(parseTarget(targets[0] ?? '').url);
  // An address has dots as well, and no namespace among them.
  const named = isIP(hostname) === 0 ? hostname.split('.')[1] : undefined;
  return { namespace: given ?? named ?? readClusterPlace(raw).namespace, selector };
}

function readWatchNodes(raw: RawOptions): boolean {
  const asked = raw['watch-nodes'] === true;
  if (asked && valueOf(raw, 'target-selector') === undefined)
    throw usageError(
      'bad-value',
      '--watch-nodes needs --target-selector.',
      'It looks at the Pods behind --target; what this program starts itself has a watch beside it anyway.',
    );
  return asked;
}

function readScaling(raw: RawOptions): Scaling {
  const [replicas, mocks, cpus] = [valueOf(raw, 'replicas'), valueOf(raw, 'mocks'), valueOf(raw, 'gateway-cpus')];
  return {
    ...(replicas === undefined ? {} : { replicas: parseLevels('replicas', replicas, MOST_REPLICAS) }),
    ...(mocks === undefined ? {} : { mocks: parseNumber('mocks', mocks, { min: 1, max: MOST_MOCKS, integer: true }) }),
    ...(cpus === undefined
      ? {}
      : { gatewayCpus: parseNumber('gateway-cpus', cpus, { min: 0.01, max: 1024, unit: 'CPUs' }) }),
  };
}

/** Which cluster is meant. @throws BenchError `bad-value` */
export function readClusterPlace(raw: RawOptions): ClusterPlace {
  const namespace = valueOf(raw, 'namespace') ?? NAMESPACE;
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace))
    throw usageError(
      'bad-value',
      `--namespace ${JSON.stringify(namespace)} cannot be the name of a namespace.`,
      'Give lower-case letters, digits and "-", at most 63.',
    );
  return { kubeconfig: valueOf(raw, 'kubeconfig') ?? null, context: valueOf(raw, 'context') ?? null, namespace };
}

function readRegistry(given: string | undefined): string | null {
  if (given === undefined) return null;
  const registry = given.replace(/\/+$/, '');
  if (/^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[a-z0-9._-]+)*$/.test(registry)) return registry;
  throw usageError(
    'bad-value',
    `--image-registry ${JSON.stringify(given)} is not what stands before the name of an image.`,
    'Give a host and a path without a scheme, for example registry.example/bench.',
  );
}
