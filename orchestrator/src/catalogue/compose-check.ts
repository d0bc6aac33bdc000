import { type Document, isNode } from 'yaml';
import type { z } from 'zod';
import { type SourceFile, sourceError } from './source-error.js';

/** A compose file with what is needed to point into it. */
export interface ComposeFile {
  readonly source: SourceFile;
  readonly document: Document.Parsed;
  readonly environment: NodeJS.ProcessEnv;
}

/** Where a value stands in the file's tree. */
export type Path = readonly (string | number)[];

/** Validates; a fault is reported at the line and column of the offending value, or of the nearest parent that the file holds. */
export function check<T>(file: ComposeFile, at: Path, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = deepestIssue(result.error.issues);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const allowed = allowedKeys(schema, issue.path);
    throw faultAt(
      file,
      [...at, ...stringPath(issue.path), key],
      `unknown key "${key}" in ${[...at, ...stringPath(issue.path)].join('.')}`,
      allowed.length > 0 ? `Allowed: ${allowed.join(', ')}.` : 'Remove it.',
    );
  }
  const path = [...at, ...stringPath(issue.path)];
  throw faultAt(
    file,
    path,
    `${path.join('.')}: ${issue.message}`,
    'See compose/docker-compose.yml for a complete example.',
  );
}

/** Of a failed union, the branch that came furthest says most. */
function deepestIssue(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const [first] = issues as [z.core.$ZodIssue];
  if (first.code !== 'invalid_union') return first;
  const inner = first.errors.filter((branch) => branch.length > 0).map((branch) => deepestIssue(branch));
  const best = inner.sort((a, b) => b.path.length - a.path.length)[0];
  return best === undefined || best.path.length === 0 ? first : { ...best, path: [...first.path, ...best.path] };
}

function allowedKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = schema;
  for (const key of path) {
    const shape = shapeOf(current);
    current = shape?.[String(key)];
  }
  return Object.keys(shapeOf(current) ?? {});
}

function shapeOf(schema: unknown): Record<string, unknown> | null {
  let current = schema as
    | { shape?: Record<string, unknown>; def?: { innerType?: unknown; options?: unknown[] } }
    | undefined;
  for (;;) {
    if (current === undefined) return null;
    if (current.shape !== undefined) return current.shape;
    const object = current.def?.options?.find((option) => shapeOf(option) !== null);
    current = (current.def?.innerType ?? object) as typeof current;
  }
}

/** An error at the place of a path's value. */
export function faultAt(file: ComposeFile, path: Path, message: string, hint: string): Error {
  return sourceError(file.source, offsetOf(file.document, path), message, hint);
}

/** The offset of a path's value, or of the nearest ancestor that stands in the file itself (a merged-in key does not). */
function offsetOf(document: Document.Parsed, path: Path): number | null {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    if (isNode(parent) && 'items' in parent) {
      const pair = (parent.items as unknown[]).find((item) => isPairWithKey(item, key));
      if (pair !== undefined) return pair.key.range?.[0] ?? null;
    }
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return null;
}

function isPairWithKey(
  item: unknown,
  key: unknown,
): item is { key: { value: unknown; range?: [number, number, number] } } {
  return (
    typeof item === 'object' &&
    item !== null &&
    'key' in item &&
    isNode(item.key) &&
    'value' in item.key &&
    item.key.value === key
  );
}

function stringPath(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((key) => (typeof key === 'number' ? key : String(key)));
}
