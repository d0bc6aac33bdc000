import type Docker from 'dockerode';
import type { ConfigMount, Service } from '../../catalogue/service.js';
import type { EngineLimits } from './engine.js';
import { enforceable } from './engine-limits.js';

/** What the engine can do for a container. */
interface EngineMeans {
  readonly limits: EngineLimits;
  /** Whether its helper is to be process 1. */
  readonly init: boolean;
}

/** Container settings that every container of this program has, whatever it is for. */
function common(
  labels: Readonly<Record<string, string>>,
  init: boolean,
): Docker.ContainerCreateOptions & {
  readonly HostConfig: Docker.HostConfig;
} {
  return {
    Labels: { ...labels },
    Tty: false,
    // A health check is a process that the engine starts inside the measured cgroup; readiness is probed from outside.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: 'host',
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      // Without a process 1 that passes signals on, a stop takes its full grace time. Not every engine has the helper.
      Init: init,
      // Removed by hand: with AutoRemove the exit code and the logs are lost.
      AutoRemove: false,
      RestartPolicy: { Name: 'no' },
      // The driver is named because an engine's default may not be readable, and bounded for gateways that log each request.
      LogConfig: { Type: 'json-file', Config: { 'max-size': '4m', 'max-file': '2' } },
    },
  };
}

/** The container of a service with the limits that the engine can enforce; files of `binds` are mounted read-only. */
export function serviceContainer(
  service: Service,
  { limits, init }: EngineMeans,
  name: string,
  labels: Readonly<Record<string, string>>,
  binds: readonly ConfigMount[],
): Docker.ContainerCreateOptions {
  const base = common(labels, init);
  const { cpus, memoryBytes, cpuset, swapToo } = enforceable(service, limits);
  return {
    ...base,
    name,
    // A service without an image is never available here: see DockerRuntime.prepare.
    Image: service.image ?? '',
    ...(service.command === null ? {} : { Cmd: [...service.command] }),
    ...(service.entrypoint === null ? {} : { Entrypoint: [...service.entrypoint] }),
    ...(service.user === null ? {} : { User: service.user }),
    Env: environment(service.environment),
    HostConfig: {
      ...base.HostConfig,
      // Mounts, not Binds: a missing source is an error instead of a new, empty folder on the host.
      Mounts: binds.map(({ hostPath, containerPath }) => ({
        Type: 'bind' as const,
        Source: hostPath,
        Target: containerPath,
        ReadOnly: true,
      })),
      ...(cpus === null ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
      ...(memoryBytes === null ? {} : { Memory: memoryBytes }),
      // Memory and swap together: without it a gateway could swap as much again.
      ...(memoryBytes === null || !swapToo ? {} : { MemorySwap: memoryBytes }),
      ...(cpuset === null ? {} : { CpusetCpus: cpuset }),
    },
  };
}

/** The container of a tool: the image's entrypoint with these arguments. */
export function toolContainer(
  tool: {
    readonly image: string;
    readonly args: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
    readonly cpuset?: string;
  },
  { init }: Pick<EngineMeans, 'init'>,
  name: string,
  labels: Readonly<Record<string, string>>,
): Docker.ContainerCreateOptions {
  const base = common(labels, init);
  return {
    ...base,
    name,
    Image: tool.image,
    Cmd: [...tool.args],
    Env: environment(tool.environment),
    // oha prints what it has on SIGINT and does not know SIGTERM; it matters to whoever stops it by hand.
    StopSignal: 'SIGINT',
    AttachStdout: true,
    AttachStderr: true,
    ...(tool.cpuset === undefined ? {} : { HostConfig: { ...base.HostConfig, CpusetCpus: tool.cpuset } }),
  };
}

/** A name without a value takes the variable away that the image sets. */
function environment(variables: Readonly<Record<string, string | null>>): string[] {
  return Object.entries(variables).map(([key, value]) => (value === null ? key : `${key}=${value}`));
}
