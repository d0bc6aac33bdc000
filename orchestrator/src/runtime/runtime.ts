import type { Stall } from '../clock/heartbeat.js';
import type { Service } from '../catalogue/service.js';
import type { LimitLeftOut } from '../record/limit-left-out.js';
import type { InstalledSize } from '../record/installed-size.js';
import type { Reason } from '../record/reason.js';

/** Whether a service can be had, and what exactly would run. */
export type Availability =
  | {
      readonly state: 'available';
      readonly version: string | null;
      readonly digest: string | null;
      /** Whether every limit of the service will be in force. */
      readonly limitsEnforced: boolean;
      /** Those that will not, of a runtime that enforces others. */
      readonly limitsLeftOut?: readonly LimitLeftOut[];
    }
  | { readonly state: 'absent'; readonly reason: Reason };

/** Whether a service is there, before anything is done to get it; `obtainable`: not yet, and {@link Runtime.prepare} would see to it. */
export type Look = Availability | { readonly state: 'obtainable'; readonly how: string };

/** Cumulative figures of a service at one moment; null where the runtime cannot know. */
export interface ResourceSample {
  /** The sampler's own monotonic or engine clock, milliseconds; only differences mean something. */
  readonly atMs: number;
  /** CPU time of the whole tree since its start, microseconds. */
  readonly cpuUs: number | null;
  readonly memoryBytes: number | null;
  /** Highest memory since the start, where the kernel keeps it. */
  readonly memoryPeakBytes: number | null;
  /** Time lost to the CPU quota since the start. */
  readonly throttledMs: number | null;
  /** Processes of it that the kernel killed for want of memory since the start. Left out: nobody counts them here. */
  readonly memoryKills?: number | null | undefined;
  /** CPU time that whoever looks beside it has used since its own start, microseconds. Left out: this program looks by itself. */
  readonly observerCpuUs?: number | undefined;
}

/** How closely a service is looked at. */
export type SampleDepth = 'whole' | 'light';

/** How a service stands at one moment. */
export interface Standing {
  /** Its processes, each as `PID/START`; none: it has ended. */
  readonly processes: readonly string[];
  readonly descriptors: number;
  /** Those descriptors that are sockets. */
  readonly connections: number;
  /** Resident memory of all of them, bytes; null where it cannot be read. */
  readonly memoryBytes: number | null;
}

/** How a service ended. */
export interface ServiceExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly outOfMemory: boolean;
  /** What whoever runs it says of its end, where that is no end of its own: evicted, its node lost. Left out: it says nothing. */
  readonly told?: Reason;
}

/** A service that was started; ready when its health path and a real request answer, which the caller checks. */
export interface RunningService {
  readonly name: string;
  /** Base URL without a trailing slash, for example `http://127.0.0.1:6666`. */
  readonly url: string;
  /** Headers that each request needs, where those of its service name an address that is another one here. Left out: as they stand. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Those that it consists of where it may be several, each by the address that others see it by. Left out: it is one. */
  readonly replicas?: readonly { readonly name: string; readonly address: string }[];
  /** Where each of them answers by itself, in the order of `replicas`. */
  readonly memberUrls?: readonly string[];
  /** Settles when the service ends, for whatever reason; never rejects. */
  readonly exited: Promise<ServiceExit>;
  /**
   * Takes one sample. Null when the service cannot be observed (any more).
   * @param depth `light`: only what costs next to nothing, and null for the rest, because a window is being measured
   */
  sample(depth: SampleDepth): Promise<ResourceSample | null>;
  /**
   * Looks at processes and what they have open, cheaply enough for a moment within a window that is not timed by it. Left out, or null: the
   * runtime does not show it.
   */
  standing?(): Promise<Standing | null>;
  /**
   * What of it is another than when this was asked before: an instance that came, went or was restarted. Null: nothing that is known.
   * Left out: it ends when it changes, or nobody can know.
   */
  changed?(): Promise<Reason | null>;
  /** Figures that no sample had, each with its reason. Left out: samples have what the runtime can know. */
  unknown?(): readonly Reason[];
  /** The last output of the service, at most 256 KiB, standard output and error together. */
  logs(): Promise<string>;
  /** Command lines of all that runs of it, never asked for within a window. Null, or left out: it cannot be seen. */
  processes?(): Promise<readonly string[] | null>;
  /** Stops and removes it; safe to call again and after an exit. */
  stop(): Promise<void>;
}

/** What can be seen of something that somebody else runs. */
export type Observation = Required<Pick<RunningService, 'sample' | 'unknown' | 'changed'>>;

/** A program run to its end by the runtime, next to the target, for example oha. */
export interface ToolRun {
  readonly name: string;
  /** Container image for runtimes that have images. */
  readonly image: string;
  /** Program on PATH for runtimes that have not. */
  readonly program: string;
  /** Words that may hold `${dir}`: a private, writable folder that holds the input files and receives the output files. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly inputFiles: Readonly<Record<string, Uint8Array>>;
  /** Names of files in `${dir}` to bring back; a missing one is left out of the result. */
  readonly outputFiles: readonly string[];
  /** CPUs that it may run on, as the kernel lists them; left out: any. */
  readonly cpuset?: string;
  /**
   * For so long from its start on it is what is measured, or measures, and does not end by itself: it is looked at as seldom as can be.
   * Left out: not known.
   */
  readonly busyMs?: number;
  /** Killed after this time. */
  readonly timeoutMs: number;
}

/** How a tool ended, and what it printed. */
export interface ToolResult {
  /** Null when it was killed (time-out, abort). */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** CPU time used, microseconds; null when unknown. */
  readonly cpuUs: number | null;
  readonly version: string | null;
  /** When its process was seen to be stopped, microseconds since {@link ToolResult.ranMs}; left out where nobody looked. */
  readonly stalls?: readonly Stall[];
  /** From when to when it ran, `performance.now()`; seen from here, so a little late. */
  readonly ranMs: { readonly from: number; readonly until: number };
}

/** Hears what a person should: a line that stays, or one in whose place the next one comes (`passing`), as the progress of a pull. */
export type Tell = (line: string, how?: 'passing') => void;

/** What starts and stops services. No implementation assumes that target, mock and driver share its host. */
export interface Runtime {
  readonly kind: 'docker' | 'process' | 'external' | 'kubernetes';
  /** Whether what it starts runs on the host of this program, so that the state of this host is that of the measurement. */
  readonly sharesHost: boolean;
  /** Why what it starts cannot be kept on CPUs of this host (`cpuset` of a service or tool), in a clause; null where it can. */
  whyNotPinned(): string | null;
  /** Versions of engine and kernel and the like, for `run.json`; keys such as `engine`, `cgroup`. */
  versions(): Promise<Record<string, string>>;
  /**
   * Looks whether a service can be had, and neither pulls, builds, installs nor starts anything.
   * @throws BenchError `engine-gone`
   */
  look(service: Service): Promise<Look>;
  /**
   * Makes a service startable: pulls, builds or installs what is missing, and tells about it: a line for each, and how far it is.
   * A service that cannot be had is `absent` with the reason; only a runtime that is itself gone throws.
   * @throws BenchError `engine-gone`, or `interrupted` when the signal aborts.
   */
  prepare(service: Service, tell: Tell, signal: AbortSignal): Promise<Availability>;
  /** Makes the image or program of a tool available, same contract as {@link Runtime.prepare}. */
  prepareTool(
    tool: Pick<ToolRun, 'name' | 'image' | 'program'>,
    tell: Tell,
    signal: AbortSignal,
  ): Promise<Availability>;
  /** How large what it starts is on disk; null, or left out: it cannot tell. */
  sizeOf?(service: Service): Promise<InstalledSize | null>;
  /**
   * Starts a service and returns at once; readiness is the caller's to check.
   * @throws BenchError `port-in-use`, `start-failed`, `engine-gone`.
   */
  start(service: Service, signal: AbortSignal): Promise<RunningService>;
  /** Runs a tool to its end. On abort the tool is stopped and `exitCode` is null. */
  runTool(tool: ToolRun, signal: AbortSignal): Promise<ToolResult>;
  /** Removes what an earlier run of this project left behind (by label or pid file); tells how many. */
  sweep(): Promise<number>;
  /** Stops everything it started that still runs; safe to call in every way of ending. */
  close(): Promise<void>;
}
