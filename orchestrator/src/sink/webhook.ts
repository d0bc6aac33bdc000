import { type Answer, type Counts, type Delivery, type Sink, SinkFault } from './sink.js';

/** What is said to whom: everybody the same, or no to what has a text in its body. */
export type Verdicts = 'allow' | 'deny' | { readonly denyContaining: string };

/** Where LiteLLM's `generic_guardrail_api` asks, whatever stands before it. */
const LITELLM_PATH = /\/beta\/litellm_basic_guardrail_api$/;

const REASON = 'denied by the sink of crabllm-bench';

/**
 * Gives verdicts, in the words of whoever asks, which the path tells: LiteLLM's generic guardrail wants an action, Portkey's webhook (at any
 * other path) a verdict.
 * Source: https://docs.litellm.ai/docs/adding_provider/generic_guardrail_api,
 * https://portkey.ai/docs/integrations/guardrails/bring-your-own-guardrails
 */
export function webhook(verdicts: Verdicts): Sink {
  let seen = { allowed: 0, denied: 0 };
  const denies = (text: string): boolean =>
    typeof verdicts === 'string' ? verdicts === 'deny' : text.includes(verdicts.denyContaining);
  return {
    take({ path, body }: Delivery): Answer {
      const text = body.toString('utf8');
      try {
        JSON.parse(text);
      } catch (thrown) {
        throw new SinkFault(`the body is no JSON: ${(thrown as Error).message}`);
      }
      const isDenied = denies(text);
      seen[isDenied ? 'denied' : 'allowed'] += 1;
      const words = LITELLM_PATH.test(path)
        ? isDenied
          ? { action: 'BLOCKED', blocked_reason: REASON }
          : { action: 'NONE' }
        : { verdict: !isDenied };
      return { contentType: 'application/json', body: JSON.stringify(words) };
    },
    counts: (): Counts => ({ ...seen }),
    reset(): void {
      seen = { allowed: 0, denied: 0 };
    },
  };
}
