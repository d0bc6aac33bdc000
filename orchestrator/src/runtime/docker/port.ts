import { createServer } from 'node:net';
import { BenchError } from '../../errors.js';

/**
 * Makes sure that nothing listens on a port of this host: with host networking the container would start and then die,
 * or the load would go to whoever has the port.
 * @throws BenchError `port-in-use`.
 */
export async function ensurePortFree(service: string, port: number): Promise<void> {
  if (!(await isTaken(port))) return;
  throw new BenchError({
    code: 'port-in-use',
    message: `${service} needs port ${port}, and something on this machine listens there already`,
    hint: `Find it with \`ss -ltnp 'sport = :${port}'\` (\`docker ps\` when it is a container) and stop it.`,
  });
}

async function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(true);
      // A port below 1024 may be refused to this user, and not to the engine.
      else if (error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    // On Linux the wildcard address also collides with a listener on a single address.
    probe.listen({ port, host: '0.0.0.0', exclusive: true }, () => probe.close(() => resolve(false)));
  });
}
