import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { secretsOf, withoutSecrets } from '../../catalogue/secrets.js';
import type { Service } from '../../catalogue/service.js';
import { plainName } from '../../catalogue/target-name.js';
import { BenchError, messageOf } from '../../errors.js';
import { placeFault } from '../../place-fault.js';
import type { ResourceSample, RunningService, SampleDepth, ServiceExit, Standing } from '../runtime.js';
import type { ControlGroups } from './control-groups.js';
import type { ServiceGroup } from './service-group.js';
import { ProcessTree } from './process-tree.js';
import type { ProcFs } from './procfs.js';
import { PsTree } from './ps-tree.js';
import type { ProgramExit, ProgramGroup } from './program-group.js';
import { type RecordedProgram, startRecorded } from './recorded-program.js';
import type { FoundProgram } from './service-command.js';
import type { RunRecords } from './run-record.js';
import { processGroup, stopAll, type Stoppable, type StopTimes, trySignal } from './stop.js';

const LOG_BYTES = 256 * 1024;

/** What starting a service needs from the runtime. */
export interface ServiceHost {
  readonly proc: ProcFs;
  readonly records: RunRecords;
  readonly groups: ControlGroups;
  readonly stopTimes: StopTimes;
  /** Services that were started and not yet stopped. */
  readonly running: Set<ServiceProcess>;
}

/** Makes the folder that is a service's working directory and holds its copies of the mounted files. */
export async function makePrivateDirectory(service: Service): Promise<string> {
  const directory = await makeTemporary(service.name);
  try {
    for (const { hostPath, containerPath } of service.mounts) {
      const path = join(directory, containerPath);
      await mkdir(dirname(path), { recursive: true });
      await cp(hostPath, path, { recursive: true });
    }
    return directory;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw new BenchError({
      code: 'start-failed',
      message: `the configuration of ${service.name} could not be copied: ${messageOf(error)}`,
      cause: error,
    });
  }
}

/**
 * A private folder, for a service or a tool.
 * @throws BenchError `place-unwritable`, `disk-full`
 */
export async function makeTemporary(name: string): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), `crabllm-bench-${plainName(name)}-`));
  } catch (thrown) {
    throw placeFault(
      thrown,
      tmpdir(),
      `the private folder of ${name}`,
      'Name a folder that can be written: TMPDIR=DIR.',
    );
  }
}

/** A service that runs as a process of this machine, with everything it has started. */
export class ServiceProcess implements RunningService {
  readonly name: string;
  readonly url: string;
  readonly exited: Promise<ServiceExit>;
  readonly #host: ServiceHost;
  readonly #group: ProgramGroup;
  /** Null where no control group can be made. */
  readonly #control: ServiceGroup | null;
  readonly #tree: ProcessTree | null;
  /** Looks where there is no `/proc`. */
  readonly #ps: PsTree;
  readonly #processes: Stoppable;
  readonly #token: string;
  readonly #directory: string;
  readonly #outOfMemoryKillsBefore: number | null;
  readonly #secrets: readonly string[];
  #hasExited = false;
  #isStopping = false;
  #stopped: Promise<void> | null = null;

  /**
   * Starts it.
   * @throws BenchError `start-failed`
   */
  static async start(
    service: Service,
    { words, environment }: Pick<FoundProgram, 'words' | 'environment'>,
    directory: string,
    host: ServiceHost,
  ): Promise<ServiceProcess> {
    const program = await startRecorded(
      service.name,
      words,
      { directory, environment, stdoutBytes: LOG_BYTES, stderrBytes: null },
      host,
    );
    const started = new ServiceProcess(service, program, directory, host);
    host.running.add(started);
    return started;
  }

  private constructor(service: Service, program: RecordedProgram, directory: string, host: ServiceHost) {
    const { group, token, root } = program;
    this.name = service.name;
    this.#secrets = secretsOf(service);
    this.url = `http://127.0.0.1:${service.port}`;
    this.#host = host;
    this.#group = group;
    this.#token = token;
    this.#directory = directory;
    this.#control = host.groups.create(token, service);
    this.#tree = host.proc.available ? new ProcessTree(host.proc, root, token, this.#control) : null;
    this.#ps = new PsTree(group.pid);
    this.#processes = this.#tree ?? processGroup(group.pid);
    this.#outOfMemoryKillsBefore = host.proc.outOfMemoryKills();
    this.exited = group.exited.then((exit) => this.#ended(exit));
  }

  async sample(depth: SampleDepth): Promise<ResourceSample | null> {
    if (this.#hasExited) return null;
    const atMs = performance.now();
    // `ps` is a program that has to be started: never while a window is measured.
    if (this.#tree === null) return depth === 'light' ? null : this.#ps.sample(atMs);
    return depth === 'light' ? this.#tree.lightSample(atMs) : this.#tree.sample(atMs);
  }

  standing(): Promise<Standing | null> {
    return Promise.resolve(this.#tree?.standing() ?? null);
  }

  logs(): Promise<string> {
    return Promise.resolve(withoutSecrets(this.#group.stdout.text(), this.#secrets));
  }

  processes(): Promise<readonly string[] | null> {
    return Promise.resolve(this.#tree?.commandLines() ?? null);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** Kills it within this call, for an exit of this program that leaves no time; its record stays for a later sweep. */
  killNow(): void {
    this.#isStopping = true;
    this.#processes.signal('SIGKILL');
    for (const pid of this.#control?.pids() ?? []) trySignal(pid, 'SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    const isGone = await stopAll(this.#processes, this.#host.stopTimes);
    // A process that not even the kernel can end keeps its record: a later sweep tries again.
    if (!isGone) return;
    await this.exited;
    this.#control?.remove();
    await rm(this.#directory, { recursive: true, force: true });
    this.#host.records.remove(this.#token);
    this.#host.running.delete(this);
  }

  /**
   * A group with a limit knows whom the kernel killed for want of memory. Without one the kernel does not say: a SIGKILL that is not ours
   * while its count for the whole machine rose is the sign.
   */
  #ended({ exitCode, signal }: ProgramExit): ServiceExit {
    this.#hasExited = true;
    const ownKills = this.#control?.memoryKills() ?? null;
    if (ownKills !== null) return { exitCode, signal, outOfMemory: ownKills > 0 && !this.#isStopping };
    const before = this.#outOfMemoryKillsBefore;
    const kills = this.#host.proc.outOfMemoryKills();
    const outOfMemory =
      signal === 'SIGKILL' && !this.#isStopping && before !== null && kills !== null && kills > before;
    return { exitCode, signal, outOfMemory };
  }
}
