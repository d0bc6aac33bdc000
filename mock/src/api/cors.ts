import { reheaded, reply, type Answer, type Reply } from '../wire/reply.js';
import type { Endpoint, RequestHead } from './endpoint.js';

const ANY_ORIGIN = ['Access-Control-Allow-Origin', '*'] as const;
const EXPOSED = ['Access-Control-Expose-Headers', '*'] as const;

const decorated = new WeakMap<Answer, Answer>();

/** The same endpoint for browsers: what it answers may be read by pages of every origin. */
export function openToBrowsers(endpoint: Endpoint): Endpoint {
  const { refuses } = endpoint;
  return {
    ...endpoint,
    answer: (request) => readable(endpoint.answer(request)),
    errors: (error) => readable(endpoint.errors(error)),
    ...(refuses === undefined ? {} : { refuses: refusal(refuses) }),
  };
}

function refusal(refuses: (head: RequestHead) => Reply | undefined): (head: RequestHead) => Reply | undefined {
  return (head) => {
    const refused = refuses(head);
    return refused === undefined ? undefined : readable(refused);
  };
}

/**
 * What a browser asks before it sends a request of its own: everything is allowed, for a day.
 * @param head of the OPTIONS request
 */
export function preflight(head: RequestHead): Reply {
  const headers = [
    ANY_ORIGIN,
    ['Access-Control-Allow-Methods', 'GET, HEAD, POST, DELETE, OPTIONS'],
    // `*` does not cover Authorization, so what is asked for is named.
    ['Access-Control-Allow-Headers', head.header('access-control-request-headers') ?? '*'],
    ['Access-Control-Max-Age', '86400'],
    ['Vary', 'Access-Control-Request-Headers'],
  ] as const;
  return reply(200, headers, Buffer.alloc(0));
}

/** An answer that pages may read. Made once for each that is kept. */
export function readable<A extends Answer>(answer: A): A {
  const known = decorated.get(answer);
  if (known !== undefined) return known as A;
  const made = reheaded(answer, [ANY_ORIGIN, EXPOSED]);
  decorated.set(answer, made);
  return made;
}
