import { isSchema, type Schema } from './schema.js';

/** Where a schema says nothing of its own address. */
const HERE = 'https://schema.invalid/root';
const MAX_DEPTH = 64;
const MAX_LOOKS = 50_000;
/** What lies under these is no schema, however much it looks like one. */
const EXAMPLES: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);

/**
 * A schema in which every reference is an address, and what those point to: by JSON pointer, `$anchor`, `$dynamicAnchor` or relative
 * `$id` (JSON Schema 2020-12, section 8.2).
 */
export class References {
  readonly root: unknown;
  readonly #byAddress = new Map<string, unknown>();
  #looks = 0;

  constructor(root: unknown) {
    this.root = this.#read(root, HERE, root, 0);
    this.#byAddress.set(HERE, this.root);
  }

  /** True for so many looks at its parts that a schema which refers to itself several times over is given up. */
  exhausted(): boolean {
    return ++this.#looks > MAX_LOOKS;
  }

  /** What an address points to; undefined for one that leads out of the schema or nowhere. */
  find(address: string): unknown {
    const [document = '', fragment = ''] = address.split('#');
    if (fragment === '') return this.#byAddress.get(document);
    if (!fragment.startsWith('/')) return this.#byAddress.get(address);
    return pointed(this.#byAddress.get(document), fragment);
  }

  /** A copy with addresses in it; what has one of its own is noted under it. */
  #read(candidate: unknown, base: string, root: unknown, depth: number): unknown {
    if (depth > MAX_DEPTH || typeof candidate !== 'object' || candidate === null) return candidate;
    if (Array.isArray(candidate)) return candidate.map((each) => this.#read(each, base, root, depth + 1));
    const schema = candidate as Schema;
    const own = typeof schema['$id'] === 'string' ? resolved(schema['$id'], base).replace(/#$/, '') : base;
    const entries = Object.entries(schema).map(([key, inner]): [string, unknown] => {
      if ((key === '$ref' || key === '$dynamicRef') && typeof inner === 'string')
        return ['$ref', addressOf(inner, own, root)];
      return [key, EXAMPLES.has(key) ? inner : this.#read(inner, own, root, depth + 1)];
    });
    const copy = Object.fromEntries(entries);
    if (own !== base) this.#byAddress.set(own, copy);
    for (const key of ['$anchor', '$dynamicAnchor']) {
      const name = `${own}#${String(schema[key])}`;
      // Of dynamic anchors with one name the outermost counts, and it is read last.
      if (typeof schema[key] === 'string') this.#byAddress.set(name, copy);
    }
    return copy;
  }
}

/** Some libraries write `/$defs/A` for `#/$defs/A`. */
function addressOf(ref: string, base: string, root: unknown): string {
  return ref.startsWith('/') && pointed(root, ref) !== undefined ? `${HERE}#${ref}` : resolved(ref, base);
}

function resolved(ref: string, base: string): string {
  try {
    return new URL(ref, base).href;
  } catch {
    return ref;
  }
}

/** What a JSON pointer (RFC 6901) points to. */
function pointed(from: unknown, pointer: string): unknown {
  let found = from;
  for (const step of pointer.split('/').slice(1)) {
    const key = decoded(step);
    if (!(isSchema(found) || Array.isArray(found)) || !Object.hasOwn(found, key)) return undefined;
    found = (found as Schema)[key];
  }
  return found;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step;
  }
}
