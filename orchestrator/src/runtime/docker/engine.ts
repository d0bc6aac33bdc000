import type Docker from 'dockerode';
import { engineFault, engineGone } from './engine-error.js';

/** How long the engine may take for a request that moves no data. */
const QUICK_MS = 30_000;

/** What the engine says of itself and its host, read once when connecting. */
export interface EngineFacts {
  readonly version: string;
  readonly api: string;
  readonly kernel: string;
  readonly operatingSystem: string;
  readonly architecture: string;
  readonly hostName: string;
  readonly cgroupVersion: '1' | '2';
  readonly cgroupDriver: string;
  readonly limits: { readonly cpuQuota: boolean; readonly memory: boolean; readonly cpuset: boolean };
}

/** A connection to one engine: dockerode, bounded in time and with its errors sorted. */
export class Engine {
  readonly docker: Docker;
  readonly facts: EngineFacts;
  /** For messages, for example `unix:///var/run/docker.sock`. */
  readonly address: string;
  readonly transport: 'socket' | 'tcp' | 'ssh';

  constructor(docker: Docker, facts: EngineFacts, address: string, transport: Engine['transport']) {
    this.docker = docker;
    this.facts = facts;
    this.address = address;
    this.transport = transport;
  }

  /**
   * One request that must be answered within a time. docker-modem's own `timeout` is no use here: it watches the
   * socket for silence and would cut attach and wait; and when an answer breaks off in the middle it never calls back.
   * @throws BenchError `engine-gone`; a refusal of the engine as dockerode throws it (see refusalOf).
   */
  async call<T>(action: string, request: (abortSignal: AbortSignal) => Promise<T>, timeoutMs = QUICK_MS): Promise<T> {
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(engineGone(this.address, `no answer for ${timeoutMs / 1000} s when asked to ${action}`));
        abort.abort();
      }, timeoutMs);
    });
    try {
      return await Promise.race([request(abort.signal), tooLate]);
    } catch (error) {
      throw engineFault(error, this.address, action);
    } finally {
      clearTimeout(timer);
    }
  }
}
