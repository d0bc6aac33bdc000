import type { Catalogue } from './catalogue.js';
import { NOT_RUN, type Service } from './service.js';

const HEAD = ['gateway', 'kind', 'language', 'version', 'runs as', 'serves', 'variants', 'tolerated', 'keeper'];

/** Every gateway of a catalogue as a Markdown table, a line each, and below it in what each is not configured as the others are. */
export function gatewayTable({ gateways }: Catalogue): string {
  const entries = gateways.filter(({ variant }) => variant === undefined);
  const variantsOf = (name: string): string =>
    gateways.flatMap(({ variant }) => (variant?.of === name ? variant.name : [])).join(', ');
  const rows = entries.map((entry) => rowOf(entry, variantsOf(entry.name)));
  const notes = entries.flatMap(({ name, about }) => (about?.deviations ?? []).map((text) => `- ${name}: ${text}.`));
  return [
    lineOf(HEAD),
    lineOf(HEAD.map(() => '---')),
    ...rows.map(lineOf),
    ...(notes.length === 0 ? [] : ['', 'Configured otherwise than the others:', ...notes]),
    '',
  ].join('\n');
}

function rowOf(
  { name, about, version, image, process, serves, accept, isActive, isUntried }: Service,
  variants: string,
): string[] {
  const docs = about?.docs ?? null;
  return [
    `${docs === null ? name : `[${name}](${docs})`}${isActive ? '' : ' (when named)'}${isUntried === true ? ` **${NOT_RUN}**` : ''}`,
    about?.kind ?? '',
    about?.language ?? '',
    version ?? '',
    [...(image === null ? [] : ['container']), ...(process === null ? [] : ['process'])].join(', '),
    serves?.join(', ') ?? 'all',
    variants,
    accept.join(', '),
    about?.keeper ?? '',
  ];
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
