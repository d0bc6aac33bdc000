import type { WireFormat } from '../answers/frame.js';
import type { Reason } from '../record/reason.js';

/**
 * What became of one field on its way: `kept` where it stood, `moved` to another place with the same meaning, `changed`, `lost`, `no-place`
 * where the format on the other side has nothing that means it, or `refused` by the gateway, which answers when it is left out.
 */
export type FieldState = 'kept' | 'moved' | 'changed' | 'lost' | 'no-place' | 'refused';

/** What became of one field. */
export interface FieldFate {
  readonly field: string;
  readonly state: FieldState;
  /** Where it went, what it became, or the words of a refusal; left out where there is nothing to say. */
  readonly detail?: string;
}

/** What became of everything that went one way, and what is there that nobody sent. */
export interface Passage {
  readonly fields: readonly FieldFate[];
  readonly added: readonly string[];
}

/** One question through one gateway. `asked` is the client's format, `passedOn` the one in which the provider was asked. */
export type CaseFidelity =
  | {
      readonly case: string;
      readonly state: 'seen';
      readonly asked: WireFormat;
      readonly passedOn: WireFormat;
      readonly request: Passage;
      /** Null: with the provider's fullest answer the gateway gave none, and `notes` say what it gave. */
      readonly answer: Passage;
      readonly notes: readonly string[];
    }
  | { readonly case: string; readonly state: 'not-offered' | 'failed'; readonly reason: Reason };

/** All questions through one gateway, or why none was asked. */
export type GatewayFidelity =
  | { readonly gateway: string; readonly version: string | null; readonly cases: readonly CaseFidelity[] }
  | { readonly gateway: string; readonly absent: Reason };

/** What `crabllm-bench fidelity` found. */
export interface Fidelity {
  readonly schemaVersion: 1;
  /** Of crabllm-bench. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly runtime: string;
  readonly gateways: readonly GatewayFidelity[];
}
