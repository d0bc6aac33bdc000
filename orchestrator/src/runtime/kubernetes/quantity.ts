/** Suffixes of a resource quantity and what they stand for; see "Resource units" in the documentation of Kubernetes. */
const SUFFIXES: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** The number behind a quantity, `500m`, `2`, `1e3`, `3902Mi`; NaN for what is none. */
function quantity(text: string): number {
  const [, number = '', suffix = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text.trim()) ?? [];
  return number === '' ? Number.NaN : Number(number) * (SUFFIXES[suffix] ?? Number.NaN);
}

/** CPUs of a quantity, to the thousandth. */
export function cpusOf(text: string): number {
  return Math.round(quantity(text) * 1000) / 1000;
}

/** Whole bytes of a quantity. */
export function bytesOf(text: string): number {
  return Math.floor(quantity(text));
}

/** CPUs as a quantity: whole ones as such, because only those are pinned by a static CPU manager. */
export function cpuQuantity(cpus: number): string {
  return Number.isInteger(cpus) ? String(cpus) : `${Math.round(cpus * 1000)}m`;
}
