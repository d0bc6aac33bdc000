const MAX_LENGTH = 128;

/**
 * Makes strings of bytes. Short plain ones that come again and again (a model, a content type) are compared with the last
 * of their length instead of being made anew, which costs a fraction.
 */
export class InternedStrings {
  readonly #make: (bytes: Buffer, from: number, to: number) => string;
  readonly #last: string[] = Array.from({ length: MAX_LENGTH + 1 }, () => '');

  /** @param make makes a string the ordinary way */
  constructor(make: (bytes: Buffer, from: number, to: number) => string) {
    this.#make = make;
  }

  /** The string of these bytes. */
  get(bytes: Buffer, from: number, to: number): string {
    const length = to - from;
    if (length > MAX_LENGTH) return this.#make(bytes, from, to);
    const known = this.#last[length] as string;
    let i = 0;
    while (i < length && bytes[from + i] === known.charCodeAt(i)) i++;
    if (i === length && known.length === length) return known;
    const made = this.#make(bytes, from, to);
    // Only of visible ASCII without escapes is it certain that equal bytes are equal strings.
    if (made.length === length && /^[\x20-\x5b\x5d-\x7e]*$/.test(made)) this.#last[length] = made;
    return made;
  }
}
