import { createServer } from 'node:net';

/**
 * Whether something on this host has a port, on any of its addresses: a program that listens there, or, among the ports that the kernel
 * hands out, a connection that went out from it.
 */
export async function isPortInUse(port: number): Promise<boolean> {
  return (await portInUse(port)) !== null;
}

/** Says that a port is in use, and on which address of this host: `port 9999 is in use on 127.0.0.1`; null when it is free. */
export async function portInUse(port: number): Promise<string | null> {
  const taken = async (host: string): Promise<boolean> => (await codeOfListening(port, host)) === 'EADDRINUSE';
  // `::` takes IPv4 in; a host without IPv6 refuses it with another code.
  if (!(await taken('::')) && !(await taken('0.0.0.0'))) return null;
  const [v4, v6] = [await taken('127.0.0.1'), await taken('::1')];
  const where = v4 ? (v6 ? '127.0.0.1 and [::1]' : '127.0.0.1') : v6 ? '[::1]' : 'another address of this host';
  return `port ${port} is in use on ${where}`;
}

/** The error code of a try to listen; null when it worked. A port below 1024 may be refused to this user, and not to an engine. */
function codeOfListening(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** A port that nothing listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
