import { type Catalogue, variantsOf } from '../catalogue/catalogue.js';
import type { Asked } from '../plan/conduct-cases.js';
import type { Runtime } from '../runtime/runtime.js';
import type { ConductJobRequest } from './conduct-request.js';
import { type Candidate, chooseCandidates } from './targets.js';

/** What a gateway is measured as that has variants for failing providers: its own configuration has them switched off. */
const VARIANTS = ['defaults', 'resilient', 'defaults-one', 'resilient-one'];
const QUICK_VARIANTS = ['resilient'];

/**
 * Who is asked for. A gateway that is named without a variant, or not named at all, is measured in its variants for failing providers, where it
 * has any (`quick`: in the one that is ready for them), and by `GATEWAY+bare` as it is.
 * @throws BenchError as {@link chooseCandidates}
 */
export function conductCandidates(
  request: Pick<ConductJobRequest, 'gateways' | 'variants' | 'quick'>,
  catalogue: Catalogue,
  runtime: Runtime,
  external: Runtime,
): Candidate[] {
  const { gateways, variants, quick } = request;
  const everyone = catalogue.gateways.flatMap(({ name, variant }) => (variant === undefined ? name : []));
  const active = catalogue.gateways.flatMap(({ name, isActive, variant }) =>
    isActive && variant === undefined ? name : [],
  );
  const names = (gateways ?? active).flatMap((name) => (name === 'all' ? everyone : name));
  const inVariants = names.flatMap((name) => {
    const own = (quick ? QUICK_VARIANTS : VARIANTS).filter((variant) => variantsOf(catalogue, name).includes(variant));
    return own.length === 0 || variants.length > 0 ? name : own.map((variant) => `${name}+${variant}`);
  });
  const asked = { gateways: inVariants, variants, externals: [], programs: [] };
  const candidates = chooseCandidates(asked, catalogue, runtime, external);
  const isNamed = gateways !== null && !gateways.includes('all');
  return isNamed ? candidates : candidates.map((each) => ({ ...each, named: each.target.kind === 'direct' }));
}

/** What a target is to be asked in a block. */
export function askedOf(
  { kind, service }: Candidate['target'],
  { casesNamed }: Pick<ConductJobRequest, 'casesNamed'>,
  block: number,
): Asked {
  return {
    isDirect: kind === 'direct',
    isAlone: service.conduct?.lacks?.fallback !== undefined,
    isNamed: casesNamed,
    block,
  };
}
