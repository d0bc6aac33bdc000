import type { Catalogue } from '../catalogue/catalogue.js';
import { withGatewayPort } from '../catalogue/gateway-port.js';
import { BenchError, usageError } from '../errors.js';
import type { Reason } from '../record/reason.js';
import type { MeasureRequest } from './request.js';
import type { Candidate, Contestant } from './targets.js';

const HOW =
  'Name the two: --gateways crabllm@0.0.24,crabllm@0.0.25, or --gateways crabllm --binary crabllm:mine=PATH, or two of --target NAME=URL.';

/**
 * Whether two targets can be measured at the same time: two that were named, and neither `direct`.
 * @throws BenchError `pair-with-direct`, `no-pair`
 */
export function checkPair({ gateways }: Pick<MeasureRequest, 'gateways'>, candidates: readonly Candidate[]): void {
  if (gateways?.includes('direct') === true)
    throw usageError(
      'pair-with-direct',
      'direct cannot be one of a pair: a gateway that is loaded at the same time burns the cores that direct needs, so that its overhead would seem smaller than it is.',
      'Leave --paired out: then direct has visits of its own. Paired is for one gateway beside another.',
    );
  const others = candidates.filter(({ target }) => target.kind !== 'direct');
  const names = others.map(({ target }) => target.name);
  if (others.length === 2 && others.every(({ named }) => named)) return;
  const what =
    names.length === 0 ? 'none' : `${names.join(', ')}${others.every(({ named }) => named) ? '' : ', not all by name'}`;
  throw usageError(
    'no-pair',
    `--paired measures two targets at the same time, and asked for are ${names.length}: ${what}.`,
    HOW,
  );
}

/**
 * The second of two gateways on a port that no service of the catalogue has, where both have the same: two versions of one, as a rule.
 * @param directory for copies of config files
 * @throws BenchError `port-shared`
 */
export function onPortsOfTheirOwn(
  candidates: readonly Candidate[],
  catalogue: Catalogue,
  directory: string,
): Candidate[] {
  const taken = new Set([catalogue.mock, ...catalogue.gateways].map(({ port }) => port));
  for (const { target } of candidates) taken.add(target.service.port);
  const used = new Set<number>();
  return candidates.map((candidate) => {
    const { kind, service, runtime } = candidate.target;
    if (kind !== 'gateway') return candidate;
    if (!used.has(service.port)) {
      used.add(service.port);
      return candidate;
    }
    let port = service.port;
    while (taken.has(port)) port += port === 65_535 ? -1000 : 1;
    taken.add(port);
    const moved = withGatewayPort(service, port, runtime.kind, directory);
    return { ...candidate, target: { ...candidate.target, service: moved } };
  });
}

/**
 * Of a pair neither may be missing.
 * @throws BenchError `pair-incomplete`
 */
export function checkBothPresent(contestants: readonly Contestant[]): void {
  for (const { target, availability } of contestants)
    if (availability.state === 'absent') throw pairIncomplete(target.name, availability.reason);
}

/** What is said of a pair of which one cannot be had. */
export function pairIncomplete(name: string, { message }: Reason): BenchError {
  return new BenchError({
    code: 'pair-incomplete',
    message: `${name} cannot be had, and of a pair neither may be missing: ${message}.`,
    hint: 'Bring it, or leave --paired out.',
  });
}
