import { BenchError } from '../../errors.js';
import { isPortInUse } from '../port.js';

/**
 * Makes sure that a port of this host is free: with host networking the container would start and then die,
 * or the load would go to whoever has the port.
 * @throws BenchError `port-in-use`.
 */
export async function requireFreePort(service: string, port: number): Promise<void> {
  if (!(await isPortInUse(port))) return;
  throw new BenchError({
    code: 'port-in-use',
    message: `port ${port}, which ${service} needs, is in use by another program`,
    hint: `Find it with \`ss -tanp 'sport = :${port}'\` (\`docker ps\` when it is a container) and stop it.`,
  });
}
