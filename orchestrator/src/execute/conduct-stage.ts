import type { Addressing } from '../catalogue/addressing.js';
import { BenchError } from '../errors.js';
import type { Driver } from '../load/driver.js';
import type { ConductPace } from '../plan/conduct-cases.js';
import type { ConductLook } from '../record/conduct.js';
import type { Onlooker } from './onlooker.js';

/** Where a case is played. */
export interface ConductStage {
  readonly driver: Driver;
  /** What is loaded. */
  readonly target: Addressing & {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** The mock's control endpoint, which answers also while providers are down. */
  readonly controlUrl: string;
  readonly pace: ConductPace;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Where providers answer, in their order. Left out: no answers are kept word for word. */
  readonly providerUrls?: readonly string[];
  /** Secrets of the target's configuration, which no answer may show. Left out: none are known. */
  readonly keys?: readonly string[];
  /** How requests for a model of the second provider alone are made of the others. Left out: the target has none. */
  readonly aside?: { readonly model?: string; readonly headers?: Readonly<Record<string, string>> } | undefined;
  /** Looks at the target. Left out: it is the mock itself. */
  readonly look?: () => Promise<ConductLook>;
  /** A look before an earlier case, against which one that is about all of them is held; null or left out: its own is. */
  readonly firstLook?: ConductLook | null;
  /** Left out: nobody looks on. */
  readonly onlooker?: Onlooker | undefined;
}

/** Why no case can be played here. @param why a clause */
export function impossible(why: string): BenchError {
  return new BenchError({
    code: 'conduct-impossible',
    message: `What a gateway does while providers fail cannot be measured here: ${why}.`,
    hint: 'Use --driver native and the mock that comes with crabllm-bench.',
  });
}
