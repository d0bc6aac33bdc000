import { type AskedFormat, formatOf } from './format-of.js';
import type { Scenario } from './scenario.js';

/** A base path: without a slash at its end, or nothing. */
export const BASE_PATH = /^(\/[^/\s?#]+)*$/;

/** What the requests of one kind have otherwise than a target's other requests. */
export interface KindAddressing {
  readonly basePath?: string;
  /** The whole path, in place of base path and the API's own; it ends as the API's own does. */
  readonly path?: string;
  readonly modelPrefix?: string;
  readonly model?: string;
}

/** Where requests of a target go to on it, and what its models are called: one meaning for entries and for what already runs. */
export interface Addressing {
  /** Stands before `/v1` in the path of each request, for example `/openai`. Left out: nothing does. */
  readonly basePath?: string;
  /** Put before the model's name in a request, for example `openai/`. */
  readonly modelPrefix: string;
  /** In place of the model's name; the prefix stands before it. Left out: `bench-chat`, and `bench-embed` of embeddings. */
  readonly model?: string;
  /** What is otherwise in requests of a kind. */
  readonly byKind?: Readonly<Partial<Record<AskedFormat, KindAddressing>>>;
}

/** Of a target that is asked as the API's own documentation says: the mock itself. */
export const PLAIN_ADDRESSING: Addressing = { modelPrefix: '' };

/** What of something larger says how it is addressed. */
export function addressingOf({ basePath, modelPrefix, model, byKind }: Addressing): Addressing {
  return {
    modelPrefix,
    ...(basePath === undefined ? {} : { basePath }),
    ...(model === undefined ? {} : { model }),
    ...(byKind === undefined ? {} : { byKind }),
  };
}

/** The address of a scenario's requests. @param target with its URL, without a slash at the end */
export function questionUrl(target: Addressing & { readonly url: string }, scenario: Pick<Scenario, 'path'>): string {
  const { basePath = target.basePath ?? '', path } = target.byKind?.[formatOf(scenario)] ?? {};
  return target.url + (path ?? basePath + scenario.path);
}

/** The model that a scenario's requests name. */
export function modelNameOf(target: Addressing, scenario: Pick<Scenario, 'path' | 'answer'>): string {
  const own = target.byKind?.[formatOf(scenario)];
  const usual = scenario.answer === 'embeddings' ? 'bench-embed' : 'bench-chat';
  return (own?.modelPrefix ?? target.modelPrefix) + (own?.model ?? target.model ?? usual);
}
