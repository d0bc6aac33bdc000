import type Docker from 'dockerode';
import { withDeadline } from './deadline.js';
import { engineFault, engineGone } from './engine-error.js';

/** How long the engine may take for a request that moves no data. */
const QUICK_MS = 30_000;
/** What it gets once it has let a request go unanswered: what hangs is paused or dead, and whoever waits for it waits for nothing. */
const AFTER_SILENCE_MS = 1000;

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
  readonly limits: EngineLimits;
}

/** Which limits the kernel and the rights of this engine let it enforce, as its `/info` says. */
export interface EngineLimits {
  readonly cpuQuota: boolean;
  readonly memory: boolean;
  /** Without it a container may swap as much again as its memory. */
  readonly swap: boolean;
  readonly cpuset: boolean;
}

/** A connection to one engine: dockerode, bounded in time and with its errors sorted. */
export class Engine {
  readonly docker: Docker;
  readonly facts: EngineFacts;
  /** For messages, for example `unix:///var/run/docker.sock`. */
  readonly address: string;
  /** Whether it has a helper that runs as process 1 of a container and passes signals on, as far as is known. */
  hasInit = true;
  #isSilent = false;

  constructor(docker: Docker, facts: EngineFacts, address: string) {
    this.docker = docker;
    this.facts = facts;
    this.address = address;
  }

  /**
   * One request that must be answered within a time. docker-modem's own `timeout` is no use here: it watches the
   * socket for silence and would cut attach and wait; and when an answer breaks off in the middle it never calls back.
   * @throws BenchError `engine-gone`; a refusal of the engine as dockerode throws it (see refusalOf).
   */
  async call<T>(action: string, request: (abortSignal: AbortSignal) => Promise<T>, timeoutMs = QUICK_MS): Promise<T> {
    const allowedMs = this.#isSilent ? Math.min(timeoutMs, AFTER_SILENCE_MS) : timeoutMs;
    try {
      const answer = await withDeadline(allowedMs, request, () => {
        this.#isSilent = true;
        return engineGone(this.address, `no answer for ${allowedMs / 1000} s when asked to ${action}`);
      });
      this.#isSilent = false;
      return answer;
    } catch (error) {
      throw engineFault(error, this.address, action);
    }
  }
}
