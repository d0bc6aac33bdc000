import { BARE, parseTargetName } from './target-name.js';

/** What can be switched on in a gateway and asked of every one: a variant of such a name has to say how it is attested. */
export const FEATURES = [
  { name: 'auth', about: 'the key of each request is looked at' },
  { name: 'rate-limit', about: 'requests are counted, against a limit that none reaches' },
  { name: 'log', about: 'a line is logged for each request' },
  { name: 'metrics', about: 'requests are counted for Prometheus' },
  { name: 'otel', about: 'spans are sent to a collector' },
  { name: 'cache-miss', about: 'answers are kept, and no request is like an earlier one' },
  { name: 'cache-hit', about: 'answers are kept, and every request is like the one before' },
  { name: 'webhook', about: 'a guardrail asks another service about each request' },
  { name: 'fallback', about: 'a second provider stands by, and is never needed' },
  { name: 'balance', about: 'two providers are asked by turns' },
  { name: 'workers', about: 'several processes share the requests' },
] as const;

/** Whether a variant of this name is a feature. */
export function isFeature(variant: string): boolean {
  return FEATURES.some(({ name }) => name === variant);
}

/**
 * Whether a target is held against all others: a gateway, or a configuration of one. A feature is held against its own gateway, and so is
 * the gateway once more; as contenders they would only make each pair harder to tell apart.
 */
export function isContender(target: string): boolean {
  const { variant } = parseTargetName(target.split(':', 1)[0] ?? target);
  return variant === null || (variant !== BARE && !isFeature(variant));
}

/** One text of a service that is changed for an instance that is only asked, never measured. */
export interface Change {
  /** As it stands in its files, its command, its environment (names of variables too) or its headers. */
  readonly from: string;
  readonly to: string;
}

/**
 * How it is proved that a feature works, before the clock starts; anything else than what is said here leaves it unproved.
 * - `wrong-key`: the value of `header` with another key in it is refused, with 401 or 403, or with `status` where it says something else.
 * - `limit`: another instance, with `change` making the limit 1, answers 429.
 * - `log-lines`: what it prints has as many more lines that match as there were requests. It may keep them for `delayMs`.
 * - `scrape`: the metrics at `path` whose lines match have grown by as much, added up.
 * - `calls`: the count `field` of the JSON at `url`, that of a sink beside it, has grown by the number of requests. Whoever sends in batches
 *   may keep them for `delayMs`.
 * - `cache-hit`, `cache-miss`: a request sent twice reaches the mock once. Under load every request is then equal, or none is.
 * - `other-provider`: the first provider is the one that is asked; another instance, with `change` making it unreachable, is answered by
 *   the second. Both are the mock, at paths of their own.
 * - `both-providers`: of some requests each provider gets one at least.
 * - `processes`: as many of its processes as `count` says have a command line that matches, and none of them is still starting.
 */
export type FeatureProof = ProofBy & {
  /** The key that switches the feature on, misspelt: with it the proof has to fail, which `npm run check:features` looks at. */
  readonly misspelt?: Change | undefined;
};

type ProofBy =
  | { readonly by: 'wrong-key'; readonly header: string; readonly status?: number | undefined }
  | { readonly by: 'limit'; readonly change: Change }
  | { readonly by: 'log-lines'; readonly match: string; readonly delayMs: number }
  | { readonly by: 'scrape'; readonly path: string; readonly match: string }
  | { readonly by: 'calls'; readonly url: string; readonly field: string; readonly delayMs: number }
  | { readonly by: 'cache-hit' }
  | { readonly by: 'cache-miss' }
  | { readonly by: 'other-provider'; readonly change: Change }
  | { readonly by: 'both-providers' }
  | { readonly by: 'processes'; readonly match: string; readonly count: number };

/** What of a proof is asked of an instance with a text changed; null where it is asked of the one that is measured alone. */
export function changeOf(proof: FeatureProof): Change | null {
  return 'change' in proof ? proof.change : null;
}
