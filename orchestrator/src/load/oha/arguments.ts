import type { ToolRun } from '../../runtime/runtime.js';
import type { TrialLoad } from '../driver.js';

/** What the runtime needs to find oha: an image where there are images, else a program on PATH. */
export const OHA_TOOL = { name: 'oha', image: 'ghcr.io/hatoo/oha:1.16.0', program: 'oha' } as const;

/** Names of the files that oha writes into the runtime's `${dir}`. */
export const OHA_FILES = { json: 'result.json', database: 'result.db' } as const;

const BODY_FILE = 'body.json';

/** Starting, printing and writing the database, beyond warm-up, window and the last request's time-out. */
const EXIT_MARGIN_MS = 30_000;

/**
 * Everything that runs one trial with oha: arguments, environment, files in and out, and how long it may take.
 * @param cpuset CPUs that it may run on; null: any
 */
export function ohaToolRun(load: TrialLoad, cpuset: string | null = null): ToolRun {
  return {
    ...OHA_TOOL,
    args: ohaArguments(load),
    environment: { TOKIO_WORKER_THREADS: String(workerThreads(load)) },
    inputFiles: { [BODY_FILE]: new TextEncoder().encode(load.body) },
    outputFiles: Object.values(OHA_FILES),
    ...(cpuset === null ? {} : { cpuset }),
    busyMs: load.warmupMs + load.measureMs,
    timeoutMs: load.warmupMs + load.measureMs + load.timeoutMs + EXIT_MARGIN_MS,
  };
}

/**
 * The words after the program's name, for oha 1.13 to 1.16. Warm-up and window are one run of one process, so that the connections
 * that are measured are those that were warmed; the warm-up is cut out of the rows afterwards.
 */
function ohaArguments(load: TrialLoad): string[] {
  return [
    ['--no-tui', '--no-color'],
    isIpv6(load.url) ? [] : ['--ipv4'],
    ['-r', '0'],
    // Gateways would otherwise spend CPU on gzip, each according to its defaults.
    ['--disable-compression'],
    // In flight at the deadline is waited for: aborting takes the slowest requests out of the distribution.
    ['-w', '-t', `${load.timeoutMs}ms`],
    ['--connect-timeout', `${Math.min(CONNECT_TIMEOUT_MS, load.timeoutMs)}ms`],
    ['-z', `${load.warmupMs + load.measureMs + LAST_TICKS_MS}ms`],
    ['-c', String(connectionsFor(load))],
    load.level.kind === 'rps' ? ['-q', String(load.level.value), '--latency-correction'] : [],
    ['-m', 'POST', '-T', 'application/json'],
    Object.entries(load.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ['-D', inRunFolder(BODY_FILE)],
    ['--output-format', 'json', '-o', inRunFolder(OHA_FILES.json)],
    ['--db-url', inRunFolder(OHA_FILES.database)],
    // oha counts answers of every status into its latencies; this block holds those of 2xx alone.
    ['--stats-success-breakdown'],
    [load.url],
  ].flat();
}

/** What is due in oha's last one or two ticks is never sent; with these more the window's last requests are. */
const LAST_TICKS_MS = 2;

const CONNECT_TIMEOUT_MS = 2_000;

const MIN_CONNECTIONS = 64;

/** How often over Little's law, because a target's latency under load is a multiple of what it is at rest. */
const LATENCY_MARGIN = 4;

/** Below what file descriptors and ports of a host commonly allow. */
const MAX_CONNECTIONS = 4_096;

/** The shortest keep-alive time-out in the field: 5 s, uvicorn's and Node's default. */
const KEEP_ALIVE_MS = 5_000;

/**
 * How many connections a trial has. Closed loop: its level. Open loop, with q requests a second and an expected latency L:
 * - at least 64, and Little's law {@link LATENCY_MARGIN} times over (4·q·L), because a fixed pool that is too small is a closed loop;
 * - but so few that none idles longer than half a keep-alive time-out (c/q − L ≤ 2.5 s): requests go round the connections, and one
 *   that the target has just closed for idleness costs a reset that is no fault of the target;
 * - at most {@link MAX_CONNECTIONS}. A level with q·L beyond that cannot be reached by oha; the backlog shows as `dropped`.
 */
export function connectionsFor(load: Pick<TrialLoad, 'level' | 'expectedLatencyMs'>): number {
  const { kind, value } = load.level;
  if (kind === 'streams') return Math.max(1, Math.round(value));
  const wanted = Math.max(MIN_CONNECTIONS, Math.ceil((LATENCY_MARGIN * value * load.expectedLatencyMs) / 1000));
  const withoutLongIdling = Math.floor((value * (KEEP_ALIVE_MS / 2 + load.expectedLatencyMs)) / 1000);
  return Math.max(1, Math.min(wanted, withoutLongIdling, MAX_CONNECTIONS));
}

/** Above this rate one thread would come near the share of a core at which a driver is trusted (43 µs of CPU a request). */
const ONE_THREAD_RPS = 10_000;

/**
 * oha takes the number of physical cores, whatever its quota or cpuset. Open loop gets one thread: at 5000 requests a second it costs
 * 43 µs of CPU a request with one and 66 µs with two, and what the driver takes the target cannot have. A closed loop runs as fast as
 * driver and target let it, so there a driver thread at its limit would be read as the target's limit: two.
 * Said by environment variable because `--worker-threads` came with 1.16 only and older programs stop at an unknown flag.
 */
function workerThreads(load: TrialLoad): number {
  return load.level.kind === 'rps' && load.level.value <= ONE_THREAD_RPS ? 1 : 2;
}

/** The runtime puts the folder's path in place of the placeholder. */
function inRunFolder(file: string): string {
  return `\${dir}/${file}`;
}

function isIpv6(url: string): boolean {
  return new URL(url).hostname.startsWith('[');
}
