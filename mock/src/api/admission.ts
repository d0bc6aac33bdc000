import type { Reply } from '../wire/reply.js';
import { anthropicError } from './anthropic-error.js';
import type { ApiError, Endpoint, ErrorShape, RequestHead } from './endpoint.js';
import { asksAnthropic } from './models.js';
import { openAiError } from './openai-error.js';

/** What a request is refused with whatever its body says, undefined when it is let in. */
type Admission = (head: RequestHead) => Reply | undefined;

/**
 * What OpenAI refuses a request for before it reads the body.
 * @param apiKey the only key that is accepted; undefined accepts any, and none
 */
export function openAiAdmission(apiKey: string | undefined, takes: Endpoint['takes']): Admission {
  return (head) => worded(openAiKeyProblem(head, apiKey) ?? contentTypeProblem(head, takes), openAiError);
}

/** What Anthropic refuses a request for before it reads the body. */
export function anthropicAdmission(apiKey: string | undefined, takes: Endpoint['takes']): Admission {
  return (head) =>
    worded(
      anthropicKeyProblem(head, apiKey) ?? versionProblem(head) ?? contentTypeProblem(head, takes),
      anthropicError,
    );
}

/** At a path that both providers have, the one that is asked decides. */
export function sharedAdmission(apiKey: string | undefined, takes: Endpoint['takes']): Admission {
  const [openAi, anthropic] = [openAiAdmission(apiKey, takes), anthropicAdmission(apiKey, takes)];
  return (head) => (asksAnthropic(head) ? anthropic(head) : openAi(head));
}

function worded(problem: ApiError | undefined, shape: ErrorShape): Reply | undefined {
  return problem === undefined ? undefined : shape(problem);
}

function openAiKeyProblem(head: RequestHead, apiKey: string | undefined): ApiError | undefined {
  if (apiKey === undefined) return undefined;
  // Azure's clients send theirs in a header of its own.
  const given = bearer(head) ?? head.header('api-key');
  if (given === apiKey) return undefined;
  if (given === undefined) {
    const message = "You didn't provide an API key. Provide it in an Authorization header (Authorization: Bearer KEY).";
    return { status: 401, message };
  }
  return { status: 401, message: `Incorrect API key provided: ${veiled(given)}.`, code: 'invalid_api_key' };
}

function anthropicKeyProblem(head: RequestHead, apiKey: string | undefined): ApiError | undefined {
  if (apiKey === undefined) return undefined;
  const given = anthropicKey(head);
  if (given === apiKey) return undefined;
  return { status: 401, message: given === undefined ? 'x-api-key header is required' : 'invalid x-api-key' };
}

function versionProblem(head: RequestHead): ApiError | undefined {
  if (asksAnthropic(head)) return undefined;
  return { status: 400, message: 'anthropic-version: header is required' };
}

/** What `curl -d` says when nobody tells it better; the body then still has to be JSON. */
const CURLS_OWN = 'application/x-www-form-urlencoded';

/** No content type at all is let through: load generators leave it out, and nothing else could be meant. */
function contentTypeProblem(head: RequestHead, takes: Endpoint['takes']): ApiError | undefined {
  if (takes !== 'json') return undefined;
  const type = head.header('content-type');
  if (
    type === undefined ||
    type === 'application/json' ||
    type === CURLS_OWN ||
    /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)
  ) {
    return charsetProblem(type);
  }
  return { status: 415, message: `Unsupported content type: '${type}'. This API only accepts 'application/json'.` };
}

/** JSON is UTF-8 (RFC 8259, 8.1), of which ASCII is a part; anything else would be misread. */
function charsetProblem(type: string | undefined): ApiError | undefined {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type ?? '')?.[1];
  if (charset === undefined || /^(utf-?8|(us-)?ascii)$/i.test(charset)) return undefined;
  return { status: 415, message: `Unsupported charset: '${charset}'. This API only accepts JSON in UTF-8.` };
}

function anthropicKey(head: RequestHead): string | undefined {
  return head.header('x-api-key') ?? bearer(head);
}

function bearer(head: RequestHead): string | undefined {
  return /^Bearer +(\S+)\s*$/i.exec(head.header('authorization') ?? '')?.[1];
}

/** A key that is shown back must not be readable in a log. */
function veiled(key: string): string {
  return key.length <= 8 ? '*'.repeat(key.length) : `${key.slice(0, 3)}${'*'.repeat(key.length - 7)}${key.slice(-4)}`;
}
