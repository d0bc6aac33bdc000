import type { z } from 'zod';
import { nearest } from '../nearest.js';
import type { ComposeFaults, Path } from './compose-faults.js';
import { insteadOf } from './compose-keys.js';

/** The value as the schema has it; null after its faults were added, all of them, each at its own place. */
export function check<T>(faults: ComposeFaults, at: Path, schema: z.ZodType<T>, value: unknown): T | null {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues.flatMap(innermost)) {
    const path = [...at, ...stringPath(issue.path)];
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) addUnknownKey(faults, path, key, allowedKeys(schema, issue.path));
    else
      faults.add(
        path,
        `${path.join('.') || 'the file'} ${issue.message}`,
        'See compose/docker-compose.yml for a complete example.',
      );
  }
  return null;
}

function addUnknownKey(faults: ComposeFaults, path: Path, key: string, allowed: readonly string[]): void {
  const where = path.length === 0 ? 'at the top' : `in ${path.join('.')}`;
  const instead = insteadOf(path, key);
  if (instead !== null) {
    faults.addUnknownKey([...path, key], `"${key}" ${where} is Compose's and is not read here`, instead);
    return;
  }
  faults.addUnknownKey(
    [...path, key],
    `unknown key "${key}" ${where}.${nearest(key, allowed)}`.replace(/\.$/, ''),
    allowed.length > 0 ? `Allowed: ${allowed.join(', ')}.` : 'Remove it.',
  );
}

/** Of a failed union, what the branch says that has the value's own kind; where none has, the union says what belongs there. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const branches = issue.errors
    .map((branch) => branch.flatMap(innermost))
    .filter(
      (branch) => branch.length > 0 && !branch.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
    );
  const [branch] = branches.toSorted((a, b) => depth(b) - depth(a));
  if (branch === undefined) return [issue];
  return branch.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(...issues.map(({ path }) => path.length));
}

function allowedKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = schema;
  for (const key of path) current = innerSchema(current, key);
  return Object.keys(shapeOf(current) ?? {});
}

/** As much of a schema's inside as the way down to a key needs. */
interface SchemaInside {
  readonly shape?: Record<string, unknown>;
  readonly def?: {
    readonly innerType?: unknown;
    readonly out?: unknown;
    readonly options?: readonly unknown[];
    readonly element?: unknown;
    readonly valueType?: unknown;
  };
}

function innerSchema(schema: unknown, key: PropertyKey): unknown {
  const { shape, def } = schema as SchemaInside;
  if (shape !== undefined) return shape[String(key)] ?? {};
  const wrapped = def?.out ?? def?.innerType;
  if (wrapped !== undefined) return innerSchema(wrapped, key);
  if (def?.options !== undefined) {
    const isIndex = typeof key === 'number';
    const option = def.options.find((one) => {
      const inside = one as SchemaInside;
      return isIndex ? inside.def?.element !== undefined : shapeOf(one) !== null || inside.def?.valueType !== undefined;
    });
    return option === undefined ? {} : innerSchema(option, key);
  }
  return def?.element ?? def?.valueType ?? {};
}

function shapeOf(schema: unknown): Record<string, unknown> | null {
  const { shape, def } = schema as SchemaInside;
  if (shape !== undefined) return shape;
  const wrapped = def?.out ?? def?.innerType;
  if (wrapped !== undefined) return shapeOf(wrapped);
  for (const option of def?.options ?? []) {
    const inside = shapeOf(option);
    if (inside !== null) return inside;
  }
  return null;
}

function stringPath(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((key) => (typeof key === 'number' ? key : String(key)));
}
