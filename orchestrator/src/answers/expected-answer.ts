/** What an answer says, whatever the wire format. A null is not checked. */
export interface ExpectedAnswer {
  /** All text of the answer; of embeddings, the length of each vector, joined by spaces. */
  readonly text: string | null;
  /** Tool calls in the order of their index, arguments as JSON text. */
  readonly tools: readonly { readonly name: string; readonly arguments: string }[] | null;
  readonly finishReason: string | null;
  /** Tokens as the answer states them. */
  readonly usage: { readonly input: number; readonly output: number } | null;
  /** A stream may end without its terminal frame: a deviation that is tolerated by name. */
  readonly withoutEnd?: boolean;
}
