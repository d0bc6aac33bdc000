import { createServer } from 'node:net';
import { BenchError } from '../../errors.js';
import type { ProcFs } from './procfs.js';

/**
 * Makes sure that a service can listen on a port: without this the readiness check would be answered by whoever holds it,
 * and that program would be measured under the service's name.
 * @throws BenchError `port-in-use`, with the holder where it can be known.
 */
export async function requireFreePort(port: number, service: string, proc: ProcFs): Promise<void> {
  if (await isFree(port)) return;
  const holder = proc.socketHolder(proc.listeningInodes(port));
  throw new BenchError({
    code: 'port-in-use',
    message: `port ${port}, which ${service} needs, is in use by ${holder === null ? 'another program' : `${holder.name} (pid ${holder.pid})`}`,
    hint: `Stop that program, or give ${service} another port.`,
  });
}

/** Tries all addresses at once (`::` takes IPv4 in), then IPv4 alone for hosts without IPv6. */
async function isFree(port: number): Promise<boolean> {
  const code = await listenOnce(port, '::');
  if (code === 'EADDRINUSE') return false;
  return code === null || (await listenOnce(port, '0.0.0.0')) !== 'EADDRINUSE';
}

/** The error code of a try to listen; null when it worked. */
function listenOnce(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
