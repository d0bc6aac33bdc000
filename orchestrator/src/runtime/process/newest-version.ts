import { EnvHttpProxyAgent, request } from 'undici';
import { z } from 'zod';
import { messageOf } from '../../errors.js';
import { VERSION } from '../../version.js';

/** What a registry says, or why nothing is known. */
export type Newest = { readonly version: string } | { readonly problem: string };

/** One place where versions are published. */
interface Registry {
  readonly url: (name: string) => string;
  readonly versionIn: (answer: unknown) => string;
}

const pypi = z.object({ info: z.object({ version: z.string() }) });
const npm = z.object({ version: z.string() });
const crates = z.object({ crate: z.object({ max_stable_version: z.string() }) });
const github = z.object({ tag_name: z.string() });

/** Their documented addresses, which answer with JSON and need no account. */
const REGISTRIES: Readonly<Record<string, Registry>> = {
  pypi: {
    url: (name) => `https://pypi.org/pypi/${name}/json`,
    versionIn: (answer) => pypi.parse(answer).info.version,
  },
  npm: {
    url: (name) => `https://registry.npmjs.org/${name.replace('/', '%2F')}/latest`,
    versionIn: (answer) => npm.parse(answer).version,
  },
  crates: {
    url: (name) => `https://crates.io/api/v1/crates/${name}`,
    versionIn: (answer) => crates.parse(answer).crate.max_stable_version,
  },
  github: {
    url: (name) => `https://api.github.com/repos/${name}/releases/latest`,
    versionIn: (answer) => github.parse(answer).tag_name,
  },
};

/** A registry that says nothing for so long is not waited for. */
const DEADLINE_MS = 10_000;

/**
 * The newest version that is published.
 * @param upstream as an entry has it, for example `pypi:litellm`
 * @param fetchJson in place of the network, for tests
 * @throws only the signal's reason
 */
export async function newestVersion(
  upstream: string,
  signal: AbortSignal,
  fetchJson: (url: string, signal: AbortSignal) => Promise<unknown> = overNetwork,
): Promise<Newest> {
  const [kind = '', name = ''] = upstream.split(/:(.*)/s);
  const registry = REGISTRIES[kind];
  if (registry === undefined) return { problem: `${upstream} names no registry that is known` };
  try {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
    return { version: plainVersion(registry.versionIn(await fetchJson(registry.url(name), deadline))) };
  } catch (thrown) {
    signal.throwIfAborted();
    return { problem: problemOf(thrown) };
  }
}

/** A tag as a version: `transports/v1.4.19`, `release-1.28.0` and `v3.9.1` name what stands behind. */
export function plainVersion(tag: string): string {
  return /(\d+(?:[.\-_]\d+)*.*)$/.exec(tag.replace(/^.*\//, ''))?.[1] ?? tag;
}

/** Asked of hosts elsewhere: by way of the proxies that the environment names. */
async function overNetwork(url: string, signal: AbortSignal): Promise<unknown> {
  const dispatcher = new EnvHttpProxyAgent();
  try {
    const headers = { accept: 'application/json', 'user-agent': `crabllm-bench/${VERSION}` };
    const { statusCode, body } = await request(url, { headers, signal, dispatcher });
    if (statusCode === 200) return await body.json();
    await body.dump();
    throw new Error(`${new URL(url).host} answered with status ${statusCode}`);
  } finally {
    await dispatcher.destroy();
  }
}

function problemOf(thrown: unknown): string {
  if (thrown instanceof z.ZodError) return 'its answer names no version';
  if (thrown instanceof Error && thrown.name === 'TimeoutError') return `no answer within ${DEADLINE_MS / 1000} s`;
  return messageOf(thrown);
}
