import type { Scenario } from './scenario.js';

/** What a gateway may serve, by the kind of request. */
export const SERVED = ['chat', 'chat-stream', 'tools', 'embeddings', 'messages', 'responses'] as const;
export type Served = (typeof SERVED)[number];

/** What gateways are, for whoever compares them: a `proxy` knows no model, a `router` chooses among servers of one. */
export const KINDS = ['llm-gateway', 'router', 'proxy'] as const;

/** What a gateway's entry says of it for a person. */
export interface About {
  readonly kind: (typeof KINDS)[number] | null;
  /** What it is written in. */
  readonly language: string | null;
  /** Who keeps the entry. */
  readonly keeper: string | null;
  /** In what it is not configured as the others are, a sentence each. */
  readonly deviations: readonly string[];
  /** Address of its documentation. */
  readonly docs: string | null;
}

/** What of a scenario tells its kind of request. */
type Asked = Pick<Scenario, 'path' | 'answer' | 'streaming'>;

/** The first of a scenario's kinds of request that is not served; null when all are. @param serves undefined: everything */
export function notServed(
  scenario: Asked & Pick<Scenario, 'blend'>,
  serves: readonly Served[] | undefined,
): Served | null {
  if (serves === undefined) return null;
  const kinds: readonly Asked[] = scenario.blend?.kinds ?? [scenario];
  return kinds.map(kindOf).find((kind) => !serves.includes(kind)) ?? null;
}

function kindOf({ path, answer, streaming }: Asked): Served {
  const last = path.split('/').at(-1);
  if (last === 'embeddings' || last === 'messages' || last === 'responses') return last;
  if (answer === 'tools') return 'tools';
  return streaming ? 'chat-stream' : 'chat';
}
