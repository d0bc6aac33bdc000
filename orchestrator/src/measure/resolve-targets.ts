import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { acceptsConnections } from '../attest/accepts-connections.js';
import { messageOf, usageError } from '../errors.js';
import type { ExternalTarget } from './request.js';

/** How long an address may take to accept a connection before the next one is tried. */
const CONNECT_MS = 1000;

/** What resolving depends on; other than the system's own in tests only. */
export interface Resolver {
  /** All addresses of a name, in the system's order. */
  readonly addressesOf: (host: string) => Promise<readonly string[]>;
  readonly accepts: (address: string, port: number) => Promise<boolean>;
}

/**
 * Puts an address in the place of each target's name, once: readiness, attestation and every driver then speak to the same one. A name may
 * have several (`localhost` is ::1 and 127.0.0.1), and whoever looks it up chooses by rules of its own. The first that accepts a connection
 * is taken, else the first; a name other than localhost stays in the Host header. Of https the name stays.
 * @throws BenchError `unknown-host`
 */
export async function resolveTargets(
  targets: readonly ExternalTarget[],
  resolver: Resolver = SYSTEM,
): Promise<ExternalTarget[]> {
  return Promise.all(targets.map((target) => resolveTarget(target, resolver)));
}

async function resolveTarget(target: ExternalTarget, { addressesOf, accepts }: Resolver): Promise<ExternalTarget> {
  const url = new URL(target.url);
  const { hostname, host } = url;
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return target;
  // Its certificate is for the name: each connection looks it up.
  if (url.protocol === 'https:') return target;
  let addresses: readonly string[];
  try {
    addresses = await addressesOf(hostname);
  } catch (thrown) {
    throw usageError(
      'unknown-host',
      `--target ${target.name}=${target.url}: no address is known for ${hostname} (${messageOf(thrown)}).`,
      'Check the name, or give the address itself.',
    );
  }
  const port = portOf(url);
  let chosen = addresses[0] as string;
  for (const address of addresses) {
    if (!(await accepts(address, port))) continue;
    chosen = address;
    break;
  }
  url.hostname = isIP(chosen) === 6 ? `[${chosen}]` : chosen;
  return {
    ...target,
    url: url.href.replace(/\/+$/, ''),
    headers: { ...(hostname === 'localhost' ? {} : { host }), ...target.headers },
  };
}

/** The port that a URL means. */
export function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}

const SYSTEM: Resolver = {
  addressesOf: async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
  accepts: (host, port) => acceptsConnections(host, port, CONNECT_MS),
};
