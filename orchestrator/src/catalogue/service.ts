import type { Addressing } from './addressing.js';
import type { FeatureProof } from './feature.js';
import type { About, Served } from './served.js';

/** How a service is started without a container engine. */
export interface ProcessSpec {
  /**
   * Program and arguments, with words in braces that the runtime replaces: `{config:PATH}` (what the service mounts at PATH),
   * `{port}`, `{free-port:NAME}`, `{mock-url}`, `{mock-host}`, `{mock-port}`, `{node}`, `{mock}`, `{sink}`, `{npm}`. They are replaced in the environment and in the version's command as well.
   */
  readonly command: readonly string[];
  /** Program and arguments that print the version of what runs, for example `haproxy -v`; null: not known that way. */
  readonly versionCommand: readonly string[] | null;
  /** All that the program sees besides PATH, HOME, LANG and TMPDIR; the container's environment is not passed on. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folder with package.json and lock file (absolute), installed by `npm ci` on demand; programs are looked for there as well. */
  readonly npmDirectory: string | null;
  /**
   * Set when a certain version was asked for: the folder, below the one for installed gateways, in which alone the program is looked
   * for. PATH may hold any version. Null: any place.
   */
  readonly versionFolder: string | null;
  /** The command a person runs to get the program, for example `crabllm-bench gateways litellm`. */
  readonly install: string | null;
}

/** A file of the host that the service sees, read-only. Paths are absolute. */
export interface ConfigMount {
  readonly hostPath: string;
  readonly containerPath: string;
  /** Whether lines of it are marked as told where the mock is, see template.ts. Left out: none is. */
  readonly isTemplate?: true;
}

/** An image that is built rather than pulled. Paths are absolute. */
export interface BuildSpec {
  readonly contextDirectory: string;
  readonly dockerfile: string;
  readonly target: string | null;
  readonly args: Readonly<Record<string, string>>;
  /** Network of the build containers, `default` or `host`. */
  readonly network: string | null;
}

/** What a gateway's answers may do otherwise than they should, by a name that stands beside its figures. `no-done`: streams end without `[DONE]`. */
export const DEVIATIONS = ['no-done'] as const;
export type Deviation = (typeof DEVIATIONS)[number];

/** Where versions are published: a registry and a name in it, or a repository whose releases count. */
export const UPSTREAM = /^(?:(?:pypi|crates):[\w.-]+|npm:(?:@[\w.-]+\/)?[\w.-]+|github:[\w.-]+\/[\w.-]+)$/;

/** Said of an entry that its keeper never ran. */
export const NOT_RUN = 'not run by us';

/** How a gateway is told a number of workers: `{workers}` in what is put behind its command (of container and process), or in variables. */
export interface WorkersSpec {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** A regular expression for command lines, of which as many processes have one as there are workers; null: they are no processes. */
  readonly match: string | null;
}

/** Of which gateway a service is another configuration, and what that one is called. */
export interface VariantOf {
  readonly of: string;
  readonly name: string;
}

/** What a gateway may or may not have for failing providers; `fallback`: another provider to ask. */
export const CONDUCT_MECHANISMS = ['fallback', 'breaker', 'stream-idle', 'retry-after', 'jitter'] as const;
export type ConductMechanism = (typeof CONDUCT_MECHANISMS)[number];

/** What of a service concerns the group `conduct` alone. */
export interface ServiceConduct {
  /** How a model of the second provider alone is asked for: its name, or headers in place of those of the same name. */
  readonly aside?: { readonly model?: string; readonly headers?: Readonly<Record<string, string>> };
  /** What it does not offer when providers fail, each with the reason. Left out: its entry names nothing. */
  readonly lacks?: Readonly<Partial<Record<ConductMechanism, string>>>;
  /** Share of requests that it is configured to ask the first provider of first, 0 to 1. Left out: its entry does not say. */
  readonly primaryShare?: number;
}

/** One service of the compose file, read strictly: all that any runtime needs to start it. */
export interface Service extends Addressing {
  /** Of a variant `GATEWAY+VARIANT`; its compose file says `GATEWAY-VARIANT`, because Compose allows no `+`. */
  readonly name: string;
  /** `helper`: what gateways need beside them, such as Redis; it is started with them, and not measured. */
  readonly role: 'mock' | 'gateway' | 'helper';
  /** Left out: a gateway's own configuration. */
  readonly variant?: VariantOf;
  /** Names of `depends_on`. Left out: none. */
  readonly needs?: readonly string[];
  /** The helpers among these, and theirs, in the order in which they are started. Left out: none. */
  readonly helpers?: readonly Service[];
  /** Whether it takes part unless it is named: a service with profiles does when one of them is in `COMPOSE_PROFILES`. */
  readonly isActive: boolean;
  /** The image as the file names it, tag and all; null: it cannot be started in a container. */
  readonly image: string | null;
  readonly build: BuildSpec | null;
  /** File of this host that is run in place of the image's program, or of the one that is installed; left out: as the service is. */
  readonly program?: string;
  /** Null: what the image has; an empty list is none, whatever the image has. */
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  /** Null: unset, also where the image sets it. */
  readonly environment: Readonly<Record<string, string | null>>;
  readonly mounts: readonly ConfigMount[];
  /** So many of it behind one address, where a runtime can do that. Left out: it is one, without anything before it. */
  readonly replicas?: number;
  /** CPUs (quota) and bytes of memory, of each replica; null: not limited. */
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  /** Processors it may run on, for example `0-1`; null: all. */
  readonly cpuset: string | null;
  readonly user: string | null;
  /** Kinds of request that it answers. Left out: all. */
  readonly serves?: readonly Served[];
  /** Left out: its number of workers cannot be set. */
  readonly workers?: WorkersSpec;
  /** How it is proved that what the variant switches on works. Left out: nothing is proved. */
  readonly attest?: FeatureProof;
  /** Features that the gateway has not, each with the reason. Left out: its entry names none. */
  readonly lacks?: Readonly<Record<string, string>>;
  /** What it is asked about while providers fail, beside what every target is. Left out: nothing. */
  readonly conduct?: ServiceConduct;
  /** Whether its entry is written from documentation, and was never run by whoever keeps it. Left out: it was. */
  readonly isUntried?: true;
  /** Left out: its entry says nothing. */
  readonly about?: About;
  /** Where the mock listens on this host, for what is told so by name. Left out: of the mock itself. */
  readonly mockPort?: number;
  /** Where the load goes; of a helper where it listens, 0 when it does not say. */
  readonly port: number;
  /** Path whose 2xx says that the service is up, for example `/health`; null: only a real request says so. */
  readonly healthPath: string | null;
  /** How long it may take to get ready. */
  readonly readyTimeoutMs: number;
  /** Headers that each request needs. */
  readonly headers: Readonly<Record<string, string>>;
  /** Deviations that are tolerated when it is attested. */
  readonly accept: readonly Deviation[];
  readonly version: string | null;
  /** Where its versions are published, for example `pypi:litellm`. Left out: its entry says nothing. */
  readonly upstream?: string;
  readonly process: ProcessSpec | null;
}

/** CPUs and bytes of memory that all replicas of a service may use together, as their samples are added up; null: not limited. */
export function limitsTogether({
  cpus,
  memoryBytes,
  replicas = 1,
}: Pick<Service, 'cpus' | 'memoryBytes' | 'replicas'>): Pick<Service, 'cpus' | 'memoryBytes'> {
  return {
    // In thousandths, as quotas are given: three times 0.2 is 0.6.
    cpus: cpus === null ? null : Math.round(1000 * replicas * cpus) / 1000,
    memoryBytes: memoryBytes === null ? null : replicas * memoryBytes,
  };
}
