import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';
import { BenchError, EXIT } from '../errors.js';
import type { Looked } from '../runtime/kubernetes/side-watch-wire.js';
import { type AgentClock, timeBy } from './agent-clock.js';
import type { Look } from './subject.js';

/** What a watching agent is that is asked for each look. */
export interface WatchServerOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  /** What is looked at. @param pods those of the node that the question names; none: whatever is beside */
  readonly subjectOf: (pods: readonly string[]) => Look;
  readonly clock: AgentClock;
}

/**
 * Looks when it is asked, and does nothing otherwise: looks then lie at the edges of a window, which only whoever measures knows. Both
 * questions bring the token; what is answered stands in side-watch-wire.ts.
 * @returns closes it
 * @throws BenchError `port-in-use` and the like where it cannot listen
 */
export async function openWatchServer(options: WatchServerOptions): Promise<() => void> {
  const { host, port, token, subjectOf, clock } = options;
  const wanted = digestOf(`Bearer ${token}`);
  const server = createServer((request, response) => {
    const heardUs = timeBy(clock);
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    // Compared by digests, so that the time it takes says nothing of the token.
    if (!timingSafeEqual(digestOf(request.headers.authorization ?? ''), wanted))
      return answer(401, { code: 'token-refused', message: 'that is not the token of this run' });
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://watch');
    if (pathname === '/v1/time') return answer(200, { heardUs, answeredUs: timeBy(clock), clockDomain: clock.domain });
    if (pathname !== '/v1/look') return answer(404, { code: 'not-found', message: `there is no ${pathname}` });
    const subject = subjectOf(searchParams.getAll('pod'));
    const sample = subject.look(searchParams.get('depth') === 'whole' ? 'whole' : 'light', performance.now());
    const { user, system } = process.cpuUsage();
    answer(200, { sample, observerCpuUs: user + system, unknown: [...subject.unknown()] } satisfies Looked);
  });
  // Asked once a second, and not at all between two trials.
  server.keepAliveTimeout = 600_000;
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    throw new BenchError({
      code: (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'port-in-use' : 'start-failed',
      message: `the watch cannot listen at ${host}:${port}: ${(cause as Error).message}`,
      exitCode: EXIT.environment,
      cause,
    });
  }
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
