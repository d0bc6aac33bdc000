import { connect } from 'node:net';

/**
 * Whether something takes a TCP connection there. Asked by connecting: a try to listen there could take the port from it.
 * @param timeoutMs how long it may take; then it does not
 */
export function acceptsConnections(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
