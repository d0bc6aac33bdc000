import { STATUS_CODES } from 'node:http';
import type { ApiError, Endpoint } from '../api/endpoint.js';
import { usedUp } from '../api/limits.js';
import { reply, type Answer, type Reply } from '../wire/reply.js';
import { altered } from './alter.js';
import { isAnswerFault, type Fault } from './fault.js';

const FAILURE = 'simulated upstream failure';

/**
 * The answer to be given when a fault is played: in the provider's words, with the fault in it, or as meant when it fails on the
 * wire. Undefined when the fault would change nothing; then there is none.
 */
export function failing(endpoint: Endpoint, meant: Answer, fault: Fault): Answer | undefined {
  if (isAnswerFault(fault)) return altered(meant, fault, endpoint.mishaps);
  const { kind, value } = fault;
  if (kind === 'error') return endpoint.errors({ status: value, message: FAILURE, ...spent(endpoint, value, 1) });
  if (kind === 'rate-limit') return endpoint.errors(rateLimited(endpoint, value));
  if (kind === 'context-length') return endpoint.mishaps && endpoint.errors(endpoint.mishaps.contextLength);
  if (kind === 'error-body') {
    const { headers, body } = endpoint.errors({ status: 500, message: FAILURE });
    return reply(200, headers, body);
  }
  return kind === 'html' ? proxyPage(value) : meant;
}

function rateLimited(endpoint: Endpoint, seconds: number): ApiError {
  const { headers = [] } = spent(endpoint, 429, seconds);
  return {
    status: 429,
    message: 'Rate limit reached (simulated).',
    code: 'rate_limit_exceeded',
    headers: [['Retry-After', String(seconds)], ...headers],
  };
}

/** What the provider says when it takes no more requests; to whoever reads its headers as to whoever reads its status. */
export function overloaded(endpoint: Endpoint): Reply {
  const { headers = [] } = endpoint.overloaded;
  const told = endpoint.limits?.headers({ requests: usedUp(UNLIMITED, 1000) }) ?? [];
  return endpoint.errors({ ...endpoint.overloaded, headers: [...headers, ...told] });
}

/** A 429 tells that nothing is left, and when there is again. */
function spent(endpoint: Endpoint, status: number, seconds: number): Pick<ApiError, 'headers'> {
  const told = status === 429 ? endpoint.limits?.headers({ requests: usedUp(UNLIMITED, seconds * 1000) }) : undefined;
  return told === undefined ? {} : { headers: told };
}

/** The limit that answers tell of when none is set. */
const UNLIMITED = 1_000_000;

/** What a proxy in front of a provider says when the provider does not answer it: nginx's page. */
function proxyPage(status: number): Reply {
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`;
  const page = [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '<hr><center>nginx</center>',
    '</body>',
    '</html>',
    '',
  ];
  const headers = [
    ['Server', 'nginx'],
    ['Content-Type', 'text/html'],
  ] as const;
  return reply(status, headers, Buffer.from(page.join('\r\n')));
}
