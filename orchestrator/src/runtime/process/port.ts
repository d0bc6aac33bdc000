import { BenchError } from '../../errors.js';
import { portInUse } from '../port.js';
import type { ProcFs } from './procfs.js';

/**
 * Makes sure that a service can listen on a port: without this the readiness check would be answered by whoever holds it,
 * and that program would be measured under the service's name.
 * @throws BenchError `port-in-use`, with the holder where it can be known.
 */
export async function requireFreePort(port: number, service: string, proc: ProcFs): Promise<void> {
  const inUse = await portInUse(port);
  if (inUse === null) return;
  const holder = proc.socketHolder(proc.listeningInodes(port));
  throw new BenchError({
    code: 'port-in-use',
    message: `${inUse} by ${holder === null ? 'another program' : `${holder.name} (pid ${holder.pid})`}, and ${service} needs it`,
    hint: `Stop that program, or give ${service} another port.`,
  });
}
