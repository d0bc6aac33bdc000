import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type Docker from 'dockerode';
import { z } from 'zod';
import { BenchError, messageOf } from '../../errors.js';
import { withDeadline } from './deadline.js';
import { DockerRuntime } from './docker-runtime.js';
import { Engine, type EngineFacts } from './engine.js';
import { type EngineEndpoint, findEngine, remoteEngine } from './find-engine.js';
import { isLoopback, isThisHost, locate } from './locality.js';
import { describeSelf } from './owner.js';

/** How long an engine may take to say who it is. */
const HELLO_MS = 5000;

/**
 * The newest API whose meaning this program was written for. The engine's own newest would be used otherwise, and a
 * field that moves there would silently read as missing.
 */
const WRITTEN_FOR = '1.44';

/** Where the engine is and whose containers these will be. */
export interface DockerOptions {
  /** The run's id; every container carries it. */
  readonly runId: string;
  /** Compose files of the project (absolute), so that Compose recognises the containers; empty when unknown. */
  readonly composeFiles: readonly string[];
  /** Socket of the engine. Default: see findEngine. */
  readonly socketPath?: string;
}

/** Whether an engine answers, and one line that says why (not). */
export type DockerAnswer =
  | { readonly answers: true; readonly detail: string }
  | { readonly answers: false; readonly detail: string };

/**
 * Connects to the engine.
 * @throws BenchError `engine-unreachable` when none answers, `engine-remote` when it is another machine's,
 *   `engine-address` and `engine-tls-incomplete` as findEngine does, `host-network-needed` when this program runs in a
 *   container that cannot reach services on the engine's host.
 */
export async function connectDocker(options: DockerOptions): Promise<DockerRuntime> {
  const engine = await hello(options.socketPath);
  const locality = await locate(engine);
  const owner = await describeSelf(locality.ownContainer);
  return new DockerRuntime(engine, locality, { runId: options.runId, composeFiles: options.composeFiles, owner });
}

/** Asks whether an engine answers; for the choice of a runtime. Never throws. */
export async function dockerAnswers(socketPath?: string): Promise<DockerAnswer> {
  try {
    const engine = await hello(socketPath);
    return { answers: true, detail: `Docker engine ${engine.facts.version} answers at ${engine.address}` };
  } catch (error) {
    return { answers: false, detail: messageOf(error) };
  }
}

async function hello(socketPath: string | undefined): Promise<Engine> {
  const endpoint =
    socketPath === undefined
      ? findEngine()
      : { address: `unix://${socketPath}`, origin: 'as asked', place: { kind: 'socket' as const, path: socketPath } };
  const { address, place } = endpoint;
  const ask = (docker: Docker, what: keyof Introduction): Promise<unknown> =>
    withDeadline(
      HELLO_MS,
      (abortSignal) => (docker as unknown as Introduction)[what]({ abortSignal }),
      () => Object.assign(new Error(`no answer within ${HELLO_MS / 1000} s`), { code: 'SILENT' }),
    );
  try {
    const unpinned = await dockerode(place, undefined);
    const version = versionSchema.parse(await ask(unpinned, 'version'));
    const pinned = await dockerode(place, apiToUse(version.ApiVersion, version.MinAPIVersion));
    const info = infoSchema.parse(await ask(pinned, 'info'));
    const engine = new Engine(pinned, factsOf(version, info), address);
    refuseRemote(engine, endpoint);
    return engine;
  } catch (error) {
    throw error instanceof BenchError ? error : unreachable(endpoint, error);
  }
}

/** dockerode's types do not know that these two can be aborted. */
type Introduction = Record<'version' | 'info', (options: { readonly abortSignal: AbortSignal }) => Promise<unknown>>;

/** A virtual machine behind a socket of this host is this host's; what listens at another host's address is not. */
function refuseRemote({ facts }: Engine, { address, origin, place }: EngineEndpoint): void {
  if (place.kind === 'socket' || isLoopback(place.host) || isThisHost(facts)) return;
  throw remoteEngine(
    `${origin} leads to an engine on another machine (${address}, ${facts.hostName})`,
    'Run crabllm-bench on that machine.',
  );
}

/** Says all of it: what is left out docker-modem takes from the environment, by rules of its own. */
async function dockerode(place: EngineEndpoint['place'], version: string | undefined): Promise<Docker> {
  // Where it is used: a third of all files that are loaded are this library's, and most commands ask no engine.
  const { default: Dockerode } = await import('dockerode');
  const common = { version: version === undefined ? undefined : `v${version}`, timeout: undefined, headers: {} };
  // An agent of our own: a kept-alive connection that the engine has closed meanwhile would look like an engine that is
  // gone, and Node's own agent may send requests through a proxy (NODE_USE_ENV_PROXY).
  if (place.kind === 'socket') {
    const agent = new HttpAgent({ keepAlive: false });
    return new Dockerode({ ...common, host: undefined, socketPath: place.path, protocol: 'http', agent } as Asked);
  }
  const { host, port, tls } = place;
  const agent =
    tls === null
      ? new HttpAgent({ keepAlive: false })
      : new HttpsAgent({ keepAlive: false, rejectUnauthorized: tls.verify });
  const { ca, cert, key } = tls ?? {};
  const protocol = tls === null ? 'http' : 'https';
  return new Dockerode({ ...common, host, port, protocol, ca, cert, key, agent } as Asked);
}

/** With `undefined` for what shall not be: left out, it would be filled in. */
type Asked = ConstructorParameters<typeof Docker>[0];

/** The API version to pin: the one written for, moved into the range that the engine speaks. */
export function apiToUse(newest: string, oldest: string | undefined): string {
  if (compareApi(newest, WRITTEN_FOR) < 0) return newest;
  if (oldest !== undefined && compareApi(oldest, WRITTEN_FOR) > 0) return oldest;
  return WRITTEN_FOR;
}

/** Compares API versions such as 1.9 and 1.44; negative when the first is older. */
function compareApi(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}

const versionSchema = z.object({
  Version: z.string(),
  ApiVersion: z.string().regex(/^\d+\.\d+$/),
  MinAPIVersion: z.string().optional(),
  KernelVersion: z.string().default('unknown'),
  Arch: z.string().default('unknown'),
});

const infoSchema = z.object({
  OperatingSystem: z.string().default('unknown'),
  Name: z.string().default('unknown'),
  CgroupVersion: z.string().optional(),
  CgroupDriver: z.string().default('unknown'),
  CpuCfsQuota: z.boolean().default(false),
  MemoryLimit: z.boolean().default(false),
  SwapLimit: z.boolean().default(false),
  CPUSet: z.boolean().default(false),
});

function factsOf(version: z.infer<typeof versionSchema>, info: z.infer<typeof infoSchema>): EngineFacts {
  return {
    version: version.Version,
    api: version.ApiVersion,
    kernel: version.KernelVersion,
    architecture: version.Arch,
    operatingSystem: info.OperatingSystem,
    hostName: info.Name,
    cgroupVersion: info.CgroupVersion === '2' ? '2' : '1',
    cgroupDriver: info.CgroupDriver,
    limits: { cpuQuota: info.CpuCfsQuota, memory: info.MemoryLimit, swap: info.SwapLimit, cpuset: info.CPUSet },
  };
}

const REMEDY: Readonly<Record<string, string>> = {
  EACCES: 'This user may not use the engine: add it to the group docker, or run with sudo.',
  ENOENT: 'No engine runs here: start it, or set DOCKER_HOST, or use --runtime process.',
  ECONNREFUSED: 'No engine listens there: start it, or set DOCKER_HOST, or use --runtime process.',
  SILENT: 'It takes connections and stays silent: it is paused, or hangs. Restart it, or use --runtime process.',
  ENOTFOUND: 'No host has that name: set DOCKER_HOST or choose another context, or use --runtime process.',
};

function unreachable({ address, origin }: EngineEndpoint, thrown: unknown): BenchError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const what = thrown instanceof z.ZodError ? 'what answers there is no Docker engine' : messageOf(thrown);
  return new BenchError({
    code: 'engine-unreachable',
    message: `no Docker engine answers at ${address} (${origin}: ${what})`,
    hint: REMEDY[code] ?? 'Check DOCKER_HOST and `docker context ls`, or use --runtime process, which needs no engine.',
    cause: thrown,
  });
}
