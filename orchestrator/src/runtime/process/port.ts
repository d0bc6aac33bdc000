import { BenchError } from '../../errors.js';
import { isPortInUse } from '../port.js';
import type { ProcFs } from './procfs.js';

/**
 * Makes sure that a service can listen on a port: without this the readiness check would be answered by whoever holds it,
 * and that program would be measured under the service's name.
 * @throws BenchError `port-in-use`, with the holder where it can be known.
 */
export async function requireFreePort(port: number, service: string, proc: ProcFs): Promise<void> {
  if (!(await isPortInUse(port))) return;
  const holder = proc.socketHolder(proc.listeningInodes(port));
  throw new BenchError({
    code: 'port-in-use',
    message: `port ${port}, which ${service} needs, is in use by ${holder === null ? 'another program' : `${holder.name} (pid ${holder.pid})`}`,
    hint: `Stop that program, or give ${service} another port.`,
  });
}
