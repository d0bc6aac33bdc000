import { createServer } from 'node:net';

/**
 * Whether something on this host has a port, on any of its addresses: a program that listens there, or, among the ports that the kernel
 * hands out, a connection that went out from it.
 */
export async function isPortInUse(port: number): Promise<boolean> {
  // `::` takes IPv4 in; a host without IPv6 refuses it with another code.
  return (
    (await codeOfListening(port, '::')) === 'EADDRINUSE' || (await codeOfListening(port, '0.0.0.0')) === 'EADDRINUSE'
  );
}

/** The error code of a try to listen; null when it worked. A port below 1024 may be refused to this user, and not to an engine. */
function codeOfListening(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
