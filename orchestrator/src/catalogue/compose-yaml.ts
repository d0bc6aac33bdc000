import {
  type Alias,
  type Document,
  LineCounter,
  type Node,
  type ParsedNode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
} from 'yaml';
import type { ComposeFaults, Path } from './compose-faults.js';
import { type ComposeScalar, DoubtfulScalar, plainScalar } from './compose-scalar.js';

/** A compose file as plain values: anchors followed, `<<` merged. */
export type ComposeValue = ComposeScalar | readonly ComposeValue[] | { readonly [key: string]: ComposeValue };

/** Whether a value is a map, and neither a list nor a number. */
export function isValueMap(value: ComposeValue): value is { readonly [key: string]: ComposeValue } {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** A parsed text and where its lines begin. */
export interface ComposeText {
  readonly text: string;
  readonly lines: LineCounter;
  readonly document: Document.Parsed;
}

const YAML_TAG = 'tag:yaml.org,2002:';
/** Tags that say what a value is anyway. */
const READ_TAGS: ReadonlySet<string> = new Set(['str', 'map', 'seq'].map((name) => YAML_TAG + name));

/** So many values are read of one file: aliases of aliases could stand for more than any memory holds. */
const MOST_VALUES = 100_000;

/** The YAML of a text, without any meaning of its words yet. */
export function parseYaml(text: string): ComposeText {
  const lines = new LineCounter();
  // The words' meaning is Go's, not that of any schema of this library: see plainScalar.
  const document = parseDocument(text, { lineCounter: lines, schema: 'failsafe', prettyErrors: false });
  return { text, lines, document };
}

/**
 * Makes values of a document and remembers where each stands, also those that a merge brought from elsewhere. What Compose refuses to
 * read, and what it would read in a way that nobody means, becomes a fault.
 * @throws BenchError `compose-invalid` for what is no YAML
 */
export function composeValues(file: ComposeText, faults: ComposeFaults): ComposeValue {
  // What is no YAML makes the parser stumble over the rest as well; a key that stands twice does not.
  const [stumble] = file.document.errors.filter(({ code }) => code !== 'DUPLICATE_KEY');
  for (const error of file.document.errors.filter((one) => one.code === 'DUPLICATE_KEY' || one === stumble)) {
    const { code, message, pos } = error;
    faults.addAt(pos[0], yamlSentence(code, message), yamlHint(code));
  }
  // Half a tree has faults that the whole one has not.
  faults.throwIfAny();
  return new Reader(file, faults).read(file.document.contents, []);
}

function yamlSentence(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands twice in one map';
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here, which Compose would merge into the first';
  return `this is no YAML: ${message.split('\n')[0] ?? ''}`;
}

function yamlHint(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'Remove one of the two.';
  if (code === 'MULTIPLE_DOCS') return 'Write one document, without "---" between.';
  return 'Mend the YAML.';
}

class Reader {
  readonly #file: ComposeText;
  readonly #faults: ComposeFaults;
  /** The nodes that are being read: an alias to one of them never ends. */
  readonly #open = new Set<unknown>();
  #values = 0;

  constructor(file: ComposeText, faults: ComposeFaults) {
    this.#file = file;
    this.#faults = faults;
  }

  read(node: Node | ParsedNode | null | undefined, path: Path): ComposeValue {
    this.#values += 1;
    if (this.#values > MOST_VALUES) {
      this.#fault(node, path, `it holds more than ${MOST_VALUES} values`, 'Use fewer anchors inside of anchors.');
      // What is not read of it would be missed as if it were not there.
      this.#faults.throwIfAny();
    }
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.#follow(node, path);
    // Compose has tags of its own (!reset, !override) that take away or replace what another file said.
    if (node.tag !== undefined && !READ_TAGS.has(node.tag)) {
      const shown = node.tag.replace(YAML_TAG, '!!');
      const where = path.length === 0 ? 'this file' : path.join('.');
      return this.#fault(node, path, `${where}: the tag ${shown} is not read`, 'Write the value itself.');
    }
    if (isScalar(node)) return this.#scalar(node.value, node.type, node.tag, node.range, path);
    this.#open.add(node);
    try {
      if (isMap(node)) return this.#map(node.items, path);
      if (isSeq(node)) {
        return node.items.map((item, i) => {
          this.#faults.place([...path, i], offsetOf(item));
          return this.read(item as Node, [...path, i]);
        });
      }
    } finally {
      this.#open.delete(node);
    }
    return null;
  }

  #follow(alias: Alias, path: Path): ComposeValue {
    const node = alias.resolve(this.#file.document);
    if (node === undefined) {
      return this.#fault(
        alias,
        path,
        `there is no anchor "&${alias.source}" above`,
        'An anchor stands before what refers to it.',
      );
    }
    if (this.#open.has(node)) {
      return this.#fault(alias, path, `"*${alias.source}" stands inside of what it stands for`, 'Remove it there.');
    }
    return this.read(node, path);
  }

  #map(items: readonly { readonly key: unknown; readonly value: unknown }[], path: Path): ComposeValue {
    const values = new Map<string, ComposeValue>();
    // Merges first: own keys win, and have their own place, wherever in the map the merge stands.
    for (const { key, value } of items) if (isMergeKey(key)) this.#merge(key, value as Node, path, values);
    for (const { key, value } of items.filter((item) => !isMergeKey(item.key))) {
      const name = this.#key(key, path);
      if (name === null) continue;
      this.#faults.place([...path, name], offsetOf(key));
      values.set(name, this.read(value as Node, [...path, name]));
    }
    return Object.fromEntries(values);
  }

  #key(key: unknown, path: Path): string | null {
    const word = isAlias(key) ? key.resolve(this.#file.document) : key;
    if (isScalar(word) && typeof word.value === 'string') {
      if (word.type !== 'PLAIN' || typeof meaning(word.value) === 'string') return word.value;
    }
    const where = path.length === 0 ? 'this file' : path.join('.');
    this.#faults.addAt(offsetOf(key), `a key in ${where} is no text`, 'Put it in quotes.');
    return null;
  }

  /** What `<<` brings: a map or several, of which the earlier wins. Their places are where they were written. */
  #merge(key: unknown, value: Node, path: Path, into: Map<string, ComposeValue>): void {
    for (const part of isSeq(value) ? value.items : [value]) {
      const source = isAlias(part) ? part.resolve(this.#file.document) : part;
      if (!isMap(source)) {
        this.#fault(key, path, '"<<" brings in maps only', 'Write <<: *ANCHOR or <<: [*ONE, *OTHER].');
        continue;
      }
      const brought = this.read(part as Node, path);
      if (typeof brought !== 'object' || brought === null) continue;
      for (const [name, inner] of Object.entries(brought)) if (!into.has(name)) into.set(name, inner);
    }
  }

  #scalar(
    value: unknown,
    type: string | null | undefined,
    tag: string | undefined,
    range: readonly number[] | null | undefined,
    path: Path,
  ): ComposeValue {
    const at = { range };
    const word = typeof value === 'string' ? value : '';
    if (type === 'QUOTE_DOUBLE' && /^(?:[^\\]|\\[^/])*\\\//.test(this.#file.text.slice(range?.[0], range?.[1]))) {
      return this.#fault(at, path, `Compose does not know the escape "\\/" in ${path.join('.')}`, 'Write "/" alone.');
    }
    if (type !== 'PLAIN' || tag !== undefined) return word;
    try {
      return plainScalar(word);
    } catch (thrown) {
      if (!(thrown instanceof DoubtfulScalar)) throw thrown;
      return this.#fault(at, path, `${path.join('.')}: ${thrown.message}`, 'Put it in quotes if it is a text.');
    }
  }

  #fault(at: unknown, path: Path, message: string, hint: string): null {
    this.#faults.add(path, message, hint, offsetOf(at));
    return null;
  }
}

/** In quotes "<<" is a key like any other. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

function meaning(word: string): unknown {
  try {
    return plainScalar(word);
  } catch {
    return null;
  }
}

function offsetOf(node: unknown): number | null {
  const range = (node as { readonly range?: readonly number[] | null } | null)?.range;
  return range?.[0] ?? null;
}
