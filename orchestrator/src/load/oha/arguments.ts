import type { TrialLoad } from '../driver.js';

/** Files in the tool's own folder. */
export const BODY_FILE = 'body.json';
export const JSON_FILE = 'result.json';
export const ROWS_FILE = 'result.db';

/** Fewest connections at a rate: room for a target whose latency under load is a multiple of its idle latency. */
const MIN_CONNECTIONS = 64;
/** Most connections: beyond, the sockets cost more than the waiting they spare. */
const MAX_CONNECTIONS = 2000;
/** How often over Little's law (rate × latency) connections are kept, because latency rises under load. */
const LATENCY_MARGIN = 4;
/** Idle time that no server closes a kept-alive connection for; uvicorn and Node close after 5 s. */
const MAX_IDLE_S = 2.5;
/** One thread of oha sends this many requests a second with room to spare, and costs less than two. */
const RPS_PER_THREAD = 10_000;

/**
 * Connections for a trial. Closed loop: one a stream. Open loop: enough that the pool is never the queue, and few enough that
 * none idles into the server's keep-alive time-out (tokens go round the workers, so each rests connections / rate seconds).
 */
export function connectionsFor(load: Pick<TrialLoad, 'level' | 'expectedLatencyMs'>): number {
  const { kind, value } = load.level;
  if (kind === 'streams') return value;
  const wanted = Math.max(MIN_CONNECTIONS, Math.ceil((value * load.expectedLatencyMs * LATENCY_MARGIN) / 1000));
  return Math.max(1, Math.min(wanted, Math.floor(value * MAX_IDLE_S), MAX_CONNECTIONS));
}

/** Environment of oha: by default it starts a thread a physical core, whatever share of them it may use. */
export function ohaEnvironment(load: Pick<TrialLoad, 'level'>): Record<string, string> {
  const threads = load.level.kind === 'rps' ? Math.ceil(load.level.value / RPS_PER_THREAD) : 1;
  return { TOKIO_WORKER_THREADS: String(threads), NO_COLOR: '1' };
}

/** The words after `oha`, for 1.13 and later. Warm-up and window are one process, so that they share their connections. */
export function ohaArguments(load: TrialLoad): string[] {
  const totalMs = load.warmupMs + load.measureMs;
  const rate = load.level.kind === 'rps' ? ['-q', String(load.level.value), '--latency-correction'] : [];
  const headers = Object.entries(load.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  return [
    '--no-tui',
    '--no-color',
    '--ipv4',
    // Otherwise gateways spend their CPU on gzip.
    '--disable-compression',
    '-r',
    '0',
    // Without it, what is under way at the deadline is aborted, the slow ones above all.
    '-w',
    '-t',
    `${load.timeoutMs}ms`,
    '--connect-timeout',
    '2s',
    '-z',
    `${totalMs}ms`,
    ...rate,
    '-c',
    String(connectionsFor(load)),
    '-m',
    'POST',
    '-T',
    'application/json',
    ...headers,
    '-D',
    `\${dir}/${BODY_FILE}`,
    '--output-format',
    'json',
    '-o',
    `\${dir}/${JSON_FILE}`,
    '--db-url',
    `\${dir}/${ROWS_FILE}`,
    load.url,
  ];
}
