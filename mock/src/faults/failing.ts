import { STATUS_CODES } from 'node:http';
import type { Endpoint } from '../api/endpoint.js';
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
  if (kind === 'error') return endpoint.errors({ status: value, message: FAILURE });
  if (kind === 'rate-limit') return endpoint.errors(rateLimited(value));
  if (kind === 'context-length') return endpoint.mishaps && endpoint.errors(endpoint.mishaps.contextLength);
  if (kind === 'error-body') {
    const { headers, body } = endpoint.errors({ status: 500, message: FAILURE });
    return reply(200, headers, body);
  }
  return kind === 'html' ? proxyPage(value) : meant;
}

function rateLimited(seconds: number) {
  return {
    status: 429,
    message: 'Rate limit reached (simulated).',
    code: 'rate_limit_exceeded',
    headers: [['Retry-After', String(seconds)]] as const,
  };
}

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
