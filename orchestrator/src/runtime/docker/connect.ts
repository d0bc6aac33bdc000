import { Agent } from 'node:http';
import Docker from 'dockerode';
import { BenchError, messageOf } from '../../errors.js';
import { DockerRuntime } from './docker-runtime.js';
import { Engine, type EngineFacts } from './engine.js';
import { locate } from './locality.js';
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
  /** Socket of the engine. Default: what DOCKER_HOST says, as dockerode reads it, else the usual socket. */
  readonly socketPath?: string;
}

/** Whether an engine answers, and one line that says why (not). */
export type DockerAnswer =
  | { readonly answers: true; readonly detail: string }
  | { readonly answers: false; readonly detail: string };

/**
 * Connects to the engine.
 * @throws BenchError `engine-unreachable` when none answers, `host-network-needed` when this program runs in a
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
  const { address, transport } = endpoint(socketPath);
  try {
    const unpinned = dockerode(socketPath, transport, undefined);
    const version = await within(HELLO_MS, unpinned.version());
    const pinned = dockerode(socketPath, transport, apiToUse(version.ApiVersion, version.MinAPIVersion));
    return new Engine(pinned, factsOf(version, await within(HELLO_MS, pinned.info())), address, transport);
  } catch (error) {
    throw unreachable(address, error);
  }
}

function dockerode(
  socketPath: string | undefined,
  transport: Engine['transport'],
  version: string | undefined,
): Docker {
  return new Docker({
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(version === undefined ? {} : { version: `v${version}` }),
    // A kept-alive connection that the engine has closed meanwhile would look like an engine that is gone.
    ...(transport === 'socket' ? { agent: new Agent({ keepAlive: false }) } : {}),
  });
}

/** Where dockerode will connect to, for messages and for choosing what can be done over it. */
export function endpoint(
  socketPath: string | undefined,
  dockerHost = process.env['DOCKER_HOST'],
): { readonly address: string; readonly transport: Engine['transport'] } {
  if (socketPath !== undefined) return { address: `unix://${socketPath}`, transport: 'socket' };
  if (dockerHost === undefined || dockerHost === '') return { address: 'the default socket', transport: 'socket' };
  if (/^(unix|npipe):/.test(dockerHost)) return { address: dockerHost, transport: 'socket' };
  return { address: dockerHost, transport: dockerHost.startsWith('ssh:') ? 'ssh' : 'tcp' };
}

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

interface VersionAnswer {
  readonly Version: string;
  readonly ApiVersion: string;
  readonly KernelVersion: string;
  readonly Arch: string;
}

function factsOf(version: VersionAnswer, info: Record<string, unknown>): EngineFacts {
  return {
    version: version.Version,
    api: version.ApiVersion,
    kernel: version.KernelVersion,
    architecture: version.Arch,
    operatingSystem: text(info['OperatingSystem']),
    hostName: text(info['Name']),
    cgroupVersion: info['CgroupVersion'] === '2' ? '2' : '1',
    cgroupDriver: text(info['CgroupDriver']),
    limits: {
      cpuQuota: info['CpuCfsQuota'] === true,
      memory: info['MemoryLimit'] === true,
      cpuset: info['CPUSet'] === true,
    },
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown';
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, tooLate]).finally(() => clearTimeout(timer));
}

const REMEDY: Readonly<Record<string, string>> = {
  EACCES: 'This user may not use the engine: add it to the group docker, or run with sudo.',
  ENOENT: 'No engine runs here: start it, or set DOCKER_HOST, or use --runtime process.',
  ECONNREFUSED: 'No engine listens there: start it, or set DOCKER_HOST, or use --runtime process.',
};

function unreachable(address: string, thrown: unknown): BenchError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return new BenchError({
    code: 'engine-unreachable',
    message: `no Docker engine answers at ${address} (${messageOf(thrown)})`,
    hint: REMEDY[code] ?? 'Check DOCKER_HOST, or use --runtime process, which needs no engine.',
    cause: thrown,
  });
}
