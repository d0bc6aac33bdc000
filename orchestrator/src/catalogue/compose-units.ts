/** What a size looks like: a number with a unit by 1024, or with none for bytes. */
export const SIZE = /^(\d+\.?\d*|\.\d+) ?(b|[kmgtp](?:i?b)?)?$/i;

/** Bytes of Compose's sizes: `512m`, `1.5gb`, `64 MiB`, `268435456`; all units count by 1024. The text has to match {@link SIZE}. */
export function bytesOf(size: string | number): number {
  if (typeof size === 'number') return size;
  const [, number = '', unit = 'b'] = SIZE.exec(size) ?? [];
  return Math.trunc(Number(number) * 1024 ** 'bkmgtp'.indexOf(unit[0]?.toLowerCase() ?? 'b'));
}

/** What a duration looks like: `90s`, `1m30s`, `1.5h`, `500ms`; parts of any unit, one after the other. */
export const DURATION = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/;

const UNIT_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/** Milliseconds of a duration. The text has to match {@link DURATION}. */
export function millisecondsOf(duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)];
  return parts.reduce((sum, [, number = '', unit = '']) => sum + Number(number) * (UNIT_MS[unit] ?? 0), 0);
}

/** CPUs as Compose keeps them, in 32 bits: 0.333333333333 is 0.33333334. */
export function cpusOf(cpus: string | number): number {
  return Number(Math.fround(Number(cpus)).toPrecision(8));
}
