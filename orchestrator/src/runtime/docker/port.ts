import { BenchError } from '../../errors.js';
import { portInUse } from '../port.js';

/**
 * Makes sure that a port of this host is free: with host networking the container would start and then die,
 * or the load would go to whoever has the port.
 * @throws BenchError `port-in-use`.
 */
export async function requireFreePort(service: string, port: number): Promise<void> {
  const inUse = await portInUse(port);
  if (inUse === null) return;
  throw new BenchError({
    code: 'port-in-use',
    message: `${inUse} by another program, and ${service} needs it`,
    hint: `Find it with \`ss -tanp 'sport = :${port}'\` (\`docker ps\` when it is a container) and stop it.`,
  });
}
