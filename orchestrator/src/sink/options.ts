import { parseArgs } from 'node:util';
import { usageError } from '../errors.js';
import { number, time } from '../relay/values.js';
import type { Verdicts } from './webhook.js';

/** How one sink is to behave: what the command line says, checked. */
export interface SinkOptions {
  readonly kind: 'otlp' | 'webhook';
  readonly port: number;
  readonly host: string;
  /** How long each answer is held back, microseconds. */
  readonly delayUs: number;
  /** Of a webhook. */
  readonly verdicts: Verdicts;
}

const KINDS = ['otlp', 'webhook'] as const;
/** 4318 is OTLP/HTTP's own port: https://opentelemetry.io/docs/specs/otlp/#otlphttp-default-port */
const USUAL_PORT = { otlp: '4318', webhook: '4319' } as const;

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string', default: '127.0.0.1' },
  delay: { type: 'string', default: '0' },
  verdict: { type: 'string' },
  'deny-containing': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** What `--help` prints. */
export const SINK_HELP = `What gateways send to beside their provider, counted: in a process of its own, so that its work is nobody else's.

Usage: crabllm-bench sink otlp [options]      takes traces, metrics and logs as OpenTelemetry sends them (OTLP over HTTP,
                                              protobuf or JSON, gzip or not)
       crabllm-bench sink webhook [options]   gives the verdicts that guardrails ask for

  --port N                TCP port (default 4318 for otlp, 4319 for webhook)
  --host ADDRESS          address to bind (default 127.0.0.1)
  --delay TIME            hold each answer so long: 200us, 1ms or 1.5s, at most 60s (default 0)

Of a webhook
  --verdict WORD          allow (the default) or deny
  --deny-containing TEXT  deny what has this text in its body, and allow all else

GET  /health              200 while it listens
GET  /__sink/counts       what came, as JSON
POST /__sink/reset        the same, and everything counts from 0 again
`;

/**
 * Reads a command line.
 * @throws BenchError `usage`, `bad-value`: one error that names the value and what is allowed
 */
export function readSinkOptions(words: readonly string[]): SinkOptions | 'help' {
  const { values, positionals } = parse(words);
  if (values.help) return 'help';
  const [word, ...more] = positionals;
  const kind = KINDS.find((known) => known === word);
  if (kind === undefined || more.length > 0) {
    const given = positionals.length === 0 ? 'no kind is given' : `${JSON.stringify(positionals.join(' '))} is no kind`;
    throw usageError('bad-value', `${given}.`, `Give one of: ${KINDS.join(', ')}. See crabllm-bench sink --help.`);
  }
  const ofWebhook = (['verdict', 'deny-containing'] as const).find((name) => values[name] !== undefined);
  if (kind !== 'webhook' && ofWebhook !== undefined)
    throw usageError('bad-value', `--${ofWebhook} says nothing to ${kind}.`, 'It is of crabllm-bench sink webhook.');
  return {
    kind,
    port: number('port', values.port ?? USUAL_PORT[kind], { min: 1, max: 65_535, whole: true }),
    host: values.host,
    delayUs: time('delay', values.delay),
    verdicts: readVerdicts(values),
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, strict: true, allowPositionals: true });
  } catch (thrown) {
    const [first = ''] = (thrown as Error).message.split('. ');
    throw usageError('usage', `${first.replace(/\.$/, '')}.`, 'See crabllm-bench sink --help.');
  }
}

function readVerdicts({
  verdict,
  'deny-containing': containing,
}: {
  readonly verdict?: string;
  readonly 'deny-containing'?: string;
}): Verdicts {
  if (verdict !== undefined && verdict !== 'allow' && verdict !== 'deny')
    throw usageError('bad-value', `--verdict ${JSON.stringify(verdict)} is not known.`, 'Choose one of: allow, deny.');
  if (containing === undefined) return verdict === 'deny' ? 'deny' : 'allow';
  if (containing === '')
    throw usageError('bad-value', '--deny-containing "" is in every body.', 'Give a text, or --verdict deny.');
  if (verdict !== undefined)
    throw usageError('bad-value', '--verdict and --deny-containing cannot be had together.', 'Give one of them.');
  return { denyContaining: containing };
}
