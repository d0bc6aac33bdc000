import type { ApiError, RequestHead } from './endpoint.js';

/** Parts of the providers' APIs that the mock does not play, by what their paths begin with behind `/v1/`. */
const NOT_PLAYED: readonly string[] = [
  'audio',
  'images',
  'videos',
  'files',
  'uploads',
  'batches',
  'messages/batches',
  'responses/compact',
  'vector_stores',
  'containers',
  'conversations',
  'assistants',
  'threads',
  'fine_tuning',
  'evals',
  'realtime',
  'organization',
  'rerank',
];

/**
 * The error for a request that no endpoint takes: 426 when it wants a WebSocket, 405 when only the method is wrong, else 404, which
 * names what the mock does not play, because a typing error in a path and a missing API are mended in different places. Not a 501:
 * clients repeat what has a status of 500 and more.
 * @param allowed the method that the path takes, when there is one
 * @param paths of all endpoints
 */
export function missingError(head: RequestHead, allowed: string | undefined, paths: readonly string[]): ApiError {
  const { method, path } = head;
  if (/\bwebsocket\b/i.test(head.header('upgrade') ?? '')) {
    const message = `WebSocket is not spoken here${allowed === undefined ? `, and ${path} not played` : `: ${path} answers over HTTP to ${allowed}`}.`;
    const headers = [
      ['Upgrade', 'HTTP/1.1'],
      ['Connection', 'Upgrade'],
    ] as const;
    return { status: 426, message, code: 'websocket_not_supported', headers };
  }
  if (allowed !== undefined) {
    const methods = allowed === 'GET' ? 'GET, HEAD' : allowed;
    return { status: 405, message: `Not allowed to ${method} on ${path}.`, headers: [['Allow', methods]] };
  }
  const id = /^(?:\/openai)?\/v1\/responses\/(?!compact$)([^/]+)(\/(cancel|input_items))?$/.exec(path)?.[1];
  // Answers say that they are stored, as the provider's do by default; without --store the mock forgets each as soon as it is sent.
  if (id !== undefined) return { status: 404, message: `Response with id '${id}' not found.` };
  const chat = /^(?:\/openai)?\/v1\/chat\/completions\/([^/]+)(\/messages)?$/.exec(path)?.[1];
  if (chat !== undefined)
    return { status: 404, message: `Chat completion with id '${chat}' not found. The mock keeps none.` };
  const family = NOT_PLAYED.find((name) => new RegExp(`^(/openai)?/v1/${name}(/|$)`).test(path));
  const message =
    family === undefined
      ? `Invalid URL (${method} ${path})`
      : `The mock does not play ${family} (${method} ${path}). It plays ${paths.join(', ')}.`;
  return { status: 404, message, code: 'unknown_url' };
}
