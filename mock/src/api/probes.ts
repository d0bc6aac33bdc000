import { readFileSync } from 'node:fs';
import { reply, type Reply } from '../wire/reply.js';
import type { Endpoint } from './endpoint.js';
import { OPENAI_OVERLOADED, openAiError } from './openai-error.js';

const HEALTHY = json({ status: 'ok' });
const VERSION = json({ version: ownVersion(), name: 'crabllm-bench mock' });

/**
 * What gateways, load balancers and orchestrators ask an inference server before they send it anything. No key is asked for, and
 * no fault is played: a provider that fails is alive. Whether the mock can be trusted as an instrument says `/__bench/health`.
 */
export const probes: readonly Endpoint[] = [
  ...['/health', '/healthz', '/ready', '/live', '/ping'].map((path) => probe(path, HEALTHY)),
  probe('/version', VERSION),
];

function probe(path: string, answer: Reply): Endpoint {
  return {
    method: 'GET',
    path,
    takes: 'nothing',
    played: false,
    errors: openAiError,
    overloaded: OPENAI_OVERLOADED,
    answer: () => answer,
  };
}

function json(payload: unknown): Reply {
  return reply(200, [['Content-Type', 'application/json']], Buffer.from(JSON.stringify(payload)));
}

/** Of the package that this file belongs to, however deep in it; `unknown` where it was taken apart. */
function ownVersion(): string {
  for (let up = new URL('../', import.meta.url), levels = 0; levels < 4; levels++, up = new URL('../', up)) {
    try {
      const { version } = JSON.parse(readFileSync(new URL('package.json', up), 'utf8')) as { version?: string };
      if (version !== undefined) return version;
    } catch {
      // No package begins here.
    }
  }
  return 'unknown';
}
