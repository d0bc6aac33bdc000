import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { parseLatency, type Latency } from './timing/latency.js';

/** How one mock is to behave: what the command line says, checked. */
export interface MockConfig {
  /** TCP port; 0 lets the kernel choose. */
  readonly port: number;
  /** Address to bind. */
  readonly host: string;
  /** Worker processes, 1 to 64. */
  readonly workers: number;
  /** Content chunks of a stream whose request does not ask for a length, 1 to 100 000. */
  readonly chunks: number;
  /** Time before the first byte of a plain answer. */
  readonly plainLatency: Latency;
  /** Time before the first frame of a stream. */
  readonly ttft: Latency;
  /** Time between two frames of a stream. */
  readonly gap: Latency;
  /** Share of requests that fail, 0 to 1. */
  readonly errorRate: number;
  /** HTTP status of those that fail, 400 to 599. */
  readonly errorStatus: number;
  /** Seed of everything that is drawn. */
  readonly seed: number;
  /** Largest request body that is read; a larger one is answered 413. */
  readonly maxBodyBytes: number;
  /** The only key that requests are answered with; undefined accepts every key and none. */
  readonly apiKey: string | undefined;
  /** How long running streams may go on after SIGTERM. */
  readonly drainMs: number;
}

/** A command line that cannot be used: one line that names the value and what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Most tokens an answer may have; a request for more gets this many. */
export const MAX_TOKENS = 100_000;

const DEFAULT_WORKERS = Math.min(4, availableParallelism());

const OPTIONS = {
  port: { type: 'string', default: '9999' },
  host: { type: 'string', default: '127.0.0.1' },
  workers: { type: 'string', default: String(DEFAULT_WORKERS) },
  chunks: { type: 'string', default: '20' },
  delay: { type: 'string', default: '0' },
  ttft: { type: 'string' },
  gap: { type: 'string' },
  'error-rate': { type: 'string', default: '0' },
  'error-status': { type: 'string', default: '500' },
  seed: { type: 'string', default: '1' },
  'max-body': { type: 'string', default: String(64 * 1024 * 1024) },
  'api-key': { type: 'string' },
  drain: { type: 'string', default: '10000' },
  help: { type: 'boolean', default: false },
} as const;

/** What `--help` prints. */
export const HELP: string = `Mock provider for benchmarking LLM gateways.

Usage: crabllm-bench mock [options]

Listening
  --port N             TCP port, 0 = any free one (default 9999)
  --host ADDRESS       address to bind (default 127.0.0.1)
  --workers N          worker processes, 1 to 64 (default ${DEFAULT_WORKERS} here: one a core, at most 4)
  --max-body BYTES     larger request bodies are answered 413 (default 64 MiB)
  --api-key KEY        answer 401 to every other key (default: any key, or none, will do)
  --drain MS           how long streams may go on after SIGTERM (default 10000)

Answers
  --chunks N           content chunks of a stream that does not ask for max_tokens (default 20)
  --delay MS           before a plain answer, and between the frames of a stream (default 0)
  --ttft LATENCY       before a plain answer and before a stream's first frame
  --gap LATENCY        between the frames of a stream
                       LATENCY: 5 | normal:5:1 | lognormal:5:0.5 | table:p50=5,p90=9,p99=30  (milliseconds)

Faults
  --error-rate SHARE   share of requests that fail, 0 to 1 (default 0)
  --error-status CODE  with this status, 400 to 599 (default 500)
  --seed N             seed of everything that is drawn (default 1)

  --help               this text
`;

/**
 * Reads the command line.
 * @returns the configuration, or `'help'` when that was asked for
 * @throws {UsageError} for an unknown option or a value out of bounds
 */
export function parseConfig(argv: readonly string[]): MockConfig | 'help' {
  const values = parseOptions(argv);
  if (values.help) return 'help';
  const delay = decimal('delay', values.delay, 0, 3_600_000);
  const fixedDelay = parseLatency(String(delay));
  return {
    port: integer('port', values.port, 0, 65_535),
    host: values.host,
    workers: integer('workers', values.workers, 1, 64),
    chunks: integer('chunks', values.chunks, 1, MAX_TOKENS),
    plainLatency: values.ttft === undefined ? fixedDelay : latency('ttft', values.ttft),
    ttft: latency('ttft', values.ttft ?? '0'),
    gap: values.gap === undefined ? fixedDelay : latency('gap', values.gap),
    errorRate: decimal('error-rate', values['error-rate'], 0, 1),
    errorStatus: integer('error-status', values['error-status'], 400, 599),
    seed: integer('seed', values.seed, 0, 0xffff_ffff),
    maxBodyBytes: integer('max-body', values['max-body'], 1024, 1024 * 1024 * 1024),
    apiKey: apiKey(values['api-key']),
    drainMs: integer('drain', values.drain, 0, 3_600_000),
  };
}

function parseOptions(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: false, strict: true }).values;
  } catch (error) {
    const [firstSentence] = (error as Error).message.split('. ');
    throw new UsageError(`${firstSentence} (see --help)`);
  }
}

function integer(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high) {
    throw new UsageError(`--${name} ${quote(text)} is not a whole number from ${low} to ${high}`);
  }
  return value;
}

function decimal(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!/^(\d+\.?\d*|\.\d+)$/.test(text) || value < low || value > high) {
    throw new UsageError(`--${name} ${quote(text)} is not a number from ${low} to ${high}`);
  }
  return value;
}

function latency(name: string, text: string): Latency {
  try {
    return parseLatency(text);
  } catch (error) {
    throw new UsageError(`--${name} ${(error as Error).message}`);
  }
}

function apiKey(text: string | undefined): string | undefined {
  if (text === undefined || /^[\x21-\x7e]+$/.test(text)) return text;
  throw new UsageError('--api-key must be one or more printable ASCII characters without spaces');
}

function quote(text: string): string {
  return JSON.stringify(text);
}
