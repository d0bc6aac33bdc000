/** What stands behind a key of a compose file when it is neither a map nor a list. */
export type ComposeScalar = string | number | bigint | boolean | null | ComposeFloat;

/** A number that was written with a point or an exponent: Compose tells it from a whole one, in sizes for example. */
export class ComposeFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  /**
   * As Go prints it where Compose wants a text, for example in `environment`: the fewest digits that say the number, with an exponent
   * of at least two digits where it is below -4 or above 5.
   * Source: the `%g` of https://pkg.go.dev/fmt
   */
  toString(): string {
    const [mantissa = '', power = '0'] = this.value.toExponential().split('e');
    const exponent = Number(power);
    if (exponent >= -4 && exponent <= 5) return String(this.value);
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
}

/** A word without quotes that Compose turns into something that nobody meant. */
export class DoubtfulScalar extends Error {}

const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

/** Prefixes of whole numbers, as `BigInt` reads them; a leading zero alone is octal, too. */
const WHOLE = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const POINT_OR_EXPONENT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const DATE = /^\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?$/;
const INT64 = 2n ** 63n;

/**
 * What a word without quotes is. Compose reads YAML with Go's yaml library, which is neither YAML 1.1 nor 1.2: `yes` and `off` are
 * words, `017` is octal, `1_000` a number, `2024-01-02` a date.
 * Source: https://pkg.go.dev/go.yaml.in/yaml/v3 (`resolve`), held against the cases in `test/fixtures/compose`.
 * @throws DoubtfulScalar for a date, and for infinity and not-a-number
 */
export function plainScalar(word: string): ComposeScalar {
  const known = WORDS.get(word);
  if (known !== undefined) return known;
  if (DATE.test(word)) throw new DoubtfulScalar(`${word} without quotes is a date, which Compose writes out in full`);
  if (/^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/.test(word))
    throw new DoubtfulScalar(`${word} is no number to work with`);
  if (!/^[-+.]?[0-9]|^[-+]\./.test(word)) return word;
  const digits = word.replaceAll('_', '');
  const whole = WHOLE.exec(digits);
  if (whole !== null) return wholeNumber(whole[1] === '-', whole[2] ?? '');
  return POINT_OR_EXPONENT.test(digits) ? new ComposeFloat(Number(digits)) : word;
}

function wholeNumber(negative: boolean, digits: string): ComposeScalar {
  const magnitude = BigInt(digits.replace(/^0(?=[0-7])/, '0o'));
  const value = negative ? -magnitude : magnitude;
  if (value >= 2n * INT64 || value < -INT64) return new ComposeFloat(Number(value));
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
