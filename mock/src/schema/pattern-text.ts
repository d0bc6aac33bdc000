/** Longest text that is made of a pattern. */
const MAX_LENGTH = 1000;

/**
 * A text that a regular expression matches, as short as it allows. Of its language it knows what patterns of schemas use: literals,
 * classes, groups, alternatives, quantifiers; undefined when there is something else in it, or when the text does not match after all.
 */
export function patternText(pattern: string): string | undefined {
  try {
    const text = new Reader(pattern).alternatives();
    return new RegExp(pattern, 'u').test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** True when the text matches; also when the pattern is none that this language knows, as no text could. */
export function matchesPattern(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true;
  }
}

const CLASSES: Readonly<Record<string, string>> = { d: '0', w: 'a', s: ' ', D: 'a', W: '-', S: 'a', b: '', B: '' };
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', '0': '\0' };
/** Tried in a class that is negated, in this order. */
const OTHERS = ['a', 'b', '0', '-', ' ', 'Z', '_', '~'];

/** Reads a pattern from its left to its right and writes the shortest text on the way. */
class Reader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  /** The first of the alternatives; the others are read over. */
  alternatives(): string {
    const first = this.#sequence();
    while (this.#take('|')) this.#sequence();
    return first;
  }

  #sequence(): string {
    let text = '';
    while (this.#at < this.#pattern.length && !'|)'.includes(this.#peek())) {
      const atom = this.#atom();
      text += atom.repeat(this.#least());
      if (text.length > MAX_LENGTH) throw new RangeError('too long');
    }
    return text;
  }

  #atom(): string {
    if (this.#take('^') || this.#take('$')) return '';
    if (this.#take('.')) return 'a';
    if (this.#take('[')) return this.#class();
    if (this.#take('(')) {
      if (this.#take('?') && !this.#take(':')) throw new RangeError('a group of another kind');
      const inner = this.alternatives();
      if (!this.#take(')')) throw new RangeError('an open group');
      return inner;
    }
    return this.#take('\\') ? this.#escape() : this.#next();
  }

  #escape(): string {
    const letter = this.#next();
    if (letter === 'u' || letter === 'x') {
      const digits = this.#pattern.slice(this.#at, this.#at + (letter === 'u' ? 4 : 2));
      this.#at += digits.length;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    if (letter === 'p' || letter === 'P' || /[1-9k]/.test(letter)) throw new RangeError('an escape of another kind');
    return CLASSES[letter] ?? CONTROLS[letter] ?? letter;
  }

  #class(): string {
    const start = this.#at - 1;
    const negated = this.#take('^');
    let first: string | undefined;
    while (this.#peek() !== ']') first = this.#pick(first, this.#take('\\') ? this.#escape() : this.#next());
    this.#at++;
    if (!negated) return first ?? '';
    const whole = new RegExp(this.#pattern.slice(start, this.#at), 'u');
    const other = OTHERS.find((each) => whole.test(each));
    if (other === undefined) throw new RangeError('a class without a plain member');
    return other;
  }

  /** Letters rather than what could be taken for space. */
  #pick(before: string | undefined, next: string): string {
    return before === undefined || before.trim() === '' ? next : before;
  }

  /** How often the atom before must be there. */
  #least(): number {
    let least = 1;
    if (this.#take('*') || this.#take('?')) least = 0;
    else if (!this.#take('+')) {
      const found = /^\{(\d+)(?:,\d*)?\}/.exec(this.#pattern.slice(this.#at));
      if (found === null) return 1;
      this.#at += found[0].length;
      least = Number(found[1]);
    }
    this.#take('?');
    return least;
  }

  #peek(): string {
    if (this.#at >= this.#pattern.length) throw new RangeError('an open class');
    return this.#pattern[this.#at] as string;
  }

  #next(): string {
    const next = this.#peek();
    this.#at++;
    return next;
  }

  #take(what: string): boolean {
    if (this.#pattern[this.#at] !== what) return false;
    this.#at++;
    return true;
  }
}
