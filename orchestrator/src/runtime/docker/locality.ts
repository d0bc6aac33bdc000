import { readFile } from 'node:fs/promises';
import { hostname, release } from 'node:os';
import { BenchError } from '../../errors.js';
import type { Engine } from './engine.js';
import { isRefusal } from './engine-error.js';

/** How this process stands to the host on which the engine starts containers. */
export interface Locality {
  /** Paths of this process mean the same to the engine, so it can mount them. */
  readonly sharesFiles: boolean;
  /** Ports of this process' host are those of the engine's host. */
  readonly sharesPorts: boolean;
  /** Id of the container on this engine in which this process runs; null on a plain host. */
  readonly ownContainer: string | null;
}

/** What {@link judgeLocality} decides from. */
export interface Surroundings {
  /** Whether the engine runs the very kernel and host that this process sees. */
  readonly sameKernelAndName: boolean;
  readonly ownContainer: { readonly id: string; readonly networkMode: string } | null;
}

/**
 * Finds out where the engine's containers run, seen from here.
 * @throws BenchError `host-network-needed`.
 */
export async function locate(engine: Engine): Promise<Locality> {
  const candidate = await ownContainerId();
  return judgeLocality({
    sameKernelAndName: isThisHost(engine.facts),
    ownContainer: candidate === null ? null : await inspectOwn(engine, candidate),
  });
}

/** The decision behind {@link locate}. In doubt, files are not shared: copying them into the container always works. */
export function judgeLocality(seen: Surroundings): Locality {
  const ownContainer = seen.ownContainer?.id ?? null;
  if (seen.ownContainer !== null && seen.ownContainer.networkMode !== 'host') {
    throw new BenchError({
      code: 'host-network-needed',
      message: `this program runs in a container with network "${seen.ownContainer.networkMode}" and cannot reach services on the engine's host`,
      hint: 'Start it with: docker run --network host -v /var/run/docker.sock:/var/run/docker.sock …',
    });
  }
  // Docker Desktop and a forwarded socket look local, and are a virtual machine or another host: kernel and name tell.
  // A container that this engine does not know does not matter: then the engine runs inside it too.
  const sharesFiles = seen.sameKernelAndName && ownContainer === null;
  return { sharesFiles, sharesPorts: sharesFiles || ownContainer !== null, ownContainer };
}

/** Whether the engine runs the very kernel and host that this process sees. */
export function isThisHost({ kernel, hostName }: Engine['facts']): boolean {
  return kernel === release() && hostName === hostname();
}

/** Whether a host's name or address is this host's own loopback. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

async function inspectOwn(engine: Engine, id: string): Promise<Surroundings['ownContainer']> {
  try {
    const seen = await engine.call('inspect the own container', (abortSignal) =>
      engine.docker.getContainer(id).inspect({ abortSignal }),
    );
    return { id: seen.Id, networkMode: seen.HostConfig.NetworkMode ?? 'default' };
  } catch (error) {
    if (isRefusal(error, 404)) return null;
    throw error;
  }
}

async function ownContainerId(): Promise<string | null> {
  try {
    return containerIdIn(await readFile('/proc/self/mountinfo', 'utf8'));
  } catch {
    return null;
  }
}

/**
 * The id of the container whose mount table this is: engines mount /etc/hostname and its like out of a folder named by
 * the id. Other mounts may name the ids of other containers.
 */
export function containerIdIn(mountinfo: string): string | null {
  for (const line of mountinfo.split('\n')) {
    const [, , , root = '', mountPoint = ''] = line.split(' ');
    if (!['/etc/hostname', '/etc/hosts', '/etc/resolv.conf'].includes(mountPoint)) continue;
    const id = /containers\/([0-9a-f]{64})\//.exec(root)?.[1];
    if (id !== undefined) return id;
  }
  return null;
}
