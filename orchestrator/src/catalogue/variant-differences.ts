import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { shownValue, shownWords, withoutSecrets } from './secrets.js';
import type { Service } from './service.js';

/** One thing that a variant has otherwise than its gateway's own configuration. */
export interface VariantDifference {
  /** For example `environment LOG_LEVEL`, or the path of a file in the container. */
  readonly what: string;
  /** What the gateway's own service has, and what the variant has; null: nothing. Of a file the lines that the other has not. */
  readonly bare: string | null;
  readonly here: string | null;
}

/** All that a variant has otherwise, from the two services as they were resolved: variables put in, anchors merged, files read. */
export function variantDifferences(bare: Service, variant: Service): VariantDifference[] {
  return [
    ...(['image', 'build', 'entrypoint', 'command', 'user', 'cpus', 'memoryBytes', 'cpuset'] as const).flatMap((key) =>
      differ(key, bare[key], variant[key]),
    ),
    ...recordsDiffer('environment', bare.environment, variant.environment),
    ...filesDiffer(bare, variant),
    ...differ('port', bare.port, variant.port),
    ...differ('health', bare.healthPath, variant.healthPath),
    ...differ('base-path', bare.basePath, variant.basePath),
    ...differ('model-prefix', bare.modelPrefix, variant.modelPrefix),
    ...differ('model', bare.model, variant.model),
    ...differ('by-kind', bare.byKind, variant.byKind),
    ...recordsDiffer('header', bare.headers, variant.headers),
    ...differ('accept', bare.accept, variant.accept),
    ...differ('version', bare.version, variant.version),
    ...differ('process command', bare.process?.command, variant.process?.command),
    ...recordsDiffer('process environment', bare.process?.environment ?? {}, variant.process?.environment ?? {}),
    ...differ('helpers', namesOf(bare), namesOf(variant)),
  ];
}

function namesOf({ helpers = [] }: Service): string[] | null {
  return helpers.length === 0 ? null : helpers.map(({ name }) => name);
}

function differ(what: string, bare: unknown, here: unknown): VariantDifference[] {
  return isDeepStrictEqual(bare ?? null, here ?? null) ? [] : [{ what, bare: shown(bare), here: shown(here) }];
}

function shown(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return shownWords(value.map(String)).join(' ');
  return withoutSecrets(typeof value === 'string' ? value : JSON.stringify(value));
}

function recordsDiffer(
  what: string,
  bare: Readonly<Record<string, string | null>>,
  here: Readonly<Record<string, string | null>>,
): VariantDifference[] {
  const names = [...new Set([...Object.keys(bare), ...Object.keys(here)])];
  return names.flatMap((name) =>
    differ(`${what} ${name}`, bare[name], here[name]).map((difference) => ({
      ...difference,
      bare: shownValue(name, difference.bare),
      here: shownValue(name, difference.here),
    })),
  );
}

function filesDiffer(bare: Service, variant: Service): VariantDifference[] {
  const paths = [...new Set([...bare.mounts, ...variant.mounts].map(({ containerPath }) => containerPath))];
  return paths.flatMap((path): VariantDifference[] => {
    const [before, after] = [linesAt(bare, path), linesAt(variant, path)];
    if (isDeepStrictEqual(before, after)) return [];
    if (before === null || after === null)
      return [{ what: path, bare: before === null ? null : 'mounted', here: after === null ? null : 'mounted' }];
    const [only, own] = [withoutCommon(before, after), withoutCommon(after, before)];
    const order = only.length + own.length === 0 ? 'the same lines in another order' : null;
    return [{ what: path, bare: textOf(only), here: order ?? textOf(own) }];
  });
}

/** The lines of a mounted file that say something; null when there is none, or a folder. */
function linesAt({ mounts }: Service, path: string): string[] | null {
  const mount = mounts.find(({ containerPath }) => containerPath === path);
  if (mount === undefined) return null;
  try {
    return readFileSync(mount.hostPath, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  } catch {
    // A folder, whose place alone can be compared.
    return [mount.hostPath];
  }
}

function withoutCommon(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at === -1) return true;
    left.splice(at, 1);
    return false;
  });
}

function textOf(lines: readonly string[]): string | null {
  return lines.length === 0 ? null : withoutSecrets(lines.join('\n'));
}
