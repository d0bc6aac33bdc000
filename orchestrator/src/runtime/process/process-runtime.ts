import { realpathSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { release, type as systemName } from 'node:os';
import { join, relative, sep } from 'node:path';
import { freePortNames } from '../../catalogue/placeholders.js';
import type { Service } from '../../catalogue/service.js';
import { canPin, wordsOn } from '../../clock/affinity.js';
import { BenchError, EXIT, messageOf } from '../../errors.js';
import type { InstalledSize } from '../../record/installed-size.js';
import { VERSION } from '../../version.js';
import { programFacts } from '../program-facts.js';
import type { Availability, Look, RunningService, Runtime, ToolResult, ToolRun } from '../runtime.js';
import { BenchHome } from './bench-home.js';
import { ControlGroups } from './control-groups.js';
import { privateHome } from './environment.js';
import { findProgram } from './find-program.js';
import { installedBytes } from './installed-bytes.js';
import { type InstalledPackages, installPackages } from './npm-packages.js';
import { freePort } from '../port.js';
import { requireFreePort } from './port.js';
import { ProcFs } from './procfs.js';
import { RunRecords } from './run-record.js';
import { printedVersion, runProgram } from './run-tool.js';
import { type CommandPlaces, findCommand, type FoundProgram } from './service-command.js';
import { makePrivateDirectory, type ServiceHost, ServiceProcess } from './service-process.js';
import { STOP_TIMES, type StopTimes } from './stop.js';
import { sweepServices } from './sweep.js';
import { packageVersion, programDigest } from './what-runs.js';

type Available = Extract<Availability, { state: 'available' }>;

/** What may be set differently, by tests above all. */
export interface ProcessRuntimeOptions {
  readonly home?: BenchHome;
  readonly stopTimes?: StopTimes;
  readonly proc?: ProcFs;
}

/** Starts services as plain processes of this machine: needs no engine, enforces limits where control groups can be made. */
export class ProcessRuntime implements Runtime {
  readonly kind = 'process';
  readonly sharesHost = true;
  readonly #home: BenchHome;
  readonly #host: ServiceHost;
  readonly #toolVersions = new Map<string, string | null>();
  readonly #canPin = canPin();
  readonly #closing = new AbortController();
  readonly #onExit = (): void => {
    this.#closing.abort();
    for (const service of this.#host.running) service.killNow();
  };

  constructor(options: ProcessRuntimeOptions = {}) {
    this.#home = options.home ?? new BenchHome();
    this.#host = {
      proc: options.proc ?? new ProcFs(),
      records: new RunRecords(this.#home.runDirectory),
      groups: ControlGroups.open(),
      stopTimes: options.stopTimes ?? STOP_TIMES,
      running: new Set<ServiceProcess>(),
    };
    // The last resort for an exit that does not wait for close(): the services are in groups of their own and would stay.
    process.on('exit', this.#onExit);
  }

  /** Whether CPU and memory limits can be enforced here, whatever they are. */
  get enforcesLimits(): boolean {
    return this.#host.groups.canEnforce({ cpus: 0.5, memoryBytes: 1 });
  }

  whyNotPinned(): string | null {
    return this.#canPin ? null : 'taskset of util-linux is not on PATH, or does nothing here';
  }

  versions(): Promise<Record<string, string>> {
    return Promise.resolve({ kernel: `${systemName()} ${release()}` });
  }

  async look(service: Service): Promise<Look> {
    if ((service.process?.npmDirectory ?? null) !== null)
      return { state: 'obtainable', how: 'its npm packages are installed when it is first wanted' };
    const found = findCommand(service, this.#placesOf(service, null, '/'));
    return found.state === 'absent'
      ? found
      : { state: 'available', version: null, digest: null, limitsEnforced: false };
  }

  async prepare(service: Service, tell: (line: string) => void, signal: AbortSignal): Promise<Availability> {
    requireNotAborted(signal);
    try {
      const packages = await this.#packagesOf(service, tell, signal);
      const found = findCommand(service, this.#placesOf(service, packages, '/'));
      if (found.state === 'absent') return found;
      const availability = await this.#describe(service, found, packages, signal);
      if (availability.version !== null && service.version !== null && availability.version !== service.version) {
        tell(
          `${service.name}: version ${availability.version} is installed, the compose file asks for ${service.version}`,
        );
      }
      return availability;
    } catch (error) {
      if (error instanceof BenchError && error.code === 'interrupted') throw error;
      const code = error instanceof BenchError ? error.code : 'install-failed';
      return { state: 'absent', reason: { code, message: messageOf(error) } };
    }
  }

  async prepareTool(
    tool: Pick<ToolRun, 'name' | 'image' | 'program'>,
    _tell: (line: string) => void,
    signal: AbortSignal,
  ): Promise<Availability> {
    requireNotAborted(signal);
    const program = this.#findTool(tool.program);
    if (program === null) {
      return { state: 'absent', reason: { code: 'not-installed', message: `${tool.program} is not on PATH` } };
    }
    const version = await printedVersion([program, '--version'], signal);
    requireNotAborted(signal);
    this.#toolVersions.set(program, version);
    return { state: 'available', version, digest: await programDigest(program), limitsEnforced: false };
  }

  async sizeOf(service: Service): Promise<InstalledSize | null> {
    const packages = await this.#packagesOf(service, () => {}, this.#closing.signal);
    if (packages !== null) return { bytes: await installedBytes(packages.directory), of: 'installation' };
    const found = findCommand(service, this.#placesOf(service, null, '/'));
    if (found.state === 'absent') return null;
    const [program] = found.words;
    const [gateway = '..'] = relative(this.#home.gatewaysDirectory, program).split(sep);
    if (gateway === '..') return { bytes: await installedBytes(realpathSync(program)), of: 'program' };
    return { bytes: await installedBytes(join(this.#home.gatewaysDirectory, gateway)), of: 'installation' };
  }

  async start(service: Service, signal: AbortSignal): Promise<RunningService> {
    requireNotAborted(signal);
    const packages = await this.#packagesOf(service, () => {}, signal);
    await requireFreePort(service.port, service.name, this.#host.proc);
    const directory = await makePrivateDirectory(service);
    try {
      const freePorts = await freePortsOf(service);
      const found = findCommand(service, { ...this.#placesOf(service, packages, directory), freePorts });
      if (found.state === 'absent') throw new BenchError({ code: 'start-failed', message: found.reason.message });
      requireNotAborted(signal);
      const words = this.#wordsOf(service, found);
      const environment = { ...privateHome(directory), ...found.environment };
      return await ServiceProcess.start(service, { words, environment }, directory, this.#host);
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  async runTool(tool: ToolRun, signal: AbortSignal): Promise<ToolResult> {
    const program = this.#findTool(tool.program);
    if (program === null) {
      throw new BenchError({
        code: 'start-failed',
        message: `${tool.program} is not on PATH`,
        hint: 'Install it, or use another driver.',
      });
    }
    const version = this.#toolVersions.get(program) ?? null;
    return runProgram(program, tool, version, this.#host, AbortSignal.any([signal, this.#closing.signal]));
  }

  /** @throws BenchError `place-unwritable`, `disk-full` when nothing could be noted for a later sweep */
  async sweep(): Promise<number> {
    this.#home.requireWritable();
    const swept = await sweepServices(this.#host.records, this.#host.proc, this.#host.stopTimes);
    this.#host.groups.sweep();
    return swept;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#host.running].map((service) => service.stop()));
    process.off('exit', this.#onExit);
  }

  async #packagesOf(
    service: Service,
    tell: (line: string) => void,
    signal: AbortSignal,
  ): Promise<InstalledPackages | null> {
    const source = service.process?.npmDirectory ?? null;
    if (source === null) return null;
    const anySignal = AbortSignal.any([signal, this.#closing.signal]);
    return installPackages(source, service.variant?.of ?? service.name, this.#home.npmDirectory, tell, anySignal);
  }

  /** An affinity set from outside stays unless the program sets one of its own; where none can be set, `limitsEnforced` says so. */
  #wordsOf({ cpuset }: Service, { words }: FoundProgram): FoundProgram['words'] {
    return cpuset === null || !this.#canPin ? words : wordsOn(cpuset, words);
  }

  #placesOf(service: Service, packages: InstalledPackages | null, privateDirectory: string): CommandPlaces {
    const folder = service.process?.versionFolder ?? null;
    return {
      // Its own first: packages of two gateways may bring a program of one name, such as gunicorn.
      programDirectories: [
        this.#home.versionDirectory(folder ?? service.variant?.of ?? service.name),
        ...(folder === null ? this.#home.programDirectories() : []),
      ],
      path: folder === null,
      packagesDirectory: packages?.directory ?? null,
      privateDirectory,
      freePorts: new Map(),
    };
  }

  /**
   * Says what would run, never what the compose file wishes for: what the version's command prints, what was noted when it was installed
   * here, or what the package says that brought it; null where none does.
   */
  async #describe(
    service: Service,
    { words: [program], versionWords }: FoundProgram,
    packages: InstalledPackages | null,
    signal: AbortSignal,
  ): Promise<Available> {
    const limitsEnforced = this.#host.groups.canEnforce(service) && (service.cpuset === null || this.#canPin);
    const common = { state: 'available', limitsEnforced } as const;
    if (service.program !== undefined) return { ...common, ...(await programFacts(program, signal)) };
    const printed = versionWords === null ? null : await printedVersion(versionWords, signal);
    if (packages !== null) return { ...common, version: printed ?? packages.version, digest: packages.digest };
    const isOwn = service.process?.command.some((word) => word === '{mock}' || word === '{sink}') === true;
    if (isOwn) return { ...common, version: VERSION, digest: null };
    const version = printed ?? (await this.#installedVersion(program)) ?? packageVersion(program);
    return { ...common, version, digest: await programDigest(program) };
  }

  /** The version that `crabllm-bench gateways` noted beside what it installed; null for a program from elsewhere. */
  async #installedVersion(program: string): Promise<string | null> {
    const [gateway, ...rest] = relative(this.#home.gatewaysDirectory, program).split(sep);
    if (gateway === undefined || gateway === '..' || rest.length === 0) return null;
    try {
      return (await readFile(join(this.#home.gatewaysDirectory, gateway, 'version'), 'utf8')).trim();
    } catch {
      return null;
    }
  }

  #findTool(program: string): string | null {
    return findProgram(program, this.#home.programDirectories());
  }
}

/** Ports for what a service listens on besides the one that is loaded, such as metrics: nobody has them when they are handed out. */
async function freePortsOf({ process: spec }: Service): Promise<Map<string, number>> {
  const texts = spec === null ? [] : [...spec.command, ...Object.values(spec.environment)];
  return new Map(
    await Promise.all(freePortNames(texts).map(async (name): Promise<[string, number]> => [name, await freePort()])),
  );
}

function requireNotAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new BenchError({ code: 'interrupted', message: 'interrupted', exitCode: EXIT.interrupted });
}
