/** A text of a format, the usual one and a shorter one, and how it is made longer. */
interface Format {
  readonly usual: string;
  readonly short?: string;
  /** At least so many characters. */
  readonly long?: (length: number) => string;
}

const FORMATS: Readonly<Record<string, Format>> = {
  'date-time': { usual: '2024-01-01T00:00:00Z', long: (length) => `2024-01-01T00:00:00.${'0'.repeat(length - 21)}Z` },
  date: { usual: '2024-01-01' },
  time: { usual: '00:00:00Z', long: (length) => `00:00:00.${'0'.repeat(length - 10)}Z` },
  duration: { usual: 'PT1S', short: 'P1D', long: (length) => `PT${'1'.repeat(length - 3)}S` },
  email: { usual: 'bench@example.com', short: 'a@b.co', long: (length) => `bench@${host(length - 6)}` },
  'idn-email': { usual: 'bench@example.com', short: 'a@b.co', long: (length) => `bench@${host(length - 6)}` },
  hostname: { usual: 'example.com', short: 'a', long: host },
  'idn-hostname': { usual: 'example.com', short: 'a', long: host },
  ipv4: { usual: '192.0.2.1', short: '1.1.1.1', long: () => '192.168.100.100' },
  ipv6: { usual: '2001:db8::1', short: '::1', long: () => '2001:0db8:0000:0000:0000:0000:0000:0001' },
  uri: { usual: 'https://example.com/', short: 'a:b', long: address },
  iri: { usual: 'https://example.com/', short: 'a:b', long: address },
  'uri-reference': { usual: 'https://example.com/', short: 'a', long: address },
  'iri-reference': { usual: 'https://example.com/', short: 'a', long: address },
  'uri-template': { usual: 'https://example.com/{bench}', short: 'a', long: address },
  uuid: { usual: '00000000-0000-4000-8000-000000000000' },
  'json-pointer': { usual: '/bench', short: '', long: (length) => `/${'b'.repeat(length - 1)}` },
  'relative-json-pointer': { usual: '0/bench', short: '0', long: (length) => `0/${'b'.repeat(length - 2)}` },
  regex: { usual: '^bench$', short: 'a', long: (length) => 'b'.repeat(length) },
};

/** A text of a format that is as long as it is to be, as far as the format allows; undefined for a format that is not known. */
export function formatText(format: string, least: number, most: number): string | undefined {
  const known = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (known === undefined) return undefined;
  const { usual, short, long } = known;
  if (usual.length > most && short !== undefined) return short;
  return usual.length < least && long !== undefined ? long(least) : usual;
}

/** Labels of at most 63 characters with a domain behind them. */
function host(length: number): string {
  const labels: string[] = [];
  for (let left = length - '.com'.length; left > 0; left -= 64) labels.push('a'.repeat(Math.min(left, 63)));
  return `${labels.reverse().join('.')}.com`;
}

function address(length: number): string {
  return `https://example.com/${'a'.repeat(length - 20)}`;
}
