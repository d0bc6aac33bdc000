// Gateways on the loopback that do one thing wrong: what a check of blame holds the suite against.
import { once } from 'node:events';
import http from 'node:http';

/** Passes every request on to the mock. @param mockPort a number, or what gives one for the how manieth request */
export const passOn = (mockPort) => {
  let asked = 0;
  const agent = new http.Agent({ keepAlive: true });
  return (request, response) => {
    const port = typeof mockPort === 'function' ? mockPort(asked++) : mockPort;
    const { method, url: path, headers } = request;
    const onward = http.request({ agent, host: '127.0.0.1', port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
};

/** Answers with status 200 and this body, from the request on that is given; those before are passed on. */
export const answerWith = (mockPort, body, { from, type = 'application/json' }) => {
  const honest = passOn(mockPort);
  let asked = 0;
  return (request, response) => {
    if (asked++ < from) return honest(request, response);
    request.resume().once('end', () => response.writeHead(200, { 'content-type': type }).end(body));
  };
};

/**
 * Listens with a handler until it is stopped.
 * @param staleAfterMs a connection that was idle for so long is closed as its next request arrives: the race of RFC 9112, 9.3.1, every time
 */
export async function startStub(port, handler, { staleAfterMs = Infinity } = {}) {
  const answeredAt = new WeakMap();
  const server = http.createServer((request, response) => {
    const { socket } = request;
    if (performance.now() - (answeredAt.get(socket) ?? Infinity) > staleAfterMs) {
      socket.destroy();
      return;
    }
    response.once('finish', () => answeredAt.set(socket, performance.now()));
    handler(request, response);
  });
  server.keepAliveTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
